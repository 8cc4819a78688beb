/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/syntax.h"

#include <string.h>

#include "generator/utf8.h"

/* A logical line is made of physical ones; it is put together at @begin, which is never after what is read.
 */
typedef struct Reader {
        Syntax *syntax;
        FaultList *faults;
        const char *path;
        char *at, *end; /* what is still to be read */
        unsigned line;  /* of the physical line that was read last */

        char *begin;         /* the logical line so far */
        unsigned begin_line; /* where it started */
        size_t first_joint;  /* where its joints are in syntax->joints */

        const char *section; /* NULL before the first */
        bool skips_section;  /* its header was wrong and was told */
} Reader;

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char *skip_blanks(char *from, const char *end) {
        while (from < end && is_blank(*from))
                from++;
        return from;
}

static char *drop_blanks(const char *begin, char *end) {
        while (end > begin && is_blank(end[-1]))
                end--;
        return end;
}

/* In the order of the buffer, so the last one that is not behind @at is the one. */
Place syntax_place(const Joint *joints, size_t n_joints, const char *origin, unsigned line, unsigned column,
                const char *at) {
        const char *from = origin;

        for (size_t i = 0; i < n_joints; i++)
                if (joints[i].at > from && joints[i].at <= at) {
                        from = joints[i].at;
                        line = joints[i].line;
                        column = joints[i].column;
                }
        return (Place){ .line = line, .column = column + (unsigned) (at - from) };
}

static Place place_of(const Reader *reader, const char *at) {
        size_t n_joints = reader->syntax->n_joints - reader->first_joint;
        const Joint *joints = n_joints > 0 ? &reader->syntax->joints[reader->first_joint] : NULL;
        Place place = syntax_place(joints, n_joints, reader->begin, reader->begin_line, 1, at);

        place.path = reader->path;
        return place;
}

static int grow(void **array, size_t n, size_t *room, size_t size) {
        size_t more = *room > 0 ? *room * 2 : 32;
        void *grown;

        if (n < *room)
                return 0;
        grown = reallocarray(*array, more, size);
        if (!grown)
                return -ENOMEM;
        *array = grown;
        *room = more;
        return 0;
}

static int add_joint(Reader *reader, const char *at) {
        Syntax *syntax = reader->syntax;
        int r = grow((void **) &syntax->joints, syntax->n_joints, &syntax->joints_room, sizeof(Joint));

        if (r < 0)
                return r;
        syntax->joints[syntax->n_joints++] = (Joint){ .at = at, .line = reader->line, .column = 1 };
        return 0;
}

static int add_assignment(Reader *reader, char *key, char *value) {
        Syntax *syntax = reader->syntax;
        Place key_place = place_of(reader, key), value_place = place_of(reader, value);
        int r = grow((void **) &syntax->assignments, syntax->n_assignments, &syntax->assignments_room,
                        sizeof(Assignment));

        if (r < 0)
                return r;

        syntax->assignments[syntax->n_assignments++] = (Assignment){
                .section = reader->section,
                .key = key,
                .value = value,
                .path = reader->path,
                .line = value_place.line,
                .key_line = key_place.line,
                .key_column = key_place.column,
                .column = value_place.column,
        };
        return 0;
}

static bool is_section_name(const char *name) {
        for (const unsigned char *c = (const unsigned char *) name; *c; c++)
                if (*c < 0x20 || *c == 0x7f || strchr("[]\"'\\", *c))
                        return false;
        return *name != '\0';
}

/* Return: 0, since reading goes on. */
static int tell(Reader *reader, const char *at, const char *text) {
        Place place = place_of(reader, at);

        (void) faults_raise(reader->faults, &place, FAULT_SYNTAX, "%s", text);
        return 0;
}

/* "[Name]", and nothing behind it: a comment there would make systemd refuse the file, too. */
static int read_header(Reader *reader, char *begin, char *end) {
        const char *bracket = memchr(begin, ']', (size_t) (end - begin));

        reader->skips_section = true;
        if (!bracket)
                return tell(reader, begin, "the name of a section ends in ']', which is missing here");
        if (end[-1] != ']')
                return tell(reader, bracket + 1,
                                "nothing may follow a section's name, put comments on lines of their own");

        end[-1] = '\0';
        if (!is_section_name(begin + 1))
                return tell(reader, begin,
                                "this is no name for a section: it is empty or has odd characters");

        reader->section = begin + 1;
        reader->skips_section = false;
        return 0;
}

static int read_assignment(Reader *reader, char *begin, char *end) {
        char *equals = memchr(begin, '=', (size_t) (end - begin)), *value;

        /* What is wrong with the section was told; its keys are not to blame. */
        if (reader->skips_section)
                return 0;
        if (!equals)
                return tell(reader, begin, "this line is neither KEY=VALUE, nor a [Section], nor a comment");
        if (equals == begin)
                return tell(reader, begin, "there is no key before the '='");
        if (!reader->section)
                return tell(reader, begin, "a key comes before the first [Section], and belongs to none");

        value = skip_blanks(equals + 1, end);
        *drop_blanks(begin, equals) = '\0';
        *end = '\0';
        return add_assignment(reader, begin, value);
}

/* The whole of a logical line. */
static int read_logical(Reader *reader, char *end) {
        char *begin = skip_blanks(reader->begin, end);
        const char *invalid;

        end = drop_blanks(begin, end);
        if (begin == end)
                return 0;

        invalid = utf8_find_invalid(begin, (size_t) (end - begin));
        if (invalid) {
                Place place = place_of(reader, invalid);

                (void) faults_raise(reader->faults, &place, FAULT_SYNTAX,
                                "byte 0x%02x is not UTF-8 text, write it as \\x%02x if it is meant",
                                (unsigned char) *invalid, (unsigned char) *invalid);
                return 0;
        }

        return *begin == '[' ? read_header(reader, begin, end) : read_assignment(reader, begin, end);
}

/* Cuts off the next physical line: it ends with LF, CR LF, or CR. Return: false when there is none. */
static bool next_physical(Reader *reader, char **ret_begin, char **ret_end) {
        size_t left = (size_t) (reader->end - reader->at);
        char *end, *cr;

        if (left == 0)
                return false;

        end = memchr(reader->at, '\n', left);
        if (!end)
                end = reader->end;
        cr = memchr(reader->at, '\r', (size_t) (end - reader->at));
        if (cr)
                end = cr;

        *ret_begin = reader->at;
        *ret_end = end;
        reader->line++;

        if (end < reader->end)
                end += end[0] == '\r' && end + 1 < reader->end && end[1] == '\n' ? 2 : 1;
        reader->at = end;
        return true;
}

static bool is_escaped(const char *begin, const char *end) {
        size_t n = 0;

        while (end > begin && end[-1] == '\\') {
                end--;
                n++;
        }
        return n % 2 == 1;
}

/*
 * Whether a physical line is continued on the next one; moves @end to the backslash.
 * An even number of backslashes are escaped ones, and do not.
 */
static bool is_continued(Reader *reader, const char *begin, char **end) {
        char *trimmed;
        Place place;

        if (is_escaped(begin, *end)) {
                (*end)--;
                return true;
        }

        trimmed = drop_blanks(begin, *end);
        if (trimmed == *end || !is_escaped(begin, trimmed))
                return false;

        *end = trimmed - 1;
        place = (Place){
                .path = reader->path, .line = reader->line, .column = (unsigned) (*end - begin) + 1
        };
        faults_warn(reader->faults, &place, FAULT_SYNTAX,
                        "blanks follow the backslash at the end of the line; systemd would not continue it");
        return true;
}

static int read_lines(Reader *reader) {
        char *begin, *end, *to = NULL; /* @to is where the logical line ends so far, NULL outside of one */
        int r;

        while (next_physical(reader, &begin, &end)) {
                char *first = skip_blanks(begin, end);
                bool continued;

                /* Also in the middle of a continued line. */
                if (first < end && (*first == '#' || *first == ';'))
                        continue;

                continued = is_continued(reader, begin, &end);
                if (!to) {
                        reader->begin = to = begin;
                        reader->begin_line = reader->line;
                        reader->first_joint = reader->syntax->n_joints;
                } else {
                        r = add_joint(reader, to);
                        if (r < 0)
                                return r;
                }

                memmove(to, begin, (size_t) (end - begin));
                to += end - begin;
                if (continued) {
                        *to++ = ' ';
                        continue;
                }

                r = read_logical(reader, to);
                if (r < 0)
                        return r;
                to = NULL;
        }
        return to ? read_logical(reader, to) : 0;
}

int syntax_read(Syntax *syntax, const char *path, char *text, size_t size, FaultList *faults) {
        Reader reader = { .syntax = syntax, .faults = faults, .path = path, .at = text, .end = text + size };
        const char *nul = memchr(text, '\0', size);

        if (nul) {
                Place place = { .path = path, .line = 1 };

                for (const char *c = text; c < nul; c++)
                        place.line += *c == '\n';
                (void) faults_raise(faults, &place, FAULT_SYNTAX,
                                "there is a NUL byte, this is not a text file");
                return 0;
        }

        if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
                reader.at += 3;
        return read_lines(&reader);
}

void syntax_reset(Syntax *syntax) {
        syntax->n_assignments = syntax->n_joints = 0;
}

void syntax_done(Syntax *syntax) {
        free(syntax->assignments);
        free(syntax->joints);
        *syntax = (Syntax){};
}
