/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Extended attributes of a file that is copied to where owners are others, see CopyOwners. */

#include <stddef.h>
#include <sys/types.h>

#include "nspawn-glue/copy-tree.h"

/* Without @owners an id is what it is. */
uid_t copy_shift(const CopyOwners *owners, uid_t id);

/* What @to cannot have is left out. Return: 0 or -errno. */
int copy_attributes(int from, int to, const CopyOwners *owners);

/* An attribute's value as it has to be written; for tests. Return: its new size, or -EINVAL. */
ssize_t copy_attribute_shift(const CopyOwners *owners, const char *name, char *value, size_t size);
