/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/notify-filter.h"
#include "tests/suite.h"

static const struct {
        const char *before, *after;
} messages[] = {
        { "READY=1", "READY=1" },
        { "READY=1\nSTATUS=MAINPID=1\n", "READY=1\nSTATUS=MAINPID=1\n" },
        { "MAINPID=1", "" },
        { "READY=1\nMAINPID=1\nSTATUS=x", "READY=1\nSTATUS=x" },
        { "READY=1\rMAINPID=1\rSTATUS=x", "READY=1\rSTATUS=x" },
        { "STATUS=x\r\nMAINPID=1", "STATUS=x\r" },
        { "NOTIFYACCESS=none\nMAINPIDFDID=3\nMAINPIDFD=1\nNEW=1", "" },
        { "READY\nREADYX=1\n=1\nEADY=1\n mainpid=1", "" },
        { "RELOADING=1\nMONOTONIC_USEC=5\nSTOPPING=1\nERRNO=2\nBUSERROR=x\nEXIT_STATUS=1",
                        "RELOADING=1\nMONOTONIC_USEC=5\nSTOPPING=1\nERRNO=2\nBUSERROR=x\nEXIT_STATUS=1" },
        { "WATCHDOG=1\nWATCHDOG_USEC=5\nEXTEND_TIMEOUT_USEC=5",
                        "WATCHDOG=1\nWATCHDOG_USEC=5\nEXTEND_TIMEOUT_USEC=5" },
        { "FDSTORE=1\nFDNAME=a\nFDPOLL=0", "FDSTORE=1\nFDNAME=a\nFDPOLL=0" },
        { "BARRIER=1", "BARRIER=1" },
        { "STATUS=\x1b[2J\x07\t\x7f\xc2\x9b\xc2\xa9 \xc3\xa9\nREADY=1",
                        "STATUS=?[2J?????\xc2\xa9 \xc3\xa9\nREADY=1" },
        { "", "" },
};

START_TEST(only_what_is_harmless_remains)
{
        char text[256];
        size_t n;

        (void) snprintf(text, sizeof(text), "%s", messages[_i].before);
        n = notify_filter(text, strlen(text));
        text[n] = '\0';
        ck_assert_str_eq(text, messages[_i].after);
}
END_TEST

START_TEST(nothing_comes_after_a_nul)
{
        char text[] = "READY=1\0MAINPID=1\nSTATUS=x";
        size_t n = notify_filter(text, sizeof(text) - 1);

        ck_assert_uint_eq(n, strlen("READY=1"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("notify-filter");
        TCase *tests = tcase_create("notify-filter");

        tcase_add_loop_test(tests, only_what_is_harmless_remains, 0, (int) ELEMENTS(messages));
        tcase_add_test(tests, nothing_comes_after_a_nul);
        suite_add_tcase(suite, tests);
        return suite_main(suite);
}
