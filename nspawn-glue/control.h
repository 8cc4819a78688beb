/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How slipway-init says whether the app could be executed
 *
 * systemd-nspawn keeps a copy of every descriptor that it passes on, so the
 * end of a pipe that came through it says nothing. init makes a pipe of its
 * own, close-on-exec, and sends the reading end over the control socket. When
 * that pipe ends after init has said that it is about to execute the app, and
 * without another word, execve(2) has succeeded. If it ends before, init was killed.
 */

#include <stdbool.h>

#include "lib/fault.h"

/* Exit statuses as podman-run(1) has them. */
#define EXIT_LAUNCHER 125 /* the container could not be made */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

/* Makes both ends: @ret_watcher keeps one, the other goes to init. Return: 0 or -errno. */
int control_open(int *ret_watcher, int *ret_init);

/* init: announces itself. @ret is what control_fail() writes to, until exec closes it. Return: 0 or -errno.
 */
int control_begin(int fd, int *ret);

/* init: says that execve(2) comes next, as long as it may still say anything. */
void control_trying(int fd);

/* init: says why there will be no app, and waits for the watcher to have passed it on, but not forever. */
void control_fail(int fd, const Fault *fault);

/* launcher: there will be no init, and why, it says itself. @fd is the end that init would have got. */
void control_cancel(int fd);

/**
 * control_wait() - wait until the app runs, or will not
 * @fd:         the watcher's end; the caller has closed the other
 * @held:       pidfd of a process that is stopped as soon as init has begun, or -1; the caller lets it go on
 *
 * Return: 0 when the app was executed, else -errno with a fault. -EPIPE when init never began: then
 * systemd-nspawn has said why; -EOWNERDEAD when it was killed; -ECANCELED, without a fault, when the
 * launcher has given up. After a fault, init waits until the caller's
 * process is gone.
 */
int control_wait(int fd, int held, Fault *fault);

/* Hands a descriptor over through a socket. Return: 0 or -errno; -EPIPE when there is none to receive. */
int control_send_descriptor(int socket_fd, int fd);
int control_receive_descriptor(int socket_fd, int *ret);

/* What has been in a container may have been changed there: ends all texts. Return: whether it can be a
 * fault. */
bool control_fault_is_sane(Fault *told);
