/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recipes for archives, ours: whatever one says, no more comes out than it announces, and no file from
 * elsewhere. */

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/reassemble.h"
#include "image/split.h"
#include "lib/io.h"

#define MOST (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A layer that has a file, a link that leads out, and a place for the recipe. */
static int make_layer(void) {
        static char path[] = "/tmp/slipway-fuzz-XXXXXX";
        static int layer = -1;

        if (layer >= 0)
                return layer;
        assert(mkdtemp(path));
        layer = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert(layer >= 0 && mkdirat(layer, "fs", 0700) == 0 && mkdirat(layer, "fs/d", 0700) == 0);
        assert(io_replace_file(layer, "secret", "secret", 6, 0600) == 0);
        assert(symlinkat("../secret", layer, "fs/out") == 0 && symlinkat("/d", layer, "fs/link") == 0);
        assert(mkfifoat(layer, "fs/fifo", 0600) == 0);
        return layer;
}

static void write_file(int dir_fd, const char *name, const void *data, size_t size) {
        autofd int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        assert(fd >= 0 && io_write_all(fd, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autostream Stream *stream = NULL;
        int layer = make_layer();
        ReassembledFile file;
        Fault fault = {};
        int64_t announced = 0, done = 0;
        char buffer[4096];
        ssize_t n = 0;

        write_file(layer, "fs/d/f", "content", 7);
        write_file(layer, SPLIT_FILE, data, size);
        if (reassemble_open(layer, &stream, &announced, &fault) < 0) {
                assert(fault_is_raised(&fault));
                return 0;
        }
        while (reassemble_next_file(stream, &file) > 0)
                assert(*file.path);
        while (done < MOST && (n = stream_read(stream, buffer, sizeof(buffer), &fault)) > 0) {
                assert(!memmem(buffer, (size_t) n, "secret", 6) || memmem(data, size, "secret", 6));
                done += n;
        }
        assert(n >= 0 || fault_is_raised(&fault));
        assert(n != 0 || done == announced);
        return 0;
}
