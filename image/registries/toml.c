/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/toml.h"

#include <fcntl.h>
#include <string.h>

#include "image/registries/toml-reader.h"
#include "lib/io.h"
#include "lib/strv.h"

#define BARE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

const char *toml_type_name(TomlType type) {
        static const char *const names[_TOML_TYPE_MAX] = {
                [TOML_STRING] = "a string",
                [TOML_INTEGER] = "a number",
                [TOML_FLOAT] = "a number with a point",
                [TOML_BOOLEAN] = "true or false",
                [TOML_TIME] = "a date or a time",
                [TOML_ARRAY] = "an array",
                [TOML_TABLE] = "a table",
        };

        return type >= 0 && type < _TOML_TYPE_MAX ? names[type] : "nothing";
}

void toml_free(Toml *value) {
        if (!value)
                return;
        for (size_t i = 0; i < value->n; i++)
                toml_free(value->items[i]);
        free(value->items);
        free(value->text);
        free(value->key);
        free(value);
}

const Toml *toml_get(const Toml *table, const char *key) {
        for (size_t i = 0; i < table->n; i++)
                if (strcmp(table->items[i]->key, key) == 0)
                        return table->items[i];
        return NULL;
}

void toml_locate(TomlReader *reader) {
        Place place = {
                .path = reader->path,
                .line = reader->line,
                .column = (unsigned) (reader->at - reader->line_start) + 1,
        };

        fault_locate(reader->fault, &place);
}

Toml *toml_new(const TomlReader *reader, TomlType type) {
        Toml *value = calloc(1, sizeof(*value));

        if (!value)
                return NULL;
        value->type = type;
        value->line = reader->line;
        value->column = (unsigned) (reader->at - reader->line_start) + 1;
        return value;
}

int toml_append(TomlReader *reader, Toml *container, Toml *value) {
        Toml **grown;

        if (container->type == TOML_TABLE && container->n >= TOML_ITEMS_LIMIT) {
                toml_free(value);
                toml_locate(reader);
                return fault_raise(reader->fault, FAULT_SYNTAX, E2BIG, "a table has more than %d keys",
                                TOML_ITEMS_LIMIT);
        }
        /* Room grows by doubling: at each power of two there is none left. */
        if ((container->n & (container->n - 1)) == 0) {
                grown = reallocarray(container->items, container->n ? 2 * container->n : 1, sizeof(Toml *));
                if (!grown) {
                        toml_free(value);
                        return -ENOMEM;
                }
                container->items = grown;
        }
        container->items[container->n++] = value;
        return 0;
}

void toml_skip_blanks(TomlReader *reader) {
        reader->at += strspn(reader->at, " \t");
}

static int skip_comment(TomlReader *reader) {
        for (; *reader->at && *reader->at != '\n'; reader->at++) {
                unsigned char c = (unsigned char) *reader->at;

                if (c == '\r' && reader->at[1] == '\n')
                        break;
                if ((c < ' ' && c != '\t') || c == 127)
                        return toml_fail(reader, "a control character in a comment");
        }
        return 0;
}

int toml_skip_line_end(TomlReader *reader) {
        int r = 0;

        toml_skip_blanks(reader);
        if (*reader->at == '#')
                r = skip_comment(reader);
        if (r < 0)
                return r;
        if (reader->at[0] == '\r' && reader->at[1] == '\n')
                reader->at++;
        if (*reader->at != '\n')
                return 0;
        reader->line++;
        reader->line_start = ++reader->at;
        return 1;
}

int toml_skip_lines(TomlReader *reader) {
        int r;

        do
                r = toml_skip_line_end(reader);
        while (r > 0);
        return r;
}

static int read_word(TomlReader *reader, char **ret) {
        size_t n;

        if (*reader->at == '"' || *reader->at == '\'')
                return toml_read_string(reader, false, ret);
        n = strspn(reader->at, BARE);
        if (n == 0)
                return toml_fail(reader, "here should be a key");
        *ret = strndup(reader->at, n);
        reader->at += n;
        return *ret ? 0 : -ENOMEM;
}

int toml_read_key(TomlReader *reader, char ***ret) {
        autostrv char **words = NULL;

        for (size_t n = 0;; n++) {
                char *word = NULL;
                int r = read_word(reader, &word);

                if (r < 0 || (r = strv_take(&words, word)) < 0)
                        return r;
                toml_skip_blanks(reader);
                if (*reader->at != '.')
                        break;
                if (n + 1 >= TOML_DEPTH_LIMIT)
                        return toml_fail(reader, "a key of more than %d words", TOML_DEPTH_LIMIT);
                reader->at++;
                toml_skip_blanks(reader);
        }
        *ret = TAKE(words);
        return 0;
}

/* Owns @value, also on failure. */
static int add(TomlReader *reader, Toml *table, const char *key, Toml *value) {
        if (!value)
                return -ENOMEM;
        value->key = strdup(key);
        if (!value->key) {
                toml_free(value);
                return -ENOMEM;
        }
        return toml_append(reader, table, value);
}

/* Adds an empty table. */
static int add_table(TomlReader *reader, Toml *table, const char *key, TomlMaker maker, Toml **ret) {
        Toml *value = toml_new(reader, TOML_TABLE);
        int r;

        if (value)
                value->maker = maker;
        r = add(reader, table, key, value);
        if (r >= 0)
                *ret = value;
        return r;
}

static int fail_twice(TomlReader *reader, const char *key, const Toml *first) {
        return toml_fail(reader, "'%.100s' is there already, in line %u", key, first->line);
}

int toml_assign(TomlReader *reader, Toml *table, char *const *key, Toml *value) {
        const Toml *first;
        int r = 0;

        for (; key[1] && r >= 0; key++) {
                Toml *next = (Toml *) toml_get(table, *key);

                if (!next)
                        r = add_table(reader, table, *key, TOML_BY_KEY, &next);
                else if (next->type != TOML_TABLE || next->maker != TOML_BY_KEY)
                        r = fail_twice(reader, *key, next);
                table = next;
        }
        first = r < 0 ? NULL : toml_get(table, *key);
        if (first)
                r = fail_twice(reader, *key, first);
        if (r < 0) {
                toml_free(value);
                return r;
        }
        return add(reader, table, *key, value);
}

/* The table that a header's first words lead to; of an array of tables it is the last one. */
static int descend(TomlReader *reader, Toml **table, const char *key) {
        Toml *next = (Toml *) toml_get(*table, key);

        if (!next)
                return add_table(reader, *table, key, TOML_BY_PATH, table);
        if (next->maker == TOML_BY_VALUE)
                return toml_fail(reader,
                                "'%.100s' has its value already, in line %u, and cannot be added to", key,
                                next->line);
        *table = next->type == TOML_ARRAY ? next->items[next->n - 1] : next;
        return 0;
}

static int open_table(TomlReader *reader, Toml **table, const char *key) {
        Toml *old = (Toml *) toml_get(*table, key);

        if (!old)
                return add_table(reader, *table, key, TOML_BY_HEADER, table);
        if (old->type != TOML_TABLE || old->maker != TOML_BY_PATH)
                return fail_twice(reader, key, old);
        old->maker = TOML_BY_HEADER;
        old->line = reader->line;
        *table = old;
        return 0;
}

static int open_array(TomlReader *reader, Toml **table, const char *key) {
        Toml *array = (Toml *) toml_get(*table, key), *element;
        int r;

        if (!array) {
                array = toml_new(reader, TOML_ARRAY);
                if (array)
                        array->maker = TOML_BY_HEADER;
                r = add(reader, *table, key, array);
                if (r < 0)
                        return r;
        } else if (array->type != TOML_ARRAY || array->maker != TOML_BY_HEADER)
                return fail_twice(reader, key, array);

        element = toml_new(reader, TOML_TABLE);
        if (!element)
                return -ENOMEM;
        element->maker = TOML_BY_HEADER;
        r = toml_append(reader, array, element);
        if (r >= 0)
                *table = element;
        return r;
}

/* [name] or [[name]]: what follows belongs to it. */
static int read_header(TomlReader *reader, Toml *root, Toml **ret) {
        bool is_array = reader->at[1] == '[';
        const char *close = is_array ? "]]" : "]";
        autostrv char **key = NULL;
        TomlReader begin = *reader;
        Toml *table = root;
        size_t i = 0;
        int r;

        reader->at += strlen(close);
        toml_skip_blanks(reader);
        r = toml_read_key(reader, &key);
        if (r < 0)
                return r;
        if (strncmp(reader->at, close, strlen(close)) != 0)
                return toml_fail(reader, "here should be '%s'", close);
        reader->at += strlen(close);

        for (; key[i + 1] && r >= 0; i++)
                r = descend(&begin, &table, key[i]);
        if (r >= 0)
                r = is_array ? open_array(&begin, &table, key[i]) : open_table(&begin, &table, key[i]);
        if (r >= 0)
                *ret = table;
        return r;
}

int toml_read_pair(TomlReader *reader, Toml *table) {
        autostrv char **key = NULL;
        TomlReader begin = *reader;
        Toml *value = NULL;
        int r = toml_read_key(reader, &key);

        if (r < 0)
                return r;
        if (*reader->at != '=')
                return toml_fail(reader, "here should be '=' and a value");
        reader->at++;
        toml_skip_blanks(reader);
        r = toml_read_value(reader, &value);
        return r < 0 ? r : toml_assign(&begin, table, key, value);
}

static int read_document(TomlReader *reader, Toml *root) {
        Toml *table = root;
        int r;

        for (;;) {
                r = toml_skip_lines(reader);
                if (r < 0 || *reader->at == '\0')
                        return r;
                r = *reader->at == '[' ? read_header(reader, root, &table) : toml_read_pair(reader, table);
                if (r < 0)
                        return r;
                r = toml_skip_line_end(reader);
                if (r < 0)
                        return r;
                if (r == 0 && *reader->at)
                        return toml_fail(reader, "here the line should end");
        }
}

/* How long the character is that begins here, 0 when it is none of UTF-8. */
static size_t utf8_length(const unsigned char *at) {
        static const struct {
                unsigned char mask, mark;
                unsigned least;
        } kinds[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
                { 0xf8, 0xf0, 0x10000 } };

        for (size_t n = 0; n < ELEMENTS(kinds); n++) {
                unsigned c = at[0] & (unsigned char) ~kinds[n].mask;

                if ((at[0] & kinds[n].mask) != kinds[n].mark)
                        continue;
                for (size_t i = 1; i <= n; i++) {
                        if ((at[i] & 0xc0) != 0x80)
                                return 0;
                        c = c << 6 | (at[i] & 0x3f);
                }
                return c < kinds[n].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n + 1;
        }
        return 0;
}

static int check_text(TomlReader *reader, const char *text, size_t size) {
        TomlReader scan = *reader;

        for (size_t n; scan.at < text + size; scan.at += n) {
                n = utf8_length((const unsigned char *) scan.at);
                if (*scan.at == '\0' || n == 0)
                        return toml_fail(&scan, *scan.at ? "this is not UTF-8" : "a NUL in a text");
                if (*scan.at == '\n') {
                        scan.line++;
                        scan.line_start = scan.at + 1;
                }
        }
        return 0;
}

int toml_parse(const char *text, size_t size, const char *path, Toml **ret, Fault *fault) {
        TomlReader reader = { .path = path, .at = text, .line_start = text, .line = 1, .fault = fault };
        autotoml Toml *root = NULL;
        int r;

        if (size > TOML_SIZE_LIMIT) {
                fault_locate(fault, &(Place){ .path = path });
                return fault_raise(fault, FAULT_SYNTAX, EFBIG, "the file is longer than %d KiB",
                                TOML_SIZE_LIMIT / 1024);
        }
        r = check_text(&reader, text, size);
        if (r < 0)
                return r;
        root = toml_new(&reader, TOML_TABLE);
        if (!root)
                return -ENOMEM;
        root->maker = TOML_BY_HEADER;

        r = read_document(&reader, root);
        if (r < 0)
                return r;
        *ret = TAKE(root);
        return 0;
}

int toml_read_file(const char *path, Toml **ret, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        int r = io_read_file(AT_FDCWD, path, TOML_SIZE_LIMIT + 1, &text, &size);

        if (r == -ENOENT)
                return r;
        if (r < 0) {
                fault_locate(fault, &(Place){ .path = path });
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read the file: %s", strerror(-r));
        }
        return toml_parse(text, size, path, ret, fault);
}
