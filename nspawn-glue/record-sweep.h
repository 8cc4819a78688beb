/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Records of containers that nobody will ask for any more
 *
 * What a container was is kept after its end, for those who wait for it. One that has a manifest comes back
 * under its name; of transient ones, whose names are often made up, the files would pile up until the next
 * boot.
 */

#include <stdbool.h>
#include <time.h>

/* Where the service manager keeps units that come from no file. */
#define TRANSIENT_DIR "/run/systemd/transient"

/* How long those who have seen the end have to ask for it. */
#define RECORD_SWEEP_SECONDS 60

/* Whether the unit that this process belongs to is one of those. */
bool record_is_transient(void);

/**
 * record_sweep() - remove what containers without a unit have left
 * @dir_fd:     the directory of records
 * @units_fd:   TRANSIENT_DIR: a unit that has failed stays there, and its record with it
 * @before:     younger ones are left
 *
 * Only records with TRANSIENT=yes are looked at. What cannot be removed now may be at another time.
 */
void record_sweep(int dir_fd, int units_fd, time_t before);
