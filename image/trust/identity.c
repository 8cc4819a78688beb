/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/identity.h"

#include <string.h>

#include "image/reference.h"

/* A reference of which it matters whether it has a tag: none is made up. */
typedef struct Named {
        char *repository;
        char *tag;
        Digest digest;
} Named;

static void named_done(Named *named) {
        free(named->repository);
        free(named->tag);
        *named = (Named){};
}
#define autonamed AUTO(named_done)

static bool has_tag(const char *text) {
        const char *slash;

        if (strchr(text, '@'))
                return true; /* whatever reference_parse() finds before it was written there */
        slash = strrchr(text, '/');
        return strchr(slash ? slash : text, ':') != NULL;
}

static bool parse(const char *text, Named *ret) {
        AUTO(reference_done) Reference reference = {};

        if (strncmp(text, "docker://", 9) == 0 || reference_parse(text, &reference, NULL) < 0)
                return false;
        if (asprintf(&ret->repository, "%s/%s", reference.domain, reference.path) < 0) {
                ret->repository = NULL;
                return false;
        }
        if (has_tag(text))
                ret->tag = TAKE(reference.tag);
        ret->digest = reference.digest;
        return true;
}

static bool is_name_only(const Named *named) {
        return !named->tag && !digest_is_set(&named->digest);
}

static bool is_same_repository(const Named *a, const Named *b) {
        return strcmp(a->repository, b->repository) == 0;
}

/* Neither is a bare repository, and both say the same. */
static bool is_same(const Named *a, const Named *b) {
        return !is_name_only(a) && !is_name_only(b) && is_same_repository(a, b) &&
               strcmp(a->tag ?: "", b->tag ?: "") == 0 && strcmp(a->digest.hex, b->digest.hex) == 0;
}

/* Who asks by digest has said which one it is to be, so that the repository is enough. */
static bool is_exact_or_by_digest(const Named *wanted, const Named *is) {
        if (wanted->tag)
                return is_same(wanted, is);
        return digest_is_set(&wanted->digest) && is_same_repository(wanted, is);
}

static bool remap(const Identity *identity, const char *name, const Named *wanted, Named *ret) {
        autofree char *text = NULL;
        autonamed Named named = {};
        size_t n = strlen(identity->prefix);
        const char *repository = wanted->repository;

        if (strncmp(repository, identity->prefix, n) == 0 &&
                        (repository[n] == '\0' || repository[n] == '/')) {
                if (asprintf(&text, "%s%s", identity->signed_prefix, name + n) < 0)
                        text = NULL;
        } else
                text = strdup(name);
        if (!text || !parse(text, &named))
                return false;

        /* What comes out is the whole name already: "acme/app" is no host's. */
        n = strlen(named.repository);
        if (strncmp(text, named.repository, n) != 0)
                return false;
        *ret = named;
        named = (Named){};
        return true;
}

bool identity_matches(const Identity *identity, const char *name, const char *signed_name) {
        autonamed Named wanted = {}, is = {}, other = {};

        if (!parse(signed_name, &is))
                return false;
        if (identity->kind == IDENTITY_EXACT_REFERENCE || identity->kind == IDENTITY_EXACT_REPOSITORY) {
                if (!parse(identity->reference, &other))
                        return false;
                return identity->kind == IDENTITY_EXACT_REFERENCE ? is_same(&other, &is)
                                                                  : is_same_repository(&other, &is);
        }

        if (!name || !parse(name, &wanted))
                return false;
        switch (identity->kind) {
        case IDENTITY_REPO_DIGEST_OR_EXACT:
                return is_exact_or_by_digest(&wanted, &is);
        case IDENTITY_EXACT:
                return is_same(&wanted, &is);
        case IDENTITY_REPOSITORY:
                return is_same_repository(&wanted, &is);
        case IDENTITY_REMAP:
                return remap(identity, name, &wanted, &other) && is_exact_or_by_digest(&other, &is);
        case IDENTITY_ATTACHED:
                return is_name_only(&is) ? is_same_repository(&wanted, &is)
                                         : is_exact_or_by_digest(&wanted, &is);
        default:
                return false;
        }
}

bool identity_reference_is_valid(const char *text) {
        autonamed Named named = {};

        return parse(text, &named) && !is_name_only(&named);
}

bool identity_repository_is_valid(const char *text) {
        autonamed Named named = {};

        return parse(text, &named) && is_name_only(&named);
}

/* A host, or a host and directories: what a whole name begins with. */
bool identity_prefix_is_valid(const char *text) {
        autofree char *full = NULL;
        autonamed Named named = {};

        if (strchr(text, '@') || asprintf(&full, "%s/x/y", text) < 0) {
                full = NULL;
                return false;
        }
        return parse(full, &named) && strcmp(named.repository, full) == 0;
}

void identity_done(Identity *identity) {
        free(identity->reference);
        free(identity->prefix);
        free(identity->signed_prefix);
        *identity = (Identity){};
}
