/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The incoming directory: blobs as they arrive
 *
 *      HEX.part        some of it, locked by who writes it; the next try goes on from there
 *      HEX             all of it, and with that digest, until it is forgotten
 *
 * Who finds a .part locked gets a file without a name instead. A file that
 * others may have open is never shortened or written to again from its
 * beginning: what was wrong makes room for another file.
 */

#include <stdbool.h>
#include <stdint.h>

#include "image/digest.h"

typedef struct Incoming {
        int dir_fd; /* borrowed */
        int fd;
        Digest digest;
        bool has_name;    /* HEX.part is this file */
        bool is_finished; /* HEX is, and nothing is to be written to it */
        uint64_t size;    /* bytes that are there */
} Incoming;

#define INCOMING_EMPTY ((Incoming){ .dir_fd = -1, .fd = -1 })

/* The file for a blob of @size bytes, with what has come of it earlier. Return: 0, -errno with a fault. */
int incoming_open(int dir_fd, const Digest *digest, uint64_t size, Incoming *ret, Fault *fault);

/* Another descriptor, to be read only. Return: it or -errno. */
int incoming_share(const Incoming *incoming);

/* Fails early when there is no room for @more bytes. Return: 0, -ENOSPC with a fault. */
int incoming_check_room(int dir_fd, uint64_t more, Fault *fault);

/* What is in it is wrong: another file takes its place. */
int incoming_restart(Incoming *incoming, Fault *fault);

/* All is there, and right. */
void incoming_finish(Incoming *incoming);

/* There is no room for it: nothing stays. */
void incoming_discard(Incoming *incoming);

void incoming_close(Incoming *incoming);

/* Removes what is there of a blob, unless somebody is at it. */
void incoming_forget(int dir_fd, const Digest *digest);

/* Removes what nobody has touched for @seconds. */
void incoming_sweep(int dir_fd, uint64_t seconds);
