/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/files.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

#define LABEL_MAX 63

void files_hostname(const char *name, char *ret, size_t size) {
        size_t n = 0;

        for (; *name && n + 1 < size && n < LABEL_MAX; name++) {
                bool is_plain = isalnum((unsigned char) *name) && (unsigned char) *name < 0x80;

                /* A label neither begins nor ends with "-", and is not empty. */
                if (!is_plain && (n == 0 || ret[n - 1] == '-' || ret[n - 1] == '.'))
                        continue;
                ret[n++] = *name == '.' || is_plain ? *name : '-';
        }
        while (n > 0 && (ret[n - 1] == '-' || ret[n - 1] == '.'))
                n--;
        ret[n] = '\0';
        if (n == 0)
                (void) snprintf(ret, size, "container");
}

static bool is_address(const char *text) {
        unsigned char address[16];

        return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

/* "NAME[;NAME…]:IP", where the address may have colons and, around them, brackets. */
static int put_entry(FILE *stream, const char *entry, const char *gateway, Fault *fault) {
        autofree char *copy = strdup(entry);
        char *address, *end;

        if (!copy)
                return -ENOMEM;
        address = strchr(copy, ':');
        if (address)
                *address++ = '\0';
        if (address && *address == '[' && (end = strchr(address, ']')) && !end[1]) {
                *end = '\0';
                address++;
        }
        if (address && strcmp(address, "host-gateway") == 0) {
                if (!*gateway)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "--add-host=%s: there is no host-gateway without a network that has "
                                        "one",
                                        entry);
                address = (char *) gateway;
        }
        if (!address || !*copy || strpbrk(copy, " \t\n#") || !is_address(address))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "--add-host=%s: it is NAME[;NAME…]:ADDRESS, with an address in digits",
                                entry);

        for (char *c = copy; *c; c++)
                if (*c == ';')
                        *c = ' ';
        (void) fprintf(stream, "%s\t%s\n", address, copy);
        return 0;
}

static int put_entries(FILE *stream, char *const *entries, const char *gateway, Fault *fault) {
        int r = 0;

        for (; entries && *entries && r >= 0; entries++)
                r = put_entry(stream, *entries, gateway, fault);
        return r;
}

int files_host_entries(char *const *entries, const char *gateway, char **ret, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        int r;

        if (!stream)
                return -ENOMEM;
        r = put_entries(stream, entries, gateway, fault);
        if (fclose(stream) != 0 && r >= 0)
                r = -ENOMEM;
        if (r >= 0)
                *ret = TAKE(text);
        return r;
}

int files_hosts(const char *base, const char *hostname, char *const *entries, char **ret, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        int r;

        if (!stream)
                return -ENOMEM;
        /* The host's gateway is the host. */
        r = put_entries(stream, entries, base ? "127.0.0.1" : "", fault);
        if (base)
                (void) fprintf(stream, "%s%s127.0.0.1\t%s\n", base,
                                *base && base[strlen(base) - 1] != '\n' ? "\n" : "", hostname);
        else
                (void) fprintf(stream,
                                "127.0.0.1\tlocalhost\n"
                                "::1\tlocalhost ip6-localhost ip6-loopback\n"
                                "127.0.0.1\t%s\n",
                                hostname);
        if (fclose(stream) != 0 && r >= 0)
                r = -ENOMEM;
        if (r >= 0)
                *ret = TAKE(text);
        return r;
}

/* Whether a line begins with one of the words, and so is replaced. */
static bool is_replaced(const char *line, bool servers, bool searches, bool options) {
        static const char blanks[] = " \t";
        size_t n = strcspn(line, blanks);
        const struct {
                const char *word;
                bool replaced;
        } words[] = {
                { "nameserver", servers },
                { "search", searches },
                { "domain", searches },
                { "options", options },
        };

        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (words[i].replaced && strlen(words[i].word) == n && strncmp(line, words[i].word, n) == 0)
                        return true;
        return false;
}

static void put_base(FILE *stream, char *base, bool servers, bool searches, bool options) {
        char *line;

        while ((line = strsep(&base, "\n"))) {
                line += strspn(line, " \t");
                if (*line && *line != '#' && *line != ';' && !is_replaced(line, servers, searches, options))
                        (void) fprintf(stream, "%s\n", line);
        }
}

static void put_list(FILE *stream, const char *word, char *const *list) {
        (void) fputs(word, stream);
        for (; *list; list++)
                (void) fprintf(stream, " %s", *list);
        (void) fputc('\n', stream);
}

int files_resolv(const char *base, char *const *servers, char *const *searches, char *const *options,
                char **ret) {
        autofree char *copy = base ? strdup(base) : NULL, *text = NULL;
        size_t size;
        FILE *stream;

        if (base && !copy)
                return -ENOMEM;
        stream = open_memstream(&text, &size);
        if (!stream)
                return -ENOMEM;

        put_base(stream, copy, servers, searches, options);
        if (searches && !(strcmp(searches[0], ".") == 0 && !searches[1]))
                put_list(stream, "search", searches);
        for (; servers && *servers; servers++)
                (void) fprintf(stream, "nameserver %s\n", *servers);
        if (options)
                put_list(stream, "options", options);

        if (fclose(stream) != 0)
                return -ENOMEM;
        *ret = TAKE(text);
        return 0;
}

static bool is_of_loopback(const char *line) {
        const char *server = line + strlen("nameserver");

        server += strspn(server, " \t");
        return strncmp(server, "127.", 4) == 0 || strcmp(server, "::1") == 0;
}

int files_reachable_resolv(const char *text, char **ret) {
        autofree char *copy = strdup(text), *kept = NULL;
        char *rest = copy, *line;
        size_t size;
        FILE *stream;

        if (!copy)
                return -ENOMEM;
        stream = open_memstream(&kept, &size);
        if (!stream)
                return -ENOMEM;
        while ((line = strsep(&rest, "\n"))) {
                line += strspn(line, " \t");
                line[strcspn(line, "\r")] = '\0';
                if (*line && (strncmp(line, "nameserver", 10) != 0 || !is_of_loopback(line)))
                        (void) fprintf(stream, "%s\n", line);
        }
        if (fclose(stream) != 0)
                return -ENOMEM;
        *ret = TAKE(kept);
        return 0;
}
