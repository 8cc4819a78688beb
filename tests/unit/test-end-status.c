/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <sys/wait.h>

#include "cli/end-status.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
        Record record;
        UnitReport report;
        int status;
} ends[] = {
        { { .exit_code = "exited", .exit_status = "0" },    { .code = CLD_EXITED, .exit_status = 0 },        0 },
        { { .exit_code = "exited", .exit_status = "1" },    { .code = CLD_EXITED, .exit_status = 1 },        1 },
        { { .exit_code = "killed", .exit_status = "KILL" }, { .code = CLD_EXITED, .exit_status = 1 },        137 },
        { { .exit_code = "killed", .exit_status = "SEGV" }, { .code = CLD_EXITED, .exit_status = 1 },        139 },
        { { .exit_code = "killed", .exit_status = "what" }, { .code = CLD_EXITED, .exit_status = 1 },        1 },
        { {},                                               { .code = CLD_EXITED, .exit_status = 7 },        7 },
        /* Of another life. */
        { { .exit_code = "killed", .exit_status = "KILL" }, { .code = CLD_EXITED, .exit_status = 3 },        3 },
        { { .exit_code = "killed", .exit_status = "SEGV" }, { .code = CLD_KILLED, .exit_status = SIGTERM },  143 },
        { {},                                               { .code = CLD_DUMPED, .exit_status = SIGABRT },  134 },
};
/* clang-format on */

START_TEST(a_signal_is_told_even_if_it_did_not_hit_systemd_nspawn)
{ ck_assert_int_eq(end_status_of(&ends[_i].record, &ends[_i].report), ends[_i].status); }
END_TEST

int main(void) {
        Suite *suite = suite_create("end-status");
        TCase *tc = tcase_create("end-status");

        tcase_add_loop_test(tc, a_signal_is_told_even_if_it_did_not_hit_systemd_nspawn, 0, ELEMENTS(ends));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
