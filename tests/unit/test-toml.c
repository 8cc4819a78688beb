/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>
#include <string.h>

#include "image/registries/toml.h"
#include "tests/suite.h"

/* A document written as one line of words, so that a table of them can be read. */
static void show(const Toml *value, FILE *stream) {
        if (value->key)
                fprintf(stream, "%s=", value->key);
        switch (value->type) {
        case TOML_STRING:
                fprintf(stream, "'%s'", value->text);
                break;
        case TOML_TIME:
                fprintf(stream, "@%s", value->text);
                break;
        case TOML_INTEGER:
                fprintf(stream, "%lld", (long long) value->integer);
                break;
        case TOML_FLOAT:
                fprintf(stream, "%gf", value->number);
                break;
        case TOML_BOOLEAN:
                fprintf(stream, "%s", value->truth ? "yes" : "no");
                break;
        default:
                fputc(value->type == TOML_ARRAY ? '[' : '{', stream);
                for (size_t i = 0; i < value->n; i++) {
                        if (i > 0)
                                fputc(' ', stream);
                        show(value->items[i], stream);
                }
                fputc(value->type == TOML_ARRAY ? ']' : '}', stream);
        }
}

static char *shown(const Toml *value) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        show(value, stream);
        (void) fclose(stream);
        return text;
}

/* clang-format off */
static const struct {
        const char *text, *shown;
} good[] = {
        { "", "{}" },
        { "# nothing\n\n  \t\r\n#", "{}" },
        { "a = 1", "{a=1}" },
        { "a=1#x\n\tb = 2 # y\r\nc=3", "{a=1 b=2 c=3}" },
        { "bare-key_1 = true\n1234 = false", "{bare-key_1=yes 1234=no}" },
        { "\"a b\" = 1\n'c \"d\"' = 2\n\"\" = 3", "{a b=1 c \"d\"=2 =3}" },
        { "a.b.c = 1\na . d = 2\n\"a\".'e' = 3", "{a={b={c=1} d=2 e=3}}" },
        { "3.14 = 1", "{3={14=1}}" },

        { "a = \"x\\ty\\\\ \\\" \\u00e9 \\U0001F600\"", "{a='x\ty\\ \" \303\251 \360\237\230\200'}" },
        { "a = \"\\b\\n\\f\\r\"", "{a='\b\n\f\r'}" },
        { "a = 'C:\\x\\u0000'", "{a='C:\\x\\u0000'}" },
        { "a = \"\"\nb = ''", "{a='' b=''}" },
        { "a = \"\"\"\none\ntwo\"\"\"", "{a='one\ntwo'}" },
        { "a = \"\"\"\r\none\r\ntwo\"\"\"", "{a='one\ntwo'}" },
        { "a = \"\"\"one \\\n   \n  two \\   \n three\"\"\"", "{a='one two three'}" },
        { "a = \"\"\"\"x\"\"\"\"\"", "{a='\"x\"\"'}" },
        { "a = '''\n'x' \\n ''two'''''", "{a=''x' \\n ''two'''}" },
        { "a = \"\"\"x\\\"\"\"\"", "{a='x\"'}" },
        { "a = \"\"\"\"\"\"\nb = ''''''", "{a='' b=''}" },

        { "a = +99\nb = -17\nc = 1_000\nd = 0\ne = -0", "{a=99 b=-17 c=1000 d=0 e=0}" },
        { "a = 0xDEAD_beef\nb = 0o755\nc = 0b1101", "{a=3735928559 b=493 c=13}" },
        { "a = 9223372036854775807\nb = -9223372036854775808", "{a=9223372036854775807 b=-9223372036854775808}" },
        { "a = 3.5\nb = -0.01\nc = 5e+2\nd = 1E06\ne = 6.626e-3\nf = 1_0.0_1", "{a=3.5f b=-0.01f c=500f d=1e+06f e=0.006626f f=10.01f}" },
        { "a = inf\nb = -inf\nc = +inf", "{a=inff b=-inff c=inff}" },

        { "a = 1979-05-27T07:32:00Z", "{a=@1979-05-27T07:32:00Z}" },
        { "a = 1979-05-27 07:32:00.999-07:00", "{a=@1979-05-27 07:32:00.999-07:00}" },
        { "a = 1979-05-27t07:32:00\nb = 1979-05-27\nc = 07:32:60.5", "{a=@1979-05-27t07:32:00 b=@1979-05-27 c=@07:32:60.5}" },
        { "a = 2000-02-29 # leap", "{a=@2000-02-29}" },

        { "a = []\nb = [ 1, 2, ]\nc = [ [ 'x' ], 2.5, { d = 1 } ]", "{a=[] b=[1 2] c=[['x'] 2.5f {d=1}]}" },
        { "a = [ # one\n  1, # two\n\n 2 # three\n , # four\n ]", "{a=[1 2]}" },
        { "a = {}\nb = { c = 1, d.e = 2, d.f = { } }", "{a={} b={c=1 d={e=2 f={}}}}" },
        { "a = { b = [\n1,\n2 ] }", "{a={b=[1 2]}}" },

        { "[a]\nb = 1\n[c.d]\n[c]\ne = 2", "{a={b=1} c={d={} e=2}}" },
        { "[ a . \"b c\" ]\nx=1", "{a={b c={x=1}}}" },
        { "[[r]]\na = 1\n[[r.m]]\nb = 2\n[[r.m]]\n[[r]]\n[r.t]\nc = 3", "{r=[{a=1 m=[{b=2} {}]} {t={c=3}}]}" },
        { "[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true",
          "{fruit={apple={color=1 taste={sweet=yes} texture={smooth=yes}}}}" },
        { "a.b = 1\n[c]\nd = 1", "{a={b=1} c={d=1}}" },
};

static const struct {
        const char *text;
        unsigned line, column;
        const char *why;
} bad[] = {
        { "a", 1, 2, "here should be '=' and a value" },
        { "= 1", 1, 1, "here should be a key" },
        { "a = ", 1, 5, "here should be a value" },
        { "a = 1 b = 2", 1, 7, "here the line should end" },
        { "a = x", 1, 5, "'x' is no value; a string stands in quotation marks" },
        { "a = docker.io", 1, 5, "'docker.io' is no value; a string stands in quotation marks" },
        { "a. = 1", 1, 4, "here should be a key" },
        { "a..b = 1", 1, 3, "here should be a key" },
        { "a b = 1", 1, 3, "here should be '=' and a value" },
        { "\"\"\"a\"\"\" = 1", 1, 1, "a key cannot go over lines" },
        { "\n\na = 1\na = 2", 4, 1, "'a' is there already, in line 3" },
        { "a = 1\na.b = 2", 2, 1, "'a' is there already, in line 1" },
        { "a.b = 1\n[a]", 2, 1, "'a' is there already, in line 1" },
        { "[a]\n[a]", 2, 1, "'a' is there already, in line 1" },
        { "[a.b]\nc=1\n[a]\nb.d = 2", 4, 1, "'b' is there already, in line 1" },
        { "[a]\n[[a]]", 2, 1, "'a' is there already, in line 1" },
        { "[[a]]\n[a]", 2, 1, "'a' is there already, in line 1" },
        { "a = [1]\n[[a]]", 2, 1, "'a' is there already, in line 1" },
        { "a = [{}]\n[a.b]", 2, 1, "'a' has its value already, in line 1, and cannot be added to" },
        { "a = { b = 1 }\n[a.c]", 2, 1, "'a' has its value already, in line 1, and cannot be added to" },
        { "a = { b = 1 }\na.c = 2", 2, 1, "'a' is there already, in line 1" },
        { "a = { b = 1, b = 2 }", 1, 14, "'b' is there already, in line 1" },
        { "a = { b = 1, }", 1, 14, "here should be a key" },
        { "a = { b = 1\n}", 1, 12, "here should be ',' or '}'" },
        { "a = [ 1 2 ]", 1, 9, "here should be ',' or ']'" },
        { "a = [ 1,, 2 ]", 1, 9, "here should be a value" },
        { "a = [ 1", 1, 8, "here should be ',' or ']'" },
        { "a = [", 1, 6, "here should be a value" },
        { "[a", 1, 3, "here should be ']'" },
        { "[[a]", 1, 4, "here should be ']]'" },
        { "[]", 1, 2, "here should be a key" },
        { "[a] b = 1", 1, 5, "here the line should end" },
        { "a = \"x", 1, 5, "the string has no end" },
        { "a = \"x\ny\"", 1, 5, "the string has no end" },
        { "a = '''x", 1, 5, "the string has no end" },
        { "a = \"\\q\"", 1, 7, "there is no such escape in a string; write '\\\\' for a backslash" },
        { "a = \"C:\\Users\"", 1, 9, "'\\U' needs 8 hexadecimal digits" },
        { "a = \"\\u00g0\"", 1, 7, "'\\u' needs 4 hexadecimal digits" },
        { "a = \"\\ud800\"", 1, 7, "there is no such character, or it is none for a text" },
        { "a = \"\\U00110000\"", 1, 7, "there is no such character, or it is none for a text" },
        { "a = \"\\u0000\"", 1, 7, "there is no such character, or it is none for a text" },
        { "a = \"x\ty\001\"", 1, 9, "a control character in a string" },
        { "a = '''x\ry'''", 1, 9, "a control character in a string" },
        { "a = \"\"\"\n\nx \\ y\"\"\"", 3, 4, "there is no such escape in a string; write '\\\\' for a backslash" },
        { "# \001", 1, 3, "a control character in a comment" },
        { "a = 1\r", 1, 6, "here the line should end" },
        { "\xef\xbb\xbf" "a = 1", 1, 1, "here should be a key" },
        { "a = '\xff'", 1, 6, "this is not UTF-8" },
        { "a = '\xc0\xaf'", 1, 6, "this is not UTF-8" },
        { "x = 1\na = '\xed\xa0\x80'", 2, 6, "this is not UTF-8" },
        { "a = 01", 1, 5, "'01' is no value; a string stands in quotation marks" },
        { "a = 1__0", 1, 5, "'1__0' is no value; a string stands in quotation marks" },
        { "a = _1", 1, 5, "'_1' is no value; a string stands in quotation marks" },
        { "a = 1_", 1, 5, "'1_' is no value; a string stands in quotation marks" },
        { "a = 0x", 1, 5, "'0x' is no value; a string stands in quotation marks" },
        { "a = 0xg", 1, 5, "'0xg' is no value; a string stands in quotation marks" },
        { "a = +0x1", 1, 5, "'+0x1' is no value; a string stands in quotation marks" },
        { "a = 9223372036854775808", 1, 5, "'9223372036854775808' has more than 64 bits" },
        { "a = 1.", 1, 5, "'1.' is no value; a string stands in quotation marks" },
        { "a = .5", 1, 5, "'.5' is no value; a string stands in quotation marks" },
        { "a = 1.e5", 1, 5, "'1.e5' is no value; a string stands in quotation marks" },
        { "a = True", 1, 5, "'True' is no value; a string stands in quotation marks" },
        { "a = 1979-13-01", 1, 5, "'1979-13-01' is no value; a string stands in quotation marks" },
        { "a = 1979-02-29", 1, 5, "'1979-02-29' is no value; a string stands in quotation marks" },
        { "a = 24:00:00", 1, 5, "'24:00:00' is no value; a string stands in quotation marks" },
        { "a = 1979-05-27T07:32", 1, 5, "'1979-05-27T07:32' is no value; a string stands in quotation marks" },
        { "a = 1979-05-27T07:32:00+7", 1, 5, "'1979-05-27T07:32:00+7' is no value; a string stands in quotation marks" },
};
/* clang-format on */

START_TEST(a_document_is_read_as_the_standard_says)
{
        autotoml Toml *document = NULL;
        autofree char *text = NULL;
        Fault fault = {};

        ck_assert_msg(toml_parse(good[_i].text, strlen(good[_i].text), "f", &document, &fault) == 0, "%s",
                        fault.text);
        text = shown(document);
        ck_assert_str_eq(text, good[_i].shown);
}
END_TEST

START_TEST(what_the_standard_forbids_is_refused_with_its_place)
{
        Toml *document = NULL;
        Fault fault = {};

        ck_assert_int_eq(toml_parse(bad[_i].text, strlen(bad[_i].text), "f", &document, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, bad[_i].why);
        ck_assert_str_eq(fault.path, "f");
        ck_assert_uint_eq(fault.line, bad[_i].line);
        ck_assert_uint_eq(fault.column, bad[_i].column);
        ck_assert_ptr_null(document);
}
END_TEST

START_TEST(not_a_number_is_one)
{
        static const char text[] = "a = nan\nb = -nan";
        autotoml Toml *document = NULL;

        ck_assert_int_eq(toml_parse(text, strlen(text), "f", &document, NULL), 0);
        ck_assert(isnan(document->items[0]->number) && isnan(document->items[1]->number));
}
END_TEST

START_TEST(a_nul_in_a_text_is_refused)
{
        static const char text[] = "a = 1\nb = '\0'";
        Toml *document = NULL;
        Fault fault = {};

        ck_assert_int_eq(toml_parse(text, sizeof(text) - 1, "f", &document, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, "a NUL in a text");
        ck_assert_uint_eq(fault.line, 2);
}
END_TEST

START_TEST(values_know_their_lines)
{
        static const char text[] = "\n[[r]]\n\nx = [\n  1,\n  'a'\n]\ns = '''\n\n\n'''\nt = 1";
        autotoml Toml *document = NULL;
        const Toml *r;

        ck_assert_int_eq(toml_parse(text, strlen(text), "f", &document, NULL), 0);
        r = toml_get(document, "r")->items[0];
        ck_assert_uint_eq(r->line, 2);
        ck_assert_uint_eq(toml_get(r, "x")->line, 4);
        ck_assert_uint_eq(toml_get(r, "x")->column, 5);
        ck_assert_uint_eq(toml_get(r, "x")->items[1]->line, 6);
        ck_assert_uint_eq(toml_get(r, "t")->line, 12);
        ck_assert_ptr_null(toml_get(r, "u"));
}
END_TEST

static int parse_repeated(const char *begin, const char *piece, size_t n, const char *end, Fault *fault) {
        size_t size = strlen(begin) + n * strlen(piece) + strlen(end);
        autofree char *text = malloc(size + 1);
        autotoml Toml *document = NULL;
        char *to = stpcpy(text, begin);

        for (size_t i = 0; i < n; i++)
                to = stpcpy(to, piece);
        (void) stpcpy(to, end);
        return toml_parse(text, size, "f", &document, fault);
}

START_TEST(depth_and_size_have_an_end)
{
        Fault fault = {};

        ck_assert_int_eq(parse_repeated("a = ", "[", TOML_DEPTH_LIMIT, "", &fault), -EINVAL);
        ck_assert_str_eq(fault.text, "here should be a value");
        fault = (Fault){};
        ck_assert_int_eq(parse_repeated("a = ", "[", 100000, "", &fault), -EINVAL);
        ck_assert_str_eq(fault.text, "more than 32 values in each other");
        fault = (Fault){};
        ck_assert_int_eq(parse_repeated("a = ", "{a=", 100000, "", &fault), -EINVAL);
        ck_assert_str_eq(fault.text, "more than 32 values in each other");
        fault = (Fault){};
        ck_assert_int_eq(parse_repeated("a", ".a", 100000, " = 1", &fault), -EINVAL);
        ck_assert_str_eq(fault.text, "a key of more than 32 words");
        fault = (Fault){};
        ck_assert_int_eq(parse_repeated("[a", ".a", 31, "]", &fault), 0);
        ck_assert_int_eq(parse_repeated("", "#\n", TOML_SIZE_LIMIT / 2, "", &fault), 0);
        ck_assert_int_eq(parse_repeated("", "#\n", TOML_SIZE_LIMIT / 2, "\n", &fault), -EFBIG);
        ck_assert_str_eq(fault.text, "the file is longer than 1024 KiB");
        fault = (Fault){};
        ck_assert_int_eq(parse_repeated("a = [", "[],", 300000, "]", &fault), 0);
}
END_TEST

START_TEST(a_table_has_so_many_keys_and_no_more)
{
        autofree char *text = malloc(TOML_SIZE_LIMIT);
        Toml *document = NULL;
        Fault fault = {};
        char *to = text;

        for (int i = 0; i <= TOML_ITEMS_LIMIT; i++)
                to += sprintf(to, "k%d=1\n", i);
        ck_assert_int_eq(toml_parse(text, (size_t) (to - text), "f", &document, &fault), -E2BIG);
        ck_assert_str_eq(fault.text, "a table has more than 4096 keys");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("toml");
        TCase *tcase = tcase_create("all");

        tcase_set_timeout(tcase, 30);
        tcase_add_loop_test(tcase, a_document_is_read_as_the_standard_says, 0, (int) ELEMENTS(good));
        tcase_add_loop_test(
                        tcase, what_the_standard_forbids_is_refused_with_its_place, 0, (int) ELEMENTS(bad));
        tcase_add_test(tcase, not_a_number_is_one);
        tcase_add_test(tcase, a_nul_in_a_text_is_refused);
        tcase_add_test(tcase, values_know_their_lines);
        tcase_add_test(tcase, depth_and_size_have_an_end);
        tcase_add_test(tcase, a_table_has_so_many_keys_and_no_more);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
