/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/check.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "image/doc.h"
#include "image/reference.h"
#include "image/trust/places.h"
#include "lib/blake2b.h"
#include "lib/io.h"

/* --- the digest --- */

/* Lengths go in, too: no two lists of words give the same bytes. */
static void add_word(Blake2b *hash, const void *data, size_t size) {
        uint64_t n = size;

        blake2b_add(hash, &n, sizeof(n));
        blake2b_add(hash, data, size);
}

static void add_text(Blake2b *hash, const char *text) {
        add_word(hash, text, strlen(text));
}

/* A key that the policy names. One that cannot be read is so to whoever decides, too. */
static void add_key_path(Blake2b *hash, const char *path) {
        autofree char *data = NULL;
        size_t size = 0;
        int r = io_read_file(AT_FDCWD, path, TRUST_FILE_LIMIT, &data, &size);

        add_text(hash, path);
        add_text(hash, r < 0 ? "missing" : "file");
        add_word(hash, data ?: "", size);
}

static void add_key_paths(Blake2b *hash, const json_t *value) {
        if (json_is_string(value))
                add_key_path(hash, json_string_value(value));
        for (size_t i = 0; i < json_array_size(value); i++)
                add_key_paths(hash, json_array_get(value, i));
}

static void add_requirements(Blake2b *hash, const json_t *list) {
        static const char *const keys[] = { "keyPath", "keyPaths", "rekorPublicKeyPath",
                "rekorPublicKeyPaths" };

        for (size_t i = 0; i < json_array_size(list); i++)
                for (size_t k = 0; k < ELEMENTS(keys); k++)
                        add_key_paths(hash, json_object_get(json_array_get(list, i), keys[k]));
}

/* Calls back for "default" and each scope. */
typedef void EachScope(void *data, const json_t *requirements);

static void each_scope(const json_t *document, EachScope *each, void *data) {
        const json_t *transport, *list;
        const char *name, *scope;

        each(data, json_object_get(document, "default"));
        json_object_foreach(json_object_get(document, "transports"), name, transport) {
                json_object_foreach((json_t *) transport, scope, list) {
                        each(data, list);
                }
        }
}

static void add_scope(void *data, const json_t *requirements) {
        add_requirements(data, requirements);
}

static int make_digest(const PolicyText *policy, const KeyFiles *keys, char ret[65], Fault *fault) {
        autojson json_t *document = NULL;
        Blake2b hash;
        int r;

        blake2b_begin(&hash);
        add_text(&hash, policy->path ?: "");
        add_word(&hash, policy->text, policy->size);
        for (size_t i = 0; i < keys->n; i++) {
                const KeyFile *key = &keys->items[i];

                add_text(&hash, key->prefix);
                add_text(&hash, key->name);
                add_text(&hash, key->data ? "key" : "mask");
                add_word(&hash, key->data ?: "", key->size);
        }
        fault_locate(fault, &(Place){ .path = policy->path });
        r = doc_parse(policy->text, policy->size, "the policy", &document, fault);
        if (r < 0)
                return r;
        fault_locate(fault, &(Place){});
        each_scope(document, add_scope, &hash);
        blake2b_end_hex(&hash, ret);
        return 0;
}

int trust_policy_digest(const char *dir, char ret[65], Fault *fault) {
        autopolicytext PolicyText policy = {};
        autokeys KeyFiles keys = {};
        int r = policy_text_load(dir, &policy, fault);

        if (r >= 0)
                r = key_files_load(dir, &keys, fault);
        return r < 0 ? r : make_digest(&policy, &keys, ret, fault);
}

/* --- nothing to decide --- */

static void look_for_more(void *data, const json_t *requirements) {
        bool *accepts_all = data;

        if (json_array_size(requirements) == 0)
                *accepts_all = false;
        for (size_t i = 0; i < json_array_size(requirements); i++) {
                const json_t *requirement = json_array_get(requirements, i);
                const char *type = json_string_value(json_object_get(requirement, "type"));

                if (!type || strcmp(type, "insecureAcceptAnything") != 0 ||
                                json_object_size(requirement) != 1)
                        *accepts_all = false;
        }
}

/* What is of another type each_scope() passes over, as if nothing were wanted. */
static bool is_readable(const json_t *transports) {
        const json_t *transport, *list;
        const char *name, *scope;

        if (!json_is_object(transports))
                return false;
        json_object_foreach((json_t *) transports, name, transport) {
                if (!json_is_object(transport))
                        return false;
                json_object_foreach((json_t *) transport, scope, list) {
                        if (!json_is_array(list))
                                return false;
                }
        }
        return true;
}

/* Only for a policy that is well-formed; who reads it strictly tells what is wrong with others. */
static bool accepts_all(const PolicyText *policy, const KeyFiles *keys) {
        autojson json_t *document = NULL;
        const json_t *transports;
        bool result = keys->n == 0;

        if (!result || doc_parse(policy->text, policy->size, "the policy", &document, NULL) < 0)
                return false;
        transports = json_object_get(document, "transports");
        if (json_object_size(document) != (transports ? 2 : 1) || (transports && !is_readable(transports)))
                return false;
        each_scope(document, look_for_more, &result);
        return result;
}

/* --- what was decided --- */

/* Whether the verdict in the directory of an origin rests on this digest. */
static bool has_verdict(int dir_fd, const char *digest) {
        autojson json_t *document = NULL;
        autofree char *text = NULL;
        const char *policy;
        size_t size;

        if (io_read_file(dir_fd, "verdict.json", 65536, &text, &size) < 0 ||
                        doc_parse(text, size, "the verdict", &document, NULL) < 0)
                return false;
        policy = json_string_value(json_object_get(document, "policy"));
        return policy && strcmp(policy, digest) == 0;
}

static bool has_verdict_in(Store *store, const char *directory, const Digest *image, const char *digest) {
        autofree char *path = NULL;
        autofd int fd = -1;

        if (asprintf(&path, "%s/%s", directory, image->hex) < 0) {
                path = NULL;
                return false;
        }
        fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd >= 0 && has_verdict(fd, digest);
}

/* @file: the escaped name. */
static bool is_decided_as(Store *store, const Digest *image, const char *file, const char *digest) {
        autofree char *directory = NULL;

        if (asprintf(&directory, "origins/%s", file) < 0) {
                directory = NULL;
                return false;
        }
        return has_verdict_in(store, directory, image, digest);
}

static bool is_decided_by_name(Store *store, const Digest *image, const char *name, const char *digest) {
        autofree char *file = NULL;

        return reference_escape(name, &file) >= 0 && is_decided_as(store, image, file, digest);
}

/* Any name that it has, or had; the verdict about an image that never had any is kept with the image. */
static bool is_decided(Store *store, const Digest *image, const char *digest) {
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        int fd;

        if (has_verdict_in(store, "images", image, digest))
                return true;
        fd = openat(store->fd, "origins", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        while (dir && (entry = readdir(dir)))
                if (entry->d_name[0] != '.' && is_decided_as(store, image, entry->d_name, digest))
                        return true;
        return false;
}

int trust_check(Store *store, const Digest *image, const char *name, Fault *fault) {
        autopolicytext PolicyText policy = {};
        autokeys KeyFiles keys = {};
        char digest[65];
        int r = policy_text_load(NULL, &policy, fault);

        if (r >= 0)
                r = key_files_load(NULL, &keys, fault);
        if (r < 0)
                return r;
        if (accepts_all(&policy, &keys))
                return 0;
        r = make_digest(&policy, &keys, digest, fault);
        if (r < 0)
                return r;
        return (name ? is_decided_by_name(store, image, name, digest) : is_decided(store, image, digest))
                               ? 0
                               : -EAGAIN;
}
