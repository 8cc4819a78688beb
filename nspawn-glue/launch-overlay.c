/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/paths.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/source.h"
#include "nspawn-glue/tree.h"

/* What overlayfs is given. */
typedef struct Stack {
        char lower[24]; /* in the workspace */
        char options[1024];
} Stack;

static int cannot(const MountSpec *spec, int error, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, error, "cannot stack changes on '%.200s': %s",
                        spec->source ?: spec->target, strerror(error));
}

/* The root of what is seen is that of the upper layer. */
static int look_like(int upper, int lower) {
        struct stat st;

        if (fstat(lower, &st) < 0)
                return -errno;
        if (fchown(upper, st.st_uid, st.st_gid) < 0 || fchmod(upper, st.st_mode & 07777) < 0)
                return -errno;
        return 0;
}

/* Changes that go with the container, as those of its root; nothing of them has to be synced. */
static int add_room(Launch *launch, int lower, Stack *stack) {
        char path[sizeof(SLIPWAY_STATE_DIR) + CONTAINER_NAME_MAX + 48];
        size_t at = strlen(stack->options);
        autofd int room = -1, upper = -1;
        int r = launch_make_room(launch, path, sizeof(path), &room);

        if (r < 0)
                return r;
        if (mkdirat(room, "upper", 0700) < 0 || mkdirat(room, "work", 0700) < 0)
                return -errno;
        upper = openat(room, "upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (upper < 0)
                return -errno;
        (void) snprintf(stack->options + at, sizeof(stack->options) - at,
                        ",upperdir=%s/upper,workdir=%s/work,volatile", path, path);
        return look_like(upper, lower);
}

/* The directory that both are in: owners can be mapped in one mount only, and overlayfs wants one. */
static int open_common(const MountSpec *spec, const char **ret_upper, const char **ret_work, int *ret,
                Fault *fault) {
        const char *upper = strrchr(spec->upper, '/'), *work = strrchr(spec->work, '/');
        size_t n = (size_t) (upper - spec->upper);
        autofree char *parent = NULL;
        int r;

        if (n != (size_t) (work - spec->work) || strncmp(spec->upper, spec->work, n) != 0 || !upper[1] ||
                        !work[1] || strcmp(upper, work) == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "upperdir=%.150s and workdir=%.150s have to be two directories in the same "
                                "one",
                                spec->upper, spec->work);
        parent = n > 0 ? strndup(spec->upper, n) : strdup("/");
        if (!parent)
                return -ENOMEM;
        r = source_open(parent, ret, fault);
        if (r < 0)
                return fault_is_raised(fault) ? r
                                              : fault_raise(fault, FAULT_MISSING, -r,
                                                                "cannot open '%.200s' for changes: %s",
                                                                parent, strerror(-r));
        *ret_upper = upper + 1;
        *ret_work = work + 1;
        return 0;
}

/* Not a link: it would be followed by the host's root. */
static int open_plain(int dir_fd, const char *name, int *ret) {
        struct open_how how = {
                .flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
        };
        long fd = syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));

        if (fd < 0)
                return -errno;
        *ret = (int) fd;
        return 0;
}

/* Changes that stay. Owners are mapped as those of what is below, so that they mean the same. */
static int add_given(Launch *launch, const MountSpec *spec, const char *place, int ret_fds[2], Stack *stack,
                Fault *fault) {
        size_t at = strlen(stack->options);
        const char *upper = NULL, *work = NULL;
        autofd int common = -1, fd = -1;
        int map = spec->kind == MOUNT_BIND ? launch->bind_map_fd : launch->layer_map_fd;
        int r = open_common(spec, &upper, &work, &common, fault);

        if (r >= 0)
                r = tree_clone(common, "", false, &fd);
        if (r < 0)
                return r;
        if (map >= 0 && !spec->unmapped && tree_map(fd, map, false) < 0)
                return fault_raise(fault, FAULT_SYSTEM, EINVAL,
                                "the file system of '%.200s' cannot map owners; UserNS=host does without",
                                spec->upper);
        if (mkdirat(launch->workspace_fd, place, 0755) < 0)
                return -errno;
        r = tree_attach(fd, launch->workspace_fd, place);
        if (r >= 0)
                r = open_plain(fd, upper, &ret_fds[0]);
        if (r >= 0)
                r = open_plain(fd, work, &ret_fds[1]);
        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot open '%.150s' and '%.150s': %s%s", spec->upper, spec->work,
                                strerror(-r), r == -ENOENT ? "; make them first" : "");
        source_mark(common);
        (void) snprintf(stack->options + at, sizeof(stack->options) - at,
                        ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", ret_fds[0], ret_fds[1]);
        return 0;
}

/* To be somebody else for files takes away what root may do with them; what is permitted can be had again.
 */
static int raise_capabilities(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTS(data); i++)
                data[i].effective = data[i].permitted;
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/*
 * Overlayfs does its own work as who has mounted it, and in a mount whose owners are mapped only those who
 * are in the map can make files.
 */
static int mount_as(uint32_t id, const char *place, const char *options) {
        int r;

        if (id == 0)
                return mount("slipway", place, "overlay", 0, options) < 0 ? -errno : 0;
        (void) setfsgid(id);
        (void) setfsuid(id);
        r = raise_capabilities();
        if (r >= 0 && mount("slipway", place, "overlay", 0, options) < 0)
                r = -errno;
        (void) setfsuid(0);
        (void) setfsgid(0);
        return r;
}

static int stack_up(Launch *launch, const MountSpec *spec, const Stack *stack, unsigned number, int *ret,
                Fault *fault) {
        bool is_mapped = spec->upper && !spec->unmapped && launch->userns.mode != USERNS_HOST;
        char place[24];
        int r;

        (void) snprintf(place, sizeof(place), "o%u", number);
        if (mkdirat(launch->workspace_fd, place, 0755) < 0)
                return -errno;
        r = mount_as(is_mapped ? launch->userns.base : 0, place, stack->options);
        return r < 0 ? cannot(spec, -r, fault) : tree_clone(launch->workspace_fd, place, false, ret);
}

int launch_stack(Launch *launch, const MountSpec *spec, int fd, int *ret, Fault *fault) {
        unsigned number = launch->n_volumes;
        autofd int lower = fd, upper_fd = -1, work_fd = -1;
        int fds[2] = { -1, -1 };
        char given[24];
        struct stat st;
        Stack stack;
        int r;

        if (fstat(lower, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return cannot(spec, ENOTDIR, fault);
        (void) snprintf(stack.lower, sizeof(stack.lower), "l%u", number);
        (void) snprintf(given, sizeof(given), "u%u", number);
        (void) snprintf(stack.options, sizeof(stack.options), "lowerdir=%s", stack.lower);
        if (mkdirat(launch->workspace_fd, stack.lower, 0755) < 0)
                return -errno;
        r = tree_attach(lower, launch->workspace_fd, stack.lower);
        if (r < 0)
                return r;
        r = spec->upper ? add_given(launch, spec, given, fds, &stack, fault)
                        : add_room(launch, lower, &stack);
        upper_fd = fds[0];
        work_fd = fds[1];
        /* The number is not used again, whether there was room taken or not. */
        if (spec->upper)
                launch->n_volumes++;
        if (r < 0)
                return fault_is_raised(fault) ? r : cannot(spec, -r, fault);
        r = stack_up(launch, spec, &stack, number, ret, fault);
        return r < 0 ? r : tree_propagate(*ret, MS_PRIVATE, true);
}
