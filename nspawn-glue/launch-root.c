/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/io.h"
#include "lib/paths.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/source.h"
#include "nspawn-glue/tree.h"
#include "nspawn-glue/verity-client.h"

/* Whether our mounts would be seen by the whole system. */
static bool shares_mounts_with_init(void) {
        struct stat own, init;

        return stat("/proc/self/ns/mnt", &own) >= 0 && stat("/proc/1/ns/mnt", &init) >= 0 &&
               own.st_dev == init.st_dev && own.st_ino == init.st_ino;
}

/* systemd would do it with PrivateMounts=yes, at three times the price. A unit may have its own all the
 * same. */
static int leave_mounts(void) {
        if (!shares_mounts_with_init())
                return 0;
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
                return -errno;
        return 0;
}

int launch_open_workspace(Launch *launch, Fault *fault) {
        int r;

        r = leave_mounts();
        if (r >= 0)
                r = io_mkdir_p(WORKSPACE, 0755);
        if (r < 0)
                return r;
        if (mount("slipway", WORKSPACE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=16m") < 0)
                return -errno;
        launch->has_workspace = true;

        launch->workspace_fd = open(WORKSPACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (launch->workspace_fd < 0 || fchdir(launch->workspace_fd) < 0)
                return -errno;
        return 0;
}

/* What was cloned from it lives on. */
void launch_close_workspace(Launch *launch) {
        if (launch->has_workspace)
                (void) umount2(WORKSPACE, MNT_DETACH);
        launch->has_workspace = false;
        fd_closep(&launch->workspace_fd);
        launch->workspace_fd = -1;
}

int launch_map_ids(Launch *launch, Fault *fault) {
        const Userns *userns = &launch->userns;
        int r;

        r = userns_open_layer_map(userns, &launch->layer_map_fd);
        if (r == -ENOSPC || r == -EUSERS || r == -EPERM)
                return fault_raise(fault, FAULT_SYSTEM, -r,
                                "the kernel makes no user namespace (%s), see "
                                "/proc/sys/user/max_user_namespaces; UserNS=host does without",
                                strerror(-r));
        if (r < 0 || userns->mode == USERNS_HOST)
                return r;
        if (userns->mode == USERNS_KEEP_ID && (userns->uid != 0 || userns->gid != 0))
                return userns_open_bind_map(userns, &launch->bind_map_fd);

        launch->bind_map_fd = fcntl(launch->layer_map_fd, F_DUPFD_CLOEXEC, 0);
        return launch->bind_map_fd < 0 ? -errno : 0;
}

static int map_owners(const Launch *launch, int fd, const char *path, Fault *fault) {
        int r = launch->layer_map_fd < 0 ? 0 : tree_map(fd, launch->layer_map_fd, false);

        return r >= 0 ? 0
                      : fault_raise(fault, FAULT_SYSTEM, -r,
                                        "the file system of '%s' cannot map owners (%s); UserNS=host does "
                                        "without",
                                        path, strerror(-r));
}

/* A mapped copy of the directory @path. */
static int open_mapped(const Launch *launch, const char *path, int *ret, Fault *fault) {
        autofd int fd = -1;
        int r;

        r = tree_clone(AT_FDCWD, path, false, &fd);
        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot open '%s': %s", path, strerror(-r));
        r = map_owners(launch, fd, path, fault);
        if (r < 0)
                return r;
        *ret = TAKE_FD(fd);
        return 0;
}

/* Short names relative to the workspace: the list of 500 layers has to fit into one page for mount(2). */
static int attach_layer(const Launch *launch, const char *path, const char *name, Fault *fault) {
        autofd int fd = -1;
        int r;

        r = open_mapped(launch, path, &fd, fault);
        if (r < 0)
                return r;
        if (mkdirat(launch->workspace_fd, name, 0755) < 0)
                return -errno;
        return tree_attach(fd, launch->workspace_fd, name);
}

/* The top layer comes first in overlayfs' list, and last in ours. */
int launch_attach_layers(const Launch *launch, char *const *paths, size_t n, const char *prefix,
                char *options, size_t size, Fault *fault) {
        size_t at = (size_t) snprintf(options, size, "lowerdir=");

        for (size_t i = n; i-- > 0;) {
                char name[40];
                int r;

                (void) snprintf(name, sizeof(name), "%s%zu", prefix, i);
                r = attach_layer(launch, paths[i], name, fault);
                if (r < 0)
                        return r;
                at += (size_t) snprintf(options + at, size - at, "%s%s", i + 1 < n ? ":" : "", name);
                if (at >= size)
                        return -E2BIG;
        }
        return 0;
}

/* The writable layer is not mapped: what the container's root makes is stored under the ids it has. */
static int make_upper(const Launch *launch, char *options, size_t size) {
        const Userns *userns = &launch->userns;
        uint32_t owner = userns->mode == USERNS_HOST ? 0 : userns->base;
        size_t at = strlen(options);

        if (mkdirat(launch->state_fd, "upper", 0755) < 0 || mkdirat(launch->state_fd, "work", 0700) < 0)
                return -errno;
        if (owner != 0 && fchownat(launch->state_fd, "upper", owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;

        /* It does not outlive the container, so there is nothing to sync when it is unmounted. */
        at += (size_t) snprintf(options + at, size - at,
                        ",upperdir=" SLIPWAY_STATE_DIR "/containers/%s/upper,workdir=" SLIPWAY_STATE_DIR
                        "/containers/%s/work,volatile",
                        launch->options->name, launch->options->name);
        return at < size ? 0 : -E2BIG;
}

/* One file system in place of all layers, by which nothing is read that is not what it was made of. */
static int attach_verity(const Launch *launch, Fault *fault) {
        const char *verity = launch->options->verity;
        autofd int fd = -1;
        int r = verity_mount(&launch->image.id, strcmp(verity, "yes") == 0 ? NULL : verity, &fd, fault);

        if (r < 0)
                return r;
        r = map_owners(launch, fd, "the verified image", fault);
        if (r < 0)
                return r;
        return mkdirat(launch->workspace_fd, "0", 0755) < 0 ? -errno
                                                            : tree_attach(fd, launch->workspace_fd, "0");
}

static int attach_lower(const Launch *launch, char *const *paths, size_t n, char *options, size_t size,
                Fault *fault) {
        if (!launch->options->verity && n > 0)
                return launch_attach_layers(launch, paths, n, "", options, size, fault);

        (void) snprintf(options, size, "lowerdir=0");
        if (launch->options->verity)
                return attach_verity(launch, fault);
        /* An image may have no layers at all; overlayfs wants one. */
        return mkdirat(launch->workspace_fd, "0", 0755) < 0 ? -errno : 0;
}

static int mount_overlay(const Launch *launch, char *const *paths, size_t n, Fault *fault) {
        char options[4096];
        int r = attach_lower(launch, paths, n, options, sizeof(options), fault);

        if (r < 0)
                return r;
        r = make_upper(launch, options, sizeof(options));
        if (r < 0)
                return r;
        if (mkdirat(launch->workspace_fd, "root", 0755) < 0)
                return -errno;
        if (mount("slipway", "root", "overlay", 0, options) < 0)
                return fault_raise(
                                fault, FAULT_SYSTEM, errno, "cannot stack the layers: %s", strerror(errno));
        return 0;
}

/* A root that is a directory of the host; @ret_path leads to it by the descriptor. */
static int open_directory(const Options *options, int *ret, char ret_path[32], Fault *fault) {
        int r = source_open(options->rootfs, ret, fault);

        if (r < 0)
                return fault_is_raised(fault)
                                       ? r
                                       : fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                                         "cannot open '%s': %s", options->rootfs,
                                                         strerror(-r));
        if (!options->rootfs_overlay)
                source_mark(*ret);
        (void) snprintf(ret_path, 32, "/proc/self/fd/%d", *ret);
        return 0;
}

int launch_mount_root(Launch *launch, Fault *fault) {
        const Options *options = launch->options;
        char path[32] = "", *directory[] = { path };
        autofd int source = -1, fd = -1;
        int r = options->rootfs ? open_directory(options, &source, path, fault) : 0;

        if (r < 0)
                return r;
        if (options->rootfs && !options->rootfs_overlay)
                r = open_mapped(launch, path, &fd, fault);
        else {
                r = options->rootfs ? mount_overlay(launch, directory, 1, fault)
                                    : mount_overlay(launch, launch->image.paths, launch->image.n_layers,
                                                      fault);
                if (r >= 0)
                        r = tree_clone(launch->workspace_fd, "root", false, &fd);
        }
        if (r >= 0)
                r = tree_propagate(fd, MS_PRIVATE, true);
        if (r < 0)
                return r;

        r = launch_pass(launch, TAKE_FD(fd));
        if (r < 0)
                return r;
        launch->root_fd = launch->passed[r - CONTROL_FD];
        plan_putf(&launch->plan, "root", "%d", r);
        return 0;
}
