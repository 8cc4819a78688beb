/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nspawn-glue/net/member.h"

/*
 * member_is_alive() - whether there is still somebody to whom a record belongs
 *
 * A container holds the lock of its name for as long as it lives, and a pod has a directory. What cannot be
 * found out is taken for life.
 */
bool member_is_alive(const Member *member);
