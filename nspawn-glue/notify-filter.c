/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/notify-filter.h"

#include <string.h>

#include "lib/cleanup.h"

/* Not among them: MAINPID= and what else names processes, NOTIFYACCESS=, and all that is yet to be invented.
 */
static bool is_harmless(const char *line, size_t n) {
        static const char *const names[] = { "READY", "RELOADING", "STOPPING", "STATUS", "ERRNO", "BUSERROR",
                "EXIT_STATUS", "WATCHDOG", "WATCHDOG_USEC", "EXTEND_TIMEOUT_USEC", "MONOTONIC_USEC",
                "FDSTORE", "FDSTOREREMOVE", "FDNAME", "FDPOLL", "BARRIER" };
        const char *equals = memchr(line, '=', n);

        for (size_t i = 0; equals && i < ELEMENTS(names); i++)
                if (strlen(names[i]) == (size_t) (equals - line) &&
                                memcmp(names[i], line, (size_t) (equals - line)) == 0)
                        return true;
        return false;
}

/* The manager takes a carriage return for the end of a line, too. */
static size_t line_length(const char *text, size_t size) {
        size_t n = 0;

        while (n < size && text[n] != '\n' && text[n] != '\r')
                n++;
        return n < size ? n + 1 : n;
}

/* Control characters of ASCII, and those that came later: U+0080 to U+009F. */
static void tame(char *text, size_t size) {
        unsigned char *c = (unsigned char *) text;

        for (size_t i = 0; i < size; i++)
                if ((c[i] < 0x20 && c[i] != '\n' && c[i] != '\r') || c[i] == 0x7f)
                        c[i] = '?';
                else if (c[i] == 0xc2 && i + 1 < size && c[i + 1] >= 0x80 && c[i + 1] < 0xa0)
                        c[i] = c[i + 1] = '?';
}

/* For the manager a message ends at its first NUL, and so it does here. */
size_t notify_filter(char *text, size_t size) {
        const char *from = text, *end = memchr(text, '\0', size) ?: text + size;
        char *to = text;

        while (from < end) {
                size_t n = line_length(from, (size_t) (end - from));

                if (is_harmless(from, n)) {
                        memmove(to, from, n);
                        to += n;
                }
                from += n;
        }
        tame(text, (size_t) (to - text));
        return (size_t) (to - text);
}
