/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tells the service manager how things stand, by the protocol of sd_notify(3), without loading its library.
 */

/* Return: 1 with a datagram socket that is connected to the service manager, 0 when nobody listens, -errno.
 */
int notify_connect(int *ret);

/* Return: 1 when it was sent, 0 when nobody listens ($NOTIFY_SOCKET is unset), -errno. */
int notify_send(const char *state);

/*
 * What "systemctl status" shows as the unit's status, in one line. The service manager takes one level of
 * backslashes off, so they are doubled on the way.
 */
int notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How long a busy service manager may take to hear of its new main process. */
#define NOTIFY_HEARD_MS 300000

/*
 * Waits until the service manager has dealt with all that was sent: it asks the
 * kernel who the sender is, so a sender that is gone by then has said nothing.
 * Return: 1 when it has, 0 when nobody listens, -ETIMEDOUT, -errno.
 */
int notify_barrier(int timeout_ms);
