/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/specifiers.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

static const struct {
        const char *text, *unit, *expanded;
} known[] = {
        { "plain", "web.service", "plain" },
        { "100%%", "web.service", "100%" },
        { "%n %N %p %i.", "web.service", "web.service web web ." },
        { "%n %N %p %i", "greet@big-moon.service", "greet@big-moon.service greet@big-moon greet big-moon" },
        { "%I %P", "a-b@big\\x2dmoon-x.service", "big-moon/x a/b" },
        { "%j %J", "shop-web\\x2d1.service", "web\\x2d1 web-1" },
        { "%t %S %C %L %E", "web.service", "/run /var/lib /var/cache /var/log /etc" },
        { "%T %V %h %u %U %g %G", "web.service", "/tmp /var/tmp /root root 0 root 0" },
        { "%d/key", "web.service", "/run/credentials/web.service/key" },
        { "last %", "web.service", "last %" },
};

START_TEST(specifiers_are_replaced_as_in_a_file)
{
        autofree char *expanded = NULL;

        ck_assert_int_eq(specifiers_expand(known[_i].text, known[_i].unit, &expanded, NULL), 0);
        ck_assert_str_eq(expanded, known[_i].expanded);
}
END_TEST

START_TEST(the_machine_is_known)
{
        autofree char *expanded = NULL, *expected = NULL;
        struct utsname name;

        ck_assert_int_eq(uname(&name), 0);
        ck_assert_int_gt(asprintf(&expected, "%s %s", name.nodename, name.release), 0);
        ck_assert_int_eq(specifiers_expand("%H %v", "web.service", &expanded, NULL), 0);
        ck_assert_str_eq(expanded, expected);
}
END_TEST

START_TEST(what_is_not_known_is_told)
{
        char *expanded = NULL;
        Fault fault = {};

        ck_assert_int_eq(specifiers_expand("a %y b", "web.service", &expanded, &fault), -EINVAL);
        ck_assert_ptr_null(expanded);
        ck_assert_str_eq(fault.text, "the specifier '%y' is known in unit files only; '%%' is a '%'");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("specifiers");
        TCase *tc = tcase_create("specifiers");

        tcase_add_loop_test(tc, specifiers_are_replaced_as_in_a_file, 0, ELEMENTS(known));
        tcase_add_test(tc, the_machine_is_known);
        tcase_add_test(tc, what_is_not_known_is_told);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
