/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/strv.h"
#include "nspawn-glue/launch.h"
#include "tests/suite.h"

enum { MOST_WORDS = 24 };

/* What the launcher makes of its command line, which has spaces between words, and of an image. */
static int prepare(const char *line, const ImageConfig *image, char **ret, Fault *fault) {
        autofree char *copy = strdup(line);
        char *argv[MOST_WORDS + 4] = { (char *) "slipway-nspawn", (char *) "web", (char *) "--image=x" };
        Options options = {};
        Launch launch = { .options = &options };
        char *rest = copy, *word;
        int r;

        for (size_t n = 3; (word = strsep(&rest, " ")); n++)
                argv[n] = *word ? word : NULL;
        if (image)
                launch.image.config = *image;
        r = options_parse(&options, argv, fault);
        if (r >= 0)
                r = launch_prepare_health(&launch, fault);
        *ret = r >= 0 && launch.health ? strv_join(launch.health + 1, " ") : NULL;
        strv_free(launch.health);
        options_done(&options);
        return r;
}

static char *const test[] = { (char *) "CMD-SHELL", (char *) "up", NULL };
static char *const shell[] = { (char *) "/bin/ash", (char *) "-c", NULL };
static const ImageConfig image = {
        .shell = (char **) shell,
        .health = {
                .test = (char **) test,
                .interval = 7000000,
                .timeout = 8000000,
                .start_period = 9000000,
                .start_interval = 1500000,
                .retries = 2,
        },
};

/* clang-format off */
static const struct {
        const char *what, *line;
        bool has_image;
        const char *call; /* NULL: nothing is probed */
} calls[] = {
        { "nothing is asked for", "", false, NULL },
        { "the manifest's check", "--health-cmd=up", false, "web -- /bin/sh -c up" },
        { "the image's check with its own times", "", true,
          "web --interval=7s --timeout=8s --retries=2 --start-period=9s --start-interval=1500000us -- /bin/ash -c up" },
        { "what the manifest says wins one by one, as in Docker",
          "--health-cmd=[\"CMD\",\"down\"] --health-interval=1s --health-retries=5 --health-timeout=0", true,
          "web --interval=1s --timeout=8s --retries=5 --start-period=9s --start-interval=1500000us -- down" },
        { "the image's check is ignored", "--health-cmd=none", true, NULL },
        { "nothing is probed without an interval", "--health-interval=disable", true, NULL },
        { "all that there is",
          "--health-cmd=[\"CMD\",\"up\"] --health-start-period=1m --health-start-interval=2s --health-on-failure=kill "
          "--health-log-destination=events_logger --health-max-log-count=0 --health-max-log-size=9 "
          "--health-startup-cmd=[\"CMD\",\"on\"] --health-startup-interval=1s --health-startup-timeout=2s "
          "--health-startup-retries=3 --health-startup-success=4 --notify=healthy", false,
          "web --start-period=60s --start-interval=2s --startup-interval=1s --startup-timeout=2s "
          "--startup-retries=3 --startup-success=4 --on-failure=kill --log=events_logger --log-count=0 --log-size=9 "
          "--ready --startup-cmd=on -- up" },
        { "a startup check that is none", "--health-cmd=[\"CMD\",\"up\"] --health-startup-cmd=none", false, "web -- up" },
        { "a startup check that is never probed",
          "--health-cmd=[\"CMD\",\"up\"] --health-startup-cmd=on --health-startup-interval=disable", false, "web -- up" },
        { "a directory for results", "--health-cmd=[\"CMD\",\"up\"] --health-log-destination=/tmp", false,
          "web --log=/tmp -- up" },
};

static const struct {
        const char *line, *key, *why;
} wrong[] = {
        { "--notify=healthy", "", "Notify=healthy waits for a health check, and there is none: set HealthCmd=, or take Notify= away" },
        { "--notify=healthy --health-cmd=none", "", "Notify=healthy waits for a health check, and there is none: set HealthCmd=, or take Notify= away" },
        { "--health-cmd=[\"CMD\"]", "--health-cmd", "the health check has no command" },
        { "--health-interval=1", "--health-interval", "'1' is not a duration: numbers with h, m, s or ms, as 1m30s" },
        { "--health-interval=10us", "--health-interval", "'10us' is less than a millisecond" },
        { "--health-timeout=disable", "--health-timeout", "'disable' is not a duration: numbers with h, m, s or ms, as 1m30s" },
        { "--health-retries=-1", "--health-retries", "'-1' is not a number" },
        { "--health-on-failure=cry", "--health-on-failure", "'cry' is not one of none, kill, restart and stop" },
        { "--health-cmd=up --health-log-destination=/nowhere/at/all", "--health-log-destination", "there is no directory '/nowhere/at/all'" },
        { "--health-cmd=up --health-log-destination=here", "--health-log-destination", "'here' is not local, events_logger or an absolute directory" },
};
/* clang-format on */

START_TEST(the_manifest_comes_before_the_image)
{
        autofree char *call = NULL;
        Fault fault = {};
        int r = prepare(calls[_i].line, calls[_i].has_image ? &image : NULL, &call, &fault);

        ck_assert_msg(r == 0, "%s: %s", calls[_i].what, fault.text);
        if (calls[_i].call)
                ck_assert_str_eq(call, calls[_i].call);
        else
                ck_assert_ptr_null(call);
}
END_TEST

START_TEST(what_cannot_be_meant_is_told)
{
        autofree char *call = NULL;
        Fault fault = {};

        ck_assert_int_lt(prepare(wrong[_i].line, NULL, &call, &fault), 0);
        ck_assert_str_eq(fault.text, wrong[_i].why);
        ck_assert_str_eq(fault.key, wrong[_i].key);
}
END_TEST

START_TEST(an_image_cannot_keep_a_processor_busy)
{
        ImageConfig busy = image;
        autofree char *call = NULL, *none = NULL;
        Fault fault = {};

        busy.health.interval = 999;
        ck_assert_int_lt(prepare("", &busy, &call, &fault), 0);
        ck_assert_ptr_nonnull(strstr(fault.text, "less than a millisecond"));

        /* Unless somebody else knows better, or nobody asks it. */
        fault = (Fault){};
        ck_assert_int_eq(prepare("--health-interval=1s", &busy, &call, &fault), 0);
        ck_assert_ptr_nonnull(call);
        ck_assert_int_eq(prepare("--health-cmd=none", &busy, &none, &fault), 0);
}
END_TEST

START_TEST(the_watchdog_is_that_of_the_unit_unless_the_app_has_it)
{
        autofree char *call = NULL, *other = NULL;

        ck_assert_int_eq(setenv("WATCHDOG_USEC", "20000000", 1), 0);
        ck_assert_int_eq(prepare("--health-cmd=[\"CMD\",\"up\"]", NULL, &call, NULL), 0);
        ck_assert_str_eq(call, "web --watchdog=20s -- up");
        ck_assert_int_eq(prepare("--health-cmd=[\"CMD\",\"up\"] --notify=yes", NULL, &other, NULL), 0);
        ck_assert_str_eq(other, "web -- up");
        ck_assert_int_eq(unsetenv("WATCHDOG_USEC"), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("launch-health");
        TCase *tc = tcase_create("launch-health");

        tcase_add_loop_test(tc, the_manifest_comes_before_the_image, 0, ELEMENTS(calls));
        tcase_add_loop_test(tc, what_cannot_be_meant_is_told, 0, ELEMENTS(wrong));
        tcase_add_test(tc, an_image_cannot_keep_a_processor_busy);
        tcase_add_test(tc, the_watchdog_is_that_of_the_unit_unless_the_app_has_it);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
