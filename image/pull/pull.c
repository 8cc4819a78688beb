/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pull/pull.h"

#include <string.h>
#include <time.h>

#include "image/hash.h"
#include "image/importer.h"
#include "image/pull/decide.h"
#include "image/pull/turn.h"
#include "lib/fault-point.h"

typedef struct Puller {
        const PullJob *job;
        Importer importer;
        Decisions decisions;
        Stream **streams; /* of layers whose transfer has begun and that nobody reads yet */
        Pulled pulled;
} Puller;

static bool is_canceled(const PullJob *job) {
        return __atomic_load_n(job->canceled, __ATOMIC_RELAXED);
}

static int interrupted(Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, ECANCELED, "interrupted");
}

/* Whoever comes second finds all there when it is their turn. */
static int wait_for_turn(const PullJob *job, Turn *turn, Fault *fault) {
        static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
        bool told = false;
        int r;

        while ((r = turn_take(job->store, &job->request->digest, turn)) == 0) {
                if (is_canceled(job))
                        return interrupted(fault);
                if (!told)
                        tell_note(job->tell, "somebody else is pulling the same image; waiting for them");
                told = true;
                (void) nanosleep(&pause, NULL);
        }
        return r < 0 ? store_failed(job->store, r, "begin a pull", fault) : 0;
}

/* --- documents --- */

static int read_document(void *data, const Digest *digest, int64_t size, bool is_manifest, char **ret,
                size_t *ret_size, Fault *fault) {
        const Puller *puller = data;
        AUTO(fetched_done) Fetched fetched = {};
        char reference[DIGEST_HEX + 8];
        int r;

        (void) snprintf(reference, sizeof(reference), "sha256:%s", digest->hex);
        r = is_manifest ? fetch_manifest(puller->job->fetch, reference, NULL, &fetched, fault)
                        : fetch_document(puller->job->fetch, digest, size, &fetched, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot get the %s %.19s…", is_manifest ? "manifest" : "config",
                                reference);
        *ret = TAKE(fetched.text);
        *ret_size = fetched.size;
        return 0;
}

static int check_document(const PullJob *job, Fault *fault) {
        Digest digest;
        int r = hash_bytes(job->document, job->size, &digest);

        if (r < 0)
                return r;
        if (digest_equal(&digest, &job->request->digest))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                        "the manifest has the digest sha256:%s and not sha256:%s", digest.hex,
                        job->request->digest.hex);
}

static int make_plan(Puller *puller, Fault *fault) {
        const PullRequest *request = puller->job->request;
        const PlanRequest wanted = { NULL, &request->platform, request->platform_is_given };
        int r = check_document(puller->job, fault);

        if (r < 0)
                return r;
        r = plan_registry(read_document, puller, puller->job->document, puller->job->size, request->type,
                        &wanted, &puller->importer.plan, fault);
        return r < 0 ? r : import_choose_names(&puller->importer, fault);
}

/* --- layers --- */

/* Return: the first of the layers before @i that come from the same blob, or @i. */
static size_t find_same(const Importer *importer, size_t i) {
        for (size_t k = 0; k < i; k++)
                if (importer->work[k].state != LAYER_COMPLETE &&
                                digest_equal(&importer->plan.layers[k].blob, &importer->plan.layers[i].blob))
                        return k;
        return i;
}

/* All at once: how many are fetched at a time is for the fetcher to say. */
static int begin_transfers(Puller *puller, Fault *fault) {
        Importer *importer = &puller->importer;

        puller->streams = calloc(importer->n_work + 1, sizeof(Stream *));
        if (!puller->streams)
                return -ENOMEM;
        for (size_t i = 0; i < importer->n_work; i++) {
                const PlanLayer *layer = &importer->plan.layers[i];
                int r;

                if (importer->work[i].state == LAYER_COMPLETE || find_same(importer, i) != i)
                        continue;
                r = fetch_blob(puller->job->fetch, &layer->blob, layer->size, &puller->streams[i], fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A blob that several layers are made of comes for the first of them; then it is there for the others. */
static int open_layer(void *data, size_t i, Stream **ret, Fault *fault) {
        Puller *puller = data;
        Importer *importer = &puller->importer;
        const PlanLayer *layer = &importer->plan.layers[i];

        if (puller->streams[i]) {
                *ret = TAKE(puller->streams[i]);
                return 0;
        }
        for (size_t k = 0; k < i; k++) {
                int r = digest_equal(&importer->plan.layers[k].blob, &layer->blob)
                                        ? import_await_below(importer, k + 1, fault)
                                        : 0;

                if (r < 0)
                        return r;
        }
        return fetch_blob(puller->job->fetch, &layer->blob, layer->size, ret, fault);
}

static bool begin_again(void *data, size_t i, const Fault *why) {
        Puller *puller = data;

        if (is_canceled(puller->job))
                return false;
        tell_again(puller->job->tell, i, why->text);
        return true;
}

/* What was fetched is of no more use, and had better go before the disk has to write it. */
static void have_completed(void *data, size_t i) {
        Puller *puller = data;
        Importer *importer = &puller->importer;
        const Digest *blob = &importer->plan.layers[i].blob;
        bool needed = false;

        pthread_mutex_lock(&importer->mutex);
        for (size_t k = i + 1; k < importer->n_work && !needed; k++)
                needed = importer->work[k].state != LAYER_COMPLETE &&
                         digest_equal(&importer->plan.layers[k].blob, blob);
        pthread_mutex_unlock(&importer->mutex);
        if (!needed)
                (void) fetch_forget(puller->job->fetch, blob);
        tell_done(puller->job->tell, i);
        (void) FAULT_POINT("pull:have a layer");
}

static void stop_waiting(void *data) {
        fetch_cancel(((const Puller *) data)->job->fetch);
}

static bool on_unpacked(void *data, size_t layer, size_t n_layers, uint64_t bytes) {
        const Puller *puller = data;

        if (is_canceled(puller->job))
                return false;
        if (layer < n_layers)
                tell_unpacked(puller->job->tell, layer, bytes);
        return true;
}

static void on_fetched(void *data, const Digest *blob, uint64_t bytes) {
        const Puller *puller = data;
        const Importer *importer = &puller->importer;

        for (size_t i = 0; i < importer->n_work; i++)
                if (digest_equal(&importer->plan.layers[i].blob, blob)) {
                        tell_fetched(puller->job->tell, i, bytes);
                        return;
                }
}

static int bring_layers(Puller *puller, Fault *fault) {
        const LayerFeed feed = { open_layer, begin_again, have_completed, stop_waiting, puller };
        Importer *importer = &puller->importer;
        int r;

        if ((r = import_find_layers(importer, fault)) < 0)
                return r;
        if (tell_layers(puller->job->tell, importer) < 0)
                return interrupted(fault);
        fetch_on_progress(puller->job->fetch, on_fetched, puller);
        if ((r = begin_transfers(puller, fault)) < 0)
                return r;
        r = import_layers(importer, &feed, fault);
        fetch_on_progress(puller->job->fetch, NULL, NULL);
        return r;
}

/* --- all of it --- */

static int record(void *data, size_t i, int dir_fd, Fault *fault) {
        const Decision *decision = &((const Puller *) data)->decisions.items[i];

        return trust_record(dir_fd, &decision->signatures, &decision->verdict, fault);
}

/* Before any layer is asked for. */
static int decide_about(Puller *puller, Fault *fault) {
        Importer *importer = &puller->importer;
        Digest manifest = {};
        int r = hash_bytes(importer->plan.manifest, importer->plan.manifest_size, &manifest);

        if (r >= 0)
                r = decide(importer->names, &puller->job->request->digest, &manifest, puller->job->fetch,
                                &puller->decisions, fault);
        if (r < 0)
                return r;
        importer->record = record;
        importer->record_data = puller;
        return 0;
}

/* What has decided about the first name is told. */
static void take_verdict(Puller *puller) {
        if (puller->decisions.n == 0)
                return;
        puller->pulled.rule = TAKE(puller->decisions.items[0].verdict.rule);
        puller->pulled.key = TAKE(puller->decisions.items[0].verdict.key);
}

static int run(Puller *puller, Fault *fault) {
        const PullJob *job = puller->job;
        int r;

        if ((r = make_plan(puller, fault)) < 0 || (r = decide_about(puller, fault)) < 0)
                return r;
        (void) FAULT_POINT("pull:have a plan");
        if ((r = draft_begin_import(job->store, &puller->importer.draft, fault)) < 0 ||
                        (r = import_write_origins(&puller->importer, fault)) < 0 ||
                        (r = bring_layers(puller, fault)) < 0)
                return r;
        (void) FAULT_POINT("pull:have all layers");
        if (is_canceled(job))
                return interrupted(fault);
        return import_commit(&puller->importer, fault);
}

/*
 * After a hang-up, or with a network that is gone, a person will try again, and what is finished need not be
 * done twice. If what came is wrong or there is no room, nobody wants any of it.
 */
static bool is_worth_keeping(const PullJob *job, int r, const Fault *fault) {
        if (r == -ENOSPC || r == -EDQUOT)
                return false;
        return is_canceled(job) || fault->kind == FAULT_SYSTEM || fault->kind == FAULT_MISSING;
}

static void puller_done(Puller *puller) {
        fetch_on_progress(puller->job->fetch, NULL, NULL);
        for (size_t i = 0; i < puller->importer.n_work && puller->streams; i++)
                stream_freep(&puller->streams[i]);
        free(puller->streams);
        importer_done(&puller->importer);
        decisions_done(&puller->decisions);
        pulled_done(&puller->pulled);
}

int pull(const PullJob *job, Pulled *ret, Fault *fault) {
        char *names[] = { job->request->name, NULL };
        AUTO(puller_done) Puller puller = { .job = job, .importer = IMPORTER_EMPTY };
        const ImportRequest request = {
                .names = names,
                .platform = job->request->platform,
                .platform_is_given = job->request->platform_is_given,
                .budget = job->request->budget,
                .progress = on_unpacked,
                .progress_data = &puller,
        };
        AUTO(turn_end) Turn turn = TURN_NONE;
        int r;

        puller.importer.store = job->store;
        puller.importer.request = &request;
        puller.importer.budget = request.budget;
        puller.importer.transport = "docker";
        import_allow_many_files();

        r = wait_for_turn(job, &turn, fault);
        if (r >= 0)
                r = run(&puller, fault);
        if (r < 0) {
                if (puller.importer.draft.store && is_worth_keeping(job, r, fault))
                        draft_leave(&puller.importer.draft);
                return r;
        }
        take_verdict(&puller);
        import_take_result(&puller.importer, &puller.pulled.result);
        *ret = puller.pulled;
        puller.pulled = (Pulled){};
        return 0;
}

void pulled_done(Pulled *pulled) {
        import_result_done(&pulled->result);
        free(pulled->rule);
        free(pulled->key);
        *pulled = (Pulled){};
}
