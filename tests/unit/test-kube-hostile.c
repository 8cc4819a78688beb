/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Hostile text in every field of Kubernetes YAML
 *
 * Each text of a file that has nearly all fields is replaced, one at a time, by texts that try to be a line
 * of a unit, another option, a way out of a directory, or simply too long. Whatever comes of it, units have
 * only lines that are ours, and no link or file is anywhere but in the directory of units.
 */

#include <dirent.h>

#include "generator/generate.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/yaml-tree.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

static const char *hostile[] = {
        "x\n[Install]\nWantedBy=evil.target\nExecStartPre=/bin/evil", "x\rExecStartPre=/bin/evil\\",
        "../../../evil", "/../../evil", "x,type=bind,source=/evil:/evil", "%H${EVIL}$EVIL%",
        "\" ExecStartPre=/bin/evil \"", "-evil --userns=host", "evil@.service", "", NULL, /* 10 kB */
};

static void put_text(FILE *stream, const char *text) {
        (void) fputc('"', stream);
        for (; *text; text++)
                if ((unsigned char) *text < ' ' || *text == '"' || *text == '\\')
                        (void) fprintf(stream, "\\u%04x", (unsigned char) *text);
                else
                        (void) fputc(*text, stream);
        (void) fputc('"', stream);
}

/* JSON of a tree, in which text number @*left has become @other. Keys count, too. */
static void put_node(FILE *stream, const YamlNode *node, int *left, const char *other) {
        bool is_map = node->kind == YAML_MAP;

        if (is_map || node->kind == YAML_LIST) {
                (void) fputc(is_map ? '{' : '[', stream);
                for (size_t i = 0; i < node->n; i++) {
                        (void) fputs(i > 0 ? ", " : "", stream);
                        if (is_map) {
                                put_node(stream, node->keys[i], left, other);
                                (void) fputs(": ", stream);
                        }
                        put_node(stream, node->items[i], left, other);
                }
                (void) fputc(is_map ? '}' : ']', stream);
        } else if (node->kind == YAML_TEXT)
                put_text(stream, (*left)-- == 0 ? other : node->text);
        else
                (void) fputs(node->text, stream);
}

/* Return: whether there was such a text. */
static bool write_variant(const YamlTree *seed, int number, const char *other) {
        FILE *file = fopen(tree_path("in/x.yaml"), "we");
        int left = number;

        ck_assert_ptr_nonnull(file);
        for (size_t i = 0; i < seed->n; i++) {
                put_node(file, seed->documents[i], &left, other);
                (void) fputs("\n---\n", file);
        }
        ck_assert_int_eq(fclose(file), 0);
        ck_assert_int_eq(chmod(tree_path("in/x.yaml"), 0600), 0);
        return left < 0;
}

static void check_line(const char *line, const char *name) {
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz6";
        size_t n = strspn(line, letters);

        if (*line == '#' || *line == '[' || *line == '\n')
                return;
        ck_assert_msg(n > 0 && line[n] == '=', "%s has the line %.200s", name, line);
        ck_assert_msg(strncmp(line, "WantedBy=", 9) != 0 && !strstr(line, "=/bin/evil\n"), "%s: %.200s",
                        name, line);
}

static void check_units(void) {
        AUTO(closedirp) DIR *directory = opendir(tree_path("out"));
        struct dirent *entry;

        ck_assert_ptr_nonnull(directory);
        while ((entry = readdir(directory))) {
                char path[PATH_MAX];
                autofree char *text = NULL;

                if (*entry->d_name == '.')
                        continue;
                (void) snprintf(path, sizeof(path), "out/%s", entry->d_name);
                ck_assert_msg(entry->d_type == DT_REG, "%s is no file", entry->d_name);
                ck_assert_int_eq(io_read_file(AT_FDCWD, tree_path(path), 16 << 20, &text, NULL), 0);
                for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
                        check_line(line, entry->d_name);
                        ck_assert_ptr_nonnull(strchr(line, '\n'));
                }
        }
}

static void remove_units(void) {
        (void) nftw(tree_path("out"), tree_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void run(void) {
        AUTO(workspace_close) Workspace workspace;
        char root[PATH_MAX];
        char *roots[] = { root, NULL };
        autofd int fd = -1;

        (void) snprintf(root, sizeof(root), "%s", tree_path("in"));
        remove_units();
        (void) mkdir(tree_path("out"), 0755);
        fd = open(tree_path("out"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(workspace_open(&workspace, SEARCH_SYSTEM, roots), 0);
        ck_assert_int_ge(generate(&workspace, fd), 0);
}

START_TEST(no_text_gets_out_of_its_line)
{
        AUTO(yaml_tree_done) YamlTree seed = {};
        autofree char *text = NULL;
        static char longest[10001];
        const char *other = hostile[_i] ? hostile[_i] : memset(longest, 'a', sizeof(longest) - 1);
        size_t size;
        int n = 0;

        ck_assert_int_eq(io_read_file(AT_FDCWD, SEED, 1 << 20, &text, &size), 0);
        ck_assert_int_eq(yaml_tree_read(text, size, SEED, &seed, NULL), 0);
        tree_file("in/x.kube", "[Kube]\nYaml=x.yaml\n");

        /* As it is, all of it is translated. */
        ck_assert(write_variant(&seed, -1, ""));
        run();
        ck_assert_int_eq(access(tree_path("out/p-c.service"), F_OK), 0);
        for (; write_variant(&seed, n, other); n++) {
                run();
                check_units();
        }
        ck_assert_int_gt(n, 250);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("kube-hostile");
        TCase *tcase = tcase_create("kube-hostile");

        /* There is a fault in nearly all of them, which nobody needs to read. */
        (void) !freopen("/dev/null", "we", stderr);
        tcase_set_timeout(tcase, 300);
        tcase_add_checked_fixture(tcase, tree_make, tree_remove);
        tcase_add_loop_test(tcase, no_text_gets_out_of_its_line, 0, ELEMENTS(hostile));
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
