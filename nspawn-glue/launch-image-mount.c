/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/io.h"
#include "nspawn-glue/inside.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/tree.h"

/* It cannot be removed from the store for as long as the container's state is there. */
static int claim(const Launch *launch, const Digest *id) {
        char line[DIGEST_HEX + 2];
        autofd int fd = openat(launch->state_fd, "image",
                        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0)
                return -errno;
        (void) snprintf(line, sizeof(line), "\n%s", id->hex);
        return io_write_all(fd, line, strlen(line));
}

/* As it is read for a container of its own: with its policy of trust, and pulled if it is not there. */
static int read_image(Launch *launch, const char *text, Image *ret, Fault *fault) {
        Options options = { .name = launch->options->name,
                .image = text,
                .retry = launch->options->retry,
                .retry_delay = launch->options->retry_delay };
        Launch other = { .options = &options, .store = STORE_CLOSED };
        int r = launch_read_image(&other, fault);

        if (r >= 0)
                r = claim(launch, &other.image.id);
        if (r >= 0) {
                *ret = other.image;
                other.image = (Image){};
        }
        launch_close_image(&other);
        return r;
}

static int add_bottom(
                const Launch *launch, const Image *image, const char *prefix, char *options, size_t size) {
        char name[40];
        size_t at = strlen(options);

        (void) snprintf(name, sizeof(name), "%snone", prefix);
        if (mkdirat(launch->workspace_fd, name, 0755) < 0)
                return -errno;
        at += (size_t) snprintf(options + at, size - at, "%s%s", image->n_layers > 0 ? ":" : "", name);
        return at < size ? 0 : -E2BIG;
}

/* Read-only: overlayfs wants two layers then, and the last of ours is empty. */
static int stack(Launch *launch, const Image *image, unsigned number, int *ret, Fault *fault) {
        char options[4096] = "", prefix[24], place[24];
        int r;

        (void) snprintf(prefix, sizeof(prefix), "i%u-", number);
        (void) snprintf(place, sizeof(place), "i%u", number);
        r = launch_attach_layers(
                        launch, image->paths, image->n_layers, prefix, options, sizeof(options), fault);
        if (r >= 0)
                r = add_bottom(launch, image, prefix, options, sizeof(options));
        if (r < 0)
                return r;
        /* With no layer at all the empty one is twice there. */
        if (image->n_layers == 0) {
                *ret = -1;
                return tree_clone(launch->workspace_fd, strchr(options, '=') + 1, false, ret);
        }
        if (mkdirat(launch->workspace_fd, place, 0755) < 0)
                return -errno;
        if (mount("slipway", place, "overlay", MS_RDONLY, options) < 0)
                return -errno;
        return tree_clone(launch->workspace_fd, place, false, ret);
}

static int open_subpath(const MountSpec *spec, const char *image, int fd, int *ret, Fault *fault) {
        autofd int inner = -1;
        int r = inside_open(fd, spec->subpath, O_PATH, &inner);

        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot open '%.150s' in image '%.200s': %s", spec->subpath, image,
                                strerror(-r));
        return tree_clone(inner, "", false, ret);
}

int launch_open_image(Launch *launch, const char *text, const MountSpec *spec, int *ret, Fault *fault) {
        autoimage Image image = {};
        autofd int fd = -1, whole = -1;
        int r = read_image(launch, text, &image, fault);

        if (r >= 0)
                r = stack(launch, &image, launch->n_volumes++, &fd, fault);
        if (r >= 0 && spec->subpath) {
                whole = TAKE_FD(fd);
                r = open_subpath(spec, text, whole, &fd, fault);
        }
        if (r >= 0)
                r = tree_propagate(fd, MS_PRIVATE, true);
        /* What is written goes on top, and away with the container. */
        if (r >= 0 && !spec->overlay && !(spec->set & MOUNT_ATTR_RDONLY))
                r = launch_stack(launch, spec, TAKE_FD(fd), &fd, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot mount image '%.200s'", text);
        *ret = TAKE_FD(fd);
        return 0;
}
