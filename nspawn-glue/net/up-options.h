/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of "slipway-net up"
 *
 * To add an option: a row in the table of up-options.c, and a paragraph in slipway-net(8).
 */

#include "nspawn-glue/net/network.h"

/**
 * up_options_parse() - read the words behind "up"
 * @argv:       NAME [OPTION…], ends with NULL
 * @ret:        subnets are what was given, no more
 *
 * Return: 0, or -EINVAL with a fault that names the option as its key.
 */
int up_options_parse(char *const *argv, Network *ret, Fault *fault);
