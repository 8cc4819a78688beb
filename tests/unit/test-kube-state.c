/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cli/kube-state.h"
#include "tests/suite.h"

/* "R" runs, "W" waits for its restart, "F" has failed, "I" has ended, "X" is done and stays. */
static UnitStates make_states(const char *text, UnitState *states) {
        static const struct {
                char letter;
                const char *active, *sub;
        } known[] = {
                { 'R', "active", "running" },
                { 'W', "activating", "auto-restart" },
                { 'F', "failed", "failed" },
                { 'I', "inactive", "dead" },
                { 'X', "active", "exited" },
        };
        size_t n = 0;

        for (; text[n]; n++)
                for (size_t i = 0; i < ELEMENTS(known); i++)
                        if (known[i].letter == text[n]) {
                                states[n] = (UnitState){ .unit = (char *) text + n };
                                (void) strcpy(states[n].active, known[i].active);
                                (void) strcpy(states[n].sub, known[i].sub);
                        }
        return (UnitStates){ .states = states, .n = n };
}

static const struct {
        const char *units;
        bool is_over;
        int any, all; /* which one's failure counts, -1 for none */
} rows[] = {
        { "", true, -1, -1 },
        { "R", false, -1, -1 },
        { "X", true, -1, -1 },
        { "I", true, -1, -1 },
        { "F", true, 0, 0 },
        { "XF", true, 1, 1 },
        { "RF", false, 1, -1 },
        { "WF", false, 1, -1 },
        { "IF", true, 1, -1 },
        { "FXF", true, 0, 0 },
        { "W", false, -1, -1 },
        { "XI", true, -1, -1 },
};

START_TEST(what_counts_are_containers_that_run)
{
        UnitState states[4];
        UnitStates all = make_states(rows[_i].units, states);
        const UnitState *any_failure = kube_state_failure(&all, KUBE_PROPAGATE_ANY),
                        *all_failure = kube_state_failure(&all, KUBE_PROPAGATE_ALL);

        ck_assert_int_eq(kube_state_is_over(&all), rows[_i].is_over);
        ck_assert_int_eq(any_failure ? any_failure - states : -1, rows[_i].any);
        ck_assert_int_eq(all_failure ? all_failure - states : -1, rows[_i].all);
        ck_assert_ptr_null(kube_state_failure(&all, KUBE_PROPAGATE_NONE));
}
END_TEST

START_TEST(words_are_podmans)
{
        ck_assert_int_eq(kube_propagation_from_string("none"), KUBE_PROPAGATE_NONE);
        ck_assert_int_eq(kube_propagation_from_string("any"), KUBE_PROPAGATE_ANY);
        ck_assert_int_eq(kube_propagation_from_string("all"), KUBE_PROPAGATE_ALL);
        ck_assert_int_eq(kube_propagation_from_string("some"), _KUBE_PROPAGATION_MAX);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("kube-state");
        TCase *tcase = tcase_create("kube-state");

        tcase_add_loop_test(tcase, what_counts_are_containers_that_run, 0, ELEMENTS(rows));
        tcase_add_test(tcase, words_are_podmans);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
