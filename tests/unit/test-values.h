/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tables of values: what a parser makes of a text, or says about it. */

#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

typedef struct ValueCase {
        ValueParse *parse;
        const char *text;
        const char *result; /* what comes out, or what the fault says */
        const char *later;  /* what is not supported yet, NULL for nothing */
} ValueCase;

static inline void check_good(const ValueCase *row) {
        Value value = { .text = row->text, .directory = "/etc/slip%way" };
        autofree char *result = NULL;
        Fault fault = {};

        ck_assert_msg(row->parse(&value, &result, &fault) == 0, "'%s': %s", row->text, fault.text);
        ck_assert_str_eq(result, row->result);
        ck_assert_pstr_eq(value.later, row->later);
}

static inline void check_bad(const ValueCase *row) {
        Value value = { .text = row->text, .directory = "/etc/slipway" };
        char *result = NULL;
        Fault fault = {};

        ck_assert_msg(row->parse(&value, &result, &fault) < 0, "'%s' gives '%s'", row->text, result);
        ck_assert_str_eq(fault.text, row->result);
        ck_assert_ptr_null(result);
}
