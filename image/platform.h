/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Platforms as images name them: "linux/arm64/v8". */

#include "lib/fault.h"

typedef struct Platform {
        char os[32], architecture[32], variant[32]; /* the variant may be empty */
} Platform;

/* Reads "OS/ARCHITECTURE[/VARIANT]" or "ARCHITECTURE"; names of uname(1) are fine. Return: 0 or -EINVAL. */
int platform_parse(const char *text, Platform *ret, Fault *fault);

/* That of this machine, as uname(2) has it. */
void platform_of_machine(Platform *ret);

/**
 * platform_rank() - how well an image suits
 *
 * A processor runs what is made for lesser variants of it: an armv7 takes v7, then v6.
 *
 * Return: 0 for the best, more for what is less good, -1 when it does not run.
 */
int platform_rank(const Platform *wanted, const char *os, const char *architecture, const char *variant);

/* "linux/arm64/v8" into a static-size buffer. */
typedef struct PlatformText {
        char text[100];
} PlatformText;

PlatformText platform_text(const char *os, const char *architecture, const char *variant);
