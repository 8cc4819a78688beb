/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages between the programs that bring an image
 *
 * slipway pull, slipway-fetch and slipway-store speak over a connected
 * SOCK_SEQPACKET socket: one packet is one message, a JSON object of at most
 * WIRE_LIMIT bytes, beside which descriptors may travel. What is long (a
 * manifest, a certificate, a layer) travels as a file.
 *
 * Who receives trusts nothing: a message that is no object, is too long or
 * has a key twice is a fault; descriptors that nobody asked for are closed.
 * What the words of a message are, image/fetch.h and image/pull.h say.
 */

#include <jansson.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

#define WIRE_LIMIT 65536
#define WIRE_FDS 4

typedef struct Message {
        json_t *body;
        int fds[WIRE_FDS]; /* of the receiver; -1 behind the last one */
        size_t n_fds;
} Message;

#define MESSAGE_EMPTY ((Message){ .fds = { -1, -1, -1, -1 } })

/* Return: 0, -EPIPE when nobody is there any more, -EMSGSIZE, -errno. */
int wire_send(int fd, const json_t *body, const int *fds, size_t n_fds);

/* The same; takes @body, also on failure, and takes NULL for out of memory. */
int wire_send_new(int fd, json_t *body, const int *fds, size_t n_fds);

/* Waits for a message. Return: 1 with one, 0 when the other side is gone, -EAGAIN, -errno with a fault. */
int wire_receive(int fd, Message *ret, Fault *fault);

/* The descriptor at @i is the caller's from now on. Return: it, or -1 if there was none. */
int message_take_fd(Message *message, size_t i);

void message_done(Message *message);
#define automessage AUTO(message_done)

/* Opens a connection to a socket of ours. Return: a descriptor, -errno with a fault that says how it is
 * started. */
int wire_connect(const char *path, Fault *fault);

/* A sealed file in memory with @size bytes in it. Return: a descriptor or -errno. */
int wire_document(const void *text, size_t size);

/**
 * wire_read_document() - read a file that came with a message
 * @fd:         stays the caller's
 * @limit:      how long it may be
 * @ret:        a copy with a NUL behind it; the file may change meanwhile
 *
 * Return: 0, -EFBIG, -EINVAL when it is no regular file, -errno; all with a fault.
 */
int wire_read_document(int fd, size_t limit, char **ret, size_t *ret_size, Fault *fault);

/* A fault as an object and back: what is told is its kind, errno and text. */
json_t *wire_fault(const Fault *fault);

/* Raises the fault that @body tells of. Return: -errno, never 0. */
int wire_raise(const json_t *body, Fault *fault);
