/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cli/template.h"
#include "tests/suite.h"

static const char document[] =
                "{ \"Name\": \"web\", \"State\": \"active\", \"Memory\": 4096, \"image_id\": \"sha256:ab\", "
                "\"Pid\": null, \"Names\": [\"a\", \"b\"], \"Empty\": [], \"Load\": 0.5, \"On\": true, "
                "\"Labels\": { \"x\": \"1\", \"y\": \"2\" }, \"Health\": { \"Status\": \"healthy\", "
                "\"Streak\": 3 } }";

/* Return: 0 with what the template makes of the document, or a negative errno with the fault's text. */
static int run(const char *text, char **ret) {
        json_t *data = json_loads(document, 0, NULL);
        autotemplate Template *template = NULL;
        Fault fault = {};
        size_t size;
        FILE *stream;
        int r;

        ck_assert_ptr_nonnull(data);
        stream = open_memstream(ret, &size);
        ck_assert_ptr_nonnull(stream);
        r = template_parse(text, &template, &fault);
        if (r >= 0)
                r = template_execute(
                                template, &(TemplateData){ .shown = data, .raw = data }, stream, &fault);
        ck_assert_int_eq(fclose(stream), 0);
        json_decref(data);
        if (r < 0) {
                free(*ret);
                *ret = strdup(fault.text);
        }
        return r;
}

static const struct {
        const char *template, *result;
} good[] = {
        { "", "" },
        { "plain } { text", "plain } { text" },
        { "{{.Name}}", "web" },
        { "{{ .Name }}\\t{{.State}}\\n", "web\tactive\n" },
        { "{{.name}} {{.ImageID}} {{.Image_Id}}", "web sha256:ab sha256:ab" },
        { "{{.Health.Status}}", "healthy" },
        { "{{.Pid}} {{.Pid.Deeper}}", "<nil> <nil>" },
        { "{{.Memory}} {{.Load}} {{.On}}", "4096 0.5 true" },
        { "{{.Names}} {{.Labels}}", "[a b] map[x:1 y:2]" },
        { "{{json .Name}} {{json .Names}} {{json .Pid}}", "\"web\" [\"a\",\"b\"] null" },
        { "{{.Health | json}}", "{\"Status\":\"healthy\",\"Streak\":3}" },
        { "{{.Name | upper | printf \"%5s|\"}}", "  WEB|" },
        { "{{printf \"%-5s|%d%%|%q|%v\" .Name .Memory .State .Names}}", "web  |4096%|\"active\"|[a b]" },
        { "{{join .Names \", \"}} {{join .Pid \",\"}}", "a, b " },
        { "{{index .Names 1}}{{index .Labels \"x\"}}{{index .Labels \"none\"}}", "b1" },
        { "{{range split \"a/b/c\" \"/\"}}<{{.}}>{{end}}", "<a><b><c>" },
        { "{{len .Names}} {{len .Name}} {{len .Labels}} {{len .Pid}}", "2 3 2 0" },
        { "{{if .Pid}}yes{{else}}no{{end}}", "no" },
        { "{{if .Empty}}yes{{else if .On}}second{{else}}no{{end}}", "second" },
        { "{{if eq .State \"failed\" \"active\"}}in{{end}}", "in" },
        { "{{if and .On (gt .Memory 1000) (not .Empty)}}all{{end}}", "all" },
        { "{{if or .Pid (ne .Name \"web\")}}one{{else}}none{{end}}", "none" },
        { "{{if lt .Memory 5000}}a{{end}}{{if le .Memory 4096}}b{{end}}{{if ge .Memory 4097}}c{{end}}",
                        "ab" },
        { "{{range .Names}}{{.}};{{end}}", "a;b;" },
        { "{{range $i, $n := .Names}}{{$i}}{{$n}}{{$.Name}} {{end}}", "0aweb 1bweb " },
        { "{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}", "x=1 y=2 " },
        { "{{range .Empty}}x{{else}}nothing{{end}}", "nothing" },
        { "{{with .Health}}{{.Status}} {{.Streak}}{{end}}{{with .Pid}}x{{else}}none{{end}}",
                        "healthy 3none" },
        { "{{$x := .Name}}{{$x}}{{$x}}", "webweb" },
        { "a  {{- .Name -}}  b", "awebb" },
        { "a {{/* what\n nobody sees */}}b", "a b" },
        { "{{\"q\\\"uo\\\\xe\"}} {{`raw`}} {{42}} {{true}}", "q\"uo\\xe raw 42 true" },
        { "{{truncate .State 3}} {{pad .Name 1 2}}| {{title \"two words\"}}", "act  web  | Two Words" },
        { "{{println .Name .Memory}}{{print .Name .On}}", "web 4096\nwebtrue" },
};

START_TEST(a_template_becomes_what_go_would_make_of_it)
{
        autofree char *text = NULL;
        int r = run(good[_i].template, &text);

        ck_assert_msg(r == 0, "'%s': %s", good[_i].template, text);
        ck_assert_str_eq(text, good[_i].result);
}
END_TEST

static const struct {
        const char *template, *fault;
} bad[] = {
        { "{{.Nmae}}", "there is no field '.Nmae'; there are .Name .State .Memory .image_id .Pid .Names "
                       ".Empty "
                       ".Load .On .Labels .Health" },
        { "{{.Health.Foo}}", "there is no field '.Foo'; there are .Status .Streak" },
        { "{{.Name.Deeper}}", "'.Deeper' is asked of what has no fields" },
        { "{{.Name", "the template cannot be read: the action is not closed at ''" },
        { "{{}}", "the template cannot be read: something is missing at '}}'" },
        { "{{if .Name}}x", "the template cannot be read: {{end}} is missing at ''" },
        { "{{end}}x", "the template cannot be read: there is nothing that {{end}} or {{else}} could belong "
                      "to, "
                      "before the text at 'x'" },
        { "{{nope .Name}}", "the template cannot be read: there is no such function at 'nope .Name}}'" },
        { "{{.Name .State}}", "the template cannot be read: what is no function takes no operands at '}}'" },
        { "{{json}}", "the template cannot be read: 'json' takes 1 operands, not 0" },
        { "{{(.Name}}", "the template cannot be read: a parenthesis is not closed at '}}'" },
        { "{{\"x}}", "the template cannot be read: a quote is not closed at ''" },
        { "{{$x}}", "there is no variable '$x'" },
        { "{{range .Name}}{{end}}", "the template's 'range' needs a list or a map" },
        { "{{printf \"%n\" 1}}", "the template's 'printf' knows %s, %v, %d, %q and %t, one for each value" },
        { "{{index .Names 9}}", "the template's 'index' finds no such element" },
        { "{{12x}}", "the template cannot be read: no such number at '12x}}'" },
        { "{{/* x }}", "the template cannot be read: the comment is not closed at '/* x }}'" },
};

START_TEST(a_mistake_is_told_in_words)
{
        autofree char *text = NULL;
        int r = run(bad[_i].template, &text);

        ck_assert_msg(r < 0, "'%s' is taken: %s", bad[_i].template, text);
        ck_assert_str_eq(text, bad[_i].fault);
}
END_TEST

START_TEST(nothing_is_nested_without_end)
{
        autofree char *deep = calloc(1, 1000), *text = NULL;

        for (size_t i = 0; i < 100; i++)
                strcat(deep, "{{if 1}}");
        ck_assert_int_lt(run(deep, &text), 0);
        ck_assert_ptr_nonnull(strstr(text, "too many things within each other"));
}
END_TEST

START_TEST(nothing_grows_without_end)
{
        autofree char *long_one = calloc(1, 4000), *text = NULL;

        strcat(long_one, "{{$x := \"0123456789\"}}");
        for (size_t i = 0; i < 28; i++)
                strcat(long_one, "{{$x := print $x $x}}");
        ck_assert_int_lt(run(long_one, &text), 0);
        ck_assert_str_eq(text, "the template makes a text that is too long");
}
END_TEST

START_TEST(values_cannot_drive_a_terminal)
{
        json_t *data = json_pack("{ss}", "Name", "a\x1b[2Jb\rc");
        autotemplate Template *template = NULL;
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        ck_assert_int_eq(template_parse("{{.Name}}", &template, NULL), 0);
        ck_assert_int_eq(template_execute(template,
                                         &(TemplateData){ .shown = data, .raw = data, .is_tame = true },
                                         stream, NULL),
                        0);
        (void) fclose(stream);
        json_decref(data);
        ck_assert_str_eq(text, "a?[2Jb?c");
}
END_TEST

START_TEST(json_is_for_programs_and_fields_are_for_people)
{
        json_t *shown = json_pack("{ss}", "Size", "1.5 MiB"), *raw = json_pack("{si}", "size", 1572864);
        autotemplate Template *template = NULL;
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        ck_assert_int_eq(template_parse("{{.Size}} {{json .Size}} {{.Size | json}} {{json .}}", &template,
                                         NULL),
                        0);
        ck_assert_int_eq(template_execute(template, &(TemplateData){ .shown = shown, .raw = raw }, stream,
                                         NULL),
                        0);
        (void) fclose(stream);
        json_decref(shown);
        json_decref(raw);
        ck_assert_str_eq(text, "1.5 MiB 1572864 1572864 {\"size\":1572864}");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("template");
        TCase *tc = tcase_create("template");

        tcase_add_loop_test(tc, a_template_becomes_what_go_would_make_of_it, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_mistake_is_told_in_words, 0, ELEMENTS(bad));
        tcase_add_test(tc, nothing_is_nested_without_end);
        tcase_add_test(tc, nothing_grows_without_end);
        tcase_add_test(tc, values_cannot_drive_a_terminal);
        tcase_add_test(tc, json_is_for_programs_and_fields_are_for_people);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
