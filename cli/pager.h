/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Long output
 *
 * On a terminal, what does not fit on the screen goes through a pager: $SYSTEMD_PAGER, $PAGER, or less(1),
 * as with systemctl(1). Whatever becomes of the pager, the verb's exit status stays its own.
 */

#include <stdbool.h>
#include <stddef.h>

/* Return: how wide the terminal at standard output is, 0 when it is none. */
size_t terminal_width(void);

/**
 * pager_show() - print a text to standard output
 * @wanted:     whether a pager may be used, if standard output is a terminal
 *
 * Return: 0 or -errno.
 */
int pager_show(const char *text, size_t size, bool wanted);
