/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "cli/detach-keys.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

static const struct {
        const char *text;
        int r;
        const char *keys;
        size_t n;
} texts[] = {
        { "ctrl-p,ctrl-q", 0, "\x10\x11", 2 },
        { "ctrl-P", 0, "\x10", 1 },
        { "a,b,c", 0, "abc", 3 },
        { "ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", 0, "\0\x1b\x1c\x1d\x1e\x1f", 6 },
        { "", 0, "", 0 },
        { "ctrl-", -EINVAL, NULL, 0 },
        { "ctrl-1", -EINVAL, NULL, 0 },
        { "ab", -EINVAL, NULL, 0 },
        { "a,", -EINVAL, NULL, 0 },
        { ",a", -EINVAL, NULL, 0 },
        { "\xc3", -EINVAL, NULL, 0 },
        { "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", -EINVAL, NULL, 0 },
};

START_TEST(keys_are_letters_and_letters_with_ctrl)
{
        DetachKeys keys = { .n = 99 };

        ck_assert_int_eq(detach_keys_parse(texts[_i].text, &keys), texts[_i].r);
        ck_assert_uint_eq(keys.n, texts[_i].r < 0 ? 99 : texts[_i].n);
        if (texts[_i].r >= 0)
                ck_assert_mem_eq(keys.keys, texts[_i].keys, texts[_i].n);
}
END_TEST

static const struct {
        const char *keys, *typed, *passed;
        bool is_detached;
} feeds[] = {
        { "ctrl-p,ctrl-q", "ls\n", "ls\n", false },
        { "ctrl-p,ctrl-q",
                        "a\x10\x11"
                        "b",
                        "a", true },
        { "ctrl-p,ctrl-q", "\x10x\x11", "\x10x\x11", false },
        { "ctrl-p,ctrl-q", "\x10\x10\x11", "\x10", true },
        { "a,a,b", "aaab", "a", true },
        { "a,b,a,c", "ababac", "ab", true },
        { "a", "xa", "x", true },
        { "", "\x10\x11", "\x10\x11", false },
};

/* In one piece and byte by byte, which must not matter. */
START_TEST(what_is_not_the_sequence_is_passed_on)
{
        size_t steps[] = { strlen(feeds[_i].typed), 1 };

        for (size_t k = 0; k < ELEMENTS(steps); k++) {
                char passed[64] = "", out[64 + DETACH_KEYS_MAX];
                bool is_detached = false;
                DetachKeys keys;

                ck_assert_int_eq(detach_keys_parse(feeds[_i].keys, &keys), 0);
                for (size_t i = 0; i < strlen(feeds[_i].typed) && !is_detached; i += steps[k]) {
                        size_t n;

                        is_detached = detach_keys_feed(&keys, feeds[_i].typed + i, steps[k], out, &n);
                        strncat(passed, out, n);
                }
                ck_assert_str_eq(passed, feeds[_i].passed);
                ck_assert(is_detached == feeds[_i].is_detached);
        }
}
END_TEST

START_TEST(the_beginning_of_the_sequence_waits_for_more)
{
        char out[8 + DETACH_KEYS_MAX];
        DetachKeys keys;
        size_t n;

        ck_assert_int_eq(detach_keys_parse(DETACH_KEYS_DEFAULT, &keys), 0);
        ck_assert(!detach_keys_feed(&keys, "\x10", 1, out, &n));
        ck_assert_uint_eq(n, 0);
        ck_assert(!detach_keys_feed(&keys, "p", 1, out, &n));
        ck_assert_uint_eq(n, 2);
        ck_assert_mem_eq(out, "\x10p", 2);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("detach-keys");
        TCase *tcase = tcase_create("keys");

        tcase_add_loop_test(tcase, keys_are_letters_and_letters_with_ctrl, 0, ELEMENTS(texts));
        tcase_add_loop_test(tcase, what_is_not_the_sequence_is_passed_on, 0, ELEMENTS(feeds));
        tcase_add_test(tcase, the_beginning_of_the_sequence_waits_for_more);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
