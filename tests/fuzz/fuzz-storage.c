/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recipes for archives, those of podman: no file from elsewhere, and the same however the lines arrive. */

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/storage.h"
#include "lib/io.h"
#include "tests/fuzz/memory-stream.h"

#define MOST (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int make_root(void) {
        static char path[] = "/tmp/slipway-fuzz-XXXXXX";
        static int root = -1;
        autofd int top = -1, file = -1;

        if (root >= 0)
                return root;
        assert(mkdtemp(path));
        top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert(top >= 0 && mkdirat(top, "diff", 0700) == 0 && mkdirat(top, "diff/d", 0700) == 0);
        file = openat(top, "secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert(file >= 0 && io_write_all(file, "secret", 6) == 0);
        assert(symlinkat("../secret", top, "diff/out") == 0 && symlinkat("/d", top, "diff/link") == 0);
        assert(mkfifoat(top, "diff/fifo", 0600) == 0);
        root = openat(top, "diff", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        (void) close(file);
        file = openat(root, "d/f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert(file >= 0 && io_write_all(file, "content", 7) == 0);
        return root;
}

/* Return: the digest of what comes out; empty when it is refused or too much. */
static Digest read_all(const uint8_t *data, size_t size, size_t piece) {
        int root = fcntl(make_root(), F_DUPFD_CLOEXEC, 3);
        autostream Stream *stream = storage_archive(memory_stream_new(data, size, piece), root);
        autohash Hash *hash = hash_new();
        size_t total = 0;
        Digest digest = {};
        Fault fault = {};
        char buffer[4096];
        ssize_t n;

        assert(stream && hash);
        while ((n = stream_read(stream, buffer, sizeof(buffer), &fault)) > 0) {
                hash_update(hash, buffer, (size_t) n);
                total += (size_t) n;
                if (total > MOST)
                        return digest;
        }
        assert(n >= 0 || fault_is_raised(&fault));
        if (n == 0)
                assert(hash_finish(hash, &digest) == 0);
        return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Digest whole = read_all(data, size, SIZE_MAX), pieces = read_all(data, size, 7);

        assert(digest_is_set(&whole) == digest_is_set(&pieces));
        assert(!digest_is_set(&whole) || digest_equal(&whole, &pieces));
        return 0;
}
