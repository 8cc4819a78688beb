/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/image-name.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* [a-z0-9]+ joined by '.', '_', '__' or any number of '-'. */
static bool is_component(const char *text, size_t n) {
        if (n == 0 || !isalnum((unsigned char) text[0]) || !isalnum((unsigned char) text[n - 1]))
                return false;
        for (size_t i = 0; i < n; i++) {
                if (isupper((unsigned char) text[i]))
                        return false;
                if (!isalnum((unsigned char) text[i]) && !strchr("._-", text[i]))
                        return false;
                if (i > 0 && text[i] == '.' && !isalnum((unsigned char) text[i - 1]))
                        return false;
        }
        return true;
}

/* The first component is a registry if it looks like a host: with a dot or a port, or "localhost". */
static bool is_registry(const char *text, size_t n) {
        size_t host = strcspn(text, ":/");

        if (host == 0 || (host == n && !memchr(text, '.', n) &&
                                         (n != 9 || strncmp(text, "localhost", n) != 0)))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char) text[i]) && !strchr(".-:[]", text[i]))
                        return false;
        return true;
}

static bool is_path(const char *text) {
        size_t n = strcspn(text, "/");

        if (text[n] == '/' && is_registry(text, n))
                text += n + 1;

        for (;;) {
                n = strcspn(text, "/");
                if (!is_component(text, n))
                        return false;
                if (!text[n])
                        return true;
                text += n + 1;
        }
}

/* Cuts ":TAG" off, but not the port of a registry. */
static char *cut_tag(char *text) {
        char *colon = strrchr(text, ':');

        if (!colon || strchr(colon, '/'))
                return NULL;
        *colon = '\0';
        return colon + 1;
}

static bool is_tag(const char *text) {
        if (!isalnum((unsigned char) *text) && *text != '_')
                return false;
        if (strlen(text) > 128)
                return false;
        for (; *text; text++)
                if (!isalnum((unsigned char) *text) && !strchr("_.-", *text))
                        return false;
        return true;
}

/* "sha256:" and 64 lower case digits. */
static bool is_digest(const char *text) {
        return strncmp(text, "sha256:", 7) == 0 && strlen(text + 7) == 64 &&
               strspn(text + 7, "0123456789abcdef") == 64;
}

static bool is_id(const char *text) {
        return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static int check_reference(const char *text, Fault *fault) {
        autofree char *copy = strdup(text);
        char *digest, *tag;

        if (!copy)
                return -ENOMEM;
        if (is_id(text) || is_digest(text))
                return 0;

        digest = value_cut(copy, '@');
        if (digest && !is_digest(digest))
                return value_wrong(
                                fault, digest, "a digest: sha256: and 64 hexadecimal digits in lower case");
        tag = cut_tag(copy);
        if (tag && !is_tag(tag))
                return value_wrong(fault, tag, "a tag: letters, digits, '_', '.' and '-', at most 128");
        if (!is_path(copy))
                return value_wrong(fault, text,
                                "the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case");
        return 0;
}

static bool ends_with(const char *text, const char *suffix) {
        size_t n = strlen(text), tail = strlen(suffix);

        return n > tail && strcmp(text + n - tail, suffix) == 0;
}

/* Where an image could come from that is neither the store nor a registry. */
bool image_name_has_transport(const char *text) {
        static const char *const transports[] = { "containers-storage:", "dir:", "docker-archive:",
                "docker-daemon:", "oci-archive:", "oci:", "ostree:", "sif:", "tarball:" };

        for (size_t i = 0; i < ELEMENTS(transports); i++)
                if (strncmp(text, transports[i], strlen(transports[i])) == 0)
                        return true;
        return false;
}

bool image_name_is_qualified(const char *text) {
        size_t n = strcspn(text, "/");

        return text[n] == '/' && is_registry(text, n);
}

bool image_name_has_tag(const char *text) {
        const char *last = strrchr(text, '/');

        return strpbrk(last ? last : text, ":@") != NULL;
}

bool image_name_is_unit(const char *text) {
        return !strchr(text, '/') && (ends_with(text, ".image") || ends_with(text, ".build"));
}

static const char *skip_docker(const char *text) {
        return strncmp(text, "docker://", 9) == 0 ? text + 9 : text;
}

int image_name_parse(Value *value, char **ret, Fault *fault) {
        const char *text = skip_docker(value->text);
        int r = 0;

        if (image_name_is_unit(text) || value_is_dynamic(text))
                return value_copy(text, ret);

        if (image_name_has_transport(text))
                value->later = "an image that is not in the store; name it in Image= of a .image file, or "
                               "'slipway import' puts it there";
        else
                r = check_reference(text, fault);

        return r < 0 ? r : value_copy(text, ret);
}

int image_name_parse_tag(Value *value, char **ret, Fault *fault) {
        const char *text = skip_docker(value->text);
        int r = value_is_dynamic(text) ? 0 : check_reference(text, fault);

        return r < 0 ? r : value_copy(text, ret);
}

int image_name_parse_source(Value *value, char **ret, Fault *fault) {
        const char *text = value->text;

        if (!image_name_has_transport(text))
                return image_name_parse_tag(value, ret, fault);
        if (strncmp(text, "docker-daemon:", 14) == 0 || strncmp(text, "ostree:", 7) == 0 ||
                        strncmp(text, "sif:", 4) == 0)
                return value_refuse(fault,
                                "'%.*s' needs another program; 'skopeo copy' makes an oci-archive: of it",
                                (int) strcspn(text, ":"), text);
        return value_copy(text, ret);
}
