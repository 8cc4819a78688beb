/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "image/doc.h"
#include "lib/io.h"
#include "nspawn-glue/verity/verity.h"

static int parse(const char *text, size_t size, Verity *verity, Fault *fault) {
        autofree char *root_hash = NULL;
        autojson json_t *document = NULL;
        int64_t blocks = 0;
        int r;

        if ((r = doc_parse(text, size, "verity.json", &document, fault)) < 0 ||
                        (r = doc_string(document, "root_hash", &root_hash, fault)) < 0 ||
                        (r = doc_number(document, "data_blocks", &blocks, fault)) < 0)
                return r;
        if (!root_hash || digest_from_hex(root_hash, &verity->root_hash) < 0 || blocks <= 0)
                return fault_raise(
                                fault, FAULT_SYNTAX, EUCLEAN, "this is not what slipway-verity has written");
        verity->data_blocks = (uint64_t) blocks;
        return 0;
}

int verity_load(const Store *store, const Digest *image, Verity *ret, Fault *fault) {
        Verity verity = { .image = *image };
        autofree char *text = NULL;
        char path[32 + DIGEST_HEX];
        size_t size;
        int r;

        (void) snprintf(path, sizeof(path), "verity/%s/verity.json", image->hex);
        r = io_read_file(store->fd, path, DOC_LIMIT, &text, &size);
        if (r == -ENOENT)
                return r;
        if (r >= 0)
                r = parse(text, size, &verity, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read '%.200s/%s'", store->path, path);
        *ret = verity;
        return 0;
}

int verity_save(int dir_fd, const Verity *verity) {
        autofree char *text = NULL;
        int n = asprintf(&text, "{\"root_hash\": \"%s\", \"data_blocks\": %ju}\n", verity->root_hash.hex,
                        (uintmax_t) verity->data_blocks);

        if (n < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return io_replace_file(dir_fd, "verity.json", text, (size_t) n, 0600);
}
