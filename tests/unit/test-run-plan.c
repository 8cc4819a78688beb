/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/directives.h"
#include "cli/run-plan.h"
#include "generator/words.h"
#include "lib/strv.h"
#include "tests/suite.h"

static void set_up(void) {
        ck_assert_int_eq(setenv("SLIPWAY_UNIT_DIRS", "/nonexistent", 1), 0);
        ck_assert_int_eq(setenv("LIKED_ONE", "1", 1), 0);
        ck_assert_int_eq(setenv("LIKED_TWO", "a b", 1), 0);
        ck_assert_int_eq(chdir("/usr"), 0);
}

/* A command line, with its words between bars. */
static int parse(const char *line, char ***words, RunCall *call, Fault *fault) {
        autofree char *copy = strdup(line);
        char *rest = copy, *word;

        ck_assert_int_eq(strv_append(words, "run"), 0);
        while ((word = strsep(&rest, "|")))
                ck_assert_int_eq(strv_append(words, word), 0);
        return run_parse((int) strv_length(*words), *words, call, fault);
}

static const struct {
        const char *line, *text;
} golden[] = {
        { "busybox", "[Container]\nImage=busybox\n" },
        { "busybox|--rm|-it", "[Container]\nImage=busybox\nExec=--rm -it\n" },
        { "--|busybox|-x", "[Container]\nImage=busybox\nExec=-x\n" },
        { "-d|--rm|--name|web|nginx:1.27|nginx|-g|daemon off;",
                        "[Unit]\nCollectMode=inactive-or-failed\n\n[Container]\nImage=nginx:1.27\n"
                        "ContainerName=web\nExec=nginx -g \"daemon off;\"\n" },
        { "-eA=1|-e=B=2|-e|C=3|--env=D=x y|--env|E=\"q\"\\n|busybox",
                        "[Container]\nImage=busybox\nEnvironment=A=1\nEnvironment=B=2\nEnvironment=C=3\n"
                        "Environment=\"D=x y\"\nEnvironment=\"E=\\\"q\\\"\\\\n\"\n" },
        { "-e|LIKED_ONE|-e|LIKED_*|-e|LIKED_NONE|busybox",
                        "[Container]\nImage=busybox\nEnvironment=LIKED_ONE=1\nEnvironment=LIKED_ONE=1\n"
                        "Environment=\"LIKED_TWO=a b\"\n" },
        { "-v./lib:/l:ro|-v|/a:/b|--volume|data:/d|--env-file|lib/../env|busybox",
                        "[Container]\nImage=busybox\nVolume=/usr/lib:/l:ro\nVolume=/a:/b\nVolume=data:/d\n"
                        "EnvironmentFile=/usr/env\n" },
        { "--mount|type=bind,src=./lib,dst=/l,ro|busybox",
                        "[Container]\nImage=busybox\nMount=type=bind,src=/usr/lib,dst=/l,ro\n" },
        { "--cap-add|net_raw,SYS_TIME|--cap-drop=all|--caps-retain=chown|busybox",
                        "[Container]\nImage=busybox\nAddCapability=net_raw\nAddCapability=SYS_TIME\n"
                        "DropCapability=all\nDropCapability=all\nAddCapability=chown\n" },
        { "-m|64m|--memory-swap=128m|--cpus|1.5|-c|512|--pids-limit=10|busybox",
                        "[Container]\nImage=busybox\nMemory=64m\nPodmanArgs=--memory-swap=128m\n"
                        "PodmanArgs=--cpus=1.5\nPodmanArgs=--cpu-shares=512\nPidsLimit=10\n" },
        { "--restart|on-failure:3|--cpuset-cpus|0-1|--slice|shop|busybox",
                        "[Unit]\nStartLimitIntervalSec=infinity\nStartLimitBurst=4\n\n[Container]\nImage="
                        "busybox\n"
                        "\n[Service]\nRestart=on-failure\nAllowedCPUs=0-1\nSlice=shop.slice\n" },
        { "--restart=unless-stopped|--property=After=a.service|--property=Nice=5|busybox",
                        "[Unit]\nAfter=a.service\n\n[Container]\nImage=busybox\n\n[Service]\nRestart="
                        "always\n"
                        "Nice=5\n" },
        { "--read-only|--init=false|--read-only-tmpfs=no|--security-opt|no-new-privileges|--security-opt="
          "mask=/a:/b|busybox",
                        "[Container]\nImage=busybox\nReadOnly=yes\nRunInit=false\nReadOnlyTmpfs=no\n"
                        "NoNewPrivileges=yes\nMask=/a:/b\n" },
        { "--security-opt|seccomp=./p.json|--sdnotify=container|--no-healthcheck|busybox",
                        "[Container]\nImage=busybox\nSeccompProfile=/usr/"
                        "p.json\nNotify=yes\nHealthCmd=none\n" },
        { "--entrypoint||busybox|a", "[Container]\nImage=busybox\nEntrypoint=\nExec=a\n" },
        { "--entrypoint|/bin/my app|busybox", "[Container]\nImage=busybox\nEntrypoint=\"/bin/my app\"\n" },
        { "--entrypoint|[\"/bin/sh\", \"-c\"]|busybox|true",
                        "[Container]\nImage=busybox\nEntrypoint=[\"/bin/sh\", \"-c\"]\nExec=true\n" },
        { "--hosts-entry|10.0.0.1=db,10.0.0.2=web|--set-env=A=1|--readonly-rootfs|--net=host|--working-dir=/"
          "x|busybox",
                        "[Container]\nImage=busybox\nAddHost=db:10.0.0.1\nAddHost=web:10.0.0.2\nEnvironment="
                        "A=1\n"
                        "ReadOnly=yes\nNetwork=host\nWorkingDir=/x\n" },
        { "--rootfs|--unit=shop|/srv/root|a||;|b%c$d",
                        "[Container]\nRootfs=/srv/root\nServiceName=shop\nExec=a \"\" \";\" b%%c$$d\n" },
        { "--user|1:2|-w|/|-h|h|-l|a=b c|--sysctl|net.x=1 2|--ulimit|nofile=1:2|busybox",
                        "[Container]\nImage=busybox\nUser=1:2\nWorkingDir=/\nHostName=h\nLabel=\"a=b c\"\n"
                        "Sysctl=\"net.x=1 2\"\nUlimit=nofile=1:2\n" },
};

START_TEST(flags_are_lines_of_a_manifest)
{
        AUTO(run_call_done) RunCall call = {};
        autostrv char **words = NULL;
        autofree char *text = NULL;
        Fault fault = {};

        ck_assert_msg(parse(golden[_i].line, &words, &call, &fault) >= 0, "%s: %s", golden[_i].line,
                        fault.text);
        ck_assert_int_eq(run_plan_manifest(&call, &text, &fault), 0);
        ck_assert_str_eq(text, golden[_i].text);
}
END_TEST

/* What has been doubled for systemd, which takes it back. */
static void undouble(char *word) {
        char *to = word;

        for (const char *from = word; *from; from++) {
                *to++ = *from;
                if ((*from == '%' || *from == '$') && from[1] == *from)
                        from++;
        }
        *to = '\0';
}

/* The launcher's words, as it will see them. */
static void read_command(const char *text, char ***ret) {
        AUTO(directives_done) Directives directives = {};

        ck_assert_int_eq(directives_read(text, &directives), 0);
        for (size_t i = 0; i < directives.n; i++)
                if (strcmp(directives.directives[i].key, "ExecStart") == 0)
                        ck_assert_int_eq(words_split(directives.directives[i].value, WORDS_ESCAPES, ret,
                                                         NULL),
                                        0);
        for (char **word = *ret; word && *word; word++)
                undouble(*word);
}

/* Whatever somebody types means itself, all the way through manifest and unit. */
static const char *const odd[] = {
        "plain",
        "",
        " ",
        " both ends ",
        "two words",
        "$HOME ${HOME} $$ $1 100% %% %n %",
        "'single' \"double\" `back`",
        "a\\b \\n \\x41 \\",
        "\\",
        "line\nbreak\r\ttab",
        "; # [Section]",
        "[Section]",
        "#",
        "\x01\x7f\xff\xc3",
        "ünï ☃",
        "--option=x",
        "-",
};

START_TEST(what_is_typed_means_itself)
{
        AUTO(run_call_done) RunCall call = {};
        AUTO(run_plan_done) RunPlan plan = {};
        autostrv char **words = NULL, **command = NULL;
        autofree char *environment = NULL, *label = NULL;
        Fault fault = {};

        ck_assert_int_gt(asprintf(&environment, "X=%s", odd[_i]), 0);
        ck_assert_int_gt(asprintf(&label, "l=%s", odd[_i]), 0);
        const char *argv[] = { "run", "-d", "--env", environment, "--label", label, "busybox", "first",
                odd[_i], "last" };
        for (size_t i = 0; i < ELEMENTS(argv); i++)
                ck_assert_int_eq(strv_append(&words, argv[i]), 0);
        ck_assert_int_eq(run_parse((int) ELEMENTS(argv), words, &call, &fault), 0);
        ck_assert_int_eq(run_plan(&call, &plan, &fault), 0);
        ck_assert_msg(plan.text != NULL, "%s", faults_first_error(&plan.faults)->text);
        read_command(plan.text, &command);

        size_t n = strv_length(command);
        autofree char *env_option = NULL, *label_option = NULL;
        ck_assert_int_gt(asprintf(&env_option, "--env=%s", environment), 0);
        ck_assert_int_gt(asprintf(&label_option, "--label=%s", label), 0);
        ck_assert_uint_ge(n, 4);
        ck_assert_str_eq(command[n - 4], "--");
        ck_assert_str_eq(command[n - 3], "first");
        ck_assert_str_eq(command[n - 2], odd[_i]);
        ck_assert_str_eq(command[n - 1], "last");
        ck_assert_ptr_nonnull(strv_find(command, env_option));
        ck_assert_ptr_nonnull(strv_find(command, label_option));
}
END_TEST

static const struct {
        const char *line, *key, *text;
} wrong[] = {
        { "--memory", "--memory", "a value is missing, see 'slipway run --help'" },
        { "-d", "", "the name of an image is missing, see 'slipway run --help'" },
        { "--memroy=1|x", "", "there is no option '--memroy', did you mean '--memory'?" },
        { "-X|x", "", "there is no option '-X', see 'slipway run --help'" },
        { "--rm=maybe|x", "--rm", "'maybe' is neither yes nor no" },
        { "--restart=sometimes|x", "--restart",
                        "'sometimes' is not one of no, always, unless-stopped and on-failure[:NUMBER]" },
        { "--privileged|x", "",
                        "'--privileged' is not supported: it would take all confinement away; ask for what "
                        "is needed "
                        "with AddCapability=, AddDevice=, SeccompProfile= and UserNS=" },
        { "-v|a\nb:/c|x", "--volume", "'a?b:/c' cannot be a line of a manifest" },
        { "--property|x|y", "--property", "'x' is not a line of a unit: NAME=VALUE" },
        { "-v|data,kind=host,source=/x|x", "--volume",
                        "volumes are not written as rkt does, but SOURCE:PATH" },
};

START_TEST(a_mistake_is_told_with_its_flag)
{
        AUTO(run_call_done) RunCall call = {};
        autostrv char **words = NULL;
        Fault fault = {};

        ck_assert_int_lt(parse(wrong[_i].line, &words, &call, &fault), 0);
        ck_assert_str_eq(fault.key, wrong[_i].key);
        ck_assert_str_eq(fault.text, wrong[_i].text);
}
END_TEST

static const struct {
        const char *line, *key, *text;
} faulty[] = {
        { "--name=a|--memory|12q|x", "--memory",
                        "'12q' is not a size: a number of bytes, or with b, k, m, g or t" },
        { "--network=pasta|x", "--network",
                        "not supported, 'pasta' is for who may not make networks; say 'bridge', or leave "
                        "Network= out" },
        { "-p8080:80/icmp|x", "--publish", "'icmp' is not a protocol: tcp, udp or sctp" },
        { "--property=Type=simple|x", "--property",
                        "cannot be set so in [Service]: it has to be 'notify', 'notify-reload' or "
                        "'oneshot', others do not know when a container has started" },
        { "Not/An/Image", "IMAGE", NULL },
};

START_TEST(what_the_generator_finds_is_told_with_the_flag)
{
        AUTO(run_call_done) RunCall call = {};
        AUTO(run_plan_done) RunPlan plan = {};
        autostrv char **words = NULL;
        Fault fault = {};

        ck_assert_int_eq(parse(faulty[_i].line, &words, &call, &fault), 0);
        ck_assert_int_eq(run_plan(&call, &plan, &fault), 0);
        ck_assert_ptr_null(plan.text);
        ck_assert_uint_eq(plan.faults.n_errors, 1);
        ck_assert_str_eq(plan.faults.entries[0].fault.key, faulty[_i].key);
        if (faulty[_i].text)
                ck_assert_str_eq(plan.faults.entries[0].fault.text, faulty[_i].text);
}
END_TEST

static const struct {
        const char *image, *name;
} names[] = {
        { "nginx", "nginx-0000002a" },
        { "docker.io/library/nginx:1.27", "nginx-0000002a" },
        { "localhost:5000/a/b_c.d@sha256:00", "b_c.d-0000002a" },
        { "/srv/my root", "myroot-0000002a" },
        { "/", "container-0000002a" },
        { "0123456789012345678901234567890123456789x", "0123456789012345678901234567890123456789-0000002a" },
};

START_TEST(a_name_is_made_of_the_image)
{
        autofree char *name = NULL;

        ck_assert_int_eq(run_name_make(names[_i].image, 42, &name), 0);
        ck_assert_str_eq(name, names[_i].name);
}
END_TEST

START_TEST(rows_are_in_order_and_aliases_lead_somewhere)
{
        for (size_t i = 0; i < n_run_flags; i++) {
                const RunFlag *flag = &run_flags[i];

                if (i > 0)
                        ck_assert_msg(strcmp(flag[-1].name, flag->name) < 0, "%s is out of order",
                                        flag->name);
                ck_assert_msg((flag->form == RUN_ALIAS) == !flag->help, "%s: help or alias", flag->name);
                ck_assert_ptr_nonnull(run_flag_find(flag->name, strlen(flag->name)));
                if (flag->form == RUN_KEY || flag->form == RUN_LIST)
                        ck_assert_msg(key_find(&container_section, flag->key) != NULL,
                                        "%s: there is no key %s", flag->name, flag->key);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("run-plan");
        TCase *tc = tcase_create("run-plan");

        tcase_add_checked_fixture(tc, set_up, NULL);
        tcase_add_loop_test(tc, flags_are_lines_of_a_manifest, 0, ELEMENTS(golden));
        tcase_add_loop_test(tc, what_is_typed_means_itself, 0, ELEMENTS(odd));
        tcase_add_loop_test(tc, a_mistake_is_told_with_its_flag, 0, ELEMENTS(wrong));
        tcase_add_loop_test(tc, what_the_generator_finds_is_told_with_the_flag, 0, ELEMENTS(faulty));
        tcase_add_loop_test(tc, a_name_is_made_of_the_image, 0, ELEMENTS(names));
        tcase_add_test(tc, rows_are_in_order_and_aliases_lead_somewhere);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
