/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <getopt.h>
#include <string.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "tests/suite.h"

enum { OPT_SIZE = OPTION_LONG, OPT_FAR };

static const Option options[] = {
        { 'q', "quiet", NULL, "say less" },
        { 'o', "output", "FILE", "where to write" },
        { OPT_SIZE, "size", "BYTES", "how much" },
        { OPT_FAR, "far-away", NULL, "go far" },
};

static const struct {
        const char *words[6];
        const char *keys; /* one letter each; 's' size, 'f' far-away, '.' the end, '?' help, '!' bad */
        const char *said; /* on standard error */
} calls[] = {
        { { "list" }, ".", "" },
        { { "list", "-q", "x" }, "q.", "" },
        { { "list", "x", "-q" }, "q.", "" },
        { { "list", "--quiet", "--far-away" }, "qf.", "" },
        { { "list", "-qo", "f" }, "qo.", "" },
        { { "list", "--output=f", "--size", "7" }, "os.", "" },
        { { "list", "--", "-q" }, ".", "" },
        { { "list", "--help" }, "?", "" },
        { { "list", "-h" }, "?", "" },
        { { "list", "-x" }, "!",
                        "slipway: list: option '-x' is not known, or not meant so, see 'slipway list "
                        "--help'\n" },
        { { "list", "--extra" }, "!",
                        "slipway: list: option '--extra' is not known, or not meant so, see 'slipway list "
                        "--help'\n" },
        { { "list", "--quiet=very" }, "!",
                        "slipway: list: option '--quiet=very' is not known, or not meant so, see 'slipway "
                        "list --help'\n" },
        { { "list", "-o" }, "!", "slipway: list: option '-o' needs a value, see 'slipway list --help'\n" },
        { { "list", "--size" }, "!",
                        "slipway: list: option '--size' needs a value, see 'slipway list --help'\n" },
};

static char letter_of(int key) {
        switch (key) {

        case OPT_SIZE:
                return 's';

        case OPT_FAR:
                return 'f';

        case OPTION_END:
                return '.';

        case OPTION_HELP:
                return '?';

        case OPTION_BAD:
                return '!';

        default:
                return (char) key;
        }
}

/* A file in the place of a descriptor. */
typedef struct Capture {
        int target, saved, file;
} Capture;

static Capture capture(int target) {
        Capture c = { .target = target };

        (void) fflush(NULL);
        c.saved = fcntl(target, F_DUPFD_CLOEXEC, 10);
        c.file = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
        ck_assert_int_ge(c.file, 0);
        ck_assert_int_ge(dup2(c.file, target), 0);
        return c;
}

/* Puts the descriptor back. Return: what was written to it. */
static char *captured(Capture *c) {
        char *text = NULL;

        (void) fflush(NULL);
        ck_assert_int_ge(dup2(c->saved, c->target), 0);
        ck_assert_int_eq(lseek(c->file, 0, SEEK_SET), 0);
        ck_assert_int_eq(io_read_fd(c->file, 65536, &text, NULL), 0);
        (void) close(c->saved);
        (void) close(c->file);
        return text;
}

/* Reads all options of a call. Return: how many there were. */
static size_t read_all(const char *const *words, char *keys, size_t size) {
        char *argv[8] = {};
        int argc = 0, key;
        size_t n = 0;

        for (; words[argc]; argc++)
                argv[argc] = strdup(words[argc]);
        optind = 0;
        do {
                key = options_next(options, ELEMENTS(options), argc, argv);
                ck_assert_uint_lt(n + 1, size);
                keys[n++] = letter_of(key);
        } while (key >= 0);
        keys[n] = '\0';

        for (int i = 0; i < argc; i++)
                free(argv[i]);
        return n;
}

START_TEST(options_are_read_as_getopt_reads_them)
{
        autofree char *said = NULL, *help = NULL;
        Capture out = capture(STDOUT_FILENO), err = capture(STDERR_FILENO);
        char keys[16];

        report_init("slipway", REPORT_TERMINAL);
        (void) read_all(calls[_i].words, keys, sizeof(keys));
        said = captured(&err);
        help = captured(&out);
        ck_assert_str_eq(keys, calls[_i].keys);
        ck_assert_str_eq(said, calls[_i].said);
        ck_assert_int_eq(!*help, !strchr(calls[_i].keys, '?'));
}
END_TEST

START_TEST(help_is_made_from_the_table)
{
        static const char *const words[] = { "list", "--help", NULL };
        autofree char *help = NULL;
        char keys[16];
        Capture out = capture(STDOUT_FILENO);

        (void) read_all(words, keys, sizeof(keys));
        help = captured(&out);
        ck_assert_ptr_nonnull(strstr(help, "Usage: slipway list "));
        ck_assert_ptr_nonnull(strstr(help, "  -o, --output=FILE          where to write\n"));
        ck_assert_ptr_nonnull(strstr(help, "      --size=BYTES           how much\n"));
        ck_assert_ptr_nonnull(strstr(help, "  -h, --help                 show this\n"));
        ck_assert_ptr_nonnull(strstr(help, "slipway-list(1)"));
}
END_TEST

START_TEST(columns_of_help_are_straight)
{
        static const Option uneven[] = {
                { 'a', "all", NULL, "everything" },
                { OPT_SIZE, "capabilities", "NAME,…", "letters of more than a byte" },
                { OPT_FAR, "on-the-other-hand", "SOME-THING-WIDE", "what is too wide" },
        };
        autofree char *help = NULL;
        Capture out = capture(STDOUT_FILENO);

        options_help("list", uneven, ELEMENTS(uneven));
        help = captured(&out);
        ck_assert_ptr_nonnull(strstr(help, "  -a, --all                  everything\n"
                                           "      --capabilities=NAME,…  letters of more than a byte\n"
                                           "      --on-the-other-hand=SOME-THING-WIDE\n"
                                           "                             what is too wide\n"));
}
END_TEST

START_TEST(every_verb_answers_help)
{
        const Verb *verb = &verbs[_i];
        char *name = strdup(verb->name), *option = strdup("--help");
        char *argv[] = { name, option, NULL };
        autofree char *help = NULL;
        Capture out = capture(STDOUT_FILENO);

        optind = 0;
        ck_assert_int_eq(verb->run(2, argv), VERB_OK);
        help = captured(&out);
        ck_assert_msg(strstr(help, verb->name), "%s: %s", verb->name, help);
        free(name);
        free(option);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("options");
        TCase *tc = tcase_create("options");

        tcase_add_loop_test(tc, options_are_read_as_getopt_reads_them, 0, ELEMENTS(calls));
        tcase_add_test(tc, help_is_made_from_the_table);
        tcase_add_test(tc, columns_of_help_are_straight);
        tcase_add_loop_test(tc, every_verb_answers_help, 0, (int) n_verbs);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
