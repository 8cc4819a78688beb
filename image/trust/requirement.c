/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One requirement of a policy: its type decides which other keys there may be. */

#include <errno.h>
#include <string.h>

#include "image/trust/base64.h"
#include "image/trust/policy-file.h"

/* --- strings and lists of them --- */

static int read_text(
                const json_t *object, const char *key, const PolicyPath *path, char **ret, Fault *fault) {
        const json_t *value = json_object_get(object, key);
        PolicyPath deeper = policy_path_key(path, key);

        if (!json_is_string(value))
                return policy_wrong(&deeper, fault, value ? "is not a string" : "is missing");
        *ret = strdup(json_string_value(value));
        return *ret ? 0 : -ENOMEM;
}

static int add_source(KeySources *sources, const json_t *value, bool is_data, const PolicyPath *path,
                Fault *fault) {
        KeySource *source = reallocarray(sources->items, sources->n + 1, sizeof(KeySource));
        const char *text = json_string_value(value);
        int r;

        if (!source)
                return -ENOMEM;
        sources->items = source;
        source += sources->n++;
        *source = (KeySource){};
        if (!text || !*text)
                return policy_wrong(path, fault, text ? "is empty" : "is not a string");
        if (!is_data) {
                if (*text != '/')
                        return policy_wrong(path, fault, "is '%.100s', which is no absolute path", text);
                source->path = strdup(text);
                return source->path ? 0 : -ENOMEM;
        }
        r = base64_decode(text, &source->data, &source->size);
        return r == -EINVAL ? policy_wrong(path, fault, "is not base64") : r;
}

static int read_sources(const json_t *value, bool is_data, const PolicyPath *path, KeySources *sources,
                Fault *fault) {
        int r = 0;

        if (json_is_string(value))
                return add_source(sources, value, is_data, path, fault);
        if (json_array_size(value) == 0)
                return policy_wrong(path, fault, "is an empty list");
        for (size_t i = 0; i < json_array_size(value) && r >= 0; i++) {
                PolicyPath deeper = policy_path_index(path, i);

                r = add_source(sources, json_array_get(value, i), is_data, &deeper, fault);
        }
        return r;
}

/* One place that keys can stand in. */
typedef struct KeyPlace {
        const char *key;
        bool is_list, is_data;
} KeyPlace;

/* clang-format off */
static const KeyPlace openpgp_places[] = {
        { "keyPath",  false, false },
        { "keyPaths", true,  false },
        { "keyData",  false, true  },
        {},
};

static const KeyPlace sigstore_places[] = {
        { "keyPath",  false, false },
        { "keyPaths", true,  false },
        { "keyData",  false, true  },
        { "keyDatas", true,  true  },
        {},
};

static const KeyPlace rekor_places[] = {
        { "rekorPublicKeyPath",  false, false },
        { "rekorPublicKeyPaths", true,  false },
        { "rekorPublicKeyData",  false, true  },
        { "rekorPublicKeyDatas", true,  true  },
        {},
};
/* clang-format on */

/* Return: how many of the places are used, -errno. */
static int read_places(const json_t *object, const KeyPlace *places, const PolicyPath *path,
                KeySources *sources, Fault *fault) {
        int n = 0, r = 0;

        for (; places->key && r >= 0; places++) {
                const json_t *value = json_object_get(object, places->key);
                PolicyPath deeper = policy_path_key(path, places->key);

                if (!value)
                        continue;
                if (places->is_list ? !json_is_array(value) : !json_is_string(value))
                        return policy_wrong(&deeper, fault, "is not %s",
                                        places->is_list ? "a list" : "a string");
                r = read_sources(value, places->is_data, &deeper, sources, fault);
                n++;
        }
        return r < 0 ? r : n;
}

/* --- signedIdentity --- */

/* clang-format off */
static const struct {
        const char *name;
        IdentityKind kind;
        const char *keys[4]; /* that there may be, and must */
} identities[] = {
        { "matchRepoDigestOrExact", IDENTITY_REPO_DIGEST_OR_EXACT, { "type" } },
        { "matchExact",             IDENTITY_EXACT,                { "type" } },
        { "matchRepository",        IDENTITY_REPOSITORY,           { "type" } },
        { "exactReference",         IDENTITY_EXACT_REFERENCE,      { "type", "dockerReference" } },
        { "exactRepository",        IDENTITY_EXACT_REPOSITORY,     { "type", "dockerRepository" } },
        { "remapIdentity",          IDENTITY_REMAP,                { "type", "prefix", "signedPrefix" } },
};
/* clang-format on */

static int read_prefix(
                const json_t *object, const char *key, const PolicyPath *path, char **ret, Fault *fault) {
        PolicyPath deeper = policy_path_key(path, key);
        int r = read_text(object, key, path, ret, fault);

        if (r >= 0 && !identity_prefix_is_valid(*ret))
                return policy_wrong(&deeper, fault, "is '%.100s', not a host and directories", *ret);
        return r;
}

static int read_identity_values(
                const json_t *object, const PolicyPath *path, Identity *identity, Fault *fault) {
        PolicyPath deeper;
        int r = 0;

        switch (identity->kind) {
        case IDENTITY_EXACT_REFERENCE:
                deeper = policy_path_key(path, "dockerReference");
                r = read_text(object, "dockerReference", path, &identity->reference, fault);
                if (r >= 0 && !identity_reference_is_valid(identity->reference))
                        return policy_wrong(&deeper, fault, "is not a name with a tag or digest");
                return r;
        case IDENTITY_EXACT_REPOSITORY:
                deeper = policy_path_key(path, "dockerRepository");
                r = read_text(object, "dockerRepository", path, &identity->reference, fault);
                if (r >= 0 && !identity_repository_is_valid(identity->reference))
                        return policy_wrong(&deeper, fault, "is not a name without tag or digest");
                return r;
        case IDENTITY_REMAP:
                r = read_prefix(object, "prefix", path, &identity->prefix, fault);
                if (r >= 0)
                        r = read_prefix(object, "signedPrefix", path, &identity->signed_prefix, fault);
                return r;
        default:
                return 0;
        }
}

static int read_identity(const json_t *object, const PolicyPath *outer, Identity *identity, Fault *fault) {
        PolicyPath path = policy_path_key(outer, "signedIdentity");
        const char *type = json_string_value(json_object_get(object, "type"));

        if (!object)
                return 0;
        for (size_t i = 0; type && i < ELEMENTS(identities); i++) {
                int r;

                if (strcmp(identities[i].name, type) != 0)
                        continue;
                identity->kind = identities[i].kind;
                r = policy_check_keys(object, &path, identities[i].keys, fault);
                return r < 0 ? r : read_identity_values(object, &path, identity, fault);
        }
        return policy_wrong(&path, fault, "has no type that is known");
}

/* --- the types --- */

static void impossible(Requirement *requirement, const char *why) {
        requirement->kind = REQUIRE_IMPOSSIBLE;
        requirement->why = why;
}

static int read_signed_by(const json_t *object, const PolicyPath *path, Requirement *ret, Fault *fault) {
        static const char *const others[] = { "signedByGPGKeys", "X509Certificates", "signedByX509CAs" };
        autofree char *type = NULL;
        PolicyPath deeper = policy_path_key(path, "keyType");
        int r;

        r = read_text(object, "keyType", path, &type, fault);
        if (r >= 0)
                r = read_places(object, openpgp_places, path, &ret->keys, fault);
        if (r >= 0 && r != 1)
                return policy_wrong(path, fault, "needs exactly one of keyPath, keyPaths and keyData");
        if (r >= 0)
                r = read_identity(json_object_get(object, "signedIdentity"), path, &ret->identity, fault);
        if (r < 0 || strcmp(type, "GPGKeys") == 0)
                return r;
        for (size_t i = 0; i < ELEMENTS(others); i++)
                if (strcmp(type, others[i]) == 0) {
                        impossible(ret, "signatures by 'keyType' other than GPGKeys cannot be verified");
                        return 0;
                }
        return policy_wrong(&deeper, fault, "is '%.80s', not GPGKeys", type);
}

static int read_sigstore(const json_t *object, const PolicyPath *path, Requirement *ret, Fault *fault) {
        const json_t *fulcio = json_object_get(object, "fulcio"), *pki = json_object_get(object, "pki");
        int n, rekor, r;

        n = read_places(object, sigstore_places, path, &ret->keys, fault);
        if (n < 0)
                return n;
        if (n + !!fulcio + !!pki != 1)
                return policy_wrong(path, fault,
                                "needs exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio and pki");
        rekor = read_places(object, rekor_places, path, &ret->rekor, fault);
        if (rekor < 0)
                return rekor;
        if (rekor > 1)
                return policy_wrong(path, fault, "has keys of Rekor in more than one place");
        if (fulcio && rekor == 0)
                return policy_wrong(path, fault, "has 'fulcio', which needs a key of Rekor");
        r = read_identity(json_object_get(object, "signedIdentity"), path, &ret->identity, fault);
        if (r < 0)
                return r;
        if (fulcio)
                impossible(ret, "certificates of Fulcio cannot be verified, only signatures by a key");
        if (pki)
                impossible(ret, "certificates ('pki') cannot be verified, only signatures by a key");
        return 0;
}

static int read_nothing(const json_t *object, const PolicyPath *path, Requirement *ret, Fault *fault) {
        return 0;
}

static int read_base_layer(const json_t *object, const PolicyPath *path, Requirement *ret, Fault *fault) {
        impossible(ret, "'signedBaseLayer' is not implemented, here or elsewhere");
        return 0;
}

typedef int ReadRequirement(const json_t *object, const PolicyPath *path, Requirement *ret, Fault *fault);

/* clang-format off */
static const struct {
        const char *name;
        RequirementKind kind;
        ReadRequirement *read;
        const char *keys[14];
} types[] = {
        { "insecureAcceptAnything", REQUIRE_NOTHING,  read_nothing,    { "type" } },
        { "reject",                 REQUIRE_REJECT,   read_nothing,    { "type" } },
        { "signedBy",               REQUIRE_OPENPGP,  read_signed_by,
          { "type", "keyType", "keyPath", "keyPaths", "keyData", "signedIdentity" } },
        { "sigstoreSigned",         REQUIRE_SIGSTORE, read_sigstore,
          { "type", "keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki", "rekorPublicKeyPath",
            "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas", "signedIdentity" } },
        { "signedBaseLayer",        REQUIRE_REJECT,   read_base_layer, { "type", "baseLayerIdentity" } },
};
/* clang-format on */

int requirement_parse(const json_t *object, const PolicyPath *path, Requirement *ret, Fault *fault) {
        const char *type = json_string_value(json_object_get(object, "type"));
        PolicyPath deeper = policy_path_key(path, "type");

        if (!json_is_object(object))
                return policy_wrong(path, fault, "is not an object");
        for (size_t i = 0; type && i < ELEMENTS(types); i++) {
                int r;

                if (strcmp(types[i].name, type) != 0)
                        continue;
                ret->kind = types[i].kind;
                r = policy_check_keys(object, path, types[i].keys, fault);
                return r < 0 ? r : types[i].read(object, path, ret, fault);
        }
        if (!type)
                return policy_wrong(&deeper, fault, "is missing, or not a string");
        return policy_wrong(&deeper, fault, "is '%.80s', which is not known", type);
}

static void key_sources_done(KeySources *sources) {
        for (size_t i = 0; i < sources->n; i++) {
                free(sources->items[i].path);
                free(sources->items[i].data);
        }
        free(sources->items);
        *sources = (KeySources){};
}

void requirement_done(Requirement *requirement) {
        key_sources_done(&requirement->keys);
        key_sources_done(&requirement->rekor);
        identity_done(&requirement->identity);
        *requirement = (Requirement){};
}
