/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What there is to a container beyond its keys one by one; of use to front ends only. */

#include "generator/quadlet/key-load.h"

/* Looks whether the item that was added last is mounted where something else is. */
void mount_targets_check(KeyLoad *load, const KeyRow *row, const Place *place);

/* Whether something is mounted where a SOURCE:TARGET[:OPTION,…], or a TARGET alone, would be. */
bool mount_targets_have(const Container *container, const char *volume);

/* Whether two of them would be mounted in the same place. */
bool mount_targets_are_same(const char *volume, const char *other);

/* What keys mean to each other. */
int container_check(KeyLoad *load);
