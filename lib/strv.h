/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* NULL-terminated lists of strings. A NULL list is an empty one. */

#include <stddef.h>

#include "lib/cleanup.h"

size_t strv_length(char *const *list);

/* Appends a copy of @item. Return: 0, or -ENOMEM with the list untouched. */
int strv_append(char ***list, const char *item);

/* Appends @item itself and owns it, also on failure. */
int strv_take(char ***list, char *item);

/* Appends what printf(3) would print. */
int strv_appendf(char ***list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends copies of all of @more. */
int strv_extend(char ***list, char *const *more);

char *const *strv_find(char *const *list, const char *item);

/* Joins with @separator in between. Return: a new string, NULL when out of memory. */
char *strv_join(char *const *list, const char *separator);

void strv_free(char **list);
DEFINE_AUTO(char **, strv_free)

#define autostrv AUTO(strv_freep)
