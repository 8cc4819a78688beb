/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/readahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#define SLOTS 8
#define SLOT_SIZE (256 * 1024)

struct Readahead {
        Stream *from;
        pthread_t thread;
        bool started;

        pthread_mutex_t mutex;
        pthread_cond_t changed;
        char *slots[SLOTS];
        ssize_t sizes[SLOTS];
        size_t written, taken; /* slots so far; written - taken are full */
        bool holding;          /* the reader still looks at the slot before @taken */
        bool stop;             /* the reader wants no more */
        Fault fault;           /* goes with a negative size */
};

/* Waits for an empty slot. Return: false when nobody wants it. */
static bool wait_for_room(Readahead *ra) {
        bool go;

        pthread_mutex_lock(&ra->mutex);
        while (!ra->stop && ra->written - ra->taken + ra->holding >= SLOTS)
                pthread_cond_wait(&ra->changed, &ra->mutex);
        go = !ra->stop;
        pthread_mutex_unlock(&ra->mutex);
        return go;
}

static void *run(void *arg) {
        Readahead *ra = arg;
        ssize_t n;

        do {
                size_t i = ra->written % SLOTS;

                if (!wait_for_room(ra))
                        break;
                n = stream_read_full(ra->from, ra->slots[i], SLOT_SIZE, &ra->fault);

                pthread_mutex_lock(&ra->mutex);
                ra->sizes[i] = n;
                ra->written++;
                pthread_cond_signal(&ra->changed);
                pthread_mutex_unlock(&ra->mutex);
        } while (n > 0);
        return NULL;
}

ssize_t readahead_next(Readahead *ra, const void **ret, Fault *fault) {
        ssize_t n;

        pthread_mutex_lock(&ra->mutex);
        if (ra->holding) {
                ra->holding = false;
                pthread_cond_signal(&ra->changed);
        }
        while (ra->written == ra->taken)
                pthread_cond_wait(&ra->changed, &ra->mutex);

        n = ra->sizes[ra->taken % SLOTS];
        if (n > 0) {
                *ret = ra->slots[ra->taken % SLOTS];
                ra->taken++;
                ra->holding = true;
        } else if (n < 0 && fault)
                *fault = ra->fault;
        pthread_mutex_unlock(&ra->mutex);
        return n;
}

/* Signals are for the thread that started us. */
static int start_thread(Readahead *ra) {
        sigset_t all, before;
        int r;

        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&ra->thread, NULL, run, ra);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        ra->started = r == 0;
        return -r;
}

int readahead_start(Stream *from, Readahead **ret) {
        AUTO(readahead_freep) Readahead *ra = calloc(1, sizeof(Readahead));
        int r;

        if (!ra) {
                stream_free(from);
                return -ENOMEM;
        }
        ra->from = from;
        (void) pthread_mutex_init(&ra->mutex, NULL);
        (void) pthread_cond_init(&ra->changed, NULL);
        for (size_t i = 0; i < SLOTS; i++) {
                ra->slots[i] = malloc(SLOT_SIZE);
                if (!ra->slots[i])
                        return -ENOMEM;
        }

        r = start_thread(ra);
        if (r < 0)
                return r;
        *ret = TAKE(ra);
        return 0;
}

void readahead_stop(Readahead *ra) {
        if (!ra->started)
                return;
        pthread_mutex_lock(&ra->mutex);
        ra->stop = true;
        pthread_cond_signal(&ra->changed);
        pthread_mutex_unlock(&ra->mutex);
        (void) pthread_join(ra->thread, NULL);
        ra->started = false;
}

void readahead_free(Readahead *ra) {
        readahead_stop(ra);
        stream_free(ra->from);
        pthread_cond_destroy(&ra->changed);
        pthread_mutex_destroy(&ra->mutex);
        for (size_t i = 0; i < SLOTS; i++)
                free(ra->slots[i]);
        free(ra);
}
