/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Drafts: making them, and what to do about those whose makers are dead. */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "image/change.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/remove-tree.h"

/* How long finished layers of the dead wait for somebody who needs them. */
#define KEPT_SECONDS (24 * 60 * 60)

#define LAYER_PREFIX "layer-"
#define TURN_PREFIX ".pull-" /* image/pull/turn.c */

/* What was written before this boot may not have reached the disk, whatever the directory shows. */
static int read_boot_id(char ret[64]) {
        autofree char *text = NULL;
        int r = io_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text, NULL);

        if (r < 0)
                return r;
        (void) snprintf(ret, 64, "%.36s", text);
        return 0;
}

/* Opens what a dead process left, and owns it from then on. Return: -EWOULDBLOCK if it lives. */
static int open_dead(int tmp_fd, const char *name) {
        autofd int fd = openat(tmp_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static bool is_of_this_boot(int draft_fd) {
        autofree char *text = NULL;
        char boot[64];

        return read_boot_id(boot) >= 0 && io_read_file(draft_fd, "boot", 64, &text, NULL) >= 0 &&
               strcmp(text, boot) == 0;
}

/* The description is written when all else is done and verified. */
static bool is_finished(int draft_fd, const char *name) {
        char path[32 + DIGEST_HEX];
        struct stat st;

        if (strncmp(name, LAYER_PREFIX, strlen(LAYER_PREFIX)) != 0 ||
                        !digest_is_hex(name + strlen(LAYER_PREFIX), DIGEST_HEX))
                return false;
        (void) snprintf(path, sizeof(path), "%s/layer.json", name);
        return fstatat(draft_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
               st.st_size > 0;
}

static DIR *open_list(int fd) {
        int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = own < 0 ? NULL : fdopendir(own);

        if (!dir && own >= 0)
                (void) close(own);
        return dir;
}

bool draft_is_kept(int draft_fd) {
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        struct stat st;

        if (!is_of_this_boot(draft_fd) || fstat(draft_fd, &st) < 0 ||
                        time(NULL) - st.st_mtime > KEPT_SECONDS || st.st_mtime > time(NULL))
                return false;
        dir = open_list(draft_fd);
        while (dir && (entry = readdir(dir)))
                if (is_finished(draft_fd, entry->d_name))
                        return true;
        return false;
}

/* The lock of a pull that was killed. Who has just opened it, to take it, looks whether it is still there.
 */
static void remove_dead_turn(int tmp_fd, const char *name) {
        autofd int fd = openat(tmp_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) >= 0)
                (void) unlinkat(tmp_fd, name, 0);
}

/* One of the dead at a time, so that the store need not be locked for as long as removing takes. */
static int find_dead(int tmp_fd, bool keep, char **ret_name, int *ret_fd) {
        autoclosedir DIR *dir = open_list(tmp_fd);
        struct dirent *entry;
        int dead;

        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                if (strncmp(entry->d_name, TURN_PREFIX, strlen(TURN_PREFIX)) == 0)
                        remove_dead_turn(tmp_fd, entry->d_name);
                if (entry->d_name[0] == '.')
                        continue;
                dead = open_dead(tmp_fd, entry->d_name);
                if (dead == -ENOTDIR)
                        (void) unlinkat(tmp_fd, entry->d_name, 0);
                if (dead < 0)
                        continue;
                if (keep && draft_is_kept(dead)) {
                        (void) close(dead);
                        continue;
                }
                *ret_fd = dead;
                *ret_name = strdup(entry->d_name);
                return *ret_name ? 1 : -ENOMEM;
        }
        return 0;
}

static int bury_the_dead(Store *store, int tmp_fd, bool keep, Fault *fault) {
        for (;;) {
                autofree char *name = NULL;
                autofd int fd = -1;
                int r;

                r = store_lock(store, STORE_EXCLUSIVE, fault);
                if (r < 0)
                        return r;
                r = find_dead(tmp_fd, keep, &name, &fd);
                store_unlock(store);
                if (r == 0)
                        return 0;
                if (r > 0)
                        r = remove_tree(tmp_fd, name);
                if (r < 0)
                        return store_failed(store, r, "remove what a killed process left", fault);
        }
}

int store_bury(Store *store, Fault *fault) {
        autofd int tmp_fd = openat(store->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return tmp_fd < 0 ? store_failed(store, -errno, "look for what a killed process left", fault)
                          : bury_the_dead(store, tmp_fd, false, fault);
}

static int write_boot_id(int draft_fd) {
        autofd int fd = -1;
        char boot[64];
        int r = read_boot_id(boot);

        if (r < 0)
                return r;
        fd = openat(draft_fd, "boot", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        return fd < 0 ? -errno : io_write_all(fd, boot, strlen(boot));
}

/* The lock is held from before others could see the directory unlocked: they look with the store locked. */
static int make_draft(Store *store, int tmp_fd, Draft *draft) {
        unsigned char random[8];
        int r;

        if (getrandom(random, sizeof(random), 0) != sizeof(random))
                return -EIO;
        r = asprintf(&draft->name, "%02x%02x%02x%02x%02x%02x%02x%02x", random[0], random[1], random[2],
                        random[3], random[4], random[5], random[6], random[7]);
        if (r < 0) {
                draft->name = NULL;
                return -ENOMEM;
        }

        if (mkdirat(tmp_fd, draft->name, 0700) < 0)
                return -errno;
        draft->store = store;
        draft->fd = openat(tmp_fd, draft->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (draft->fd < 0 || flock(draft->fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        return 0;
}

static int open_tmp(const Store *store) {
        int fd = openat(store->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int begin(Store *store, bool keep, Draft *ret, Fault *fault) {
        autodraft Draft draft = { .fd = -1 };
        autofd int tmp_fd = open_tmp(store);
        int r;

        if (tmp_fd < 0)
                return store_failed(store, tmp_fd, "begin a change", fault);
        r = bury_the_dead(store, tmp_fd, keep, fault);
        if (r < 0)
                return r;

        r = store_lock(store, STORE_SHARED, fault);
        if (r < 0)
                return r;
        r = FAULT_POINT("change:make a draft");
        if (r >= 0)
                r = make_draft(store, tmp_fd, &draft);
        store_unlock(store);
        if (r >= 0 && keep)
                r = write_boot_id(draft.fd);
        if (r < 0)
                return store_failed(store, r, "begin a change", fault);

        *ret = draft;
        draft = (Draft){ .fd = -1 };
        return 0;
}

int draft_begin(Store *store, Draft *ret, Fault *fault) {
        return begin(store, false, ret, fault);
}

int draft_begin_import(Store *store, Draft *ret, Fault *fault) {
        return begin(store, true, ret, fault);
}

/* Return: whether anything was taken. */
static bool adopt_from(Draft *draft, int dead_fd, const Digest *wanted, size_t n, bool *ret_adopted) {
        bool any = false;

        if (!is_of_this_boot(dead_fd))
                return false;
        for (size_t i = 0; i < n; i++) {
                char name[16 + DIGEST_HEX];

                (void) snprintf(name, sizeof(name), LAYER_PREFIX "%s", wanted[i].hex);
                if (ret_adopted[i] || !is_finished(dead_fd, name) ||
                                renameat2(dead_fd, name, draft->fd, name, RENAME_NOREPLACE) < 0)
                        continue;
                ret_adopted[i] = any = true;
                (void) FAULT_POINT("change:have adopted a layer");
        }
        return any;
}

static int adopt_all(Draft *draft, int tmp_fd, const Digest *wanted, size_t n, bool *ret_adopted) {
        autoclosedir DIR *dir = open_list(tmp_fd);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while ((errno = 0, entry = readdir(dir))) {
                autofd int dead = -1;
                char moved[300];

                if (entry->d_name[0] == '.')
                        continue;
                dead = open_dead(tmp_fd, entry->d_name);
                if (dead < 0 || !adopt_from(draft, dead, wanted, n, ret_adopted))
                        continue;

                /* What is left of it goes when this draft does. But documents with a second link there would
                 * count as needed as long. */
                (void) remove_tree(dead, "image");
                (void) snprintf(moved, sizeof(moved), "dead-%s", entry->d_name);
                (void) renameat2(tmp_fd, entry->d_name, draft->fd, moved, RENAME_NOREPLACE);
        }
        return -errno;
}

int draft_adopt(Draft *draft, const Digest *wanted, size_t n, bool *ret_adopted, Fault *fault) {
        autofd int tmp_fd = open_tmp(draft->store);
        int r;

        if (tmp_fd < 0)
                return store_failed(draft->store, tmp_fd, "look for layers", fault);
        r = store_lock(draft->store, STORE_EXCLUSIVE, fault);
        if (r < 0)
                return r;
        r = adopt_all(draft, tmp_fd, wanted, n, ret_adopted);
        store_unlock(draft->store);
        return r < 0 ? store_failed(draft->store, r, "look for layers", fault) : 0;
}

/* Return: whether there is anything in it worth leaving. */
static bool remove_unfinished(int draft_fd) {
        autoclosedir DIR *dir = open_list(draft_fd);
        struct dirent *entry;
        bool any = false;

        while (dir && (entry = readdir(dir))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                                strcmp(entry->d_name, "boot") == 0)
                        continue;
                if (is_finished(draft_fd, entry->d_name))
                        any = true;
                else
                        (void) remove_tree(draft_fd, entry->d_name);
        }
        return any;
}

void draft_leave(Draft *draft) {
        if (!draft->store || !remove_unfinished(draft->fd)) {
                draft_end(draft);
                return;
        }
        (void) FAULT_POINT("change:leave the draft");
        (void) close(draft->fd);
        free(draft->name);
        *draft = (Draft){ .fd = -1 };
}

void draft_end(Draft *draft) {
        autofd int tmp_fd = -1;

        if (draft->store && FAULT_POINT("change:remove the draft") >= 0) {
                tmp_fd = open_tmp(draft->store);
                if (tmp_fd >= 0)
                        (void) remove_tree(tmp_fd, draft->name);
        }
        if (draft->fd >= 0)
                (void) close(draft->fd);
        free(draft->name);
        *draft = (Draft){ .fd = -1 };
}
