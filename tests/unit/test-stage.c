/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/stage.h"
#include "tests/suite.h"

static void note(void *run, char letter) {
        char *log = run;
        size_t n = strlen(log);

        log[n] = letter;
        log[n + 1] = '\0';
}

static int apply_a(void *run, Fault *fault) {
        note(run, 'a');
        return 0;
}

static int apply_b(void *run, Fault *fault) {
        note(run, 'b');
        return 0;
}

static int apply_bad(void *run, Fault *fault) {
        note(run, '!');
        return fault_raise(fault, FAULT_SYSTEM, ENOSPC, "the disk is full");
}

static void undo_a(void *run) {
        note(run, 'A');
}

static void undo_b(void *run) {
        note(run, 'B');
}

static const Stage stages[] = {
        { "do a", apply_a, undo_a },
        { "do nothing to undo", apply_b, NULL },
        { "do b", apply_b, undo_b },
        { "write it down", apply_bad, undo_a },
        { "never come here", apply_a, undo_a },
};

START_TEST(what_was_done_is_undone_last_first_when_a_stage_fails)
{
        char log[32] = "";
        Fault fault = {};

        ck_assert_int_eq(stages_apply(stages, ELEMENTS(stages), log, &fault), -ENOSPC);
        ck_assert_str_eq(log, "abb!BA");
        ck_assert_str_eq(fault.text, "cannot write it down: the disk is full");
}
END_TEST

START_TEST(nothing_is_undone_when_all_went_well)
{
        char log[32] = "";

        ck_assert_int_eq(stages_apply(stages, 3, log, NULL), 0);
        ck_assert_str_eq(log, "abb");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("stage");
        TCase *tc = tcase_create("stage");

        tcase_add_test(tc, what_was_done_is_undone_last_first_when_a_stage_fails);
        tcase_add_test(tc, nothing_is_undone_when_all_went_well);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
