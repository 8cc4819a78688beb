/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/own-unit.h"

static struct {
        const char *program, *container;
        ReportSink sink;
} report = { .program = "slipway", .sink = REPORT_TERMINAL };

void report_init(const char *program, ReportSink sink) {
        report.program = program;
        report.sink = sink;
}

void report_set_container(const char *name) {
        report.container = name;
}

/* $JOURNAL_STREAM is "device:inode" of the socket that systemd put on our standard error. */
static bool stderr_is_journal(void) {
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
               fstat(STDERR_FILENO, &st) >= 0 && st.st_dev == device && st.st_ino == inode;
}

/* What the unit has as its streams may be for somebody else to read. */
static bool is_from_manager(void) {
        const char *pid = getenv("SYSTEMD_EXEC_PID");

        return pid && strtol(pid, NULL, 10) == getpid();
}

ReportSink report_choose_sink(void) {
        const char *scope = getenv("SYSTEMD_SCOPE");

        /* Set by the service manager for generators only, see systemd.generator(7). */
        if (scope)
                return strcmp(scope, "system") == 0 ? REPORT_KMSG : REPORT_JOURNAL;

        return stderr_is_journal() || is_from_manager() ? REPORT_JOURNAL : REPORT_TERMINAL;
}

size_t report_format(char *line, size_t size, const Fault *fault) {
        char where[48] = "";
        int n;

        if (fault->line > 0 && fault->column > 0)
                (void) snprintf(where, sizeof(where), ":%u:%u", fault->line, fault->column);
        else if (fault->line > 0)
                (void) snprintf(where, sizeof(where), ":%u", fault->line);

        n = snprintf(line, size, "%s%s%s%s%s%s%s", fault->path, where, *fault->path ? ": " : "", fault->key,
                        *fault->key && !fault->is_field ? "=" : "", *fault->key ? ": " : "", fault->text);
        if (size > 0)
                fault_tame(line);

        return n < 0 ? 0 : (size_t) n;
}

static void to_terminal(const char *line) {
        (void) fprintf(stderr, "%s: %s\n", report.program, line);
}

/* One write(2) is one record. There is no kernel log in a container: then nobody is listening. */
static void to_kmsg(ReportLevel level, const char *line) {
        autofd int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
        char record[960];
        int n;

        if (fd < 0) {
                to_terminal(line);
                return;
        }

        n = snprintf(record, sizeof(record), "<%d>%s[%d]: %s", (int) level, report.program, (int) getpid(),
                        line);
        if (n < 0)
                return;
        if (write(fd, record, (size_t) n < sizeof(record) ? (size_t) n : sizeof(record) - 1) < 0)
                to_terminal(line);
}

/*
 * Appends "NAME=value\n", or the binary form when the value has a line break:
 * "NAME\n", the length as 64 bit little endian, the value, "\n".
 * See https://systemd.io/JOURNAL_NATIVE_PROTOCOL/.
 */
static void put_field(FILE *stream, const char *name, const char *value) {
        uint64_t n = strlen(value);

        if (!strchr(value, '\n')) {
                (void) fprintf(stream, "%s=%s\n", name, value);
                return;
        }

        (void) fprintf(stream, "%s\n", name);
        for (int i = 0; i < 8; i++)
                (void) fputc((int) (n >> (8 * i) & 0xff), stream);
        (void) fprintf(stream, "%s\n", value);
}

static int send_to_journal(const char *entry, size_t size) {
        static const struct sockaddr_un journal = {
                .sun_family = AF_UNIX,
                .sun_path = "/run/systemd/journal/socket",
        };
        autofd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || sendto(fd, entry, size, MSG_NOSIGNAL, (const struct sockaddr *) &journal,
                                      sizeof(journal)) < 0)
                return -errno;

        return 0;
}

/*
 * The journal asks /proc who sent an entry. Who reports a fault is mostly about to end, and when
 * the journal comes round to asking, may be gone: the entry would belong to no unit. So it names
 * the unit itself, in the fields in which journalctl -u and systemctl status also look.
 */
static void put_unit(FILE *stream) {
        const char *invocation = getenv("INVOCATION_ID");
        OwnUnit unit;

        if (report.container)
                put_field(stream, "CONTAINER_NAME", report.container);
        if (own_unit(&unit) < 0)
                return;
        put_field(stream, unit.is_user ? "OBJECT_SYSTEMD_USER_UNIT" : "OBJECT_SYSTEMD_UNIT", unit.name);
        if (invocation)
                put_field(stream, "OBJECT_SYSTEMD_INVOCATION_ID", invocation);
}

/* What an entry says besides its line. */
typedef struct Details {
        MessageId message;
        const char *const *fields; /* "NAME=VALUE", or NULL */
        const Fault *fault;        /* or NULL */
} Details;

static void put_number(FILE *stream, const char *name, unsigned number) {
        char text[16];

        (void) snprintf(text, sizeof(text), "%u", number);
        put_field(stream, name, text);
}

static void put_fault(FILE *stream, const Fault *fault) {
        put_number(stream, "ERRNO", (unsigned) fault->error);
        put_field(stream, "SLIPWAY_FAULT", fault_kind_to_string(fault->kind));
        if (*fault->path)
                put_field(stream, "SLIPWAY_FILE", fault->path);
        if (fault->line > 0)
                put_number(stream, "SLIPWAY_LINE", fault->line);
        if (*fault->key)
                put_field(stream, "SLIPWAY_KEY", fault->key);
}

/* Fields are ours, their values need not be. */
static void put_fields(FILE *stream, const char *const *fields) {
        for (; fields && *fields; fields++) {
                const char *value = strchr(*fields, '=');
                char name[65];

                if (!value || (size_t) (value - *fields) >= sizeof(name))
                        continue;
                (void) snprintf(name, sizeof(name), "%.*s", (int) (value - *fields), *fields);
                put_field(stream, name, value + 1);
        }
}

static void to_journal(ReportLevel level, const char *line, const Details *details) {
        const char *id = message_id_to_string(details->message);
        char entry[8192];
        FILE *stream = fmemopen(entry, sizeof(entry), "w");
        long size;

        if (!stream) {
                to_terminal(line);
                return;
        }

        put_number(stream, "PRIORITY", level);
        put_field(stream, "SYSLOG_IDENTIFIER", report.program);
        put_field(stream, "MESSAGE", line);
        if (id)
                put_field(stream, "MESSAGE_ID", id);
        put_unit(stream);
        if (details->fault)
                put_fault(stream, details->fault);
        put_fields(stream, details->fields);

        size = ftell(stream);
        (void) fclose(stream);
        if (size <= 0 || send_to_journal(entry, (size_t) size) < 0)
                to_terminal(line);
}

static void speak(ReportLevel level, const char *line, const Details *details) {
        switch (report.sink) {

        case REPORT_JOURNAL:
                to_journal(level, line, details);
                break;

        case REPORT_KMSG:
                to_kmsg(level, line);
                break;

        case REPORT_TERMINAL:
        default:
                to_terminal(line);
        }
}

void report_fault(ReportLevel level, const Fault *fault) {
        char line[1024];

        (void) report_format(line, sizeof(line), fault);
        speak(level, line, &(Details){ .message = fault->message, .fault = fault });
}

void report_event(ReportLevel level, MessageId message, const char *const *fields, const char *format, ...) {
        char line[1024];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(line, sizeof(line), format, ap);
        va_end(ap);
        speak(level, line, &(Details){ .message = message, .fields = fields });
}

void report_note(ReportLevel level, const char *format, ...) {
        char line[1024];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(line, sizeof(line), format, ap);
        va_end(ap);
        speak(level, line, &(Details){});
}
