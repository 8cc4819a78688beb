/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A line of a file, and an arrow below what is wrong in it. */

#include <stdio.h>

/**
 * excerpt_print() - show a spot in a file
 * @stream:     where to
 * @path:       the file; when it cannot be read, nothing is printed
 * @line:       counted from 1
 * @column:     byte in the line, counted from 1; 0 for no arrow
 */
void excerpt_print(FILE *stream, const char *path, unsigned line, unsigned column);
