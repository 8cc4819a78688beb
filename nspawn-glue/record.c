/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"

int record_add_log_field(Record *record, const char *field) {
        size_t n = strlen(record->log_fields), room = sizeof(record->log_fields) - n;

        if (strlen(field) + 2 > room || strchr(field, '\n'))
                return -E2BIG;
        (void) snprintf(record->log_fields + n, room, "%s\n", field);
        return 0;
}

static void add_volume(Record *record, const char *name) {
        size_t n = strlen(record->volumes), room = sizeof(record->volumes) - n;

        if (strlen(name) + 2 <= room)
                (void) snprintf(record->volumes + n, room, "%s\n", name);
}

bool record_has_volume(const Record *record, const char *name) {
        size_t n = strlen(name);

        for (const char *line = record->volumes; *line; line += strcspn(line, "\n") + 1)
                if (strncmp(line, name, n) == 0 && line[n] == '\n')
                        return true;
        return false;
}

static void take(Record *record, const char *key, const char *value) {
        const struct {
                const char *key;
                char *field;
                size_t size;
        } texts[] = {
                { "UNIT", record->unit, sizeof(record->unit) },
                { "IMAGE", record->image, sizeof(record->image) },
                { "IMAGE_ID", record->image_id, sizeof(record->image_id) },
                { "NOTIFY", record->notify, sizeof(record->notify) },
                { "EXIT_CODE", record->exit_code, sizeof(record->exit_code) },
                { "EXIT_STATUS", record->exit_status, sizeof(record->exit_status) },
                { "JOURNAL", record->journal, sizeof(record->journal) },
                { "POD", record->pod, sizeof(record->pod) },
                { "TAG", record->tag, sizeof(record->tag) },
                { "AUTO_UPDATE", record->update, sizeof(record->update) },
                { "AUTHFILE", record->authfile, sizeof(record->authfile) },
        };

        const struct {
                const char *key;
                bool *field;
        } flags[] = {
                { "INIT", &record->init },
                { "OUT_OF_MEMORY", &record->out_of_memory },
                { "TOLD", &record->told },
                { "STOPPING", &record->stopping },
                { "TRANSIENT", &record->transient },
        };

        for (size_t i = 0; i < ELEMENTS(flags); i++)
                if (strcmp(key, flags[i].key) == 0)
                        *flags[i].field = strcmp(value, "yes") == 0;
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                if (strcmp(key, texts[i].key) == 0)
                        (void) snprintf(texts[i].field, texts[i].size, "%s", value);

        if (strcmp(key, "LOG_FIELD") == 0)
                (void) record_add_log_field(record, value);
        else if (strcmp(key, "VOLUME") == 0)
                add_volume(record, value);
        else if (strcmp(key, "BASE") == 0)
                record->base = (uint32_t) strtoul(value, NULL, 10);
        else if (strcmp(key, "COUNT") == 0)
                record->count = (uint32_t) strtoul(value, NULL, 10);
        else if (strcmp(key, "PID") == 0)
                record->pid = (pid_t) strtol(value, NULL, 10);
        else if (strcmp(key, "STARTED") == 0)
                record->started = strtoull(value, NULL, 10);
        else if (strcmp(key, "STOP_SIGNAL") == 0)
                record->stop_signal = atoi(value);
}

void record_parse(char *text, Record *ret) {
        char *line;

        *ret = (Record){};
        while ((line = strsep(&text, "\n"))) {
                char *equals = strchr(line, '=');

                if (!equals)
                        continue;
                *equals = '\0';
                take(ret, line, equals + 1);
        }
}

static int read_file(const char *file, Record *ret) {
        autofd int dir = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofree char *text = NULL;
        int r;

        if (dir < 0)
                return -errno;
        r = io_read_file(dir, file, 64 * 1024, &text, NULL);
        if (r < 0)
                return r;
        record_parse(text, ret);
        return 0;
}

int record_read(const char *name, Record *ret) {
        return read_file(name, ret);
}

static void draft_file(const char *name, char *ret, size_t size) {
        (void) snprintf(ret, size, ".%s.new", name);
}

/* Out of the way of names, which do not begin with a dot. */
static void last_file(const char *name, char *ret, size_t size) {
        (void) snprintf(ret, size, ".%s.last", name);
}

int record_read_last(const char *name, Record *ret) {
        char file[128];
        int r = record_read(name, ret);

        if (r != -ENOENT)
                return r;
        last_file(name, file, sizeof(file));
        return read_file(file, ret);
}

/* "web" is of one that runs, ".web.last" of one that did. Return: the name, NULL for other files. */
static char *name_of_file(const char *file) {
        static const char suffix[] = ".last";
        size_t n = strlen(file);

        if (*file != '.')
                return strdup(file);
        if (n <= sizeof(suffix) || strcmp(file + n - (sizeof(suffix) - 1), suffix) != 0)
                return NULL;
        return strndup(file + 1, n - sizeof(suffix));
}

char *record_find_unit(const char *unit) {
        autoclosedir DIR *directory = opendir(RECORD_DIR);
        struct dirent *entry;

        while (directory && (entry = readdir(directory))) {
                autofree char *name = name_of_file(entry->d_name);
                Record record;

                if (name && read_file(entry->d_name, &record) >= 0 && strcmp(record.unit, unit) == 0)
                        return TAKE(name);
        }
        return NULL;
}

void record_retire(const char *name) {
        autofd int dir = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char file[128];

        last_file(name, file, sizeof(file));
        if (dir < 0)
                return;
        (void) renameat(dir, name, dir, file);

        /* Who was killed while he wrote it has left it beside. */
        draft_file(name, file, sizeof(file));
        (void) unlinkat(dir, file, 0);
}

/* Written beside its place and renamed, so that nobody reads a half. It need not survive a crash. */
static int put(int dir, const char *name, const char *text, size_t size) {
        char draft[128];
        autofd int fd = -1;
        int r;

        draft_file(name, draft, sizeof(draft));
        fd = openat(dir, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        r = io_write_all(fd, text, size);
        if (r >= 0 && renameat(dir, draft, dir, name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(dir, draft, 0);
        return r;
}

void record_note(const char *name, const char *line) {
        autofd int dir = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
        char text[320];
        int n = snprintf(text, sizeof(text), "%s\n", line);

        if (dir >= 0)
                fd = openat(dir, name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0)
                (void) io_write_all(fd, text, (size_t) n);
}

int record_write(const char *name, const Record *record) {
        autofd int dir = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofree char *text = NULL;
        FILE *stream = NULL;
        size_t size = 0;

        if (dir < 0)
                return -errno;
        stream = open_memstream(&text, &size);
        if (!stream)
                return -ENOMEM;
        (void) fprintf(stream,
                        "UNIT=%s\nIMAGE=%s\nIMAGE_ID=%s\nBASE=%u\nCOUNT=%u\nPID=%d\nSTARTED=%llu\n"
                        "NOTIFY=%s\nSTOP_SIGNAL=%d\nINIT=%s\nPOD=%s\nJOURNAL=%s\nTAG=%s\n",
                        record->unit, record->image, record->image_id, record->base, record->count,
                        (int) record->pid, (unsigned long long) record->started, record->notify,
                        record->stop_signal, record->init ? "yes" : "no", record->pod, record->journal,
                        record->tag);
        if (*record->update)
                (void) fprintf(stream, "AUTO_UPDATE=%s\nAUTHFILE=%s\n", record->update, record->authfile);
        for (const char *field = record->log_fields; *field; field = strchr(field, '\n') + 1)
                (void) fprintf(stream, "LOG_FIELD=%.*s\n", (int) strcspn(field, "\n"), field);
        if (fclose(stream) != 0)
                return -ENOMEM;
        return put(dir, name, text, size);
}
