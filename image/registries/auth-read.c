/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a file with credentials says about a repository. */

#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "image/registries/auth.h"
#include "image/registries/helper.h"
#include "image/registries/secret.h"

#define DOCKER_SERVER "https://index.docker.io/v1/"

const char *auth_server(const char *host) {
        return strcmp(host, "docker.io") == 0 ? DOCKER_SERVER : host;
}

static int value_of(char letter) {
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *at = letter ? strchr(letters, letter) : NULL;

        return at ? (int) (at - letters) : -1;
}

int auth_decode_base64(const char *text, char **ret, size_t *ret_size) {
        size_t length = strlen(text), n = strcspn(text, "="), size = 0;
        uint32_t bits = 0;
        char *data;

        if (length % 4 != 0 || length - n > 2 || strspn(text + n, "=") != length - n)
                return -EINVAL;
        data = malloc(length / 4 * 3 + 1);
        if (!data)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                int value = value_of(text[i]);

                if (value < 0) {
                        data[size] = '\0';
                        secret_free(data);
                        return -EINVAL;
                }
                bits = bits << 6 | (uint32_t) value;
                if (i % 4 != 0)
                        data[size++] = (char) (bits >> (6 - 2 * (i % 4)) & 0xff);
        }
        data[size] = '\0';
        /* What the last letter has too much is nothing: else one text would have several spellings. */
        if ((length - n == 1 && bits & 3) || (length - n == 2 && bits & 15)) {
                secret_free(data);
                return -EINVAL;
        }
        *ret = data;
        *ret_size = size;
        return 0;
}

/* "https://index.docker.io/v1/", "registry-1.docker.io" and the like are docker.io. */
static bool is_host(const char *key, const char *host) {
        static const char *const docker[] = { "docker.io", "index.docker.io", "registry-1.docker.io" };
        const char *scheme = strstr(key, "://");
        size_t n;

        if (scheme)
                key = scheme + 3;
        n = strcspn(key, "/");
        /* Without a scheme, what follows the host is a namespace. */
        if (!scheme && key[n])
                return false;
        if (strlen(host) == n && strncmp(key, host, n) == 0)
                return true;
        for (size_t i = 0; i < ELEMENTS(docker) && strcmp(host, "docker.io") == 0; i++)
                if (strlen(docker[i]) == n && strncmp(key, docker[i], n) == 0)
                        return true;
        return false;
}

/* Who has logged out, or keeps all in a helper, has an empty object. */
static json_t *find_one(json_t *object, const char *name, const char **ret_key) {
        const char *key;
        json_t *value;

        json_object_foreach(object, key, value) if (strcmp(key, name) == 0 && json_object_size(value) > 0) {
                *ret_key = key;
                return value;
        }
        return NULL;
}

/* The value of the most specific key: HOST/NS/REPO, HOST/NS, HOST, and how old files spell a host. */
static json_t *find_key(json_t *object, const char *host, const char *repository, const char **ret_key) {
        autofree char *name = NULL;
        json_t *value = NULL;
        const char *key;

        if (asprintf(&name, "%s/%s", host, repository) < 0) {
                name = NULL;
                return NULL;
        }
        for (char *slash = name; slash && !value;) {
                value = find_one(object, name, ret_key);
                slash = strrchr(name, '/');
                if (slash)
                        *slash = '\0';
        }
        if (value)
                return value;
        json_object_foreach(object, key, value) if (is_host(key, host) && json_object_size(value) > 0) {
                *ret_key = key;
                return value;
        }
        return NULL;
}

/* Where a word of the file is. */
typedef struct AuthSpot {
        const char *path, *key;
        Fault *fault;
} AuthSpot;

static int refuse(const AuthSpot *spot, const char *field, const char *why) {
        char key[64];

        (void) snprintf(key, sizeof(key), "auths.%.40s.%s", spot->key, field);
        fault_locate(spot->fault, &(Place){ .path = spot->path, .key = key });
        return fault_raise(spot->fault, FAULT_VALUE, EINVAL, "%s; log in again", why);
}

static int take_word(const AuthSpot *spot, const json_t *entry, const char *field, char **ret) {
        const json_t *value = json_object_get(entry, field);

        if (!value || json_is_null(value))
                return 0;
        if (!json_is_string(value))
                return refuse(spot, field, "it is no string");
        if (json_string_length(value) == 0)
                return 0;
        secret_free(*ret);
        *ret = strdup(json_string_value(value));
        return *ret ? 0 : -ENOMEM;
}

/* base64 of "USER:PASSWORD". */
static int take_pair(const AuthSpot *spot, const json_t *entry, Auth *auth) {
        autosecret char *text = NULL, *pair = NULL;
        const char *colon;
        size_t size;
        int r = take_word(spot, entry, "auth", &text);

        if (r < 0 || !text)
                return r;
        r = auth_decode_base64(text, &pair, &size);
        if (r == -EINVAL)
                return refuse(spot, "auth", "it is not base64");
        if (r < 0)
                return r;
        while (size > 0 && pair[size - 1] == '\0')
                size--;
        colon = memchr(pair, ':', size);
        if (!colon || colon == pair || strlen(pair) != size)
                return refuse(spot, "auth", "it is not USER:PASSWORD");
        secret_free(auth->user);
        secret_free(auth->password);
        auth->user = strndup(pair, (size_t) (colon - pair));
        auth->password = strdup(colon + 1);
        return auth->user && auth->password ? 0 : -ENOMEM;
}

/* Return: 1, 0 when nothing is in it, -errno. */
static int take_entry(const AuthSpot *spot, const json_t *entry, Auth *auth) {
        int r;

        if ((r = take_word(spot, entry, "username", &auth->user)) < 0 ||
                        (r = take_word(spot, entry, "password", &auth->password)) < 0 ||
                        (r = take_word(spot, entry, "identitytoken", &auth->identity_token)) < 0 ||
                        (r = take_word(spot, entry, "registrytoken", &auth->registry_token)) < 0 ||
                        (r = take_pair(spot, entry, auth)) < 0)
                return r;
        if (!auth->password && !auth->identity_token && !auth->registry_token)
                return 0;
        if (asprintf(&auth->source, "'%s' in %s", spot->key, spot->path) < 0) {
                auth->source = NULL;
                return -ENOMEM;
        }
        return 1;
}

static int find_in_auths(json_t *auths, const char *path, const char *host, const char *repository,
                Auth *ret, Fault *fault) {
        AuthSpot spot = { .path = path, .fault = fault };
        autoauth Auth auth = {};
        json_t *entry = find_key(auths, host, repository, &spot.key);
        int r = json_is_object(entry) ? take_entry(&spot, entry, &auth) : 0;

        if (r > 0) {
                *ret = auth;
                auth = (Auth){};
        }
        return r;
}

static int ask_helper(const char *path, const char *key, const json_t *suffix, const char *host, Auth *ret,
                Fault *fault) {
        if (!json_is_string(suffix) || !helper_is_suffix(json_string_value(suffix))) {
                fault_locate(fault, &(Place){ .path = path, .key = key });
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "it is not the suffix of a program docker-credential-SUFFIX");
        }
        return helper_get(json_string_value(suffix), auth_server(host), ret, fault);
}

/* A helper that is there for this host, else what the file has, else the helper for all. */
static int find_in_document(json_t *document, const char *path, const char *host, const char *repository,
                Auth *ret, Fault *fault) {
        json_t *helpers = json_object_get(document, "credHelpers"), *suffix;
        const char *key;
        int r = 0;

        json_object_foreach(helpers, key, suffix) if (is_host(key, host)) {
                r = ask_helper(path, "credHelpers", suffix, host, ret, fault);
                break;
        }
        if (r == 0)
                r = find_in_auths(json_object_get(document, "auths"), path, host, repository, ret, fault);
        suffix = json_object_get(document, "credsStore");
        if (r == 0 && json_is_string(suffix) && json_string_length(suffix) > 0)
                r = ask_helper(path, "credsStore", suffix, host, ret, fault);
        return r;
}

int auth_find_in_text(const char *text, size_t size, const char *path, bool is_old, const char *host,
                const char *repository, Auth *ret, Fault *fault) {
        json_error_t error;
        json_t *document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        int r;

        /* What jansson says has a piece of the text in it, which may be a password. */
        if (!json_is_object(document)) {
                Place place = { .path = path };

                if (!document && error.line > 0) {
                        place.line = (unsigned) error.line;
                        place.column = error.column > 0 ? (unsigned) error.column : 0;
                }
                json_decref(document);
                fault_locate(fault, &place);
                return fault_raise(fault, FAULT_SYNTAX, EINVAL,
                                "it is not JSON, or has a key twice; an empty one has {}");
        }
        r = is_old ? find_in_auths(document, path, host, repository, ret, fault)
                   : find_in_document(document, path, host, repository, ret, fault);
        json_decref(document);
        return r;
}
