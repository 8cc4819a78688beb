/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/device.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { device_parse, "/dev/a", "/dev/a:/dev/a:rwm", NULL },
        { device_parse, "-/dev/a", "-/dev/a:/dev/a:rwm", NULL },
        { device_parse, "/dev/a:/dev/b", "/dev/a:/dev/b:rwm", NULL },
        { device_parse, "/dev/a:r", "/dev/a:/dev/a:r", NULL },
        { device_parse, "/dev/a:/dev/b:mr", "/dev/a:/dev/b:mr", NULL },
        { device_parse, "/dev/a:/dev/${B}", "/dev/a:/dev/${B}:rwm", NULL },
        { device_parse, "%t/a", "%t/a:%t/a:rwm", NULL },
        { device_parse, "a.com/gpu=0", "a.com/gpu=0", "a device by the name of a CDI file" },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { device_parse, "", "'' is not a device below /dev", NULL },
        { device_parse, "-", "'' is not a device below /dev", NULL },
        { device_parse, "null", "'null' is not a device below /dev", NULL },
        { device_parse, "/dev/a:rr", "'rr' is not permissions: some of r, w and m", NULL },
        { device_parse, "/dev/a:/b:", "'' is not permissions: some of r, w and m", NULL },
        { device_parse, "/dev/a:b:r", "'b' is not an absolute path in the container", NULL },
        { device_parse, "${D}",
                        "'${D}' has a variable, which DeviceAllow= does not expand; use specifiers only",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

START_TEST(a_directory_has_the_name_of_its_driver)
{
        ck_assert_str_eq(device_class("/dev/dri"), "char-drm");
        ck_assert_str_eq(device_class("/dev/snd/"), "char-alsa");
        ck_assert_ptr_null(device_class("/dev/dri/card0"));
        ck_assert_ptr_null(device_class("/dev/dr"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("device");
        TCase *tc = tcase_create("device");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        tcase_add_test(tc, a_directory_has_the_name_of_its_driver);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
