/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/secret.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { secret_parse, "a", "a", NULL },
        { secret_parse, "a,type=mount,target=/run/x,uid=1,gid=2,mode=0400",
                        "a,type=mount,target=/run/x,uid=1,gid=2,mode=0400", NULL },
        { secret_parse, "a,type=env,target=X", "a,type=env,target=X", NULL },
        { secret_parse, "db-%i,type=env", "db-%i,type=env", NULL },
        { secret_parse, "a,target=${T}", "a,target=${T}", NULL },
        { secret_parse, "a,target=%i", "a,target=%i", NULL },
        { secret_parse_yaml, "secret/a/b,file=/x.yaml", "secret/a/b,file=/x.yaml", NULL },
        { secret_parse_yaml, "configmap/a/.b,target=/c,mode=0400,file=./x,y.yaml",
                        "configmap/a/.b,target=/c,mode=0400,file=/etc/slip%%way/x,y.yaml", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { secret_parse, "", "'' is not the name of a secret: letters, digits, '_', '.' and '-'", NULL },
        { secret_parse, "a/b", "'a/b' is not the name of a secret: letters, digits, '_', '.' and '-'",
                        NULL },
        { secret_parse, "${S}",
                        "'${S}' has a variable, which is not replaced in the name of a secret; a specifier "
                        "as %i is",
                        NULL },
        { secret_parse, "a:%i", "'a:%i' is not the name of a secret: letters, digits, '_', '.' and '-'",
                        NULL },
        { secret_parse, "a,x", "'x' is not an option: NAME=VALUE", NULL },
        { secret_parse, "a,x=1", "there is no option 'x' for it: type, target, uid, gid or mode", NULL },
        { secret_parse, "a,mode=8", "'8' is not a mode in octal digits", NULL },
        { secret_parse, "a,uid=root", "'root' is not a user or group id", NULL },
        { secret_parse, "a,target=", "there is no name behind 'target='", NULL },
        { secret_parse_yaml, "secret/a/b", "it does not end with ',file=' and a path", NULL },
        { secret_parse_yaml, "secret/a/b,file=", "it does not end with ',file=' and a path", NULL },
        { secret_parse_yaml, "pod/a/b,file=/x",
                        "it does not begin with secret/NAME/KEY or configmap/NAME/KEY", NULL },
        { secret_parse_yaml, "secret/a,file=/x",
                        "it does not begin with secret/NAME/KEY or configmap/NAME/KEY", NULL },
        { secret_parse_yaml, "secret/a/b/c,file=/x",
                        "it does not begin with secret/NAME/KEY or configmap/NAME/KEY", NULL },
        { secret_parse_yaml, "secret/a/b,type=env,uid=1,file=/x",
                        "uid, gid and mode are for files, not for type=env", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("secret");
        TCase *tc = tcase_create("secret");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
