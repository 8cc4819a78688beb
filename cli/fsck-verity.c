/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/fsck-verity.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/change.h"
#include "image/list.h"

static int remove_verified(const char *subject, Fault *fault);

/* clang-format off */
static const FindingKind
verity_damaged = { "verity-damaged", FINDING_PROBLEM,
        "is not what was made of the image",
        "containers with Verity= cannot read what has changed, or do not start",
        "--repair removes it; the next start makes it anew of the image's layers", remove_verified };
/* clang-format on */

/* Into tmp/, where it is a draft of the dead. A container that has it mounted keeps it. */
static int remove_verified(const char *subject, Fault *fault) {
        autofree char *path = strdup(subject);
        autostore Store store = STORE_CLOSED;
        char *id = path ? strrchr(path, '/') : NULL, *end;
        char from[16 + DIGEST_HEX], to[32 + DIGEST_HEX];
        int r;

        if (!id)
                return -ENOMEM;
        *id++ = '\0';
        end = strrchr(path, '/');
        if (!end)
                return -EINVAL;
        *end = '\0';
        if ((r = store_open(path, &store, fault)) < 0 ||
                        (r = store_lock(&store, STORE_EXCLUSIVE, fault)) < 0)
                return r;
        (void) snprintf(from, sizeof(from), "verity/%.64s", id);
        (void) snprintf(to, sizeof(to), "tmp/verity-%.64s-%d", id, (int) getpid());
        if (renameat(store.fd, from, store.fd, to) < 0 && errno != ENOENT)
                return store_failed(&store, -errno, "remove what is damaged", fault);
        store_unlock(&store);
        return store_bury(&store, fault);
}

/* It has the libraries for that, and does not need to load them here. Return: 1 when all is well, 0, -errno.
 */
static int compare(const Store *store, const Digest *image) {
        static const char program[] = SLIPWAY_LIBEXEC_DIR "/slipway-verity";
        autofree char *state = NULL;
        char id[DIGEST_HEX + 8];
        char *argv[] = { (char *) program, (char *) "--check", id, NULL };
        posix_spawn_file_actions_t actions;
        int status = 0, r;
        pid_t pid;

        (void) snprintf(id, sizeof(id), "sha256:%s", image->hex);
        if (asprintf(&state, "SLIPWAY_STATE_DIR=%s", store->path) < 0) {
                state = NULL;
                return -ENOMEM;
        }
        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return -r;
        for (int fd = STDIN_FILENO; r == 0 && fd <= STDERR_FILENO; fd++)
                r = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
        if (r == 0)
                r = posix_spawn(&pid, program, &actions, NULL, argv, (char *[]){ state, NULL });
        (void) posix_spawn_file_actions_destroy(&actions);
        if (r != 0)
                return -r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return status == 0;
}

/* What cannot be read may have been removed meanwhile. Return: 1, 0, -errno with a fault. */
static int is_there(Store *store, const Digest *image, Fault *fault) {
        char path[16 + DIGEST_HEX];
        int r = store_lock(store, STORE_SHARED, fault);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "verity/%s", image->hex);
        r = faccessat(store->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
        store_unlock(store);
        return r;
}

static int look_at(Store *store, const Digest *image, Findings *findings, Fault *fault) {
        autofree char *subject = NULL;
        int r = compare(store, image);

        if (r < 0)
                return fault_wrap(fault, r, "cannot compare what was made of image %.12s", image->hex);
        if (r == 1 || (r = is_there(store, image, fault)) <= 0)
                return r < 0 ? r : 0;
        if (asprintf(&subject, "%s/verity/%s", store->path, image->hex) < 0) {
                subject = NULL;
                return -ENOMEM;
        }
        return findings_add(findings, &verity_damaged, subject, NULL);
}

int fsck_verity(Store *store, Findings *findings, Fault *fault) {
        AUTO(id_list_done) IdList made = {};
        int r = store_list_digests(store, "verity", &made, fault);

        for (size_t i = 0; i < made.n && r >= 0; i++)
                r = look_at(store, &made.items[i], findings, fault);
        return r < 0 ? r : 0;
}
