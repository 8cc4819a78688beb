/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/excerpt.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "generator/utf8.h"
#include "lib/cleanup.h"
#include "lib/io.h"

enum { LONGEST_FILE = 1024 * 1024, LONGEST_LINE = 160 };

/* Lines end with LF, CR LF or CR, as they do for the generator. */
static const char *find_line(const char *text, unsigned line) {
        if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
                text += 3;
        for (; line > 1; line--) {
                text += strcspn(text, "\r\n");
                if (!*text)
                        return NULL;
                text += text[0] == '\r' && text[1] == '\n' ? 2 : 1;
        }
        return text;
}

/* Control characters of ASCII, and those that came later: U+0080 to U+009F. */
static bool is_control(const char *character, size_t n) {
        unsigned char c = (unsigned char) *character;

        if (n == 2)
                return c == 0xc2 && (unsigned char) character[1] < 0xa0;
        return n == 1 && (c < 0x20 || c == 0x7f);
}

/* What is in a file must not drive the terminal. */
static void print_line(FILE *stream, const char *text, size_t n) {
        while (n > 0) {
                size_t length = utf8_measure(text, n);

                if (*text == '\t' || (length > 0 && !is_control(text, length)))
                        (void) fwrite(text, 1, length, stream);
                else
                        (void) fputc('?', stream);
                text += length > 0 ? length : 1;
                n -= length > 0 ? length : 1;
        }
}

/* As wide as the text before the arrow: tabs stay, a character of several bytes is one blank. */
static void print_arrow(FILE *stream, const char *text, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (text[i] == '\t')
                        (void) fputc('\t', stream);
                else if (((unsigned char) text[i] & 0xc0) != 0x80)
                        (void) fputc(' ', stream);
        (void) fputs("^\n", stream);
}

void excerpt_print(FILE *stream, const char *path, unsigned line, unsigned column) {
        autofree char *text = NULL;
        const char *from;
        size_t n;

        if (io_read_file(AT_FDCWD, path, LONGEST_FILE, &text, NULL) < 0)
                return;
        from = find_line(text, line);
        if (!from)
                return;

        n = strcspn(from, "\r\n");
        (void) fprintf(stream, "%5u | ", line);
        print_line(stream, from, n < LONGEST_LINE ? n : LONGEST_LINE);
        (void) fprintf(stream, "%s\n", n > LONGEST_LINE ? "…" : "");

        if (column == 0 || column - 1 > n || column > LONGEST_LINE)
                return;
        (void) fprintf(stream, "      | ");
        print_arrow(stream, from, column - 1);
}
