/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/io.h"
#include "lib/kept-unit.h"
#include "lib/own-unit.h"
#include "lib/paths.h"
#include "lib/remove-tree.h"
#include "lib/report.h"
#include "nspawn-glue/health-state.h"
#include "nspawn-glue/idrange.h"
#include "nspawn-glue/journal.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/nspawn-words.h"
#include "nspawn-glue/record.h"

/* Creates a directory for root only, and opens it. */
static int open_directory(const char *path, int *ret) {
        int fd, r;

        r = io_mkdir_p(path, 0700);
        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

/* Systemd's limits on the runtime directory are those of its first maker: others look into it for records.
 */
static int open_records(int *ret) {
        int r = io_mkdir_p(RECORD_DIR, 0755);

        if (r < 0)
                return r;
        *ret = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

static int raise_busy(const char *name, Fault *fault) {
        Record record = {};

        (void) fault_mark(fault, MESSAGE_NAME_IN_USE, -EBUSY);
        if (record_read(name, &record) >= 0 && record.unit[0])
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "a container '%s' is running already, in unit %s; a name can be used once",
                                name, record.unit);
        return fault_raise(fault, FAULT_CONFLICT, EBUSY, "a container '%s' is running already", name);
}

/* A lock that was removed between its opening and its locking keeps nobody away, see record_sweep(). */
static bool is_in_place(int dir_fd, const char *file, int fd) {
        struct stat opened, found;

        return fstat(fd, &opened) >= 0 && fstatat(dir_fd, file, &found, AT_SYMLINK_NOFOLLOW) >= 0 &&
               opened.st_dev == found.st_dev && opened.st_ino == found.st_ino;
}

/* Whoever has the lock has the name. systemd-nspawn inherits it, so it lives as long as the container. */
int launch_lock(Launch *launch, Fault *fault) {
        const char *name = launch->options->name;
        autofd int records = -1, fd = -1;
        char file[CONTAINER_NAME_MAX + 8];
        int r;

        r = open_records(&records);
        if (r < 0)
                return r;
        (void) snprintf(file, sizeof(file), ".%s.lock", name);
        do {
                fd_closep(&fd);
                fd = openat(records, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
                if (fd < 0)
                        return -errno;
                if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                        return errno == EWOULDBLOCK ? raise_busy(name, fault) : -errno;
        } while (!is_in_place(records, file, fd));

        launch->lock_fd = TAKE_FD(fd);
        return 0;
}

void launch_unlock(Launch *launch) {
        fd_closep(&launch->lock_fd);
        launch->lock_fd = -1;
}

int launch_choose_ids(Launch *launch, Fault *fault) {
        autofd int links = -1, etc = -1;
        char pod[CONTAINER_NAME_MAX + 8];
        int r;

        r = userns_parse(&launch->userns, launch->options->userns, fault);
        if (r < 0)
                return r;
        if (launch->userns.mode != USERNS_AUTO && launch->userns.mode != USERNS_KEEP_ID)
                return 0;

        r = open_directory(SLIPWAY_STATE_DIR "/userns", &links);
        if (r < 0)
                return r;
        etc = open("/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (etc < 0)
                return -errno;
        /* Members of a pod share files and memory, so they have the same ids. */
        if (launch->options->pod)
                (void) snprintf(pod, sizeof(pod), ID_RANGE_POD "%s", launch->options->pod);
        return id_range_take(links, etc, launch->options->pod ? pod : launch->options->name,
                        &launch->userns.base, fault);
}

static void state_path(const Launch *launch, char *ret, size_t size) {
        (void) snprintf(ret, size, SLIPWAY_STATE_DIR "/containers/%s", launch->options->name);
}

/* The writable layer, and volumes that nobody has named. */
static int remove_layers(int state_fd) {
        static const char *const names[] = { "upper", "work", "volumes" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(names) && r >= 0; i++)
                r = remove_tree(state_fd, names[i]);
        return r;
}

/* Makes nothing, so that it can be done on a disk that is full. */
int launch_clean_left_state(Launch *launch, Fault *fault) {
        char path[sizeof(SLIPWAY_STATE_DIR) + CONTAINER_NAME_MAX + 16];

        state_path(launch, path, sizeof(path));
        health_state_remove(launch->options->name);
        launch->state_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (launch->state_fd < 0)
                return errno == ENOENT ? 0 : -errno;
        return remove_layers(launch->state_fd);
}

/* Who cleans up has come for them; who starts should have found nothing. */
static void tell_leftovers(const Launch *launch) {
        if (launch->options->action != ACTION_CLEAN && faccessat(launch->state_fd, "upper", F_OK, 0) >= 0)
                report_event(REPORT_NOTICE, MESSAGE_LEFTOVERS, NULL,
                                "removing what an earlier container '%s' has left", launch->options->name);
}

/* An earlier life may have ended without a word: nothing of it is to be seen in this one. */
int launch_clean_state(Launch *launch, Fault *fault) {
        char path[sizeof(SLIPWAY_STATE_DIR) + CONTAINER_NAME_MAX + 16];
        int r;

        state_path(launch, path, sizeof(path));
        health_state_remove(launch->options->name);
        r = open_directory(path, &launch->state_fd);
        if (r >= 0)
                tell_leftovers(launch);
        return r < 0 ? r : remove_layers(launch->state_fd);
}

void launch_remove_state(Launch *launch) {
        char path[sizeof(SLIPWAY_STATE_DIR) + CONTAINER_NAME_MAX + 16];

        record_retire(launch->options->name);
        launch_close_tty(launch->options->name);
        health_state_remove(launch->options->name);
        words_remove(launch->options->name);
        if (launch->state_fd < 0)
                return;

        (void) remove_layers(launch->state_fd);
        (void) unlinkat(launch->state_fd, "image", 0);
        fd_closep(&launch->state_fd);
        launch->state_fd = -1;
        state_path(launch, path, sizeof(path));
        (void) rmdir(path);
}

/* Who logs what the app writes to /dev/stdout by name reads it there. */
static int record_log(const Options *options, Record *record, Fault *fault) {
        journal_own_namespace(record->journal);
        (void) snprintf(record->tag, sizeof(record->tag), "%s", options->log_tag ?: "");
        for (char **field = options->log_fields; field && *field; field++)
                if (record_add_log_field(record, *field) < 0)
                        return fault_raise(fault, FAULT_VALUE, E2BIG,
                                        "the fields of the log have more than %zu bytes",
                                        sizeof(record->log_fields));
        return 0;
}

/* The value of the last label of that name; NULL when there is none. */
static const char *find_label(char *const *labels, const char *name) {
        size_t n = strlen(name);
        const char *value = NULL;

        for (; labels && *labels; labels++)
                if (strncmp(*labels, name, n) == 0 && (*labels)[n] == '=')
                        value = *labels + n + 1;
        return value;
}

/* What slipway update goes by. The words are Podman's, who has an older one for "registry". */
static void record_update(const Options *options, Record *record) {
        const char *mode = find_label(options->labels, "io.containers.autoupdate"),
                   *authfile = find_label(options->labels, "io.containers.autoupdate.authfile");

        if (!mode || !options->image)
                return;
        if (strcmp(mode, "registry") == 0 || strcmp(mode, "image") == 0)
                (void) strcpy(record->update, "registry");
        else if (strcmp(mode, "local") == 0)
                (void) strcpy(record->update, "local");
        if (authfile && !strchr(authfile, '\n'))
                (void) snprintf(record->authfile, sizeof(record->authfile), "%s", authfile);
}

/* Keeps the image from being removed, and tells `slipway list` what runs here. */
int launch_record(Launch *launch, Fault *fault) {
        const Options *options = launch->options;
        char id[DIGEST_HEX + 1] = "";
        struct timespec now;
        Record record = {};
        OwnUnit unit = {};
        autofd int fd = -1;
        int r;

        if (options->image) {
                (void) snprintf(id, sizeof(id), "%s", launch->image.id.hex);
                fd = openat(launch->state_fd, "image", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                                0600);
                r = fd < 0 ? -errno : io_write_all(fd, id, strlen(id));
                if (r < 0)
                        return r;
                store_unlock(&launch->store);
        }

        (void) own_unit(&unit);
        (void) clock_gettime(CLOCK_REALTIME, &now);
        record.pid = getpid();
        record.started = (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
        record.base = launch->userns.base;
        record.count = launch->userns.mode == USERNS_HOST ? 0 : launch->userns.count;
        (void) snprintf(record.unit, sizeof(record.unit), "%s", unit.name);
        (void) snprintf(record.image, sizeof(record.image), "%s", options->image ?: options->rootfs);
        (void) snprintf(record.notify, sizeof(record.notify), "%s", notify_mode_to_string(options->notify));
        record.stop_signal = launch->stop_signal;
        record.init = options->init;
        (void) snprintf(record.pod, sizeof(record.pod), "%s", options->pod ?: "");
        (void) snprintf(record.image_id, sizeof(record.image_id), "%s", id);
        record_update(options, &record);
        r = record_log(options, &record, fault);
        kept_unit_add(&unit);
        return r < 0 ? r : record_write(options->name, &record);
}
