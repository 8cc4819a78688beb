/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/specifiers.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <systemd/sd-id128.h>

#include "lib/cleanup.h"

/* Those that are always the same for the system's manager. */
static const struct {
        char specifier;
        const char *text;
} fixed[] = {
        { '%', "%" },
        { 'C', "/var/cache" },
        { 'E', "/etc" },
        { 'G', "0" },
        { 'L', "/var/log" },
        { 'S', "/var/lib" },
        { 'T', "/tmp" },
        { 'U', "0" },
        { 'V', "/var/tmp" },
        { 'g', "root" },
        { 'h', "/root" },
        { 't', "/run" },
        { 'u', "root" },
};

static int from_hex(char c) {
        static const char digits[] = "0123456789abcdef";
        const char *at = c ? strchr(digits, c) : NULL;

        return at ? (int) (at - digits) : -1;
}

/* A part of a unit's name as the path or text that it was made of: "-" is "/", "\x2d" is "-". */
static void put_unescaped(FILE *stream, const char *text, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int high = i + 3 < n && text[i] == '\\' && text[i + 1] == 'x' ? from_hex(text[i + 2]) : -1;
                int low = high >= 0 ? from_hex(text[i + 3]) : -1;

                if (low >= 0) {
                        (void) fputc(high << 4 | low, stream);
                        i += 3;
                } else
                        (void) fputc(text[i] == '-' ? '/' : text[i], stream);
        }
}

/* What is in the unit's name. Return: whether it was one of these. */
static bool put_name(FILE *stream, char specifier, const char *unit) {
        size_t all = (size_t) (strrchr(unit, '.') - unit), prefix = strcspn(unit, "@"), last;
        const char *instance = prefix < all ? unit + prefix + 1 : unit + all;
        size_t n_instance = (size_t) (unit + all - instance);

        if (prefix > all)
                prefix = all;
        for (last = prefix; last > 0 && unit[last - 1] != '-'; last--)
                ;

        switch (specifier) {

        case 'n':
                (void) fputs(unit, stream);
                return true;

        case 'N':
                (void) fwrite(unit, 1, all, stream);
                return true;

        case 'p':
                (void) fwrite(unit, 1, prefix, stream);
                return true;

        case 'P':
                put_unescaped(stream, unit, prefix);
                return true;

        case 'i':
                (void) fwrite(instance, 1, n_instance, stream);
                return true;

        case 'I':
                put_unescaped(stream, instance, n_instance);
                return true;

        case 'j':
                (void) fwrite(unit + last, 1, prefix - last, stream);
                return true;

        case 'J':
                put_unescaped(stream, unit + last, prefix - last);
                return true;

        case 'd':
                (void) fprintf(stream, "/run/credentials/%s", unit);
                return true;

        default:
                return false;
        }
}

/* What is known of the machine. */
static bool put_machine(FILE *stream, char specifier) {
        const struct passwd *root = specifier == 's' ? getpwuid(0) : NULL;
        char text[SD_ID128_STRING_MAX];
        struct utsname name;
        sd_id128_t id;

        if (uname(&name) < 0)
                return false;

        switch (specifier) {

        case 'H':
                (void) fputs(name.nodename, stream);
                return true;

        case 'l':
                (void) fprintf(stream, "%.*s", (int) strcspn(name.nodename, "."), name.nodename);
                return true;

        case 'v':
                (void) fputs(name.release, stream);
                return true;

        case 's':
                (void) fputs(root && *root->pw_shell ? root->pw_shell : "/bin/sh", stream);
                return true;

        case 'b':
        case 'm':
                if ((specifier == 'b' ? sd_id128_get_boot(&id) : sd_id128_get_machine(&id)) < 0)
                        return false;
                (void) fputs(sd_id128_to_string(id, text), stream);
                return true;

        default:
                return false;
        }
}

static bool put(FILE *stream, char specifier, const char *unit) {
        for (size_t i = 0; i < ELEMENTS(fixed); i++)
                if (fixed[i].specifier == specifier) {
                        (void) fputs(fixed[i].text, stream);
                        return true;
                }
        return put_name(stream, specifier, unit) || put_machine(stream, specifier);
}

int specifiers_expand(const char *text, const char *unit, char **ret, Fault *fault) {
        char *expanded = NULL;
        size_t size;
        FILE *stream = open_memstream(&expanded, &size);
        int r = stream ? 0 : -ENOMEM;

        for (; r >= 0 && *text; text++) {
                if (*text != '%' || !text[1])
                        (void) fputc(*text, stream);
                else if (put(stream, text[1], unit))
                        text++;
                else
                        r = fault_raise(fault, FAULT_UNSUPPORTED, EINVAL,
                                        "the specifier '%%%c' is known in unit files only; '%%%%' is a '%%'",
                                        text[1]);
        }
        if (stream && fclose(stream) != 0 && r >= 0)
                r = -ENOMEM;
        if (r < 0) {
                free(expanded);
                return r;
        }
        *ret = expanded;
        return 0;
}
