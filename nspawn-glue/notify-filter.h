/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a container may tell the service manager
 *
 * The manager believes root: from a process of its own user namespace it would
 * take MAINPID= of any process of the host, and from any other that of each
 * process of its unit, which then is sent what was meant for systemd-nspawn.
 * And it shows STATUS= to people as it comes, with what drives their terminals.
 * So messages pass through here. Only fields that speak of the container itself
 * remain, and of control characters only line breaks.
 */

#include <stdbool.h>
#include <stddef.h>

/**
 * notify_filter() - leave out of a message what a container may not say
 * @text:       lines of sd_notify(3), changed in place; need not be terminated
 * @size:       how many bytes it has
 *
 * Return: how many bytes are left.
 */
size_t notify_filter(char *text, size_t size);
