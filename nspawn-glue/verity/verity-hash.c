/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What libcryptsetup does: hashes, and the device that compares with them. */

#include <fcntl.h>
#include <libcryptsetup.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "nspawn-glue/verity/verity.h"

/* Somebody may be giving up the device just as we find it. */
#define TRIES 20
#define BETWEEN_TRIES_US 50000

DEFINE_AUTO(struct crypt_device *, crypt_free)

/* What the library says last is what went wrong. */
static char last_words[256];

static void hear(int level, const char *message, void *data) {
        if (level != CRYPT_LOG_ERROR)
                return;
        (void) snprintf(last_words, sizeof(last_words), "%s", message);
        last_words[strcspn(last_words, "\n")] = '\0';
}

static int raise_library(int r, const char *what, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot %s: %s", what,
                        *last_words ? last_words : strerror(-r));
}

static void to_bytes(const Digest *digest, char ret[static DIGEST_BYTES]) {
        for (size_t i = 0; i < DIGEST_BYTES; i++) {
                unsigned byte = 0;

                (void) sscanf(digest->hex + 2 * i, "%2x", &byte);
                ret[i] = (char) byte;
        }
}

/* @salt is that of the parameters, and has to live as long. */
static struct crypt_params_verity parameters(
                const Verity *verity, char salt[static DIGEST_BYTES], uint32_t flags) {
        to_bytes(&verity->image, salt);
        return (struct crypt_params_verity){
                .hash_name = "sha256",
                .salt = salt,
                .salt_size = DIGEST_BYTES,
                .hash_type = 1,
                .data_block_size = VERITY_BLOCK,
                .hash_block_size = VERITY_BLOCK,
                .data_size = verity->data_blocks,
                .hash_area_offset = verity->data_blocks * VERITY_BLOCK,
                .flags = CRYPT_VERITY_NO_HEADER | flags,
        };
}

static int open_file(const char *path, struct crypt_device **ret, Fault *fault) {
        int r;

        crypt_set_log_callback(NULL, hear, NULL);
        *last_words = '\0';
        r = crypt_init(ret, path);
        return r < 0 ? raise_library(r, "open the image", fault) : 0;
}

int verity_format(const char *path, Verity *verity, Fault *fault) {
        AUTO(crypt_freep) struct crypt_device *cd = NULL;
        char salt[DIGEST_BYTES], hash[DIGEST_BYTES];
        struct crypt_params_verity params = parameters(verity, salt, CRYPT_VERITY_CREATE_HASH);
        size_t size = sizeof(hash);
        int r = open_file(path, &cd, fault);

        if (r < 0)
                return r;
        params.data_device = path;
        r = crypt_format(cd, CRYPT_VERITY, NULL, NULL, NULL, NULL, 0, &params);
        if (r >= 0)
                r = crypt_volume_key_get(cd, CRYPT_ANY_SLOT, hash, &size, NULL, 0);
        if (r >= 0 && size != sizeof(hash))
                r = -EIO;
        if (r < 0)
                return raise_library(r, "hash the image", fault);
        digest_from_bytes((const unsigned char *) hash, &verity->root_hash);
        return 0;
}

/* Opens what was made, with the flags that say what for. */
static int load(const char *path, const Verity *verity, uint32_t flags, struct crypt_device **ret,
                Fault *fault) {
        AUTO(crypt_freep) struct crypt_device *cd = NULL;
        char salt[DIGEST_BYTES];
        struct crypt_params_verity params = parameters(verity, salt, flags);
        int r = open_file(path, &cd, fault);

        if (r < 0)
                return r;
        /* Without a header this only notes the parameters; nothing is written. */
        params.data_device = path;
        r = crypt_format(cd, CRYPT_VERITY, NULL, NULL, NULL, NULL, 0, &params);
        if (r < 0)
                return raise_library(r, "open the image", fault);
        *ret = TAKE(cd);
        return 0;
}

int verity_compare(const char *path, const Verity *verity, Fault *fault) {
        AUTO(crypt_freep) struct crypt_device *cd = NULL;
        char hash[DIGEST_BYTES];
        int r = load(path, verity, CRYPT_VERITY_CHECK_HASH, &cd, fault);

        if (r < 0)
                return r;
        to_bytes(&verity->root_hash, hash);
        r = crypt_activate_by_volume_key(cd, NULL, hash, sizeof(hash), CRYPT_ACTIVATE_READONLY);
        if (r == -EPERM)
                return fault_raise(fault, FAULT_INTEGRITY, EUCLEAN,
                                "its bytes are not those that it was made of");
        return r < 0 ? raise_library(r, "compare the image with its root hash", fault) : 0;
}

/* Everything that is missing looks the same to the library. */
static int raise_device(int r, Fault *fault) {
        if (access("/sys/class/misc/device-mapper", F_OK) < 0)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "this kernel has no device-mapper, so the image cannot be verified as it is "
                                "read; Verity=yes needs CONFIG_DM_VERITY");
        return raise_library(r, "make a device that verifies the image", fault);
}

/* Attached nowhere. */
static int mount_erofs(const char *device, int *ret) {
        autofd int context = fsopen("erofs", FSOPEN_CLOEXEC);
        int fd;

        if (context < 0)
                return -errno;
        if (fsconfig(context, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
                        fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
                        fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;
        fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

/* It stays as long as somebody has mounted it, whatever becomes of us. */
static int mount_device(struct crypt_device *cd, const char *name, const char *device, int *ret) {
        int r = mount_erofs(device, ret);

        (void) crypt_deactivate_by_name(cd, name, CRYPT_DEACTIVATE_DEFERRED);
        return r;
}

static int activate(struct crypt_device *cd, const char *name, const Verity *verity) {
        char hash[DIGEST_BYTES];
        int r;

        to_bytes(&verity->root_hash, hash);
        *last_words = '\0';
        r = crypt_activate_by_volume_key(cd, name, hash, sizeof(hash), CRYPT_ACTIVATE_READONLY);
        return r == -EEXIST ? 0 : r;
}

/* Containers of one image have one device, and so one copy of what is read in memory. */
int verity_open(const char *path, const Verity *verity, int *ret_mount, Fault *fault) {
        char name[64], device[80];
        int r = 0;

        (void) snprintf(name, sizeof(name), "slipway-%.16s-%.16s", verity->image.hex, verity->root_hash.hex);
        (void) snprintf(device, sizeof(device), "/dev/mapper/%s", name);
        for (int i = 0; i < TRIES; i++) {
                AUTO(crypt_freep) struct crypt_device *cd = NULL;

                r = load(path, verity, 0, &cd, fault);
                if (r < 0)
                        return r;
                r = activate(cd, name, verity);
                if (r < 0)
                        return raise_device(r, fault);
                r = mount_device(cd, name, device, ret_mount);
                if (r != -ENOENT && r != -ENXIO && r != -ENODEV && r != -EBUSY)
                        break;
                (void) usleep(BETWEEN_TRIES_US);
        }
        if (r == -ENODEV)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "this kernel has no EROFS; Verity=yes needs CONFIG_EROFS_FS");
        if (r == -EIO || r == -EINVAL || r == -EUCLEAN)
                return fault_raise(fault, FAULT_INTEGRITY, EUCLEAN,
                                "what is on the disk of image %.12s is not what it was made of; when "
                                "'%.200s' is removed, it is made anew of the image's layers",
                                verity->image.hex, path);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot mount the image: %s", strerror(-r)) : 0;
}
