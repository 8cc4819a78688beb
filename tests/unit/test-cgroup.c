/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cli/cgroup.h"
#include "cli/process.h"
#include "tests/suite.h"

START_TEST(each_controller_of_version_1_has_its_own_group)
{
        char text[] = "9:name=systemd:/slipway.slice/web.service/supervisor\n"
                      "8:pids:/slipway.slice/web.service\n"
                      "7:blkio:/\n"
                      "4:memory:/slipway.slice/web.service/payload\n"
                      "2:cpu,cpuacct:/slipway.slice/web.service\n";
        Cgroup cgroup;

        cgroup_parse(text, "web.service", &cgroup);
        ck_assert_str_eq(cgroup.path[CGROUP_PROCESSES], "/sys/fs/cgroup/systemd/slipway.slice/web.service");
        ck_assert_str_eq(cgroup.path[CGROUP_PIDS], "/sys/fs/cgroup/pids/slipway.slice/web.service");
        ck_assert_str_eq(cgroup.path[CGROUP_MEMORY], "/sys/fs/cgroup/memory/slipway.slice/web.service");
        ck_assert_str_eq(cgroup.path[CGROUP_CPU], "/sys/fs/cgroup/cpu,cpuacct/slipway.slice/web.service");
        ck_assert_str_eq(cgroup.path[CGROUP_IO], "");
}
END_TEST

START_TEST(a_unit_is_not_taken_for_one_whose_name_it_begins)
{
        char text[] = "4:memory:/slipway.slice/myweb.service\n8:pids:/web.service.d/x\n9:blkio:/"
                      "slipway.slice/web.service2\n";
        Cgroup cgroup;

        cgroup_parse(text, "web.service", &cgroup);
        for (size_t i = 0; i < _CGROUP_KIND_MAX; i++)
                ck_assert_str_eq(cgroup.path[i], "");
}
END_TEST

START_TEST(what_is_no_list_of_groups_has_none)
{
        static const char *const texts[] = { "", "\n\n", "x", "1:", ":::", "1:memory" };
        Cgroup cgroup;
        char text[32];

        (void) snprintf(text, sizeof(text), "%s", texts[_i]);
        cgroup_parse(text, "web.service", &cgroup);
        ck_assert_str_eq(cgroup.path[CGROUP_MEMORY], "");
        ck_assert_uint_eq(cgroup_memory(&cgroup), CGROUP_UNKNOWN);
}
END_TEST

static const struct {
        uint64_t bytes;
        const char *text;
} sizes[] = {
        { 0, "0.0K" },
        { 512, "0.5K" },
        { 1 << 20, "1.0M" },
        { UINT64_C(1500) << 20, "1.5G" },
        { 999 << 10, "999.0K" },
};

START_TEST(bytes_are_told_in_the_unit_that_suits)
{
        char text[32];

        format_bytes(sizes[_i].bytes, text, sizeof(text));
        ck_assert_str_eq(text, sizes[_i].text);
}
END_TEST

START_TEST(ids_of_the_host_are_found_in_the_map)
{
        static const char map[] = "         0     524288       1000\n      1000          0          1\n"
                                  "      1001     525289      64535\n";

        ck_assert_uint_eq(id_inside(map, 524288), 0);
        ck_assert_uint_eq(id_inside(map, 525287), 999);
        ck_assert_uint_eq(id_inside(map, 0), 1000);
        ck_assert_uint_eq(id_inside(map, 525289), 1001);
        ck_assert_uint_eq(id_inside(map, 1), 65534);
        ck_assert_uint_eq(id_inside("rubbish", 1), 65534);
        ck_assert_uint_eq(id_inside(NULL, 1), 65534);
}
END_TEST

START_TEST(ids_have_the_names_that_a_file_gives_them)
{
        static const char passwd[] =
                        "root:x:0:0:root:/root:/bin/sh\nbroken\n:x:7:7\nlong:x:33\nwww:x:33:33::/:\n"
                        "half:x\nno:x:12a:1:\nlast:x:44:44";
        char name[64];

        ck_assert_str_eq(id_name(passwd, 0, name, sizeof(name)), "root");
        ck_assert_str_eq(id_name(passwd, 33, name, sizeof(name)), "www");
        ck_assert_str_eq(id_name(passwd, 44, name, sizeof(name)), "last");
        ck_assert_str_eq(id_name(passwd, 7, name, sizeof(name)), "7");
        ck_assert_str_eq(id_name(passwd, 12, name, sizeof(name)), "12");
        ck_assert_str_eq(id_name("", 5, name, sizeof(name)), "5");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("cgroup");
        TCase *tc = tcase_create("cgroup");

        tcase_add_test(tc, each_controller_of_version_1_has_its_own_group);
        tcase_add_test(tc, a_unit_is_not_taken_for_one_whose_name_it_begins);
        tcase_add_loop_test(tc, what_is_no_list_of_groups_has_none, 0, 6);
        tcase_add_loop_test(tc, bytes_are_told_in_the_unit_that_suits, 0, ELEMENTS(sizes));
        tcase_add_test(tc, ids_of_the_host_are_found_in_the_map);
        tcase_add_test(tc, ids_have_the_names_that_a_file_gives_them);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
