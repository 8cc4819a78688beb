/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Verbs of the other program
 *
 * What reads or writes archives needs libarchive, and with it libxml2 and
 * ICU: to load these takes longer than most verbs take in all. So there are
 * two programs in LIBEXEC: slipway, which executes slipway-images for the
 * verbs below, and slipway-images, which has all verbs.
 */

#include "lib/fault.h"

/* clang-format off */
#define VERBS_ELSEWHERE(X) \
        X(cp)              \
        X(export)          \
        X(fsck)            \
        X(import)          \
        X(push)            \
        X(save)
/* clang-format on */

/* What the program was called with, from its name on; set by its main(). */
extern char *const *elsewhere_words;

/* Becomes slipway-images, with the same words; nothing happens there. Return: 0 there; -errno with a fault.
 */
int elsewhere_go(Fault *fault);
