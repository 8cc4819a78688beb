/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A blob on its way, and who is told of it
 *
 * The same blob may be asked for twice, as an image may have it twice, or as
 * a reader begins anew: it is fetched once, and all are told.
 */

#include "image/hash.h"
#include "image/registry/incoming.h"
#include "image/registry/serve.h"

typedef struct Listener {
        json_int_t id;
        bool has_file;
        bool is_stale; /* was told that it begins anew, and has likely asked again since */
        struct Listener *next;
} Listener;

struct Transfer {
        Server *server;
        Digest digest;
        uint64_t size;
        atomic_bool is_canceled;

        /* Of the thread that fetches. */
        Hash *hash;
        uint64_t done; /* bytes in the file, and in the hash */
        bool is_wrong; /* it is worth nothing, and nobody is left who could do better */

        /* Under the server's lock. */
        Incoming file;    /* written by that thread only */
        uint64_t told;    /* bytes that listeners know of */
        uint64_t told_at; /* milliseconds */
        Listener *listeners;
        Transfer *next;
};

/* Tells what is there, unless that is hardly more than was told last. */
void transfer_tell(Transfer *transfer);

/* The file is open: tells of it. */
void transfer_begin(Transfer *transfer, bool restart);

/* The last word. @fault: NULL when all went well. Frees the transfer. */
void transfer_end(Transfer *transfer, const Fault *fault);

/* Waits until nobody else, who was canceled, is at the same blob. */
void transfer_wait_turn(Transfer *transfer);
