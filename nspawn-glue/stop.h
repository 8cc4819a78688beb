/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Signals to a container from outside
 *
 * For ExecStop= and ExecReload= of its unit. Both find out first whether a
 * signal can arrive at all, see signal-fate.h.
 */

#include "lib/fault.h"

/*
 * What kills systemd-nspawn, and with it the container, in an orderly stop. The unit counts it as a clean
 * end (SuccessExitStatus=); nobody else has a reason to send it.
 */
#define STOP_END_SIGNAL SIGVTALRM

/**
 * stop_container() - make sure that a stop does not wait in vain
 *
 * Does nothing where the stop signal arrives: the service manager is about to send it. Where it cannot, it
 * is passed to those below the app that take it, or the container is ended.
 *
 * Return: 0, also when there is no such container; -errno.
 */
int stop_container(const char *name, Fault *fault);

/* Sends a signal to the app. Return: 0, -EINVAL when it would be lost, -ESRCH; each with a fault. */
int stop_signal_container(const char *name, int number, Fault *fault);
