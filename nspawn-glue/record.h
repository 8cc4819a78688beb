/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What runs
 *
 * One small file for each running container, of KEY=VALUE lines. It is a note
 * for people and for `slipway list`, not the truth: that is the service
 * manager's. A record whose process is gone is a leftover.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/paths.h"

#define RECORD_DIR SLIPWAY_RUNTIME_DIR "/containers"

typedef struct Record {
        char unit[256];    /* UNIT= */
        char image[512];   /* IMAGE=, as asked for, or the directory of --rootfs= */
        char image_id[65]; /* IMAGE_ID=, empty for a directory */
        uint32_t base;     /* BASE=, the host's id of the container's root */
        uint32_t count;    /* COUNT=, 0 without a user namespace */
        pid_t pid;         /* PID=, of systemd-nspawn */
        uint64_t started;  /* STARTED=, microseconds since the epoch */
        char notify[8];    /* NOTIFY=, who says that it is ready: no, yes, healthy */
        int stop_signal;   /* STOP_SIGNAL=, a number */
        bool init;         /* INIT=, process 1 is ours and hands on signals */
        char pod[65];      /* POD=, that it is in, empty for none */

        char update[16]; /* AUTO_UPDATE=, where newer images come from: registry, local; empty for nowhere */
        char authfile[256]; /* AUTHFILE=, with what credentials */

        /* How its output is marked */
        char journal[128];     /* JOURNAL=, the namespace, empty for the usual one */
        char tag[256];         /* TAG= */
        char log_fields[2048]; /* LOG_FIELD=, each with a line break behind it */

        char volumes[4096]; /* VOLUME=, those that it uses, each with a line break behind it */

        /* Noted later */
        char exit_code[16];   /* EXIT_CODE=, as ExecStopPost= has it: exited, killed, dumped */
        char exit_status[16]; /* EXIT_STATUS=, a number or the name of a signal */
        bool transient;       /* TRANSIENT=, its unit is gone when it has ended */
        bool out_of_memory;   /* OUT_OF_MEMORY=, that is what has ended it */
        bool told;            /* TOLD=, somebody has said already why it ends */
        bool stopping;        /* STOPPING=, it was asked to end */
} Record;

/* Whether it uses the volume of that name. */
bool record_has_volume(const Record *record, const char *name);

/* Return: 0, -ENOENT when there is none. Unknown keys are passed over. */
int record_read(const char *name, Record *ret);

/* The same, and of a container that has ended what it was. */
int record_read_last(const char *name, Record *ret);

/* Which container a unit has, or had last. Return: a new string, NULL when no record names the unit. */
char *record_find_unit(const char *unit);

/* Nothing runs under that name any more. Who still has to tell of it can: what it has written may outlive
 * it. */
void record_retire(const char *name);

/* Adds a line to the record of a container that runs. Without one there is nothing to add to. */
void record_note(const char *name, const char *line);

/* "NAME=VALUE". Return: 0; -E2BIG when there is no room, or it is more than a line. */
int record_add_log_field(Record *record, const char *field);

int record_write(const char *name, const Record *record);

/* The same for the text of a record. */
void record_parse(char *text, Record *ret);
