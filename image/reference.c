/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/reference.h"

#include <string.h>

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define NAME_LIMIT 255 /* domain and path together, as registries have it */
#define TAG_LIMIT 128
#define FILE_LIMIT 255 /* an escaped name must be a file name */

/* The length of a separator between two words of a path component: one of . _ __ or any number of dashes. */
static size_t separator(const char *at) {
        if (*at == '.')
                return 1;
        if (*at == '_')
                return at[1] == '_' ? 2 : 1;
        return strspn(at, "-");
}

/* Words of lower-case letters and digits with separators in between: no word is empty. */
static bool is_path_component(const char *at, const char *end) {
        for (;;) {
                size_t word = strspn(at, LOWER DIGITS);

                if (word == 0)
                        return false;
                at += word;
                if (at >= end)
                        return at == end;
                at += separator(at);
        }
}

static bool is_path(const char *path) {
        for (;;) {
                const char *end = strchrnul(path, '/');

                if (!is_path_component(path, end))
                        return false;
                if (*end == '\0')
                        return true;
                path = end + 1;
        }
}

static bool is_port(const char *text) {
        size_t n = strspn(text, DIGITS);

        return n >= 1 && n <= 5 && text[n] == '\0';
}

/* A label of a host name may hold a dash, but not at either end. */
static bool is_host(const char *at, const char *end) {
        if (*at == '[') {
                size_t n = strspn(at + 1, DIGITS "abcdefABCDEF:");

                return n >= 2 && at[1 + n] == ']' && at + n + 2 == end;
        }

        for (;;) {
                size_t n = strspn(at, LOWER UPPER DIGITS "-");

                if (n == 0 || at[0] == '-' || at[n - 1] == '-')
                        return false;
                at += n;
                if (at >= end)
                        return at == end;
                if (*at++ != '.')
                        return false;
        }
}

static bool is_domain(const char *domain) {
        const char *after = *domain == '[' ? strchrnul(domain, ']') : domain;
        const char *colon = strchrnul(after, ':');

        return is_host(domain, colon) && (*colon == '\0' || is_port(colon + 1));
}

static bool is_tag(const char *tag) {
        size_t n = strspn(tag, LOWER UPPER DIGITS "_.-");

        return n >= 1 && n <= TAG_LIMIT && tag[n] == '\0' && *tag != '.' && *tag != '-';
}

/* Whether the first word of a name is a domain, and not the first directory of a path. */
static bool looks_like_domain(const char *word) {
        return strpbrk(word, ".:[" UPPER) || strcmp(word, "localhost") == 0;
}

/* Cuts a copy of the text: at '@' for the digest, and after the last '/' at ':' for the tag. */
static int cut_digest_and_tag(char *name, Reference *reference, Fault *fault) {
        char *at = strchr(name, '@'), *slash, *colon;

        if (at) {
                int r = digest_parse(at + 1, &reference->digest, fault);

                if (r < 0)
                        return r;
                *at = '\0';
        }

        slash = strrchr(name, '/');
        colon = strchr(slash ? slash : name, ':');
        if (colon) {
                if (!is_tag(colon + 1))
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.140s' is not a tag", colon + 1);
                reference->tag = strdup(colon + 1);
                *colon = '\0';
        } else if (!at)
                reference->tag = strdup("latest");

        return reference->tag || at ? 0 : -ENOMEM;
}

static int fill_domain_and_path(char *name, Reference *reference) {
        char *slash = strchr(name, '/'), *path = name;
        const char *domain = "docker.io", *prefix = "";

        if (slash) {
                *slash = '\0';
                if (looks_like_domain(name)) {
                        domain = name;
                        path = slash + 1;
                } else
                        *slash = '/';
        }

        if (strcmp(domain, "index.docker.io") == 0)
                domain = "docker.io";
        if (strcmp(domain, "docker.io") == 0 && !strchr(path, '/'))
                prefix = "library/";

        reference->domain = strdup(domain);
        if (asprintf(&reference->path, "%s%s", prefix, path) < 0)
                reference->path = NULL;
        return reference->domain && reference->path ? 0 : -ENOMEM;
}

static int check_name(const char *text, const Reference *reference, Fault *fault) {
        if (!is_domain(reference->domain))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.200s' is not an image name: '%.100s' is not a host", text,
                                reference->domain);
        if (strpbrk(reference->path, UPPER))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.200s' is not an image name: it must be in lower case", text);
        if (!is_path(reference->path))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.200s' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]", text);
        if (strlen(reference->domain) + 1 + strlen(reference->path) > NAME_LIMIT)
                return fault_raise(fault, FAULT_VALUE, ENAMETOOLONG,
                                "image name '%.60s…' is longer than %d characters", text, NAME_LIMIT);
        return 0;
}

int reference_parse(const char *text, Reference *ret, Fault *fault) {
        AUTO(reference_done) Reference reference = {};
        autofree char *name = NULL;
        int r;

        if (strncmp(text, "docker://", 9) == 0)
                text += 9;

        /* Sixty-four digits are an image id wherever a name may stand, and must not be both. */
        if (digest_is_hex(text, DIGEST_HEX))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is an image id, not a name", text);

        name = strdup(text);
        if (!name)
                return -ENOMEM;

        r = cut_digest_and_tag(name, &reference, fault);
        if (r < 0)
                return r;
        r = fill_domain_and_path(name, &reference);
        if (r < 0)
                return r;
        r = check_name(text, &reference, fault);
        if (r < 0)
                return r;

        *ret = reference;
        reference = (Reference){};
        return 0;
}

int reference_format(const Reference *reference, char **ret) {
        char *name;
        int n;

        if (digest_is_set(&reference->digest))
                n = asprintf(&name, "%s/%s@sha256:%s", reference->domain, reference->path,
                                reference->digest.hex);
        else
                n = asprintf(&name, "%s/%s:%s", reference->domain, reference->path, reference->tag);
        if (n < 0)
                return -ENOMEM;

        *ret = name;
        return 0;
}

int reference_normalise(const char *text, char **ret, Fault *fault) {
        AUTO(reference_done) Reference reference = {};
        autofree char *name = NULL, *file = NULL;
        int r;

        r = reference_parse(text, &reference, fault);
        if (r < 0)
                return r;
        r = reference_format(&reference, &name);
        if (r < 0)
                return r;

        r = reference_escape(name, &file);
        if (r == -ENAMETOOLONG)
                return fault_raise(fault, FAULT_VALUE, ENAMETOOLONG,
                                "image name '%.60s…' is too long for the store", text);
        if (r < 0)
                return r;

        *ret = TAKE(name);
        return 0;
}

int reference_escape(const char *name, char **ret) {
        autofree char *file = malloc(3 * strlen(name) + 1);
        char *at = file;

        if (!file)
                return -ENOMEM;

        for (; *name; name++)
                if (*name == '/' || *name == '%')
                        at = stpcpy(at, *name == '/' ? "%2F" : "%25");
                else
                        *at++ = *name;
        *at = '\0';

        if (at - file > FILE_LIMIT)
                return -ENAMETOOLONG;
        *ret = TAKE(file);
        return 0;
}

int reference_unescape(const char *file, char **ret) {
        autofree char *name = malloc(strlen(file) + 1);
        char *at = name;

        if (!name)
                return -ENOMEM;

        for (; *file; file++) {
                if (*file != '%') {
                        *at++ = *file;
                        continue;
                }
                if (strncmp(file, "%2F", 3) != 0 && strncmp(file, "%25", 3) != 0)
                        return -EINVAL;
                *at++ = file[2] == 'F' ? '/' : '%';
                file += 2;
        }
        *at = '\0';

        *ret = TAKE(name);
        return 0;
}

void reference_done(Reference *reference) {
        free(reference->domain);
        free(reference->path);
        free(reference->tag);
        *reference = (Reference){};
}
