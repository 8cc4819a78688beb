/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signals by name, as signal(7) and kill(1) spell them. */

#include <stddef.h>

/**
 * signal_from_name() - find a signal
 * @name:       a number, or a name in any case, with or without "SIG"; RTMIN+n and RTMAX-n too
 *
 * Return: its number, from 1 to SIGRTMAX, or -EINVAL.
 */
int signal_from_name(const char *name);

/* "TERM", "RTMIN+3": upper case, without "SIG". Return: @buffer, with "" for what is no signal. */
const char *signal_to_name(int number, char *buffer, size_t size);
