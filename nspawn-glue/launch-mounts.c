/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/report.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/masks.h"
#include "nspawn-glue/mount-spec.h"
#include "nspawn-glue/source.h"
#include "nspawn-glue/tree.h"

static int pass_tree(Launch *launch, int fd, const char *verb, const char *target) {
        int r = launch_pass(launch, fd);

        if (r >= 0)
                plan_putf(&launch->plan, verb, "%d:%s", r, target);
        return r < 0 ? r : 0;
}

void launch_map_mount(const MountSpec *spec, int fd, int map_fd, const char *what) {
        int r;

        if (map_fd < 0 || spec->unmapped)
                return;
        r = tree_map(fd, map_fd, !spec->shallow);
        if (r < 0)
                report_note(REPORT_NOTICE,
                                "cannot map the owners of '%s' for the container (%s): its files will "
                                "belong to nobody there; with UserNS=host they stay whose they are",
                                what, strerror(-r));
}

static int raise_source(const MountSpec *spec, int r, Fault *fault) {
        return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r, "cannot bind '%s': %s%s",
                        spec->source, strerror(-r),
                        r == -ENOENT ? "; make it first, nothing is made there by itself" : "");
}

static int open_bind(Launch *launch, const MountSpec *spec, int *ret, Fault *fault) {
        autofd int source = -1, fd = -1;
        int r = source_open(spec->source, &source, fault);

        if (r >= 0)
                r = tree_clone(source, "", !spec->shallow, &fd);
        if (r < 0)
                return fault_is_raised(fault) ? r : raise_source(spec, r, fault);
        if (!(spec->set & MOUNT_ATTR_RDONLY) && !spec->overlay)
                source_mark(source);
        r = tree_propagate(fd, spec->propagation, true);
        if (r < 0)
                return r;
        launch_map_mount(spec, fd, launch->bind_map_fd, spec->source);
        *ret = TAKE_FD(fd);
        return 0;
}

/* A mount made with the host's eyes, to be attached with the container's. */
static int open_mount(Launch *launch, const MountSpec *spec, int *ret, Fault *fault) {
        switch (spec->kind) {

        case MOUNT_NAMED:
                return launch_open_volume(launch, spec, ret, fault);

        case MOUNT_ANONYMOUS:
                return launch_open_anonymous(launch, spec, ret, fault);

        case MOUNT_IMAGE:
                return launch_open_image(launch, spec->source, spec, ret, fault);

        default:
                return spec->propagation == MS_SHARED ? launch_open_shared(launch, spec, ret, fault)
                                                      : open_bind(launch, spec, ret, fault);
        }
}

static int write_opened(Launch *launch, const MountSpec *spec, Fault *fault) {
        autofd int fd = -1;
        int r = open_mount(launch, spec, &fd, fault);

        if (r >= 0 && spec->overlay)
                r = launch_stack(launch, spec, TAKE_FD(fd), &fd, fault);
        if (r >= 0)
                r = tree_set(fd, spec->set, spec->clear, !spec->shallow);
        if (r < 0)
                return fault_is_raised(fault) ? r
                                              : fault_raise(fault, FAULT_SYSTEM, -r, "cannot mount '%s': %s",
                                                                spec->source ?: spec->target, strerror(-r));
        return pass_tree(launch, TAKE_FD(fd), "attach", spec->target);
}

static int write_mount(Launch *launch, const MountSpec *spec, Fault *fault) {
        int r = 0;

        switch (spec->kind) {

        case MOUNT_TMPFS:
        case MOUNT_RAMFS:
                plan_putf(&launch->plan, spec->kind == MOUNT_TMPFS ? "tmpfs" : "ramfs", "%llx:%d:%s:%s",
                                (unsigned long long) spec->set, !spec->no_copy, spec->options, spec->target);
                break;

        case MOUNT_DEVPTS:
                plan_putf(&launch->plan, "devpts", "%s:%s", spec->options, spec->target);
                break;

        case MOUNT_VOLUME:
                plan_put(&launch->plan, "volume", spec->target);
                break;

        default:
                r = write_opened(launch, spec, fault);
                break;
        }

        if (r >= 0 && spec->own)
                plan_put(&launch->plan, "own", spec->target);
        return r;
}

typedef int AddMount(MountList *mounts, const char *text, Fault *fault);

static int add_all(
                MountList *mounts, const char *option, char *const *texts, AddMount *add_one, Fault *fault) {
        for (; texts && *texts; texts++) {
                int r = add_one(mounts, *texts, fault);

                if (r < 0)
                        return fault_wrap(fault, r, "%s=%s", option, *texts);
        }
        return 0;
}

/* Where programs expect to be able to write, whatever the root is. */
static int add_read_only_tmpfs(MountList *mounts, Fault *fault) {
        static const char *const targets[] = { "/run", "/tmp", "/var/tmp" };
        char text[64];
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(targets) && r >= 0; i++) {
                if (mount_list_has(mounts, targets[i]))
                        continue;
                (void) snprintf(text, sizeof(text), "%s:exec", targets[i]);
                r = mount_list_add_tmpfs(mounts, text, fault);
        }
        return r;
}

static int expand_glob(MountList *mounts, const MountSpec *spec, Fault *fault) {
        glob_t found = {};
        int r = glob(spec->source, GLOB_ERR, NULL, &found);

        if (r == GLOB_NOSPACE)
                return -ENOMEM;
        if (r != 0)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "%s '%s'",
                                r == GLOB_NOMATCH ? "there is nothing that fits" : "cannot look for",
                                spec->source);
        r = 0;
        for (size_t i = 0; i < found.gl_pathc && r >= 0; i++)
                r = mount_list_add_match(mounts, spec, found.gl_pathv[i], fault);
        globfree(&found);
        return r;
}

static int list_mounts(const Launch *launch, MountList *mounts, Fault *fault) {
        const Options *options = launch->options;
        int r;

        r = add_all(mounts, "--volume", options->volumes, mount_list_add_volume, fault);
        if (r >= 0)
                r = add_all(mounts, "--mount", options->mounts, mount_list_add_mount, fault);
        for (size_t i = 0; i < mounts->n_globs && r >= 0; i++)
                r = expand_glob(mounts, &mounts->globs[i], fault);
        if (r >= 0)
                r = add_all(mounts, "--tmpfs", options->tmpfs, mount_list_add_tmpfs, fault);
        if (r >= 0 && options->read_only && !options->no_read_only_tmpfs)
                r = add_read_only_tmpfs(mounts, fault);
        if (r >= 0)
                r = add_all(mounts, "volume of the image", launch->image.config.volumes,
                                mount_list_add_image_volume, fault);
        mount_list_sort(mounts);
        return r;
}

static int pass_device(Launch *launch, const char *host, const char *target, Fault *fault) {
        autofd int fd = -1;
        int r;

        r = tree_clone(AT_FDCWD, host, false, &fd);
        if (r >= 0)
                r = tree_propagate(fd, MS_PRIVATE, false);
        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot open the device '%s': %s", host, strerror(-r));
        /* Where the kernel can, it belongs to the container's root, as it does to the host's. */
        if (launch->layer_map_fd >= 0)
                (void) tree_map(fd, launch->layer_map_fd, false);
        return pass_tree(launch, TAKE_FD(fd), "attach-file", target);
}

static int pass_directory(
                Launch *launch, const char *host, const char *target, unsigned depth, Fault *fault);

static int pass_path(Launch *launch, const char *host, const char *target, unsigned depth, Fault *fault) {
        struct stat st;

        if (stat(host, &st) < 0)
                return fault_raise(fault, errno == ENOENT ? FAULT_MISSING : FAULT_SYSTEM, errno,
                                "cannot open the device '%s': %s%s", host, strerror(errno),
                                errno == ENOENT ? "; a device with '-' before it may be missing" : "");
        if (S_ISDIR(st.st_mode))
                return pass_directory(launch, host, target, depth, fault);
        if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
                return pass_device(launch, host, target, fault);
        return depth > 0 ? 0
                         : fault_raise(fault, FAULT_VALUE, ENODEV,
                                           "'%s' is neither a device nor a directory", host);
}

/* All devices in a directory, as /dev/dri. */
static int pass_directory(
                Launch *launch, const char *host, const char *target, unsigned depth, Fault *fault) {
        autoclosedir DIR *dir = depth < 4 ? opendir(host) : NULL;
        struct dirent *entry;

        if (!dir)
                return fault_raise(fault, FAULT_SYSTEM, depth < 4 ? errno : ELOOP, "cannot list '%s'", host);
        while ((entry = readdir(dir))) {
                autofree char *from = NULL, *to = NULL;
                int r;

                if (entry->d_name[0] == '.' || entry->d_type == DT_LNK)
                        continue;
                if (asprintf(&from, "%s/%s", host, entry->d_name) < 0 ||
                                asprintf(&to, "%s/%s", target, entry->d_name) < 0)
                        return -ENOMEM;
                r = pass_path(launch, from, to, depth + 1, fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* "[-]HOST[:CONTAINER[:PERMISSIONS]]"; what may be done with it is the unit's DeviceAllow=. */
static int write_device(Launch *launch, const char *text, Fault *fault) {
        bool optional = *text == '-';
        autofree char *copy = strdup(text + optional);
        char *rest = copy, *host, *target;

        if (!copy)
                return -ENOMEM;
        host = strsep(&rest, ":");
        target = strsep(&rest, ":");
        if (!target || *target != '/')
                target = host;
        if (*host != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "the device '%s' is no absolute path", host);
        if (optional && access(host, F_OK) < 0)
                return 0;
        return pass_path(launch, host, target, 0, fault);
}

static void write_masks(Launch *launch) {
        const Options *options = launch->options;
        const char *const *path;

        for (path = masked_paths; *path; path++)
                if (!masks_are_lifted(*path, options->unmasks))
                        plan_put(&launch->plan, "mask", *path);
        for (path = protected_paths; *path; path++)
                if (!masks_are_lifted(*path, options->unmasks))
                        plan_put(&launch->plan, "protect", *path);
        for (char **mask = options->masks; mask && *mask; mask++)
                plan_put(&launch->plan, "mask", *mask);
        if (options->read_only)
                plan_put(&launch->plan, "read-only", "yes");
}

static int check_masks(const Options *options, Fault *fault) {
        for (char **mask = options->masks; mask && *mask; mask++)
                if (**mask != '/')
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "the path to mask '%s' is not absolute", *mask);
        return 0;
}

static int write_list(Launch *launch, const MountList *mounts, Fault *fault) {
        const Options *options = launch->options;
        int r = 0;

        if (*launch->pod.name && !mount_list_has(mounts, "/dev/shm"))
                r = launch_pass_pod_shm(launch, fault);
        else if (!mount_list_has(mounts, "/dev/shm"))
                plan_putf(&launch->plan, "shm", "%llu", (unsigned long long) options->shm_size);
        for (char **device = options->devices; device && *device && r >= 0; device++)
                r = write_device(launch, *device, fault);
        for (size_t i = 0; i < mounts->n && r >= 0; i++)
                r = write_mount(launch, &mounts->list[i], fault);
        return r;
}

int launch_write_mounts(Launch *launch, Fault *fault) {
        AUTO(mount_list_done) MountList mounts = {};
        int r;

        r = list_mounts(launch, &mounts, fault);
        if (r >= 0)
                r = check_masks(launch->options, fault);
        if (r >= 0)
                r = launch_write_files(launch, &mounts, fault);
        if (r >= 0)
                r = write_list(launch, &mounts, fault);
        if (r >= 0)
                r = launch_write_notify(launch, &mounts, fault);
        if (r >= 0)
                r = launch_write_sysctls(launch, fault);
        if (r >= 0)
                write_masks(launch);
        return r;
}
