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

int import_expect_layers(Importer *importer, size_t n) {
        importer->work = calloc(n + 1, sizeof(LayerWork));
        if (!importer->work)
                return -ENOMEM;
        importer->n_work = n;
        for (size_t i = 0; i < n; i++)
                importer->work[i].fd = importer->work[i].root_fd = -1;
        return 0;
}

/* What goes by on the way. */
typedef struct Flow {
        Passed file;    /* as it is in the source */
        Passed archive; /* unpacked */
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
                if (r < 0)
                        return r;
        }
        return check_digest(flow->archive.hash, layer ? &layer->diff_id : NULL, "what is in it", ret_diff_id,
                        fault);
}

static int make_directories(Importer *importer, size_t i, LayerWork *work) {
        char name[32];

        (void) snprintf(name, sizeof(name), "layer-%zu", i);
        if (mkdirat(importer->draft.fd, name, 0700) < 0)
                return -errno;
        work->fd = openat(importer->draft.fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (work->fd < 0 || mkdirat(work->fd, "fs", 0700) < 0)
                return -errno;
        work->root_fd = openat(work->fd, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        work->is_new = true;
        return work->root_fd < 0 ? -errno : 0;
}

static int write_info(const LayerWork *work) {
        const LayerInfo *info = &work->info;
        autofree char *text = NULL;
        autofd int fd = -1;
        int n;

        n = asprintf(&text,
                        "{\"diff_id\":\"sha256:%s\",\"archive_size\":%jd,\"size\":%jd,\"entries\":%jd}\n",
                        info->diff_id.hex, (intmax_t) info->archive_size, (intmax_t) info->size,
                        (intmax_t) info->entries);
        if (n < 0) {
                text = NULL;
                return -ENOMEM;
        }
        fd = openat(work->fd, "layer.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        return fd < 0 ? -errno : io_write_all(fd, text, (size_t) n);
}

typedef struct Watcher {
        const ImportRequest *request;
        size_t i, n;
} Watcher;

static bool on_progress(void *data, uint64_t bytes) {
        const Watcher *watcher = data;

        return watcher->request->progress(watcher->request->progress_data, watcher->i, watcher->n, bytes);
}

static int unpack(Importer *importer, size_t i, Flow *flow, UnpackResult *ret, Fault *fault) {
        Watcher watcher = { importer->request, i, importer->plan.n_layers };
        autofree int *below = calloc(i + 1, sizeof(int));

        if (!below)
                return -ENOMEM;
        for (size_t k = 0; k < i; k++)
                below[k] = importer->work[i - 1 - k].root_fd;
        if (importer->request->progress)
                tar_on_progress(flow->tar, on_progress, &watcher);
        return layer_unpack(flow->tar, importer->work[i].root_fd, below, i, &importer->budget, ret, fault);
}

int import_layer(Importer *importer, size_t i, Stream *from, Fault *fault) {
        const PlanLayer *layer = importer->plan.layers ? &importer->plan.layers[i] : NULL;
        LayerWork *work = &importer->work[i];
        AUTO(flow_done) Flow flow = {};
        UnpackResult unpacked = {};
        int r;

        r = flow_begin(&flow, layer, from, fault);
        if (r < 0)
                return r;
        r = FAULT_POINT("import:make a layer");
        if (r >= 0)
                r = make_directories(importer, i, work);
        if (r >= 0)
                r = split_begin(work->fd, &flow.split);
        if (r < 0)
                return store_failed(importer->store, r, "make a layer", fault);
        tar_split(flow.tar, flow.split);

        if ((r = unpack(importer, i, &flow, &unpacked, fault)) < 0 ||
                        (r = flow_end(&flow, layer, &work->info.diff_id, fault)) < 0)
                return r;

        work->info.archive_size = (int64_t) flow.archive.bytes;
        work->info.size = (int64_t) unpacked.bytes;
        work->info.entries = (int64_t) unpacked.entries;
        r = FAULT_POINT("import:write about a layer");
        if (r >= 0)
                r = split_end(flow.split, work->root_fd);
        if (r >= 0)
                r = write_info(work);
        if (r < 0)
                return store_failed(importer->store, r, "write a layer", fault);

        if (unpacked.newest > importer->newest)
                importer->newest = unpacked.newest;
        importer->result.n_new++;
        importer->result.bytes += unpacked.bytes;
        importer->result.devices += unpacked.devices;
        importer->result.attributes += unpacked.attributes;
        return 0;
}
