/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/options.h"
#include "tests/suite.h"

/* A command line in one text, with blanks in between. */
static int parse(Options *options, char *line, char **argv, Fault *fault) {
        size_t n = 0;

        argv[n++] = (char *) "slipway-nspawn";
        while ((argv[n] = strsep(&line, " ")))
                n++;
        return options_parse(options, argv, fault);
}

START_TEST(a_command_line_is_read)
{
        char line[] = "web --image=nginx --entrypoint=/a --entrypoint=b --env=A=B=C --env=D --read-only "
                      "--http-proxy=no --network=host --shm-size=0 --console=pipe --init=no -- --image=x y";
        AUTO(options_done) Options options = {};
        char *argv[32];

        ck_assert_int_eq(parse(&options, line, argv, NULL), 0);
        ck_assert_str_eq(options.name, "web");
        ck_assert_str_eq(options.image, "nginx");
        ck_assert_uint_eq(strv_length(options.entrypoint), 2);
        ck_assert_str_eq(options.entrypoint[1], "b");
        ck_assert_str_eq(options.environment[0], "A=B=C");
        ck_assert(options.read_only && options.no_http_proxy && !options.init);
        ck_assert_int_eq(options_network(&options), NETWORK_HOST);
        ck_assert_int_eq(options.console, CONSOLE_PIPE);
        ck_assert_uint_eq(options.shm_size, 0);
        ck_assert_str_eq(options.command[0], "--image=x");
        ck_assert_str_eq(options.command[1], "y");
        ck_assert_ptr_null(options.command[2]);
}
END_TEST

START_TEST(what_is_not_said_has_a_default)
{
        AUTO(options_done) Options options = {};
        char line[] = "web --rootfs=/srv/tree:O";
        char *argv[8];

        ck_assert_int_eq(parse(&options, line, argv, NULL), 0);
        ck_assert_str_eq(options.rootfs, "/srv/tree");
        ck_assert(options.rootfs_overlay && !options.has_entrypoint);
        ck_assert_str_eq(options.userns, "auto");
        ck_assert_int_eq(options_network(&options), NETWORK_PRIVATE);
        ck_assert_uint_eq(options.shm_size, 67108864);
        ck_assert_ptr_null(options.command[0]);
}
END_TEST

START_TEST(networks_are_kept_in_their_order)
{
        char line[] = "web --image=x --network=back:ip=10.1.0.5 --network=front --network-alias=w "
                      "--ip6=fd00::5 --publish=8080:80 --publish=53:53/udp --pod=stack";
        AUTO(options_done) Options options = {};
        char *argv[16];

        ck_assert_int_eq(parse(&options, line, argv, NULL), 0);
        ck_assert_int_eq(options_network(&options), NETWORK_NAMED);
        ck_assert_uint_eq(strv_length(options.networks), 2);
        ck_assert_str_eq(options.networks[0], "back:ip=10.1.0.5");
        ck_assert_str_eq(options.aliases[0], "w");
        ck_assert_str_eq(options.ip6, "fd00::5");
        ck_assert_ptr_null(options.ip);
        ck_assert_str_eq(options.publish[1], "53:53/udp");
        ck_assert_str_eq(options.pod, "stack");
}
END_TEST

START_TEST(an_empty_entrypoint_clears_that_of_the_image)
{
        AUTO(options_done) Options options = {};
        char line[] = "web --image=x --entrypoint=";
        char *argv[8];

        ck_assert_int_eq(parse(&options, line, argv, NULL), 0);
        ck_assert(options.has_entrypoint);
        ck_assert_ptr_null(options.entrypoint);
}
END_TEST

static const struct {
        const char *line, *key, *text;
} refused[] = {
        { "web", "", "one of --image= and --rootfs= is needed" },
        { "web --image=a --rootfs=/b", "", "one of --image= and --rootfs= is needed" },
        { "--image=a", "", "a container name is missing" },
        { "-web --image=a", "",
                        "'-web' cannot name a container: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-'; "
                        "set ContainerName=" },
        { "../web --image=a", "",
                        "'../web' cannot name a container: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-'; "
                        "set ContainerName=" },
        { "web sh --image=a", "", "'sh' comes after the name; put \"--\" before a command" },
        { "web --imgae=a", "--imgae", "no such option" },
        { "web --image", "--image", "a value is missing" },
        { "web --image=a --read-only=maybe", "--read-only", "'maybe' is neither yes nor no" },
        { "web --image=a --network=", "--network", "a value is missing" },
        { "web --image=a --network=host --network=back", "--network", "'back' cannot be beside 'host'" },
        { "web --image=a --network=back --network=none", "--network", "'none' cannot be beside 'back'" },
        { "web --image=a --shm-size=64m", "--shm-size", "'64m' is no number of bytes" },
        { "web --image=a --shm-size=-1", "--shm-size", "'-1' is no number of bytes" },
        { "web --rootfs=tree", "--rootfs", "an absolute path of a directory is needed" },
};

START_TEST(a_mistake_names_its_option)
{
        autofree char *line = strdup(refused[_i].line);
        AUTO(options_done) Options options = {};
        Fault fault = {};
        char *argv[8];

        ck_assert_int_eq(parse(&options, line, argv, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, refused[_i].text);
        ck_assert_str_eq(fault.key, refused[_i].key);
}
END_TEST

START_TEST(names_are_those_of_the_contract)
{
        char longest[CONTAINER_NAME_MAX + 2];

        memset(longest, 'x', sizeof(longest) - 1);
        longest[CONTAINER_NAME_MAX + 1] = '\0';
        ck_assert(!container_name_is_valid(longest));
        longest[CONTAINER_NAME_MAX] = '\0';
        ck_assert(container_name_is_valid(longest));
        ck_assert(container_name_is_valid("0_a.B-c"));
        ck_assert(!container_name_is_valid(""));
        ck_assert(!container_name_is_valid(".a"));
        ck_assert(!container_name_is_valid("a/b"));
        ck_assert(!container_name_is_valid("\xc3\xa4"));
}
END_TEST

START_TEST(a_command_line_can_ask_for_something_else_than_a_start)
{
        static const struct {
                const char *line;
                Action action;
                int signal;
        } lines[] = {
                { "--clean", ACTION_CLEAN, 0 },
                { "--clean web", ACTION_CLEAN, 0 },
                { "--stop web", ACTION_STOP, 0 },
                { "--signal=HUP web", ACTION_SIGNAL, 1 },
                { "web --signal=SIGUSR1", ACTION_SIGNAL, 10 },
        };

        for (size_t i = 0; i < ELEMENTS(lines); i++) {
                AUTO(options_done) Options options = {};
                char line[64], *argv[8];

                (void) snprintf(line, sizeof(line), "%s", lines[i].line);
                ck_assert_int_eq(parse(&options, line, argv, NULL), 0);
                ck_assert_int_eq(options.action, lines[i].action);
                ck_assert_int_eq(options.signal, lines[i].signal);
        }
}
END_TEST

START_TEST(who_is_to_be_stopped_has_to_be_named)
{
        static const char *const lines[] = { "--stop", "--signal=HUP", "--signal=BANG web",
                "--signal= web" };

        for (size_t i = 0; i < ELEMENTS(lines); i++) {
                AUTO(options_done) Options options = {};
                char line[64], *argv[8];
                Fault fault = {};

                (void) snprintf(line, sizeof(line), "%s", lines[i]);
                ck_assert_int_eq(parse(&options, line, argv, &fault), -EINVAL);
                ck_assert(fault_is_raised(&fault));
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("launch-options");
        TCase *tc = tcase_create("launch-options");

        tcase_add_test(tc, a_command_line_is_read);
        tcase_add_test(tc, a_command_line_can_ask_for_something_else_than_a_start);
        tcase_add_test(tc, who_is_to_be_stopped_has_to_be_named);
        tcase_add_test(tc, what_is_not_said_has_a_default);
        tcase_add_test(tc, networks_are_kept_in_their_order);
        tcase_add_test(tc, an_empty_entrypoint_clears_that_of_the_image);
        tcase_add_loop_test(tc, a_mistake_names_its_option, 0, ELEMENTS(refused));
        tcase_add_test(tc, names_are_those_of_the_contract);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
