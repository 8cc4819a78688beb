/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/strv.h"
#include "nspawn-glue/health/call.h"
#include "tests/suite.h"

#define PROGRAM "slipway-health"

static char *join(const HealthCall *call) {
        autostrv char **argv = NULL;

        ck_assert_int_eq(health_call_write(call, PROGRAM, &argv), 0);
        return strv_join(argv, " ");
}

START_TEST(what_is_as_by_default_is_not_said)
{
        char *const argv[] = { (char *) PROGRAM, (char *) "web", (char *) "--", (char *) "true", NULL };
        AUTO(health_call_done) HealthCall call = {};
        autofree char *joined = NULL;

        ck_assert_int_eq(health_call_parse(&call, argv, NULL), 0);
        ck_assert_str_eq(call.name, "web");
        ck_assert_str_eq(call.command[0], "true");
        ck_assert_uint_eq(call.rules.interval, 30000000);
        ck_assert_uint_eq(call.rules.timeout, 30000000);
        ck_assert_uint_eq(call.rules.start_period, 0);
        ck_assert_uint_eq(call.rules.start_interval, 5000000);
        ck_assert_uint_eq(call.rules.retries, 3);
        ck_assert_uint_eq(call.log_count, 5);
        ck_assert_uint_eq(call.log_size, 4096);
        ck_assert(!call.rules.has_startup && !call.ready);
        joined = join(&call);
        ck_assert_str_eq(joined, PROGRAM " web -- true");
}
END_TEST

START_TEST(a_call_is_read_as_it_was_written)
{
        static const char line[] =
                        PROGRAM " web --interval=1us --timeout=2s --retries=3000 --start-period=4us "
                                "--start-interval=5us --startup-interval=6us --startup-timeout=7us "
                                "--startup-retries=8 --startup-success=9 --on-failure=stop "
                                "--log=events_logger --log-count=0 --log-size=0 --ready "
                                "--watchdog=10us --startup-cmd=is --startup-cmd=up -- check --now";
        AUTO(health_call_done) HealthCall call = {};
        autofree char *copy = strdup(line), *joined = NULL;
        char *argv[40] = {}, *rest = copy;

        for (size_t n = 0; rest; n++)
                argv[n] = strsep(&rest, " ");
        ck_assert_int_eq(health_call_parse(&call, argv, NULL), 0);
        ck_assert(call.rules.has_startup && call.ready);
        ck_assert_int_eq(call.on_failure, HEALTH_ACTION_STOP);
        joined = join(&call);
        ck_assert_str_eq(joined, line);
}
END_TEST

/* clang-format off */
static const struct {
        const char *words[4], *why;
} wrong[] = {
        { { NULL },                        "a container's name and a command are needed" },
        { { "web" },                       "a container's name and a command are needed" },
        { { "web", "--" },                 "a container's name and a command are needed" },
        { { "web", "db" },                 "'db' is one name too many" },
        { { "web", "--speed=1" },          "no such option: '--speed=1'" },
        { { "web", "--interval" },         "'--interval' has a wrong value" },
        { { "web", "--interval=1" },       "'--interval=1' has a wrong value" },
        { { "web", "--retries=-1" },       "'--retries=-1' has a wrong value" },
        { { "web", "--retries=4294967296" }, "'--retries=4294967296' has a wrong value" },
        { { "web", "--on-failure=weep" },  "'--on-failure=weep' has a wrong value" },
        { { "web", "--ready=yes" },        "'--ready=yes' has a wrong value" },
};
/* clang-format on */

START_TEST(what_makes_no_sense_is_refused)
{
        AUTO(health_call_done) HealthCall call = {};
        char *argv[6] = { (char *) PROGRAM };
        Fault fault = {};

        for (size_t i = 0; i < ELEMENTS(wrong[_i].words) && wrong[_i].words[i]; i++)
                argv[i + 1] = (char *) wrong[_i].words[i];
        ck_assert_int_eq(health_call_parse(&call, argv, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, wrong[_i].why);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("health-call");
        TCase *tc = tcase_create("health-call");

        tcase_add_test(tc, what_is_as_by_default_is_not_said);
        tcase_add_test(tc, a_call_is_read_as_it_was_written);
        tcase_add_loop_test(tc, what_makes_no_sense_is_refused, 0, ELEMENTS(wrong));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
