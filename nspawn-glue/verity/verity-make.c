/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One file system of all layers, as a container would see them. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/paths.h"
#include "nspawn-glue/verity/verity.h"

#define WORKSPACE SLIPWAY_RUNTIME_DIR "/workspace"

static int failed(int r, const char *what, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot %s: %s", what, strerror(-r));
}

/* In a mount namespace of our own; short names, for the list of layers has to fit into one page. */
static int attach_layers(const Image *image, char *options, size_t size) {
        size_t at = (size_t) snprintf(options, size, "lowerdir=");

        if (io_mkdir_p(WORKSPACE, 0755) < 0 ||
                        mount("slipway", WORKSPACE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=16m") <
                                        0 ||
                        chdir(WORKSPACE) < 0 || mkdir("root", 0700) < 0 || mkdir("empty", 0755) < 0)
                return -errno;
        for (size_t i = image->n_layers; i-- > 0;) {
                char name[24];

                (void) snprintf(name, sizeof(name), "%zu", i);
                if (mkdir(name, 0755) < 0 || mount(image->paths[i], name, NULL, MS_BIND, NULL) < 0)
                        return -errno;
                at += (size_t) snprintf(options + at, size - at, "%s:", name);
                if (at >= size)
                        return -E2BIG;
        }
        /* Overlayfs wants two, and hides by them what is deleted. The one below has nothing in it. */
        at += (size_t) snprintf(options + at, size - at, "empty");
        return at < size ? 0 : -E2BIG;
}

static int mount_layers(const Image *image, Fault *fault) {
        char options[4096];
        int r = attach_layers(image, options, sizeof(options));

        if (r < 0)
                return failed(r, "lay out the layers", fault);
        if (mount("slipway", "root", "overlay", MS_RDONLY, options) < 0)
                return failed(-errno, "stack the layers", fault);
        return 0;
}

static void unmount_layers(void) {
        (void) chdir("/");
        (void) umount2(WORKSPACE, MNT_DETACH);
}

/*
 * Times are those of the files; the file system's own, and its name, are the same for everybody. The former
 * is that of $SOURCE_DATE_EPOCH, which also is the latest that a file may have: hence one in a far future.
 */
static int make_erofs(const char *path, const Digest *image, const VerityTell *tell, Fault *fault) {
        char uuid[37];
        const char *hex = image->hex;
        char *argv[] = { (char *) "mkfs.erofs", (char *) "--quiet", (char *) "-U", uuid, (char *) path,
                (char *) WORKSPACE "/root", NULL };

        (void) snprintf(uuid, sizeof(uuid), "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                        hex + 20);
        return verity_run(argv, "erofs-utils", tell, "making one file system of the image's layers", fault);
}

static int fill(const Image *image, const char *path, const VerityTell *tell, Verity *verity, Fault *fault) {
        struct stat st;
        int r = mount_layers(image, fault);

        if (r >= 0)
                r = make_erofs(path, &image->id, tell, fault);
        unmount_layers();
        if (r < 0)
                return r;
        if (stat(path, &st) < 0)
                return failed(-errno, "look at what mkfs.erofs has made", fault);
        if (st.st_size <= 0 || st.st_size % VERITY_BLOCK != 0)
                return failed(-EUCLEAN, "use what mkfs.erofs has made", fault);
        verity->data_blocks = (uint64_t) st.st_size / VERITY_BLOCK;
        return 0;
}

/* To hash it, to write it to the disk and to wait for the lock takes as long as it takes. */
static int finish(Store *store, int dir_fd, const char *path, Verity *verity, Fault *fault) {
        int r = verity_format(path, verity, fault);

        if (r >= 0)
                r = FAULT_POINT("verity:record the root hash");
        if (r >= 0)
                r = verity_save(dir_fd, verity);
        if (r >= 0 && syncfs(dir_fd) < 0)
                r = -errno;
        return r < 0 && !fault_is_raised(fault) ? store_failed(store, r, "write the image", fault) : r;
}

/* While it was made, somebody may have removed the image, or made the same. */
static int put_in_place(Store *store, const Draft *draft, const Digest *image, Fault *fault) {
        char from[16 + DIGEST_HEX], to[16 + DIGEST_HEX];
        int r = store_lock(store, STORE_EXCLUSIVE, fault);

        if (r < 0)
                return r;
        (void) snprintf(from, sizeof(from), "images/%s", image->hex);
        (void) snprintf(to, sizeof(to), "verity/%s", image->hex);
        if (faccessat(store->fd, from, F_OK, AT_SYMLINK_NOFOLLOW) < 0 ||
                        (mkdirat(store->fd, "verity", 0700) < 0 && errno != EEXIST) ||
                        (renameat2(draft->fd, "verity", store->fd, to, RENAME_NOREPLACE) < 0 &&
                                        errno != EEXIST))
                r = -errno;
        store_unlock(store);
        return r < 0 ? store_failed(store, r, "put the image in place", fault) : 0;
}

static int make_in(Store *store, const Image *image, const Draft *draft, const VerityTell *tell,
                Verity *verity, Fault *fault) {
        AUTO(verity_tell_end) pid_t speaker = -1;
        autofree char *path = NULL;
        autofd int dir_fd = -1;
        int r;

        if (asprintf(&path, "%s/tmp/%s/verity/image.erofs", store->path, draft->name) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (mkdirat(draft->fd, "verity", 0700) < 0)
                return store_failed(store, -errno, "make room for the image", fault);
        dir_fd = openat(draft->fd, "verity", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return store_failed(store, -errno, "make room for the image", fault);
        r = fill(image, path, tell, verity, fault);
        if (r < 0)
                return r;
        speaker = verity_tell_on(tell, "hashing the image");
        r = finish(store, dir_fd, path, verity, fault);
        return r < 0 ? r : put_in_place(store, draft, &image->id, fault);
}

int verity_make(Store *store, const Digest *id, const VerityTell *tell, Verity *ret, Fault *fault) {
        autodraft Draft draft = { .fd = -1 };
        autoimage Image image = {};
        Verity verity = { .image = *id };
        int r;

        if ((r = store_lock(store, STORE_SHARED, fault)) < 0 ||
                        (r = image_load(store, id, &image, fault)) < 0)
                return r;
        store_unlock(store);
        if ((r = draft_begin(store, &draft, fault)) < 0 ||
                        (r = make_in(store, &image, &draft, tell, &verity, fault)) < 0)
                return fault_wrap(fault, r, "cannot make a file system of image %.12s", id->hex);
        *ret = verity;
        return 0;
}
