/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which journal a unit logs to
 *
 * With LogNamespace= a unit has a journal of its own: systemd mounts its sockets over those of the usual
 * one, for the unit's processes only. Others who log for the unit have to find them.
 */

#include <stddef.h>

#define JOURNAL_NAMESPACE_MAX 128

/* The namespace of our own journal, from the mounts that we see; empty for the usual one. */
void journal_own_namespace(char ret[JOURNAL_NAMESPACE_MAX]);

/* The same from the text of a mountinfo, which is changed. See proc(5). */
void journal_find_namespace(char *mountinfo, char ret[JOURNAL_NAMESPACE_MAX]);

/* The socket for entries of a namespace. Return: 0; -EINVAL for what is no namespace. */
int journal_socket(const char *name, char *ret, size_t size);
