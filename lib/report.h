/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one place that speaks
 *
 * A program says something through report_fault() or report_note(); nothing
 * else prints diagnostics. Where the words go depends on who started us: a
 * person reads standard error, a service's words go to the journal with
 * fields to search for, and a system generator, which may not talk to
 * anybody, has the kernel's log.
 */

#include <stddef.h>

#include "lib/fault.h"

typedef enum ReportSink {
        REPORT_TERMINAL, /* plain lines on standard error */
        REPORT_JOURNAL,  /* native journal entries with SLIPWAY_* fields */
        REPORT_KMSG,     /* /dev/kmsg, for generators of the system manager */
        _REPORT_SINK_MAX,
} ReportSink;

/* Severities of syslog(3), so that no caller needs <syslog.h>. */
typedef enum ReportLevel {
        REPORT_ERROR = 3,
        REPORT_WARNING = 4,
        REPORT_NOTICE = 5,
        REPORT_INFO = 6,
} ReportLevel;

/* Names the program in front of each line; @program must live as long as the process. */
void report_init(const char *program, ReportSink sink);

/* Names the container that is spoken of, for the journal; @name must live as long as the process. */
void report_set_container(const char *name);

/* Terminal, or kmsg or journal when the service manager runs us: $SYSTEMD_SCOPE, $JOURNAL_STREAM,
 * $SYSTEMD_EXEC_PID. */
ReportSink report_choose_sink(void);

/**
 * report_format() - "FILE:LINE:COLUMN: KEY=: TEXT", without what is not known
 * Return: the length the whole line has, as snprintf(3).
 */
size_t report_format(char *line, size_t size, const Fault *fault);

void report_fault(ReportLevel level, const Fault *fault);

/**
 * report_event() - say that something has happened which has a name
 * @fields:     "NAME=VALUE" for the journal's entry, NULL at the end; or NULL
 */
void report_event(ReportLevel level, MessageId message, const char *const *fields, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/* A line without a fault: progress, and what an older system could not do. */
void report_note(ReportLevel level, const char *format, ...) __attribute__((format(printf, 2, 3)));
