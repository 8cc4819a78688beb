/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/unit/writer.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "generator/utf8.h"
#include "lib/fault-point.h"
#include "lib/io.h"

#define LONGEST_LINE (1024 * 1024 - 1)

static void stick(UnitWriter *unit, int error, const char *key) {
        if (unit->error < 0)
                return;
        unit->error = error;
        (void) snprintf(unit->key, sizeof(unit->key), "%s", key);
}

/* Room for @n more bytes and a NUL. Return: where they go, NULL when something went wrong before or now. */
static char *reserve(UnitWriter *unit, size_t n) {
        size_t room = unit->allocated > 0 ? unit->allocated : 4096;
        char *grown;

        if (unit->error < 0)
                return NULL;
        if (unit->size + n < unit->allocated)
                return unit->text + unit->size;

        while (room < unit->size + n + 1)
                room *= 2;
        grown = realloc(unit->text, room);
        if (!grown) {
                stick(unit, -ENOMEM, "");
                return NULL;
        }
        unit->text = grown;
        unit->allocated = room;
        return unit->text + unit->size;
}

static void put(UnitWriter *unit, const char *text, size_t n) {
        char *to = reserve(unit, n);

        if (!to)
                return;
        memcpy(to, text, n);
        to[n] = '\0';
        unit->size += n;
}

static void put_text(UnitWriter *unit, const char *text) {
        put(unit, text, strlen(text));
}

/* "KEY=" */
static void put_key(UnitWriter *unit, const char *key) {
        size_t n = strlen(key);
        char *to = reserve(unit, n + 1);

        if (!to)
                return;
        memcpy(to, key, n);
        memcpy(to + n, "=", 2);
        unit->size += n + 1;
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

void unit_add_text(UnitWriter *unit, const char *text, size_t n) {
        put(unit, text, n);
}

/* A lone backslash at the end would continue on the next line, and swallow the next directive. */
static bool is_one_line(const char *text, size_t n) {
        size_t backslashes = 0;

        while (backslashes < n && text[n - 1 - backslashes] == '\\')
                backslashes++;
        return backslashes % 2 == 0 && !memchr(text, '\n', n) && !memchr(text, '\r', n);
}

void unit_set(UnitWriter *unit, const char *key, const char *value) {
        size_t n = strlen(key), m = strlen(value);
        char *to;

        if (!is_one_line(value, m)) {
                stick(unit, -EINVAL, key);
                return;
        }
        to = reserve(unit, n + m + 2);
        if (!to)
                return;

        memcpy(to, key, n);
        to[n] = '=';
        memcpy(to + n + 1, value, m);
        memcpy(to + n + 1 + m, "\n", 2);
        unit->size += n + m + 2;
}

void unit_set_joined(
                UnitWriter *unit, const char *key, const char *one, const char *two, const char *three) {
        size_t start = unit->size;

        put_key(unit, key);
        put_text(unit, one);
        put_text(unit, two);
        put_text(unit, three);
        if (unit->error == 0 && !is_one_line(unit->text + start, unit->size - start))
                stick(unit, -EINVAL, key);
        put(unit, "\n", 1);
}

void unit_setf(UnitWriter *unit, const char *key, const char *format, ...) {
        char *to;
        va_list ap;
        int n;

        put_key(unit, key);

        /* Nearly always, it fits into what there is. */
        for (size_t room = 256;; room = (size_t) n + 1) {
                to = reserve(unit, room);
                if (!to)
                        return;
                va_start(ap, format);
                n = vsnprintf(to, room, format, ap);
                va_end(ap);
                if (n < 0 || (size_t) n < room)
                        break;
        }

        if (n < 0 || !is_one_line(to, (size_t) n)) {
                stick(unit, -EINVAL, key);
                return;
        }
        unit->size += (size_t) n;
        put(unit, "\n", 1);
}

void unit_set_literal(UnitWriter *unit, const char *key, const char *value) {
        if (!is_one_line(value, strlen(value))) {
                stick(unit, -EINVAL, key);
                return;
        }
        put_key(unit, key);
        while (*value) {
                size_t n = strcspn(value, "%");

                put(unit, value, n);
                value += n;
                if (*value) {
                        put(unit, "%%", 2);
                        value++;
                }
        }
        put(unit, "\n", 1);
}

void unit_set_path(UnitWriter *unit, const char *key, const char *path) {
        if (is_one_line(path, strlen(path)) && !utf8_find_invalid(path, strlen(path)))
                unit_set_literal(unit, key, path);
}

/* What a byte is to words; everything else can stand as it is. */
enum {
        BYTE_QUOTED = 1 << 0,  /* only between quotes */
        BYTE_ESCAPED = 1 << 1, /* only escaped, if at all; between quotes, too */
        BYTE_SPECIAL = 1 << 2, /* means something to systemd: specifiers and variables */
        BYTE_HIGH = 1 << 3,    /* not ASCII, part of a character or an accident */
};

static const unsigned char byte_classes[256] = {
        [1 ... 0x1f] = BYTE_QUOTED | BYTE_ESCAPED,
        [' '] = BYTE_QUOTED,
        ['\''] = BYTE_QUOTED,
        ['"'] = BYTE_QUOTED | BYTE_ESCAPED,
        ['\\'] = BYTE_QUOTED | BYTE_ESCAPED,
        ['%'] = BYTE_SPECIAL,
        ['$'] = BYTE_SPECIAL,
        [0x7f] = BYTE_QUOTED | BYTE_ESCAPED,
        [0x80 ... 0xff] = BYTE_HIGH,
};

static unsigned classify(const char *text, size_t n) {
        unsigned classes = 0;

        for (size_t i = 0; i < n; i++)
                classes |= byte_classes[(unsigned char) text[i]];
        return classes;
}

static bool needs_quotes(const char *word, size_t n, unsigned classes) {
        if (n == 0 || (classes & BYTE_QUOTED) || (n == 1 && *word == ';'))
                return true;
        return (classes & BYTE_HIGH) && utf8_find_invalid(word, n);
}

/* A byte that cannot stand as it is. In command lines it is escaped; lists know no such escapes. */
static void put_escaped(UnitWriter *unit, unsigned char c, bool is_command) {
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

/* How much of a word can be written as it is: up to a byte of @classes, or one that is no text. */
static size_t measure_plain(const char *text, size_t n, unsigned classes) {
        size_t plain = 0;

        while (plain < n) {
                unsigned class = byte_classes[(unsigned char) text[plain]];
                size_t length = class & BYTE_HIGH ? utf8_measure(text + plain, n - plain) : 1;

                if ((class & classes) || length == 0)
                        break;
                plain += length;
        }
        return plain;
}

/* A word with bytes among which some cannot stand as they are. */
static void put_odd_word(UnitWriter *unit, const UnitWord *word, size_t n, bool is_command) {
        unsigned stops = BYTE_ESCAPED | (word->is_user_text ? 0 : BYTE_SPECIAL);
        const char *text = word->text;

        while (n > 0) {
                size_t plain = measure_plain(text, n, stops);

                put(unit, text, plain);
                text += plain;
                n -= plain;
                if (n == 0)
                        break;

                /* Doubled, it means itself. Variables are only known in command lines. */
                if (*text == '%' || (*text == '$' && is_command))
                        put(unit, *text == '%' ? "%%" : "$$", 2);
                else if (*text == '$')
                        put(unit, text, 1);
                else
                        put_escaped(unit, (unsigned char) *text, is_command);
                text++;
                n--;
        }
}

static void put_word(UnitWriter *unit, const UnitWord *word, bool is_command) {
        size_t n = strlen(word->text);
        unsigned classes = classify(word->text, n);
        bool is_quoted = (n > 0 || !word->prefix) && needs_quotes(word->text, n, classes);

        if (is_quoted)
                put(unit, "\"", 1);
        if (word->prefix)
                put_text(unit, word->prefix);
        if (classes & (BYTE_ESCAPED | BYTE_SPECIAL | BYTE_HIGH))
                put_odd_word(unit, word, n, is_command);
        else
                put(unit, word->text, n);
        if (is_quoted)
                put(unit, "\"", 1);
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
        put_key(unit, key);
        put_words(unit, words, n_words, false);
        if (unit->error == -EINVAL && !*unit->key)
                (void) snprintf(unit->key, sizeof(unit->key), "%s", key);
}

void unit_set_command(UnitWriter *unit, const char *key, const char *prefix, const UnitWord *words,
                size_t n_words) {
        put_key(unit, key);
        put_text(unit, prefix);
        put_words(unit, words, n_words, true);
}

/* What systemd reads as one line; it refuses the whole unit, without saying why. */
static bool has_long_line(const UnitWriter *unit, const char **ret_key, int *ret_size) {
        const char *line = unit->text, *end = unit->text + unit->size;

        while (line < end) {
                const char *next = memchr(line, '\n', (size_t) (end - line));

                if (!next || next - line >= LONGEST_LINE)
                        break;
                line = next + 1;
        }
        *ret_key = line;
        *ret_size = (int) strcspn(line, "=");
        return line < end;
}

int unit_check(const UnitWriter *unit, Fault *fault) {
        const char *key;
        int size;

        if (unit->error == -EINVAL)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "cannot write %s= into a unit: the value would not stay on its line",
                                unit->key);
        if (unit->error == 0 && unit->size > LONGEST_LINE && has_long_line(unit, &key, &size))
                return fault_raise(fault, FAULT_VALUE, E2BIG,
                                "cannot write %.*s= into a unit: the line would be longer than systemd "
                                "reads, which is 1 MiB; put long values into files",
                                size, key);
        return unit->error < 0 ? fault_wrap(fault, unit->error, "cannot make the text of the unit") : 0;
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

/* One name for all drafts of a process: there is never more than one of them. A process that has forked is
 * another. */
static const char *draft_name(void) {
        static char name[32];

        (void) snprintf(name, sizeof(name), ".slipway-%d", (int) getpid());
        return name;
}

/* Works on every file system, and where there is a unit of that name. */
static int commit_draft(const UnitWriter *unit, int dir_fd, const char *name) {
        const char *draft = draft_name();
        int r = write_draft(unit, dir_fd, draft);

        if (r == -EEXIST) {
                /* Left by a process that died, and whose number we have. */
                (void) unlinkat(dir_fd, draft, 0);
                r = write_draft(unit, dir_fd, draft);
        }
        if (r >= 0)
                r = move_in_place(dir_fd, draft, name);
        if (r < 0)
                (void) unlinkat(dir_fd, draft, 0);
        return r;
}

/*
 * Writes a file that has no name until it is whole. That is cheaper than renaming, but needs a file system
 * that can do so, and root.
 */
static int commit_unnamed(const UnitWriter *unit, int dir_fd, const char *name) {
        autofd int fd = openat(dir_fd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
        int r;

        if (fd < 0)
                return -errno;
        r = io_write_all(fd, unit->text, unit->size);
        if (r < 0)
                return r;
        return linkat(fd, "", dir_fd, name, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int commit(const UnitWriter *unit, int dir_fd, const char *name) {
        int r = FAULT_POINT("generate:write a unit");

        if (r < 0)
                return r;
        return commit_unnamed(unit, dir_fd, name) < 0 ? commit_draft(unit, dir_fd, name) : 0;
}

int unit_commit(UnitWriter *unit, int dir_fd, const char *name, Fault *fault) {
        int r = unit_check(unit, fault);

        if (r < 0)
                return r;

        r = commit(unit, dir_fd, name);

        if (r == -EEXIST)
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "there is a unit '%s' already that another generator made", name);
        return r < 0 ? fault_wrap(fault, r, "cannot write unit '%s'", name) : 0;
}

void unit_done(UnitWriter *unit) {
        free(unit->text);
        *unit = (UnitWriter){};
}
