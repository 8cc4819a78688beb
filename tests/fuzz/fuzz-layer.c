/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Layers: whatever the archive says, nothing beside the directory that it is unpacked into may change. */

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/unpack.h"
#include "lib/io.h"
#include "lib/remove-tree.h"
#include "tests/fuzz/memory-stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The layer below, and the bystander that must not change: its links, owner, mode, times, length. */
static int make_world(char *path) {
        int fd;

        assert(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert(fd >= 0);
        assert(mkdirat(fd, "layer", 0700) == 0 && mkdirat(fd, "below", 0700) == 0);
        assert(mkdirat(fd, "below/d", 0755) == 0);
        assert(io_replace_file(fd, "bystander", "precious", 8, 0640) == 0);
        assert(linkat(fd, "bystander", fd, "below/d/file", 0) == 0);
        assert(symlinkat("/d", fd, "below/link") == 0);
        return fd;
}

static int give_below(void *data, const int **ret_roots, size_t *ret_n, Fault *fault) {
        *ret_roots = data;
        *ret_n = 1;
        return 0;
}

static void unpack(int world, const uint8_t *data, size_t size) {
        autofd int root = openat(world, "layer", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                   below = openat(world, "below", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autostream Stream *stream = memory_stream_new(data, size, 4096);
        UnpackBudget budget = { 1000, 1 << 20 };
        autounpacker Unpacker *unpacker = NULL;
        autotar Tar *tar = NULL;
        UnpackResult result;
        Fault fault = {};

        assert(root >= 0 && below >= 0 && stream);
        if (tar_open_stream(stream, &tar, &fault) < 0)
                return;
        if (unpacker_new(root, give_below, &below, &budget, &unpacker) < 0)
                return;
        if (unpack_archive(unpacker, tar, &fault) < 0 || unpack_finish(unpacker, &result, &fault) < 0)
                assert(fault_is_raised(&fault));
}

static bool is_same(const struct stat *a, const struct stat *b) {
        return a->st_ino == b->st_ino && a->st_nlink == b->st_nlink && a->st_mode == b->st_mode &&
               a->st_uid == b->st_uid && a->st_size == b->st_size &&
               a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
               a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char path[] = "/tmp/slipway-fuzz-XXXXXX";
        autofd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC), world = make_world(path);
        struct stat before, after, world_before, world_after;

        assert(fstatat(world, "bystander", &before, 0) == 0 && fstat(world, &world_before) == 0);
        unpack(world, data, size);
        assert(fstatat(world, "bystander", &after, 0) == 0 && fstat(world, &world_after) == 0);
        assert(is_same(&before, &after));
        assert(is_same(&world_before, &world_after));

        assert(remove_tree(tmp, path + strlen("/tmp/")) == 0);
        return 0;
}
