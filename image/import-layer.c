/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One layer: from the source through digests and decompression into a directory of the draft. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/decode.h"
#include "image/importer.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/strv.h"

#define EXPLAIN_SIZE (256 * 1024)

/* What goes by on the way. */
typedef struct Flow {
        Passed file;    /* as it is in the source */
        Passed archive; /* unpacked */
        Stream *raw;    /* the former's; belongs to who reads ahead */
        Readahead *readahead;
        Tar *tar;
        Split *split;
} Flow;

static void flow_done(Flow *flow) {
        tar_freep(&flow->tar);
        readahead_freep(&flow->readahead);
        split_freep(&flow->split);
        hash_freep(&flow->file.hash);
        hash_freep(&flow->archive.hash);
}

/* source → digest → decompression → read-ahead → digest → tar */
static int flow_begin(Flow *flow, const PlanLayer *layer, Stream *from, Fault *fault) {
        autostream Stream *stream = from;
        int r;

        flow->file.hash = layer && digest_is_set(&layer->blob) ? hash_new() : NULL;
        flow->archive.hash = hash_new();
        if (!flow->archive.hash)
                return -ENOMEM;

        stream = stream_new_tap(TAKE(stream), &flow->file,
                        layer && layer->size >= 0 ? (uint64_t) layer->size : UINT64_MAX, "the layer");
        flow->raw = stream;
        if (stream)
                stream = stream_new_decoder(TAKE(stream));
        if (!stream)
                return -ENOMEM;

        r = readahead_start(TAKE(stream), &flow->readahead);
        if (r < 0)
                return r;
        return tar_open_readahead(flow->readahead, &flow->archive, &flow->tar, fault);
}

static int check_digest(Hash *hash, const Digest *wanted, const char *what, Digest *ret, Fault *fault) {
        int r = hash_finish(hash, ret);

        if (r < 0)
                return r;
        if (!wanted || !digest_is_set(wanted) || digest_equal(wanted, ret))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "%s has the digest sha256:%s and not sha256:%s",
                        what, ret->hex, wanted->hex);
}

/* Reads to the very end, and compares with what was promised: size, digest, digest of what is inside. */
static int flow_end(Flow *flow, const PlanLayer *layer, Digest *ret_diff_id, Fault *fault) {
        Digest blob;
        int r;

        r = tar_drain(flow->tar, fault);
        if (r < 0)
                return r;
        if (layer && layer->size >= 0 && flow->file.bytes != (uint64_t) layer->size)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "it has %ju bytes and not %jd",
                                (uintmax_t) flow->file.bytes, (intmax_t) layer->size);
        if (flow->file.hash) {
                r = check_digest(flow->file.hash, &layer->blob, "it", &blob, fault);
                hash_free(TAKE(flow->file.hash));
                if (r < 0)
                        return r;
        }
        return check_digest(flow->archive.hash, layer ? &layer->diff_id : NULL, "what is in it", ret_diff_id,
                        fault);
}

/*
 * What is wrong inside may be so because what came is not what was promised, and then another try, from
 * another place, can help. So the rest is read, too. It is also the better thing to say.
 */
static int explain(Flow *flow, const PlanLayer *layer, int r, Fault *fault) {
        autofree char *buffer = NULL;
        Fault other = {};
        Digest blob;
        ssize_t n;

        if (!flow->file.hash || !flow->readahead || !fault || fault->error == ESTALE ||
                        (fault->kind != FAULT_INTEGRITY && fault->kind != FAULT_SYNTAX &&
                                        fault->kind != FAULT_HOSTILE))
                return r;
        buffer = malloc(EXPLAIN_SIZE);
        if (!buffer)
                return r;
        readahead_stop(flow->readahead);
        do
                n = stream_read(flow->raw, buffer, EXPLAIN_SIZE, &other);
        while (n > 0);
        if (n == 0 && hash_finish(flow->file.hash, &blob) >= 0 && !digest_equal(&blob, &layer->blob))
                n = fault_raise(&other, FAULT_INTEGRITY, EBADMSG,
                                "it has the digest sha256:%s and not sha256:%s", blob.hex, layer->blob.hex);
        if (n < 0) {
                *fault = other;
                return (int) n;
        }
        return r;
}

static int make_directories(Importer *importer, LayerWork *work) {
        if (mkdirat(importer->draft.fd, work->name, 0700) < 0)
                return -errno;
        work->fd = openat(importer->draft.fd, work->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (work->fd < 0 || mkdirat(work->fd, "fs", 0700) < 0)
                return -errno;
        work->root_fd = openat(work->fd, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        work->is_new = true;
        return work->root_fd < 0 ? -errno : 0;
}

/* Last of all: a layer that has it is one that can be used. */
static int write_info(const LayerWork *work) {
        const LayerInfo *info = &work->info;
        autofree char *text = NULL;
        int n;

        n = asprintf(&text,
                        "{\"diff_id\":\"sha256:%s\",\"archive_size\":%jd,\"size\":%jd,\"entries\":%jd}\n",
                        info->diff_id.hex, (intmax_t) info->archive_size, (intmax_t) info->size,
                        (intmax_t) info->entries);
        if (n < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return io_create_file(work->fd, "layer.json", text, (size_t) n, 0600);
}

static int give_below(void *data, const int **ret_roots, size_t *ret_n, Fault *fault) {
        LayerWork *work = data;
        size_t i = (size_t) (work - work->importer->work);
        int r = import_await_below(work->importer, i, fault);

        if (r < 0)
                return r;
        free(work->below);
        work->below = calloc(i + 1, sizeof(int));
        if (!work->below)
                return -ENOMEM;
        for (size_t k = 0; k < i; k++)
                work->below[k] = work->importer->work[i - 1 - k].root_fd;
        *ret_roots = work->below;
        *ret_n = i;
        return 0;
}

/* Whoever works on another layer has failed, or a person has had enough. */
static bool on_progress(void *data, uint64_t bytes) {
        const LayerWork *work = data;
        Importer *importer = work->importer;
        const ImportRequest *request = importer->request;
        bool go;

        pthread_mutex_lock(&importer->mutex);
        go = importer->failed == 0 &&
             (!request->progress ||
                             request->progress(request->progress_data, (size_t) (work - importer->work),
                                             importer->n_work, bytes));
        pthread_mutex_unlock(&importer->mutex);
        return go;
}

static int unpack(LayerWork *work, const PlanLayer *layer, Flow *flow, Fault *fault) {
        int r = unpacker_new(work->root_fd, give_below, work, &work->importer->budget, &work->unpacker);

        if (r < 0)
                return r;
        tar_on_progress(flow->tar, on_progress, work);
        if ((r = unpack_archive(work->unpacker, flow->tar, fault)) < 0 ||
                        (r = flow_end(flow, layer, &work->info.diff_id, fault)) < 0)
                return explain(flow, layer, r, fault);
        work->info.archive_size = (int64_t) flow->archive.bytes;
        return 0;
}

int import_read_layer(Importer *importer, size_t i, Stream *from, Fault *fault) {
        const PlanLayer *layer = importer->plan.layers ? &importer->plan.layers[i] : NULL;
        LayerWork *work = &importer->work[i];
        AUTO(flow_done) Flow flow = {};
        int r;

        r = flow_begin(&flow, layer, from, fault);
        if (r < 0)
                return explain(&flow, layer, r, fault);
        r = FAULT_POINT("import:make a layer");
        if (r >= 0)
                r = make_directories(importer, work);
        if (r >= 0)
                r = split_begin(work->fd, &flow.split);
        if (r < 0)
                return store_failed(importer->store, r, "make a layer", fault);
        tar_split(flow.tar, flow.split);

        r = unpack(work, layer, &flow, fault);
        if (r < 0)
                return r;
        r = split_end(flow.split, work->root_fd);
        return r < 0 ? store_failed(importer->store, r, "write a layer", fault) : 0;
}

static void add_to_result(Importer *importer, const UnpackResult *unpacked) {
        pthread_mutex_lock(&importer->mutex);
        if (unpacked->newest > importer->newest)
                importer->newest = unpacked->newest;
        importer->result.n_new++;
        importer->result.bytes += unpacked->bytes;
        importer->result.devices += unpacked->devices;
        importer->result.attributes += unpacked->attributes;
        pthread_mutex_unlock(&importer->mutex);
}

int import_complete_layer(Importer *importer, size_t i, Fault *fault) {
        LayerWork *work = &importer->work[i];
        UnpackResult unpacked = {};
        int r;

        r = unpack_finish(work->unpacker, &unpacked, fault);
        if (r < 0)
                return r;
        unpacker_free(TAKE(work->unpacker));

        work->info.size = (int64_t) unpacked.bytes;
        work->info.entries = (int64_t) unpacked.entries;
        r = FAULT_POINT("import:write about a layer");
        if (r >= 0)
                r = write_info(work);
        if (r < 0)
                return store_failed(importer->store, r, "write a layer", fault);
        add_to_result(importer, &unpacked);
        return 0;
}
