/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether containers that have ended have left anything
 *
 * A container's name is locked for as long as it lives, from the launcher's
 * first stage to the end of systemd-nspawn. What is there without a lock was
 * left by a process that was killed, unless its unit is just about to clean up.
 */

#include <stdbool.h>

#include "lib/finding.h"

typedef struct StateCheck {
        /* Whether a unit starts or stops at this moment: its things are not looked at. May be NULL. */
        bool (*is_in_motion)(void *data, const char *unit);
        void *data;
} StateCheck;

/* Return: 0 whatever was found, or -errno with a fault when it could not be looked at. */
int state_check(const StateCheck *check, Findings *findings, Fault *fault);

/* The parts that need nothing but text, for tests: lines of /proc/PID/mountinfo; a lease of user ids. */
int state_check_mounts(char *mountinfo, Findings *findings);
int state_check_leases(int dir_fd, Findings *findings);
