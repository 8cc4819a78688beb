/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Journal entries on behalf of a container
 *
 * Speaks the journal's native protocol. The entries name the container's unit,
 * so that journalctl -u and systemctl status show them among its own.
 */

#include <stddef.h>

#include "lib/fault.h"
#include "nspawn-glue/stdio/lines.h"

/* What is the same in all entries of a stream. */
typedef struct EntryHead {
        char text[4096];
        size_t size;
        int priority; /* unless the line has one of its own */
} EntryHead;

/* Whose words they are. */
typedef struct Speaker {
        const char *container;
        const char *unit;
        const char *image;  /* may be empty */
        const char *tag;    /* empty for the container's name */
        const char *fields; /* "NAME=VALUE", each with a line break behind it */
} Speaker;

int entry_head(EntryHead *ret, const Speaker *speaker, int priority);

/* Takes a syslog prefix ("<4>") off a line. Return: what it says, or @otherwise. */
int entry_priority(Line *line, int otherwise);

/* Return: a socket to the journal, or -errno. */
int entry_connect(const char *path);

/* Sends one entry, however long; waits for a journal that is restarting. Return: 0 or -errno. */
int entry_send(int fd, const EntryHead *head, const Line *line);
