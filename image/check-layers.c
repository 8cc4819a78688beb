/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/check-layers.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "image/change.h"
#include "image/list.h"
#include "image/lookup.h"
#include "image/verify.h"
#include "lib/strv.h"

#define THREADS_MOST 8
#define FILES_TOLD 5

/* clang-format off */
const FindingKind finding_layer_changed = { "layer-changed", FINDING_PROBLEM,
        "is not what it was unpacked from",
        "containers of these images run something else than what was built, signed and tested: the disk has lost it, "
        "or somebody has changed it",
        "--repair brings it again if the image came from a registry; else remove the image with 'slipway rmi --force ID', "
        "and import it again", NULL };
static const FindingKind layer_unverified = { "layer-unverified", FINDING_NOTE,
        "cannot be verified",
        "it was unpacked without keeping what that takes, so the image can neither be saved nor pushed",
        "remove the image with 'slipway rmi ID', and import or pull it again", NULL };
/* clang-format on */

/* A layer, and by which image it is found. */
typedef struct Job {
        Digest chain_id, diff_id;
        Digest *below; /* chain ids, the next one first */
        size_t n_below;
        char **images; /* what they are called */
} Job;

typedef struct CheckLayers {
        Store *store;
        NameList names;
        Job *jobs;
        size_t n, room;
        pthread_mutex_t mutex; /* of all that follows */
        size_t next;
        Findings *findings;
        int failed;
        Fault *fault;
} CheckLayers;

static Job *find_job(CheckLayers *check, const Digest *chain_id) {
        for (size_t i = 0; i < check->n; i++)
                if (digest_equal(&check->jobs[i].chain_id, chain_id))
                        return &check->jobs[i];
        return NULL;
}

static Job *add_job(CheckLayers *check, const Image *image, size_t i) {
        Job *job;

        if (check->n == check->room) {
                size_t room = check->room ? 2 * check->room : 64;
                Job *grown = reallocarray(check->jobs, room, sizeof(Job));

                if (!grown)
                        return NULL;
                check->jobs = grown;
                check->room = room;
        }
        job = &check->jobs[check->n];
        *job = (Job){ .chain_id = image->layers[i], .diff_id = image->config.diff_ids[i] };
        job->below = calloc(i + 1, sizeof(Digest));
        if (!job->below)
                return NULL;
        for (; job->n_below < i; job->n_below++)
                job->below[job->n_below] = image->layers[i - 1 - job->n_below];
        check->n++;
        return job;
}

/* By its names, or by its id if it has none. */
static int name_image(const CheckLayers *check, const Digest *id, Job *job) {
        bool named = false;
        int r = 0;

        for (size_t i = 0; i < check->names.n && r >= 0; i++)
                if (digest_equal(&check->names.items[i].id, id)) {
                        r = strv_append(&job->images, check->names.items[i].name);
                        named = true;
                }
        return named || r < 0 ? r : strv_appendf(&job->images, "%.12s", id->hex);
}

/* An image that cannot be read is a finding of store_check(). */
static int add_image(CheckLayers *check, const Digest *id) {
        autoimage Image image = {};
        int r = image_load(check->store, id, &image, NULL);

        if (r < 0 || image.n_layers != image.config.n_diff_ids)
                return r == -ENOMEM ? r : 0;
        for (size_t i = 0; i < image.n_layers; i++) {
                Job *job = find_job(check, &image.layers[i]);

                if (!job && !(job = add_job(check, &image, i)))
                        return -ENOMEM;
                r = name_image(check, id, job);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int make_jobs(CheckLayers *check, Fault *fault) {
        AUTO(id_list_done) IdList images = {};
        int r = store_lock(check->store, STORE_SHARED, fault);

        if (r < 0)
                return r;
        r = store_list_names(check->store, &check->names, fault);
        if (r >= 0)
                r = store_list_images(check->store, &images, fault);
        for (size_t i = 0; i < images.n && r >= 0; i++)
                r = add_image(check, &images.items[i]);
        store_unlock(check->store);
        return r;
}

/* --- one layer --- */

typedef struct Look {
        char *text; /* of the first files */
        size_t n;
        bool failed;
} Look;

static void on_file(void *data, const char *path, const char *what) {
        Look *look = data;
        char *longer;

        if (look->n++ >= FILES_TOLD)
                return;
        if (asprintf(&longer, "%s%s%s%s%s", look->text ?: "", look->text ? ", " : "", path,
                            *path ? " " : "it ", what) < 0) {
                look->failed = true;
                return;
        }
        free(look->text);
        look->text = longer;
}

/* What is below is pinned as well: what a layer shall look like depends on it. */
static int open_layers(CheckLayers *check, const Job *job, int *fds, int *roots) {
        int fd = store_pin(check->store, &job->chain_id);

        fds[0] = fd;
        if (fd < 0)
                return fd;
        if (faccessat(fd, "fs", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        for (size_t i = 0; i < job->n_below; i++) {
                fds[i + 1] = store_pin(check->store, &job->below[i]);
                if (fds[i + 1] < 0)
                        return fds[i + 1];
                roots[i] = openat(fds[i + 1], "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (roots[i] < 0)
                        return -errno;
        }
        return 0;
}

static int report(CheckLayers *check, const Job *job, const FindingKind *kind, const Look *look) {
        autofree char *path = NULL, *detail = NULL, *images = strv_join(job->images, ", ");
        char more[40] = "";

        if (look->n > FILES_TOLD)
                (void) snprintf(more, sizeof(more), ", and %zu more", look->n - FILES_TOLD);
        if (!images || asprintf(&path, "%s/layers/%s", check->store->path, job->chain_id.hex) < 0)
                return -ENOMEM;
        if (asprintf(&detail, "%s%s%s%s", look->text ?: "", more, look->text ? "; of " : "of ", images) <
                        0) {
                detail = NULL;
                return -ENOMEM;
        }
        fault_tame(detail);
        return findings_add(check->findings, kind, path, detail);
}

static int look_at(CheckLayers *check, const Job *job, const int *fds, const int *roots) {
        Look look = {};
        Fault fault = {};
        int r = layer_verify(fds[0], &job->diff_id, roots, job->n_below, on_file, &look, &fault);

        if (r < 0 && r != -ENODATA && r != -ENOMEM) {
                on_file(&look, "", fault_is_raised(&fault) ? fault.text : strerror(-r));
                r = 0;
        }
        if (look.failed)
                r = -ENOMEM;
        pthread_mutex_lock(&check->mutex);
        if (r == -ENODATA)
                r = report(check, job, &layer_unverified, &look);
        else if (r >= 0 && look.n > 0)
                r = report(check, job, &finding_layer_changed, &look);
        pthread_mutex_unlock(&check->mutex);
        free(look.text);
        return r;
}

/* One that is gone by now is needed no more, or is a finding of store_check(). */
static int do_job(CheckLayers *check, const Job *job) {
        autofree int *fds = malloc((job->n_below + 1) * sizeof(int)),
                     *roots = malloc((job->n_below + 1) * sizeof(int));
        int r;

        if (!fds || !roots)
                return -ENOMEM;
        memset(fds, 0xff, (job->n_below + 1) * sizeof(int));
        memset(roots, 0xff, (job->n_below + 1) * sizeof(int));
        r = open_layers(check, job, fds, roots);
        r = r < 0 ? (r == -EMFILE || r == -ENOMEM ? r : 0) : look_at(check, job, fds, roots);
        for (size_t i = 0; i <= job->n_below; i++) {
                fd_closep(&fds[i]);
                if (i < job->n_below)
                        fd_closep(&roots[i]);
        }
        return r;
}

static void *work(void *arg) {
        CheckLayers *check = arg;

        pthread_mutex_lock(&check->mutex);
        while (check->failed == 0 && check->next < check->n) {
                const Job *job = &check->jobs[check->next++];
                int r;

                pthread_mutex_unlock(&check->mutex);
                r = do_job(check, job);
                pthread_mutex_lock(&check->mutex);
                if (r < 0 && check->failed == 0)
                        check->failed = fault_raise(check->fault, FAULT_SYSTEM, -r,
                                        "cannot verify layer %.12s: %s", job->chain_id.hex, strerror(-r));
        }
        pthread_mutex_unlock(&check->mutex);
        return NULL;
}

static size_t processors(void) {
        cpu_set_t set;

        return sched_getaffinity(0, sizeof(set), &set) < 0 ? 1 : (size_t) CPU_COUNT(&set);
}

static int do_jobs(CheckLayers *check) {
        pthread_t threads[THREADS_MOST];
        size_t n = 0, wanted = processors();

        if (wanted > THREADS_MOST)
                wanted = THREADS_MOST;
        while (n + 1 < wanted && n + 1 < check->n && pthread_create(&threads[n], NULL, work, check) == 0)
                n++;
        (void) work(check);
        for (size_t i = 0; i < n; i++)
                (void) pthread_join(threads[i], NULL);
        return check->failed;
}

int store_check_layers(Store *store, Findings *findings, Fault *fault) {
        CheckLayers check = { .store = store, .findings = findings, .fault = fault };
        int r;

        (void) pthread_mutex_init(&check.mutex, NULL);
        r = make_jobs(&check, fault);
        if (r >= 0)
                r = do_jobs(&check);
        pthread_mutex_destroy(&check.mutex);
        for (size_t i = 0; i < check.n; i++) {
                free(check.jobs[i].below);
                strv_free(check.jobs[i].images);
        }
        free(check.jobs);
        name_list_done(&check.names);
        return r;
}
