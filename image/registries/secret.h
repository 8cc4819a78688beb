/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Memory that has held a password, and is not left with it in. */

#include "lib/cleanup.h"

void secret_free(char *text);
DEFINE_AUTO(char *, secret_free)
#define autosecret AUTO(secret_freep)

/*
 * From now on, jansson wipes what it frees. It is for the whole process, and
 * has to be called before any value is made that is freed later.
 */
void secret_wipe_json(void);
