/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which ids of the host a container has: four ways to say it, one that the launcher reads. */

#include "generator/model/container.h"
#include "lib/fault.h"

/**
 * user_namespace_resolve() - put all that a container says into its userns field
 * @key:        set to the key to blame
 *
 * Reads /etc/subuid and /etc/subgid if the container refers to them, and nothing otherwise.
 *
 * Return: 0; -EINVAL or -EOPNOTSUPP with a fault; -ENOMEM.
 */
int user_namespace_resolve(Container *container, const char **key, Fault *fault);
