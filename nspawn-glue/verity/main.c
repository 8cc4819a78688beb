/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-verity: mounts images whose every block is verified
 *
 * Started by slipway-verity.socket for each connection, which is its standard
 * input. See nspawn-glue/verity-client.h for what is said there.
 */

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "image/wire.h"
#include "lib/fault-point.h"
#include "lib/report.h"
#include "nspawn-glue/verity/verity.h"

/* Who connects and says nothing keeps a process for so long. */
#define PATIENCE_MS 10000

#define LOCK_NOTE_MS 1000

/* One process at a time makes an image, or a device of it. */
static int lock_image(const Store *store, const Digest *image, const VerityTell *tell, Fault *fault) {
        char path[16 + DIGEST_HEX];
        autofd int fd = -1;

        (void) snprintf(path, sizeof(path), "images/%s", image->hex);
        fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return fault_raise(fault, FAULT_MISSING, errno, "image %.12s is not in the store: %s",
                                image->hex, strerror(errno));
        while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno != EWOULDBLOCK && errno != EINTR)
                        return fault_raise(fault, FAULT_SYSTEM, errno, "cannot lock image %.12s: %s",
                                        image->hex, strerror(errno));
                if (verity_tell(tell, "waiting for somebody who makes the same image") == -EPIPE)
                        return -EPIPE;
                (void) poll(NULL, 0, LOCK_NOTE_MS);
        }
        return TAKE_FD(fd);
}

static char *path_of(const Store *store, const Digest *image) {
        char *path;

        return asprintf(&path, "%s/verity/%s/image.erofs", store->path, image->hex) < 0 ? NULL : path;
}

static int serve_mount(const Digest *image, const char *root_hash, const VerityTell *tell, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        autofd int lock_fd = -1, mount_fd = -1;
        autofree char *path = NULL;
        Verity verity;
        int r = store_open(NULL, &store, fault);

        if (r < 0)
                return r;
        r = lock_fd = lock_image(&store, image, tell, fault);
        if (r < 0)
                return r;
        r = verity_load(&store, image, &verity, fault);
        if (r == -ENOENT)
                r = verity_make(&store, image, tell, &verity, fault);
        if (r < 0)
                return r;
        if (root_hash && strcmp(root_hash, verity.root_hash.hex) != 0)
                return fault_raise(fault, FAULT_INTEGRITY, EPERM,
                                "the root hash of image %.12s is %s, and Verity= wants another", image->hex,
                                verity.root_hash.hex);
        path = path_of(&store, image);
        if (!path)
                return -ENOMEM;
        r = verity_open(path, &verity, &mount_fd, fault);
        if (r < 0)
                return r;
        return wire_send_new(tell->fd, json_pack("{s:{s:s}}", "end", "root_hash", verity.root_hash.hex),
                        &mount_fd, 1);
}

static int take_request(const json_t *body, Digest *ret_image, const char **ret_root_hash, Fault *fault) {
        const char *what = json_string_value(json_object_get(body, "do"));
        const char *image = json_string_value(json_object_get(body, "image"));
        const char *root_hash = json_string_value(json_object_get(body, "root_hash"));

        if (!what || strcmp(what, "mount") != 0 || !image)
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG,
                                "this is no request that slipway-verity knows");
        if (root_hash && !digest_is_hex(root_hash, DIGEST_HEX))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a root hash is 64 hexadecimal digits");
        *ret_root_hash = root_hash;
        return digest_parse(image, ret_image, fault);
}

/* What we mount is for us, and for who gets it from us. */
static int leave_mounts(Fault *fault) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot have mounts of our own: %s",
                                strerror(errno));
        return 0;
}

static int serve(int fd, Fault *fault) {
        struct pollfd ready = { fd, POLLIN, 0 };
        automessage Message message = MESSAGE_EMPTY;
        const VerityTell tell = { fd };
        const char *root_hash = NULL;
        Digest image;
        int r;

        if (poll(&ready, 1, PATIENCE_MS) <= 0)
                return fault_raise(fault, FAULT_SYSTEM, ETIMEDOUT, "nobody has asked for anything");
        r = wire_receive(fd, &message, fault);
        if (r <= 0)
                return r;
        if ((r = take_request(message.body, &image, &root_hash, fault)) < 0 || (r = leave_mounts(fault)) < 0)
                return r;
        return serve_mount(&image, root_hash, &tell, fault);
}

/* Compares what is there with its root hash, without a device. */
static int check(const char *text, Fault *fault) {
        const char *directory = getenv("SLIPWAY_STATE_DIR");
        autostore Store store = STORE_CLOSED;
        autofree char *path = NULL;
        Verity verity;
        Digest image;
        int r;

        if ((r = digest_parse(text, &image, fault)) < 0 ||
                        (r = store_open(directory && *directory ? directory : NULL, &store, fault)) < 0)
                return r;
        r = verity_load(&store, &image, &verity, fault);
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "nothing was made of that image yet");
        if (r < 0)
                return r;
        path = path_of(&store, &image);
        r = path ? verity_compare(path, &verity, fault) : -ENOMEM;
        if (r >= 0)
                printf("%s\n", verity.root_hash.hex);
        return r;
}

static int failed(int r, int fd, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot mount the image");
        if (fd >= 0)
                (void) wire_send_new(fd, wire_fault(fault), NULL, 0);
        report_fault(REPORT_ERROR, fault);
        return EXIT_FAILURE;
}

int main(int argc, char **argv) {
        static const char usage[] =
                        "Usage: slipway-verity\n"
                        "       slipway-verity --check sha256:HEX\n\n"
                        "Mounts images whose every block is verified, for who is connected to its "
                        "standard input.\nStarted by slipway-verity.socket, see slipway-verity(8).\n";
        Fault fault = {};
        int r;

        report_init("slipway-verity", report_choose_sink());
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;
        fault_point_choose(".slipway-verity");
        (void) umask(0077);
        if (argc == 3 && strcmp(argv[1], "--check") == 0) {
                r = check(argv[2], &fault);
                return r < 0 ? failed(r, -1, &fault) : EXIT_SUCCESS;
        }
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc > 1) {
                (void) fputs(usage, stderr);
                return 2;
        }
        r = serve(STDIN_FILENO, &fault);
        return r < 0 ? failed(r, STDIN_FILENO, &fault) : EXIT_SUCCESS;
}
