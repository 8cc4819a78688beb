/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/rule.h"

#include <string.h>

#include "image/trust/pubkey.h"
#include "lib/strv.h"

/* Where in the list of candidates something stands; the end of it is what holds for all. */
typedef struct Found {
        const Scope *scope;
        const char *transport; /* of the scope, NULL for the default */
        size_t scope_rank;
        const char *prefix; /* NULL when there are no keys */
        size_t prefix_rank;
} Found;

static void find_scope(const Policy *policy, char *const *candidates, Found *found) {
        const TransportPolicy *docker = policy_transport(policy, "docker");
        size_t i = 0;

        found->transport = "docker";
        for (; docker && candidates && candidates[i]; i++)
                if ((found->scope = transport_scope(docker, candidates[i]))) {
                        found->scope_rank = i;
                        return;
                }
        found->scope_rank = strv_length(candidates);
        found->scope = transport_scope(docker, "");
        if (found->scope)
                return;
        found->scope = &policy->fallback;
        found->transport = NULL;
}

static void find_prefix(const KeyFiles *keys, char *const *candidates, Found *found) {
        found->prefix_rank = strv_length(candidates);
        for (size_t i = 0; candidates && candidates[i]; i++)
                if (key_files_have(keys, candidates[i])) {
                        found->prefix = candidates[i];
                        found->prefix_rank = i;
                        return;
                }
        if (key_files_have(keys, ""))
                found->prefix = "";
}

static int describe_scope(const TrustPolicy *policy, const Found *found, Rule *rule) {
        const char *file = policy->text.path ?: "the built-in policy";
        int n;

        rule->scope = found->scope;
        if (found->transport)
                n = asprintf(&rule->where, "%s (transport %s, scope '%s')", file, found->transport,
                                found->scope->name);
        else
                n = asprintf(&rule->where, "%s (default)", file);
        if (n < 0)
                rule->where = NULL;
        return n < 0 ? -ENOMEM : 0;
}

/* The directory that is named in messages is one that exists: of the first key, or of its mask. */
static int describe_directory(const KeyFiles *keys, const char *prefix, Rule *rule) {
        for (size_t i = 0; i < keys->n; i++) {
                const KeyFile *key = &keys->items[i];

                if (strcmp(key->prefix, prefix) != 0)
                        continue;
                rule->directory = strndup(key->path, strlen(key->path) - strlen(key->name) - 1);
                return rule->directory ? 0 : -ENOMEM;
        }
        return 0;
}

static int add_keys(const KeyFiles *keys, const char *prefix, Rule *rule) {
        rule->keys = calloc(keys->n + 1, sizeof(KeyFile *));
        if (!rule->keys)
                return -ENOMEM;
        for (size_t i = 0; i < keys->n; i++)
                if (keys->items[i].data && key_prefix_covers(keys->items[i].prefix, prefix))
                        rule->keys[rule->n_keys++] = &keys->items[i];
        return describe_directory(keys, prefix, rule);
}

/* Of an import it is not known which file it was: a scope that names one cannot be applied. */
static int find_other_transport(const TrustPolicy *policy, const TransportPolicy *transport, Rule *rule) {
        Found found = { .transport = transport->name };

        found.scope = transport_scope(transport, "");
        if (!found.scope || transport->n > 1) {
                rule->impossible = "of an image that was brought by this transport the path is not known: "
                                   "only the "
                                   "scope \"\" can be used";
                found.scope = &transport->scopes[0];
                if (transport->n == 0)
                        return -ENOENT;
        }
        return describe_scope(policy, &found, rule);
}

static int find(const TrustPolicy *policy, const TrustSubject *subject, Rule *rule) {
        const TransportPolicy *transport = policy_transport(&policy->policy, subject->transport);
        autostrv char **candidates = NULL;
        Found found = {};
        int r;

        if (transport && strcmp(transport->name, "docker") != 0) {
                r = find_other_transport(policy, transport, rule);
                if (r != -ENOENT)
                        return r;
                rule->impossible = NULL;
        }
        r = subject->name ? scope_candidates(subject->name, &candidates) : 0;
        if (r < 0)
                return r;
        find_scope(&policy->policy, candidates, &found);
        find_prefix(&policy->keys, candidates, &found);
        if (!found.prefix || found.scope_rank <= found.prefix_rank)
                r = describe_scope(policy, &found, rule);
        if (r >= 0 && found.prefix && found.prefix_rank <= found.scope_rank)
                r = add_keys(&policy->keys, found.prefix, rule);
        return r;
}

int rule_find(const TrustPolicy *policy, const TrustSubject *subject, Rule *ret) {
        autorule Rule rule = {};
        int r = find(policy, subject, &rule);

        if (r < 0)
                return r;
        *ret = rule;
        rule = (Rule){};
        return 0;
}

char *rule_describe(const Rule *rule) {
        char *text;

        if (!rule->where || !rule->directory)
                return strdup(rule->where ?: rule->directory ?: "");
        return asprintf(&text, "%s and %s", rule->where, rule->directory) < 0 ? NULL : text;
}

static bool scope_has(const Rule *rule, RequirementKind kind) {
        for (size_t i = 0; rule->scope && i < rule->scope->n; i++)
                if (rule->scope->items[i].kind == kind)
                        return true;
        return false;
}

/* No signature will help. */
static bool is_hopeless(const Rule *rule) {
        return rule->impossible || scope_has(rule, REQUIRE_REJECT) || scope_has(rule, REQUIRE_IMPOSSIBLE);
}

static bool has_key(const Rule *rule, bool is_pem) {
        for (size_t i = 0; i < rule->n_keys; i++)
                if (public_key_is_pem(rule->keys[i]->data, rule->keys[i]->size) == is_pem)
                        return true;
        return false;
}

bool rule_wants_openpgp(const Rule *rule) {
        return !is_hopeless(rule) && (scope_has(rule, REQUIRE_OPENPGP) || has_key(rule, false));
}

bool rule_wants_sigstore(const Rule *rule) {
        return !is_hopeless(rule) && (scope_has(rule, REQUIRE_SIGSTORE) || has_key(rule, true));
}

void rule_done(Rule *rule) {
        free(rule->where);
        free(rule->keys);
        free(rule->directory);
        *rule = (Rule){};
}
