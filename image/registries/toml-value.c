/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What may stand on the right side of '='. */

#include <string.h>

#include "image/registries/toml-reader.h"

static int read_array(TomlReader *reader, Toml *array) {
        int r;

        for (reader->at++;;) {
                Toml *value = NULL;

                r = toml_skip_lines(reader);
                if (r < 0)
                        return r;
                if (*reader->at == ']')
                        break;
                r = toml_read_value(reader, &value);
                if (r < 0 || (r = toml_append(reader, array, value)) < 0 ||
                                (r = toml_skip_lines(reader)) < 0)
                        return r;
                if (*reader->at == ']')
                        break;
                if (*reader->at != ',')
                        return toml_fail(reader, "here should be ',' or ']'");
                reader->at++;
        }
        reader->at++;
        return 0;
}

/* On one line, and without a comma at the end. */
static int read_inline_table(TomlReader *reader, Toml *table) {
        reader->at++;
        toml_skip_blanks(reader);
        if (*reader->at == '}') {
                reader->at++;
                return 0;
        }
        for (;;) {
                int r = toml_read_pair(reader, table);

                if (r < 0)
                        return r;
                toml_skip_blanks(reader);
                if (*reader->at == '}')
                        break;
                if (*reader->at != ',')
                        return toml_fail(reader, "here should be ',' or '}'");
                reader->at++;
                toml_skip_blanks(reader);
        }
        reader->at++;
        return 0;
}

static int read_container(TomlReader *reader, Toml **ret) {
        bool is_array = *reader->at == '[';
        autotoml Toml *value = NULL;
        int r;

        if (reader->depth >= TOML_DEPTH_LIMIT)
                return toml_fail(reader, "more than %d values in each other", TOML_DEPTH_LIMIT);
        value = toml_new(reader, is_array ? TOML_ARRAY : TOML_TABLE);
        if (!value)
                return -ENOMEM;
        reader->depth++;
        r = is_array ? read_array(reader, value) : read_inline_table(reader, value);
        reader->depth--;
        if (r >= 0)
                *ret = TAKE(value);
        return r;
}

static int read_text(TomlReader *reader, Toml **ret) {
        autotoml Toml *value = toml_new(reader, TOML_STRING);
        int r = value ? toml_read_string(reader, true, &value->text) : -ENOMEM;

        if (r >= 0)
                *ret = TAKE(value);
        return r;
}

int toml_read_value(TomlReader *reader, Toml **ret) {
        switch (*reader->at) {

        case '"':
        case '\'':
                return read_text(reader, ret);

        case '[':
        case '{':
                return read_container(reader, ret);

        default:
                return toml_read_scalar(reader, ret);
        }
}
