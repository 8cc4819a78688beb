/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "tests/suite.h"

static const struct {
        Place place;
        const char *line;
} places[] = {
        { {}, "text" },
        { { .path = "a.container" }, "a.container: text" },
        { { .path = "a.container", .line = 7 }, "a.container:7: text" },
        { { .path = "a.container", .line = 7, .column = 3 }, "a.container:7:3: text" },
        { { .path = "a.container", .line = 7, .column = 3, .key = "Image" },
                        "a.container:7:3: Image=: text" },
        { { .path = "a.container", .column = 3 }, "a.container: text" },
        { { .key = "Image" }, "Image=: text" },
};

START_TEST(a_fault_is_told_with_what_is_known_of_its_place)
{
        Fault fault = {};
        char line[256];

        fault_locate(&fault, &places[_i].place);
        (void) fault_raise(&fault, FAULT_VALUE, EINVAL, "text");
        ck_assert_uint_eq(report_format(line, sizeof(line), &fault), strlen(places[_i].line));
        ck_assert_str_eq(line, places[_i].line);
}
END_TEST

START_TEST(a_line_that_does_not_fit_is_cut_and_its_length_told)
{
        Fault fault = {};
        char line[8];

        (void) fault_raise(&fault, FAULT_VALUE, EINVAL, "a longer text");
        ck_assert_uint_eq(report_format(line, sizeof(line), &fault), strlen("a longer text"));
        ck_assert_str_eq(line, "a longe");
}
END_TEST

/* Puts a file in the place of standard error, and tells what was written to it. */
static int capture(int *ret_saved) {
        int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

        ck_assert_int_ge(fd, 0);
        *ret_saved = dup(STDERR_FILENO);
        ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
        return fd;
}

static char *captured(int fd, int saved) {
        char *text = NULL;

        ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
        (void) close(saved);
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        ck_assert_int_eq(io_read_fd(fd, 65536, &text, NULL), 0);
        return text;
}

START_TEST(a_person_reads_plain_lines)
{
        autofree char *text = NULL;
        Fault fault = {};
        int saved;
        autofd int fd = capture(&saved);

        report_init("slipway", REPORT_TERMINAL);
        (void) fault_raise(&fault, FAULT_VALUE, EINVAL, "cannot do it");
        report_fault(REPORT_ERROR, &fault);
        report_note(REPORT_INFO, "%d of %d", 1, 2);
        text = captured(fd, saved);
        ck_assert_str_eq(text, "slipway: cannot do it\nslipway: 1 of 2\n");
}
END_TEST

START_TEST(the_sink_is_where_somebody_listens)
{
        char stream[64];
        struct stat st;

        (void) unsetenv("SYSTEMD_SCOPE");
        (void) unsetenv("JOURNAL_STREAM");
        ck_assert_int_eq(report_choose_sink(), REPORT_TERMINAL);

        (void) snprintf(stream, sizeof(stream), "%d", (int) getpid());
        ck_assert_int_eq(setenv("SYSTEMD_EXEC_PID", "1", 1), 0);
        ck_assert_int_eq(report_choose_sink(), REPORT_TERMINAL);
        ck_assert_int_eq(setenv("SYSTEMD_EXEC_PID", stream, 1), 0);
        ck_assert_int_eq(report_choose_sink(), REPORT_JOURNAL);
        ck_assert_int_eq(unsetenv("SYSTEMD_EXEC_PID"), 0);

        ck_assert_int_eq(setenv("JOURNAL_STREAM", "1:1", 1), 0);
        ck_assert_int_eq(report_choose_sink(), REPORT_TERMINAL);
        ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
        (void) snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long) st.st_dev,
                        (unsigned long long) st.st_ino);
        ck_assert_int_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
        ck_assert_int_eq(report_choose_sink(), REPORT_JOURNAL);

        ck_assert_int_eq(setenv("SYSTEMD_SCOPE", "system", 1), 0);
        ck_assert_int_eq(report_choose_sink(), REPORT_KMSG);
        ck_assert_int_eq(setenv("SYSTEMD_SCOPE", "user", 1), 0);
        ck_assert_int_eq(report_choose_sink(), REPORT_JOURNAL);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("report");
        TCase *tc = tcase_create("report");

        tcase_add_loop_test(tc, a_fault_is_told_with_what_is_known_of_its_place, 0, ELEMENTS(places));
        tcase_add_test(tc, a_line_that_does_not_fit_is_cut_and_its_length_told);
        tcase_add_test(tc, a_person_reads_plain_lines);
        tcase_add_test(tc, the_sink_is_where_somebody_listens);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
