/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/unit/writer.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "generator/utf8.h"
#include "lib/io.h"

static void stick(UnitWriter *unit, int error, const char *key) {
        if (unit->error < 0)
                return;
        unit->error = error;
        (void) snprintf(unit->key, sizeof(unit->key), "%s", key);
}

/* Room for @n more bytes and a NUL. */
static bool reserve(UnitWriter *unit, size_t n) {
        size_t room = unit->allocated > 0 ? unit->allocated : 4096;
        char *grown;

        if (unit->error < 0)
                return false;
        while (room < unit->size + n + 1)
                room *= 2;
        if (room == unit->allocated)
                return true;

        grown = realloc(unit->text, room);
        if (!grown) {
                stick(unit, -ENOMEM, "");
                return false;
        }
        unit->text = grown;
        unit->allocated = room;
        return true;
}

static void put(UnitWriter *unit, const char *text, size_t n) {
        if (!reserve(unit, n))
                return;
        memcpy(unit->text + unit->size, text, n);
        unit->size += n;
        unit->text[unit->size] = '\0';
}

static void put_text(UnitWriter *unit, const char *text) {
        put(unit, text, strlen(text));
}

void unit_begin(UnitWriter *unit) {
        unit->size = 0;
        unit->error = 0;
        unit->key[0] = '\0';
        put_text(unit, UNIT_HEADER);
}

void unit_section(UnitWriter *unit, const char *section) {
        put_text(unit, "\n[");
        put_text(unit, section);
        put_text(unit, "]\n");
}

/* A lone backslash at the end would continue on the next line, and swallow the next directive. */
static bool is_one_line(const char *text) {
        size_t n = strlen(text), backslashes = 0;

        while (backslashes < n && text[n - 1 - backslashes] == '\\')
                backslashes++;
        return backslashes % 2 == 0 && !strpbrk(text, "\r\n");
}

void unit_set(UnitWriter *unit, const char *key, const char *value) {
        if (!is_one_line(value)) {
                stick(unit, -EINVAL, key);
                return;
        }
        put_text(unit, key);
        put(unit, "=", 1);
        put_text(unit, value);
        put(unit, "\n", 1);
}

void unit_setf(UnitWriter *unit, const char *key, const char *format, ...) {
        autofree char *value = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&value, format, ap);
        va_end(ap);

        if (n < 0) {
                value = NULL;
                stick(unit, -ENOMEM, key);
                return;
        }
        unit_set(unit, key, value);
}

void unit_set_literal(UnitWriter *unit, const char *key, const char *value) {
        if (!is_one_line(value)) {
                stick(unit, -EINVAL, key);
                return;
        }
        put_text(unit, key);
        put(unit, "=", 1);
        for (const char *c = value; *c; c++)
                put(unit, *c == '%' ? "%%" : c, *c == '%' ? 2 : 1);
        put(unit, "\n", 1);
}

void unit_set_path(UnitWriter *unit, const char *key, const char *path) {
        if (is_one_line(path) && !utf8_find_invalid(path, strlen(path)))
                unit_set_literal(unit, key, path);
}

/* Bytes that a word without quotes cannot have. */
static const char odd_bytes[] = "\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f"
                                "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f \"'\\\x7f";

static bool needs_quotes(const char *word, size_t n) {
        return n == 0 || strcmp(word, ";") == 0 || strcspn(word, odd_bytes) < n ||
               utf8_find_invalid(word, n);
}

/* A byte that cannot stand as it is. In command lines it is escaped; lists know no such escapes. */
static void put_odd_byte(UnitWriter *unit, unsigned char c, bool is_command) {
        char escape[8];

        if (c == '"' || c == '\\') {
                put(unit, c == '"' ? "\\\"" : "\\\\", 2);
                return;
        }
        if (!is_command) {
                stick(unit, -EINVAL, "");
                return;
        }
        (void) snprintf(escape, sizeof(escape), "\\x%02x", c);
        put_text(unit, escape);
}

/* How much of a word can be written as it is. */
static size_t measure_plain(const char *text, size_t n, const char *special) {
        size_t plain = 0;

        while (plain < n) {
                unsigned char c = (unsigned char) text[plain];
                size_t length = c < 0x80 ? 1 : utf8_measure(text + plain, n - plain);

                if (length == 0 || c < 0x20 || c == 0x7f || c == '"' || c == '\\')
                        break;
                if ((c == '%' || c == '$') && strchr(special, c))
                        break;
                plain += length;
        }
        return plain;
}

static void put_word(UnitWriter *unit, const UnitWord *word, bool is_command) {
        const char *special = word->is_user_text ? "" : is_command ? "%$" : "%", *text = word->text;
        size_t left = strlen(text);
        const char *quote = needs_quotes(text, left) ? "\"" : "";

        put_text(unit, quote);
        while (left > 0) {
                size_t plain = measure_plain(text, left, special);

                put(unit, text, plain);
                text += plain;
                left -= plain;
                if (left == 0)
                        break;

                /* Doubled, it means itself. */
                if (strchr(special, *text)) {
                        put(unit, text, 1);
                        put(unit, text, 1);
                } else
                        put_odd_byte(unit, (unsigned char) *text, is_command);
                text++;
                left--;
        }
        put_text(unit, quote);
}

static void put_words(UnitWriter *unit, const UnitWord *words, size_t n_words, bool is_command) {
        for (size_t i = 0; i < n_words; i++) {
                if (i > 0)
                        put(unit, " ", 1);
                put_word(unit, &words[i], is_command);
        }
        put(unit, "\n", 1);
}

void unit_set_words(UnitWriter *unit, const char *key, const UnitWord *words, size_t n_words) {
        put_text(unit, key);
        put(unit, "=", 1);
        put_words(unit, words, n_words, false);
        if (unit->error == -EINVAL && !*unit->key)
                (void) snprintf(unit->key, sizeof(unit->key), "%s", key);
}

void unit_set_command(UnitWriter *unit, const char *key, const char *prefix, const UnitWord *words,
                size_t n_words) {
        put_text(unit, key);
        put(unit, "=", 1);
        put_text(unit, prefix);
        put_words(unit, words, n_words, true);
}

/* Whether the unit that is there already came from us, and may be replaced. */
static bool is_ours(int dir_fd, const char *name) {
        char begin[sizeof(UNIT_HEADER) - 1];
        autofd int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

        return fd >= 0 && read(fd, begin, sizeof(begin)) == (ssize_t) sizeof(begin) &&
               memcmp(begin, UNIT_HEADER, sizeof(begin)) == 0;
}

static int move_in_place(int dir_fd, const char *draft, const char *name) {
        int error;

        if (renameat2(dir_fd, draft, dir_fd, name, RENAME_NOREPLACE) >= 0)
                return 0;
        error = errno;

        /* Some file systems know no flags; there we have to look first. */
        if (error == EINVAL)
                error = faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : EEXIST;
        if (error == EEXIST && is_ours(dir_fd, name))
                error = 0;
        if (error != 0)
                return -error;
        return renameat(dir_fd, draft, dir_fd, name) < 0 ? -errno : 0;
}

/* Another generator that runs at the same time must not write the same draft. */
static int write_draft(const UnitWriter *unit, int dir_fd, const char *draft) {
        autofd int fd = openat(dir_fd, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);

        return fd < 0 ? -errno : io_write_all(fd, unit->text, unit->size);
}

/* One name for all drafts of a process: there is never more than one of them. */
static const char *draft_name(void) {
        static char name[32];

        if (!*name)
                (void) snprintf(name, sizeof(name), ".slipway-%d", (int) getpid());
        return name;
}

int unit_commit(UnitWriter *unit, int dir_fd, const char *name, Fault *fault) {
        const char *draft = draft_name();
        int r;

        if (unit->error == -EINVAL)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "cannot write %s= into a unit: the value would not stay on its line",
                                unit->key);
        if (unit->error < 0)
                return fault_wrap(fault, unit->error, "cannot make unit '%s'", name);

        r = write_draft(unit, dir_fd, draft);
        if (r == -EEXIST) {
                /* Left by a process that died, and whose number we have. */
                (void) unlinkat(dir_fd, draft, 0);
                r = write_draft(unit, dir_fd, draft);
        }
        if (r >= 0)
                r = move_in_place(dir_fd, draft, name);
        if (r < 0)
                (void) unlinkat(dir_fd, draft, 0);

        if (r == -EEXIST)
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "there is a unit '%s' already that another generator made", name);
        return r < 0 ? fault_wrap(fault, r, "cannot write unit '%s'", name) : 0;
}

void unit_done(UnitWriter *unit) {
        free(unit->text);
        *unit = (UnitWriter){};
}
