/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/properties.h"
#include "generator/generate.h"
#include "generator/translate.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

/* A bus that nobody listens at is good enough for making messages. */
static sd_bus *bus;
static int ends[2];

static void set_up(void) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        ck_assert_int_ge(sd_bus_new(&bus), 0);
        ck_assert_int_ge(sd_bus_set_fd(bus, ends[0], ends[0]), 0);
        ck_assert_int_ge(sd_bus_start(bus), 0);
}

static void tear_down(void) {
        sd_bus_unref(bus);
        (void) close(ends[1]);
}

static sd_bus_message *begin(void) {
        sd_bus_message *message = NULL;

        ck_assert_int_ge(sd_bus_message_new_method_call(bus, &message, "a.b", "/a", "a.b", "C"), 0);
        ck_assert_int_ge(sd_bus_message_open_container(message, 'a', "(sv)"), 0);
        return message;
}

static int append(sd_bus_message *message, const char *text, Fault *fault) {
        AUTO(directives_done) Directives directives = {};

        ck_assert_int_eq(directives_read(text, &directives), 0);
        return properties_append(message, &directives, "web.service", fault);
}

static void end(sd_bus_message *message) {
        ck_assert_int_ge(sd_bus_message_close_container(message), 0);
        ck_assert_int_ge(sd_bus_message_seal(message, 1, 0), 0);
        ck_assert_int_ge(sd_bus_message_rewind(message, true), 0);
}

/* The message as text, in the manner of busctl(1). */
static void dump(sd_bus_message *message, FILE *stream) {
        const char *contents;
        char type, first = 1;

        while (sd_bus_message_peek_type(message, &type, &contents) > 0) {
                union {
                        uint8_t y;
                        int32_t i;
                        uint32_t u;
                        uint64_t t;
                        const char *s;
                } value = {};

                if (!first)
                        (void) fputc(' ', stream);
                first = 0;
                if (strchr("avr", type)) {
                        ck_assert_int_ge(sd_bus_message_enter_container(message, type, contents), 0);
                        (void) fputs(type == 'a' ? "[" : type == 'r' ? "(" : "", stream);
                        dump(message, stream);
                        (void) fputs(type == 'a' ? "]" : type == 'r' ? ")" : "", stream);
                        ck_assert_int_ge(sd_bus_message_exit_container(message), 0);
                        continue;
                }
                ck_assert_int_ge(sd_bus_message_read_basic(message, type, &value), 0);
                if (type == 's')
                        (void) fprintf(stream, "%s", value.s);
                else if (type == 't')
                        (void) fprintf(stream, "t%llu", (unsigned long long) value.t);
                else if (type == 'y')
                        (void) fprintf(stream, "%02x", value.y);
                else
                        (void) fprintf(stream, "%c%d", type, value.i);
        }
}

static const struct {
        const char *line, *properties;
} right[] = {
        { "[Unit]\nDescription=Container %N, 100%%", "[(Description Container web, 100%)]" },
        { "[Unit]\nAfter=a.service b\\x2dc.service", "[(After [a.service b\\x2dc.service])]" },
        { "[Unit]\nRequiresMountsFor=\"/srv/a b\" /c", "[(RequiresMountsFor [/srv/a b /c])]" },
        { "[Unit]\nSourcePath=/etc/slipway/x.container", "[]" },
        { "[Unit]\nConditionPathExists=|!/etc/%p", "[(Conditions [(ConditionPathExists b1 b1 /etc/web)])]" },
        { "[Unit]\nStartLimitIntervalSec=infinity", "[(StartLimitIntervalUSec t18446744073709551615)]" },
        { "[Service]\nType=notify", "[(Type notify)]" },
        { "[Service]\nDelegate=yes", "[(Delegate b1)]" },
        { "[Service]\nDelegate=cpu memory", "[(DelegateControllers [cpu memory])]" },
        { "[Service]\nDeviceAllow=char-pts rwm", "[(DeviceAllow [(char-pts rwm)])]" },
        { "[Service]\nDeviceAllow=\"/dev/a b\"", "[(DeviceAllow [(/dev/a b )])]" },
        { "[Service]\nEnvironment=A=1 \"B=x y%%\"", "[(Environment [A=1 B=x y%])]" },
        { "[Service]\nMemoryMax=64M", "[(MemoryMax t67108864)]" },
        { "[Service]\nMemoryMax=infinity", "[(MemoryMax t18446744073709551615)]" },
        { "[Service]\nMemoryMax=50%", "[(MemoryMaxScale u2147483647)]" },
        { "[Service]\nTasksMax=2048", "[(TasksMax t2048)]" },
        { "[Service]\nCPUQuota=150%", "[(CPUQuotaPerSecUSec t1500000)]" },
        { "[Service]\nCPUQuota=12.34%", "[(CPUQuotaPerSecUSec t123400)]" },
        { "[Service]\nCPUWeight=idle", "[(CPUWeight t0)]" },
        { "[Service]\nTimeoutStopSec=10s", "[(TimeoutStopUSec t10000000)]" },
        { "[Service]\nTimeoutStopSec=0", "[(TimeoutStopUSec t18446744073709551615)]" },
        { "[Service]\nRestartSec=0", "[(RestartUSec t0)]" },
        { "[Service]\nSuccessExitStatus=143 SIGHUP 7", "[(SuccessExitStatus ([i143 i7] [i1]))]" },
        { "[Service]\nLogExtraFields=A=b \"C=d e\"", "[(LogExtraFields [[41 3d 62] [43 3d 64 20 65]])]" },
        { "[Service]\nOOMScoreAdjust=-500", "[(OOMScoreAdjust i-500)]" },
        { "[Service]\nUMask=0027", "[(UMask u23)]" },
        { "[Service]\nKillSignal=RTMIN+3", "[(KillSignal i37)]" },
        { "[Service]\nLimitNOFILE=1024:2K", "[(LimitNOFILE t2048) (LimitNOFILESoft t1024)]" },
        { "[Service]\nStandardOutput=append:/var/log/%N", "[(StandardOutputFileToAppend /var/log/web)]" },
        { "[Service]\nStandardOutput=null", "[(StandardOutput null)]" },
        { "[Service]\nLoadCredential=key:/etc/key", "[(LoadCredential [(key /etc/key)])]" },
        { "[Service]\nLoadCredential=key", "[(LoadCredential [(key key)])]" },
        { "[Service]\nEnvironmentFile=-/etc/a", "[(EnvironmentFiles [(/etc/a b1)])]" },
        { "[Service]\nBindPaths=-/a:/b:norbind /c", "[(BindPaths [(/a /b b1 t0) (/c /c b0 t16384)])]" },
        { "[Service]\nSystemCallFilter=~@clock reboot", "[(SystemCallFilter (b0 [@clock reboot]))]" },
        { "[Service]\nAllowedCPUs=0-2,9", "[(AllowedCPUs [07 02])]" },
        { "[Service]\nLogLevelMax=notice", "[(LogLevelMax i5)]" },
        { "[Service]\nIOReadBandwidthMax=/dev/sda 5M", "[(IOReadBandwidthMax [(/dev/sda t5242880)])]" },
        { "[Service]\nExecStart=/bin/a \"b c\" %n $X $$Y 100%%",
                        "[(ExecStart [(/bin/a [/bin/a b c web.service $X $$Y 100%] b0)])]" },
        { "[Service]\nExecStopPost=-/bin/a \"x\\x41\\\"\"", "[(ExecStopPost [(/bin/a [/bin/a xA\"] b1)])]" },
        { "[Service]\nExecStart=@-/bin/a b c", "[(ExecStart [(/bin/a [b c] b1)])]" },
        { "[Service]\nExecStartPre=-:+/bin/a",
                        "[(ExecStartPreEx [(/bin/a [/bin/a] [ignore-failure no-env-expand privileged])])]" },
        { "[Service]\nExecStartPre=/bin/a \";\" ; /bin/b \\;", "[(ExecStartPre [(/bin/a [/bin/a ;] b0)]) "
                                                               "(ExecStartPre [(/bin/b [/bin/b ;] b0)])]" },
};

START_TEST(a_directive_is_a_typed_property)
{
        AUTO(sd_bus_message_unrefp) sd_bus_message *message = begin();
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        Fault fault = {};

        ck_assert_msg(append(message, right[_i].line, &fault) >= 0, "%s: %s", right[_i].line, fault.text);
        end(message);
        dump(message, stream);
        (void) fclose(stream);
        ck_assert_str_eq(text, right[_i].properties);
}
END_TEST

static const struct {
        const char *line, *key, *text;
} wrong[] = {
        { "[Service]\nNonsense=1", "Nonsense",
                        "systemd takes this from unit files only; write a manifest, which --print-manifest "
                        "begins" },
        { "[Unit]\nMemoryMax=1G", "MemoryMax", "it belongs in [Service]" },
        { "[Service]\nMemoryMax=much", "MemoryMax", "'much' is not a value for it" },
        { "[Service]\nTimeoutStopSec=soon", "TimeoutStopSec", "'soon' is not a value for it" },
        { "[Service]\nSuccessExitStatus=300", "SuccessExitStatus", "'300' is not a value for it" },
        { "[Service]\nExecStart=-", "ExecStart", "'-' is not a value for it" },
        { "[Unit]\nDescription=%y", "Description",
                        "the specifier '%y' is known in unit files only; '%%' is a '%'" },
};

START_TEST(what_systemd_would_not_take_is_told)
{
        AUTO(sd_bus_message_unrefp) sd_bus_message *message = begin();
        Fault fault = {};

        ck_assert_int_lt(append(message, wrong[_i].line, &fault), 0);
        ck_assert_str_eq(fault.key, wrong[_i].key);
        ck_assert_str_eq(fault.text, wrong[_i].text);
}
END_TEST

START_TEST(rows_are_in_order)
{
        for (size_t i = 1; i < n_properties; i++)
                ck_assert_msg(strcmp(properties[i - 1].directive, properties[i].directive) < 0,
                                "%s is out of order", properties[i].directive);
}
END_TEST

/* Whatever the generator makes of any case can be told to systemd without a file. */
static void check_directory(const char *path) {
        char *roots[] = { (char *) path, NULL };
        AUTO(workspace_close) Workspace workspace = {};
        AUTO(arena_freep) Arena *scratch = arena_new();
        AUTO(unit_done) UnitWriter unit = {};
        size_t translated = 0;

        ck_assert_int_eq(workspace_open(&workspace, SEARCH_SYSTEM, roots), 0);
        for (size_t i = 0; i < workspace.set.n_manifests; i++) {
                AUTO(sd_bus_message_unrefp) sd_bus_message *message = begin();
                Manifest *manifest = workspace.set.manifests[i];
                InstallPlan install;
                Fault fault = {};

                /* What is started by hand is a container. */
                if (manifest->type != MANIFEST_CONTAINER || manifest->is_masked ||
                                translate_manifest(manifest, &workspace.set, SEARCH_SYSTEM, scratch, &unit,
                                                &install) <= 0)
                        continue;
                ck_assert_msg(append(message, unit.text, &fault) >= 0, "%s: %s=: %s", manifest->path,
                                fault.key, fault.text);
                translated++;
        }
        ck_assert_uint_gt(translated, 100);
}

START_TEST(all_that_the_generator_writes_is_known)
{ check_directory(CASES); }
END_TEST

int main(void) {
        Suite *suite = suite_create("properties");
        TCase *tc = tcase_create("properties");

        tcase_add_checked_fixture(tc, set_up, tear_down);
        tcase_add_loop_test(tc, a_directive_is_a_typed_property, 0, ELEMENTS(right));
        tcase_add_loop_test(tc, what_systemd_would_not_take_is_told, 0, ELEMENTS(wrong));
        tcase_add_test(tc, rows_are_in_order);
        tcase_add_test(tc, all_that_the_generator_writes_is_known);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
