/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the tree that systemd-nspawn made to that of the container
 *
 * nspawn was given a stand-in for a root, so that nothing of an image could
 * lead it astray. Here we attach the real root, put on it what is the kernel's,
 * and detach all the rest: a container's list of mounts has nothing that it
 * does not need, and nothing of the host.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "lib/cleanup.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/inside.h"
#include "nspawn-glue/tree.h"

/* A directory of the stand-in, to attach the root to. */
#define ROOT_HERE "/container"

static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

/* What we take along from nspawn's tree. */
typedef struct Luggage {
        int proc, sys, dev, cgroup; /* the last is -1 where it comes with sys */
        int nodes[ELEMENTS(nodes)];
} Luggage;

static void luggage_done(Luggage *luggage) {
        fd_closep(&luggage->proc);
        fd_closep(&luggage->sys);
        fd_closep(&luggage->dev);
        fd_closep(&luggage->cgroup);
        for (size_t i = 0; i < ELEMENTS(nodes); i++)
                fd_closep(&luggage->nodes[i]);
}

/* Which network's interfaces are in /sys is decided when it is mounted: nspawn's has those of the unit. */
static int pack_sys(const Init *init, Luggage *luggage) {
        int r;

        if (!init->own_network)
                return tree_clone(AT_FDCWD, "/sys", true, &luggage->sys);

        r = tree_new("sysfs", NULL,
                        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                        &luggage->sys);
        return r < 0 ? r : tree_clone(AT_FDCWD, "/sys/fs/cgroup", true, &luggage->cgroup);
}

/* What shows the processes of a pod only who owns their namespace can mount, which the container's root does
 * not. */
static int pack_proc(Init *init, Luggage *luggage) {
        if (init->proc_fd < 0)
                return tree_new("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                                &luggage->proc);
        luggage->proc = TAKE_FD(init->proc_fd);
        return 0;
}

/* A new /proc has to be made while nspawn's is still in sight: the kernel asks for that. */
static int pack(Init *init, Luggage *luggage) {
        static const char *const dev_options[] = { "mode", "755", "size", "65536k", NULL };
        int r;

        if (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0)
                return -errno;
        r = pack_proc(init, luggage);
        if (r >= 0)
                r = tree_new("tmpfs", dev_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
                                &luggage->dev);
        if (r >= 0)
                r = pack_sys(init, luggage);

        for (size_t i = 0; i < ELEMENTS(nodes) && r >= 0; i++) {
                char path[32];

                (void) snprintf(path, sizeof(path), "/dev/%s", nodes[i]);
                r = tree_clone(AT_FDCWD, path, false, &luggage->nodes[i]);
        }
        return r;
}

static int change_root(int root_fd) {
        autofd int old = -1;
        int r;

        old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (old < 0)
                return -errno;
        r = tree_attach(root_fd, AT_FDCWD, ROOT_HERE);
        if (r < 0)
                return r;

        /* The old root ends up on top of the new one, and is taken off there. */
        if (fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
                return -errno;
        if (fchdir(old) < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
                return -errno;
        return 0;
}

static int make_links(int dev_fd) {
        static const struct {
                const char *name, *target;
        } links[] = {
                { "fd", "/proc/self/fd" },
                { "stdin", "/proc/self/fd/0" },
                { "stdout", "/proc/self/fd/1" },
                { "stderr", "/proc/self/fd/2" },
                { "core", "/proc/kcore" },
                { "ptmx", "pts/ptmx" },
        };

        for (size_t i = 0; i < ELEMENTS(links); i++)
                if (symlinkat(links[i].target, dev_fd, links[i].name) < 0)
                        return -errno;
        return 0;
}

static int attach_nodes(Init *init, int dev_fd, const Luggage *luggage) {
        for (size_t i = 0; i < ELEMENTS(nodes); i++) {
                autofd int fd = openat(dev_fd, nodes[i], O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                int r;

                if (fd < 0)
                        return -errno;
                r = tree_attach(luggage->nodes[i], dev_fd, nodes[i]);
                if (r < 0)
                        return r;
        }
        init->null_fd = openat(dev_fd, "null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
        return init->null_fd < 0 ? -errno : 0;
}

/* All below /dev that is a file system of its own; shm comes when its size is known. */
static int mount_below_dev(Init *init, int dev_fd) {
        static const char *const pts_options[] = { "ptmxmode", "0666", "mode", "0620", NULL };
        static const struct {
                const char *type, *name;
                const char *const *options;
                unsigned attributes;
        } mounts[] = {
                { "devpts", "pts", pts_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC },
                { "mqueue", "mqueue", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC },
        };

        for (size_t i = 0; i < ELEMENTS(mounts); i++) {
                autofd int fd = -1;
                int r;

                if (init->queues_fd >= 0 && strcmp(mounts[i].name, "mqueue") == 0) {
                        fd = TAKE_FD(init->queues_fd);
                        r = 0;
                } else
                        r = tree_new(mounts[i].type, mounts[i].options, mounts[i].attributes, &fd);
                if (r < 0)
                        return r;
                if (mkdirat(dev_fd, mounts[i].name, 0755) < 0)
                        return -errno;
                r = tree_attach(fd, dev_fd, mounts[i].name);
                if (r < 0)
                        return r;
        }
        return mkdirat(dev_fd, "shm", 01777) < 0 ? -errno : 0;
}

int init_take_queues(Init *init, const char *value, Fault *fault) {
        init->queues_fd = atoi(value);
        return 0;
}

int init_take_processes(Init *init, const char *value, Fault *fault) {
        init->proc_fd = atoi(value);
        return 0;
}

/* A link to a directory of the image's is fine, one to nowhere is in the way. */
static void make_directory(const Init *init, const char *path, mode_t mode) {
        autofd int fd = -1;

        if (inside_open(init->root_fd, path, O_PATH | O_DIRECTORY, &fd) < 0)
                (void) inside_force_directory(init->root_fd, path, mode);
}

/* Programs rely on these, images do not always have them. Where that cannot be changed, it is not ours to.
 */
static void make_usual_directories(const Init *init) {
        make_directory(init, "etc", 0755);
        make_directory(init, "run", 0755);
        make_directory(init, "tmp", 01777);
        make_directory(init, "var", 0755);
        (void) mkdirat(init->root_fd, "var/tmp", 01777);
}

static int unpack(Init *init, const Luggage *luggage) {
        const struct {
                const char *name;
                int fd;
        } places[] = { { "proc", luggage->proc }, { "sys", luggage->sys }, { "dev", luggage->dev } };
        int r;

        for (size_t i = 0; i < ELEMENTS(places); i++) {
                r = inside_force_directory(init->root_fd, places[i].name, 0755);
                if (r >= 0)
                        r = tree_attach(places[i].fd, init->root_fd, places[i].name);
                if (r < 0)
                        return r;
        }

        if (luggage->cgroup >= 0)
                r = tree_attach(luggage->cgroup, luggage->sys, "fs/cgroup");
        if (r >= 0)
                r = make_links(luggage->dev);
        if (r >= 0)
                r = attach_nodes(init, luggage->dev, luggage);
        if (r >= 0)
                r = mount_below_dev(init, luggage->dev);
        return r;
}

/* "FD" */
int init_enter_root(Init *init, const char *value, Fault *fault) {
        AUTO(luggage_done) Luggage luggage = { -1, -1, -1, -1, { -1, -1, -1, -1, -1, -1 } };
        autofd int root_fd = atoi(value);
        int r;

        (void) umask(0);
        r = pack(init, &luggage);
        if (r < 0)
                return fault_wrap(fault, r, "cannot take over the kernel's file systems");
        r = change_root(root_fd);
        if (r < 0)
                return fault_wrap(fault, r, "cannot change to the container's root");

        init->root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (init->root_fd < 0)
                return -errno;
        r = unpack(init, &luggage);
        if (r >= 0)
                make_usual_directories(init);
        (void) umask(0022);
        return r < 0 ? fault_wrap(fault, r, "cannot mount the kernel's file systems") : 0;
}

int init_set_hostname(Init *init, const char *value, Fault *fault) {
        return sethostname(value, strlen(value)) < 0 ? -errno : 0;
}

int init_mount_shm(Init *init, const char *value, Fault *fault) {
        const char *const options[] = { "mode", "1777", "size", value, NULL };
        autofd int fd = -1;
        int r;

        r = tree_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, &fd);
        return r < 0 ? r : tree_attach(fd, AT_FDCWD, "/dev/shm");
}
