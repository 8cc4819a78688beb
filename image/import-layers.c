/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Layers side by side
 *
 * A few threads take layers, base first, unpack and verify them. What then depends on the layers below is
 * done as soon as those are complete, by whoever is about, one layer after the other. A layer that needs a
 * file of one below in the middle waits for it; those below are at work or done by then, so that comes to an
 * end.
 */

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "image/importer.h"

#define WORKERS_MIN 2
#define WORKERS_MAX 4
#define AGAIN_MAX 5

typedef struct Pool {
        Importer *importer;
        const LayerFeed *feed;
        size_t next; /* layers before this one are taken */
} Pool;

int import_await_below(Importer *importer, size_t i, Fault *fault) {
        int r;

        pthread_mutex_lock(&importer->mutex);
        while (importer->n_complete < i && importer->failed == 0)
                pthread_cond_wait(&importer->changed, &importer->mutex);
        r = importer->n_complete < i ? importer->failed : 0;
        pthread_mutex_unlock(&importer->mutex);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, ECANCELED, "a layer below has failed") : 0;
}

/* The first failure counts: the others are its consequences. */
static void fail(Pool *pool, size_t i, int r, Fault *fault) {
        Importer *importer = pool->importer;
        bool first;

        (void) fault_wrap(fault, r, "layer %zu of %zu (sha256:%.12s)", i + 1, importer->n_work,
                        importer->plan.layers[i].diff_id.hex);
        if (r == -ENOSPC || r == -EDQUOT)
                (void) fault_wrap(fault, r, "there is no room left in '%.200s'", importer->store->path);
        pthread_mutex_lock(&importer->mutex);
        first = importer->failed == 0;
        if (first) {
                importer->failed = r;
                importer->fault = *fault;
        }
        pthread_cond_broadcast(&importer->changed);
        pthread_mutex_unlock(&importer->mutex);
        if (first && pool->feed->stop)
                pool->feed->stop(pool->feed->data);
}

/* Return: the next layer to be read, or n_work when there is none. */
static size_t take_next(Pool *pool) {
        Importer *importer = pool->importer;
        size_t i;

        pthread_mutex_lock(&importer->mutex);
        while (pool->next < importer->n_work && importer->work[pool->next].state != LAYER_WANTED)
                pool->next++;
        i = importer->failed < 0 ? importer->n_work : pool->next;
        if (i < importer->n_work)
                importer->work[i].state = LAYER_TAKEN;
        pthread_mutex_unlock(&importer->mutex);
        return i;
}

static int read_layer(Pool *pool, size_t i, Fault *fault) {
        const LayerFeed *feed = pool->feed;

        for (unsigned tries = 1;; tries++) {
                Stream *stream;
                int r = feed->open(feed->data, i, &stream, fault);

                if (r >= 0)
                        r = import_read_layer(pool->importer, i, stream, fault);
                if (r != -ESTALE || tries > AGAIN_MAX || !feed->again || !feed->again(feed->data, i, fault))
                        return r;
                fault_clear(fault);
                r = import_discard_layer(pool->importer, i);
                if (r < 0)
                        return store_failed(pool->importer->store, r, "begin a layer anew", fault);
        }
}

/* Completes what can be completed. Is there somebody at it, they will look again before they stop. */
static void complete_layers(Pool *pool) {
        Importer *importer = pool->importer;

        pthread_mutex_lock(&importer->mutex);
        while (!importer->finishing && importer->failed == 0 && importer->n_complete < importer->n_work) {
                size_t i = importer->n_complete;
                Fault fault = {};
                int r = 0;

                if (importer->work[i].state == LAYER_READ) {
                        importer->finishing = true;
                        pthread_mutex_unlock(&importer->mutex);
                        r = import_complete_layer(importer, i, &fault);
                        if (r < 0)
                                fail(pool, i, r, &fault);
                        else if (pool->feed->complete)
                                pool->feed->complete(pool->feed->data, i);
                        pthread_mutex_lock(&importer->mutex);
                        importer->finishing = false;
                        if (r >= 0)
                                importer->work[i].state = LAYER_COMPLETE;
                }
                if (importer->work[i].state != LAYER_COMPLETE)
                        break;
                importer->n_complete++;
                pthread_cond_broadcast(&importer->changed);
        }
        pthread_mutex_unlock(&importer->mutex);
}

static void *work(void *arg) {
        Pool *pool = arg;
        Importer *importer = pool->importer;
        size_t i;

        complete_layers(pool);
        while ((i = take_next(pool)) < importer->n_work) {
                Fault fault = {};
                int r = read_layer(pool, i, &fault);

                if (r < 0) {
                        fail(pool, i, r, &fault);
                        break;
                }
                pthread_mutex_lock(&importer->mutex);
                importer->work[i].state = LAYER_READ;
                pthread_mutex_unlock(&importer->mutex);
                complete_layers(pool);
        }
        return NULL;
}

static size_t count_workers(const Importer *importer) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        size_t n = processors < WORKERS_MIN   ? WORKERS_MIN
                   : processors > WORKERS_MAX ? WORKERS_MAX
                                              : (size_t) processors,
               wanted = 0;

        for (size_t i = 0; i < importer->n_work; i++)
                wanted += importer->work[i].state == LAYER_WANTED;
        return n < wanted ? n : wanted;
}

/* The caller is the last of the workers, and the one whom signals are for. */
static void run(Pool *pool) {
        pthread_t threads[WORKERS_MAX];
        size_t n = count_workers(pool->importer), started = 0;
        sigset_t all, before;

        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        while (started + 1 < n && pthread_create(&threads[started], NULL, work, pool) == 0)
                started++;
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        (void) work(pool);
        while (started > 0)
                (void) pthread_join(threads[--started], NULL);
}

int import_layers(Importer *importer, const LayerFeed *feed, Fault *fault) {
        Pool pool = { .importer = importer, .feed = feed };
        mode_t mask = umask(0); /* an archive's modes are meant as they are */

        run(&pool);
        (void) umask(mask);
        if (importer->failed < 0 && fault)
                *fault = importer->fault;
        return importer->failed;
}
