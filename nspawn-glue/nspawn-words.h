/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What systemd-nspawn has said
 *
 * It tells only on its standard error which signal has ended a container, and why it could not make one.
 * That goes to a file beside the container's record, where those who tell people of the end find it.
 */

#include "nspawn-glue/record.h"

typedef struct Words {
        char signal[16]; /* what has killed the app, as SEGV; empty for none */
        char last[160];  /* the last line that was about something else; empty for none */
} Words;

/* Return: a new file to write to, or -errno. */
int words_open(const char *name);

/**
 * words_read() - what there is to know of an end
 * @tell:       is given each line that is not only about the signal; may be NULL
 */
void words_read(const char *name, Words *ret, void (*tell)(const char *line));

/* The same for the text of a file. */
void words_parse(char *text, Words *ret, void (*tell)(const char *line));

/* Nobody will ask any more. */
void words_remove(const char *name);
