/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of slipway-fault(8)
 *
 * The generator writes it, slipway-fault and slipway list read it.
 */

#include <stddef.h>

#include "lib/fault.h"

/**
 * fault_command_parse() - turn a command line into faults
 * @argv:       words after the program's name, NULL at the end
 * @ret:        a new array of at least one fault, to be freed
 * @ret_n:      how many
 *
 * Options belong to the text that follows them. A word after "--" is a text, whatever it starts with.
 *
 * Return: 0, -EINVAL with a fault.
 */
int fault_command_parse(char *const *argv, Fault **ret, size_t *ret_n, Fault *fault);
