/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Networks come up and go down
 */

#include "nspawn-glue/net/network.h"

/**
 * bring_up() - make a network, or make of one that is up what it is to be
 * @wish:       gets what was chosen
 *
 * What members hold on to cannot be changed under their feet: that is a fault, and all stays as it was.
 */
int bring_up(Network *wish, Fault *fault);

/* @forget: also which subnets were chosen. Nothing is wrong when it is not up. */
int bring_down(const char *name, bool forget, Fault *fault);
