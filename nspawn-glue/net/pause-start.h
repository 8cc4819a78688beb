/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Process 1 of a pod whose containers share their processes
 *
 * It is the service manager's child and becomes the main process of the pod's unit, so that its end is the
 * end of the pod, and the reason is told in the unit's status.
 */

#include <sys/types.h>

#include "lib/fault.h"

/**
 * pause_start() - make a namespace of processes with slipway-pause in it
 * @net_fd:     the network that it is in, -1 for the caller's
 * @ret_pid:    its number, on the host
 * @ret_fd:     its pidfd
 *
 * Return: 0 when it has given up all its privileges; -errno with a fault, and it has ended.
 */
int pause_start(int net_fd, pid_t *ret_pid, int *ret_fd, Fault *fault);

/* The pod is ready, and its unit goes by @pid from now on. Return: 0 or -errno. */
int pause_hand_over(pid_t pid, Fault *fault);
