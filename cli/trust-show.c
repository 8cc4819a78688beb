/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trust-show.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

#include "cli/trust-keys.h"
#include "image/doc.h"
#include "image/reference.h"
#include "image/trust/registries-d.h"
#include "image/trust/rule.h"
#include "lib/strv.h"

/* clang-format off */
static const Field fields[] = {
        { "Prefix",      "prefix",      "PREFIX",      NULL },
        { "Kind",        "kind",        "KIND",        NULL },
        { "Fingerprint", "fingerprint", "FINGERPRINT", "Id ID" },
        { "User",        "user",        "USER",        NULL },
        { "State",       "state",       "STATE",       NULL },
        { "Path",        "path",        "PATH",        NULL },
};
/* clang-format on */

/* --- the list --- */

static const char *judge(const KeyFile *file, const TrustKeys *keys, TableTone *ret_tone) {
        const TrustKey *key = keys->n == 1 ? &keys->items[0] : NULL;

        *ret_tone = TABLE_BAD;
        if (!file->data) {
                *ret_tone = TABLE_FAINT;
                return "masked";
        }
        if (!key || strcmp(key->fingerprint, file->name) != 0)
                return "wrong";
        if (key->is_revoked)
                return "revoked";
        if (key->expires && key->expires < time(NULL))
                return "expired";
        *ret_tone = TABLE_GOOD;
        return "good";
}

static void add_row(Listing *listing, const KeyFile *file) {
        autotrustkeys TrustKeys keys = {};
        const TrustKey *key;
        const char *state;
        TableTone tone;

        if (file->data && trust_keys_parse(file->data, file->size, file->path, &keys, NULL) < 0)
                trust_keys_done(&keys);
        key = keys.n > 0 ? &keys.items[0] : NULL;
        state = judge(file, &keys, &tone);
        listing_value(listing, json_text(file->prefix), *file->prefix ? file->prefix : "*", TABLE_PLAIN);
        listing_text(listing, key ? key->kind : NULL, TABLE_PLAIN);
        listing_text(listing, file->name, TABLE_PLAIN);
        listing_text(listing, key ? key->user : NULL, TABLE_PLAIN);
        listing_text(listing, state, tone);
        listing_text(listing, file->path, TABLE_FAINT);
}

int trust_list(const ListingStyle *style, Fault *fault) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        autokeys KeyFiles files = {};
        int r = key_files_load(NULL, &files, fault);

        for (size_t i = 0; i < files.n && r >= 0; i++)
                add_row(listing, &files.items[i]);
        return r < 0 ? r : listing_print(listing, style, fault);
}

/* --- one image --- */

/* clang-format off */
static const char *const kinds[_REQUIREMENT_KIND_MAX] = {
        [REQUIRE_NOTHING]    = "nothing",
        [REQUIRE_REJECT]     = "to be rejected, whatever it is",
        [REQUIRE_OPENPGP]    = "a signature of OpenPGP",
        [REQUIRE_SIGSTORE]   = "a signature of sigstore by a key",
        [REQUIRE_IMPOSSIBLE] = "what cannot be fulfilled",
};
/* clang-format on */

static int describe(const Requirement *requirement, char ***ret) {
        autostrv char **keys = NULL;
        autofree char *list = NULL;

        for (size_t i = 0; i < requirement->keys.n; i++)
                if (strv_append(&keys, requirement->keys.items[i].path ?: "keyData") < 0)
                        return -ENOMEM;
        list = strv_join(keys, ", ");
        if (!list)
                return -ENOMEM;
        return strv_appendf(ret, "%s%s%s%s%s", kinds[requirement->kind], keys ? ", by " : "", list,
                        requirement->why ? ": " : "", requirement->why ?: "");
}

static int list_wants(const Rule *rule, char ***ret) {
        int r = 0;

        if (rule->impossible)
                return strv_appendf(ret, "%s: %s", kinds[REQUIRE_IMPOSSIBLE], rule->impossible);
        for (size_t i = 0; rule->scope && i < rule->scope->n && r >= 0; i++)
                if (rule->scope->items[i].kind != REQUIRE_NOTHING || !rule->directory)
                        r = describe(&rule->scope->items[i], ret);
        if (r >= 0 && rule->directory)
                r = strv_appendf(ret, "a signature by %s",
                                rule->n_keys == 0   ? "a key, and all are masked"
                                : rule->n_keys == 1 ? "this key"
                                                    : "any of these keys");
        return r;
}

static int list_keys(const Rule *rule, char ***ret) {
        int r = 0;

        for (size_t i = 0; i < rule->n_keys && r >= 0; i++)
                r = strv_append(ret, rule->keys[i]->path);
        return r;
}

/* Where signatures would be looked for. */
static int list_places(const Rule *rule, const char *name, char ***ret, Fault *fault) {
        autoregistries RegistriesD registries = {};
        autofree char *lookaside = NULL;
        int attachments = -1, r;

        r = registries_d_load(NULL, &registries, fault);
        if (r >= 0)
                r = registries_d_find(&registries, name, &lookaside, &attachments);
        if (r >= 0 && rule_wants_openpgp(rule))
                r = strv_append(ret, lookaside);
        if (r >= 0 && rule_wants_sigstore(rule) && (attachments != 0 || rule->directory))
                r = strv_append(ret, "the registry");
        return r;
}

static json_t *to_array(char *const *list) {
        json_t *array = json_array();

        for (; list && *list; list++)
                (void) json_array_append_new(array, json_text(*list));
        return array;
}

static void print_list(const char *title, char *const *list) {
        for (size_t i = 0; list && list[i]; i++)
                printf("%10s %s\n", i == 0 ? title : "", list[i]);
}

int trust_show(const char *text, bool json, Fault *fault) {
        TrustSubject subject = { .transport = "docker" };
        autotrust TrustPolicy *policy = NULL;
        autofree char *name = NULL, *where = NULL;
        autostrv char **wants = NULL, **keys = NULL, **places = NULL;
        autojson json_t *object = NULL;
        autorule Rule rule = {};
        int r = reference_normalise(text, &name, fault);

        if (r >= 0)
                r = trust_load(NULL, &policy, fault);
        subject.name = name;
        if (r < 0 || (r = rule_find(policy, &subject, &rule)) < 0 || (r = list_wants(&rule, &wants)) < 0 ||
                        (r = list_keys(&rule, &keys)) < 0 ||
                        (r = list_places(&rule, name, &places, fault)) < 0)
                return r;
        where = rule_describe(&rule);
        if (!where)
                return -ENOMEM;
        if (json) {
                object = json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", name, "rule", where, "wants",
                                to_array(wants), "keys", to_array(keys), "places", to_array(places));
                return object ? json_print(object, stdout) : -ENOMEM;
        }
        printf("%10s %s\n%10s %s\n", "Image:", name, "Rule:", where);
        print_list("Wants:", wants);
        print_list("Keys:", keys);
        print_list("From:", places);
        return 0;
}
