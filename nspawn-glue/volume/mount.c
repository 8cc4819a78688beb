/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/volume/mount.h"

#include <fcntl.h>
#include <libmount.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/comma-list.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/source.h"

DEFINE_AUTO(struct libmnt_context *, mnt_free_context)

/* Those whose files have no owners of their own: they are told at mounting. */
static bool has_no_owners(const VolumeConfig *config) {
        static const char *const types[] = { "cifs", "exfat", "hfs", "iso9660", "msdos", "ntfs", "ntfs3",
                "smb3", "udf", "vfat" };

        for (size_t i = 0; i < ELEMENTS(types); i++)
                if (config->type && strcmp(config->type, types[i]) == 0)
                        return true;
        return false;
}

bool volume_is_bind(const VolumeConfig *config) {
        return (config->type && (strcmp(config->type, "bind") == 0 || strcmp(config->type, "none") == 0)) ||
               comma_list_has(config->options, "bind") || comma_list_has(config->options, "rbind");
}

static int make_options(const VolumeConfig *config, char **ret) {
        autostrv char **words = NULL;
        bool is_tmpfs = config->type && strcmp(config->type, "tmpfs") == 0;
        int r = config->options ? strv_append(&words, config->options) : 0;

        if (r >= 0 && volume_is_bind(config) && !comma_list_has(config->options, "bind") &&
                        !comma_list_has(config->options, "rbind"))
                r = strv_append(&words, "bind");
        if (r >= 0 && is_tmpfs && config->size > 0)
                r = strv_appendf(&words, "size=%llu", (unsigned long long) config->size);
        if (r >= 0 && has_no_owners(config) && config->uid != VOLUME_NOBODY)
                r = strv_appendf(&words, "uid=%u", config->uid);
        if (r >= 0 && has_no_owners(config) && config->gid != VOLUME_NOBODY)
                r = strv_appendf(&words, "gid=%u", config->gid);
        if (r < 0)
                return r;
        *ret = words ? strv_join(words, ",") : strdup("");
        return *ret ? 0 : -ENOMEM;
}

static void data_path(const Volume *volume, char *ret, size_t size) {
        (void) snprintf(ret, size, VOLUME_DIR "/%s/data", volume->name);
}

/* Links that a container may have made are not followed; what was found is mounted, and not looked up again.
 */
static int open_bind(const VolumeConfig *config, int *ret, char ret_path[32], Fault *fault) {
        struct stat st;
        int r = *config->device == '/' ? source_open(config->device, ret, fault) : -EINVAL;

        if (r >= 0 && fstat(*ret, &st) < 0)
                r = -errno;
        else if (r >= 0 && !S_ISDIR(st.st_mode))
                r = -ENOTDIR;
        if (r < 0 && !fault_is_raised(fault))
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot bind '%.200s': %s%s", config->device, strerror(-r),
                                r == -ENOENT ? "; make it first, nothing is made there by itself" : "");
        (void) snprintf(ret_path, 32, "/proc/self/fd/%d", *ret);
        return r;
}

static void pass_on(int fd) {
        autofree char *text = NULL;
        size_t n;

        if (lseek(fd, 0, SEEK_SET) == 0 && io_read_fd(fd, 1 << 16, &text, &n) >= 0)
                (void) io_write_all(STDERR_FILENO, text, n);
}

/* A helper, as mount.nfs(8) is one, says on standard error why it has failed, which libmount does not know.
 */
static int hear(int (*act)(struct libmnt_context *), struct libmnt_context *context, char *ret_words,
                size_t size) {
        autofd int heard = memfd_create("words", MFD_CLOEXEC);
        autofd int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        int r;

        *ret_words = '\0';
        if (heard < 0 || before < 0)
                return act(context);
        (void) dup2(heard, STDERR_FILENO);
        r = act(context);
        (void) dup2(before, STDERR_FILENO);
        pass_on(heard);
        io_last_line(heard, ret_words, size);
        return r;
}

/* What the helper or libmount has to say. A line break in it would be one too many. */
static int raise_mount(struct libmnt_context *context, const char *what, const char *words, int code,
                Fault *fault) {
        int error = mnt_context_get_syscall_errno(context);
        char text[256] = "";

        (void) mnt_context_get_excode(context, code, text, sizeof(text));
        text[strcspn(text, "\n")] = '\0';
        return fault_raise(fault, FAULT_SYSTEM, error > 0 ? error : EIO, "%s: %s", what,
                        *words      ? words
                        : *text     ? text
                        : error > 0 ? strerror(error)
                                    : "its helper has failed and does not say why");
}

/* Mounts or unmounts, for which @act is there. */
static int carry_out(int (*act)(struct libmnt_context *), struct libmnt_context *context, const char *what,
                Fault *fault) {
        char words[256];
        int r = hear(act, context, words, sizeof(words));

        if (r == 0 && (!mnt_context_helper_executed(context) || mnt_context_get_helper_status(context) == 0))
                return 0;
        return raise_mount(context, what, words, r, fault);
}

static int set_up(struct libmnt_context *context, const VolumeConfig *config, const char *source,
                const char *target, const char *options) {
        const char *type = volume_is_bind(config) ? "none" : config->type;

        if (mnt_context_set_source(context, source) < 0 || mnt_context_set_target(context, target) < 0 ||
                        (type && mnt_context_set_fstype(context, type) < 0) ||
                        (*options && mnt_context_set_options(context, options) < 0) ||
                        mnt_context_disable_mtab(context, 1) < 0)
                return -ENOMEM;
        if (volume_is_bind(config))
                (void) mnt_context_disable_canonicalize(context, 1);
        return 0;
}

int volume_mount(const Volume *volume, Fault *fault) {
        const VolumeConfig *config = &volume->config;
        AUTO(mnt_free_contextp) struct libmnt_context *context = mnt_new_context();
        char target[sizeof(VOLUME_DIR) + VOLUME_NAME_MAX + 8], place[32], what[300];
        autofree char *options = NULL;
        autofd int source = -1;
        int r = context ? make_options(config, &options) : -ENOMEM;

        if (r >= 0 && volume_is_bind(config))
                r = open_bind(config, &source, place, fault);
        if (r < 0)
                return r;
        data_path(volume, target, sizeof(target));
        r = set_up(context, config, source >= 0 ? place : config->device, target, options);
        if (r < 0)
                return r;
        (void) snprintf(what, sizeof(what), "cannot mount '%.200s'", config->device);
        r = carry_out(mnt_context_mount, context, what, fault);
        return r < 0 ? r : volume_give(volume, fault);
}

int volume_give(const Volume *volume, Fault *fault) {
        const VolumeConfig *config = &volume->config;
        autofd int data = -1;
        struct stat st;

        if ((config->uid == VOLUME_NOBODY && config->gid == VOLUME_NOBODY) || has_no_owners(config))
                return 0;
        data = openat(volume->fd, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (data < 0 || fstat(data, &st) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open volume '%.100s': %s",
                                volume->name, strerror(errno));
        if ((config->uid == VOLUME_NOBODY || config->uid == st.st_uid) &&
                        (config->gid == VOLUME_NOBODY || config->gid == st.st_gid))
                return 0;
        if (fchown(data, config->uid, config->gid) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot give volume '%.100s' to %d:%d: %s",
                                volume->name, (int) config->uid, (int) config->gid, strerror(errno));
        return 0;
}

int volume_unmount(const Volume *volume, Fault *fault) {
        char target[sizeof(VOLUME_DIR) + VOLUME_NAME_MAX + 8], what[300];
        int mounted;

        data_path(volume, target, sizeof(target));
        (void) snprintf(what, sizeof(what), "cannot unmount volume '%.200s'", volume->name);
        while ((mounted = volume_is_mounted(volume)) > 0) {
                AUTO(mnt_free_contextp) struct libmnt_context *context = mnt_new_context();
                int r;

                if (!context || mnt_context_set_target(context, target) < 0 ||
                                mnt_context_disable_mtab(context, 1) < 0)
                        return -ENOMEM;
                r = carry_out(mnt_context_umount, context, what, fault);
                if (r < 0)
                        return r;
        }
        return mounted;
}
