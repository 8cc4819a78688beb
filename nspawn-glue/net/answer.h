/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What slipway-net answers: one message, of which only the first byte counts when all is well. */

#include "lib/fault.h"

enum {
        ANSWER_DONE = 'd',
        ANSWER_FAULT = 'f',
};

typedef struct Answer {
        char kind;
        Fault fault;
} Answer;
