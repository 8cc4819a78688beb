/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From signatures to a verdict. */

#include <fcntl.h>
#include <string.h>

#include "image/trust/evidence.h"
#include "image/trust/openpgp.h"
#include "image/trust/payload.h"
#include "image/trust/rule.h"
#include "lib/io.h"
#include "lib/strv.h"

/* What one requirement, or the keys of a prefix, has to be verified with. */
typedef struct Case {
        Wanted wanted;
        OpenPgp *ring;     /* NULL when no key is one of OpenPGP */
        const char *where; /* who wants it */
        size_t n_keys;
        char key[OPENPGP_FINGERPRINT + 1]; /* the last of them, and in the end the one that was good */
        Digest digest;
} Case;

static void case_done(Case *case_) {
        public_keys_done(&case_->wanted.keys);
        public_keys_done(&case_->wanted.rekor);
        if (case_->ring)
                openpgp_free(case_->ring);
        *case_ = (Case){};
}
#define autocase AUTO(case_done)

/* --- keys --- */

static int add_openpgp(
                Case *case_, const char *data, size_t size, const char *what, int *ret_n, Fault *fault) {
        int r = case_->ring ? 0 : openpgp_new(&case_->ring, fault);

        if (r >= 0)
                r = openpgp_add(case_->ring, data, size, what, case_->key, fault);
        if (r < 0)
                return r;
        case_->n_keys += (size_t) r;
        *ret_n = r;
        return 0;
}

static int add_public(
                Case *case_, PublicKeys *to, const char *data, size_t size, const char *what, Fault *fault) {
        PublicKey *key = NULL;
        int r = public_key_read(data, size, what, &key, fault);

        if (r < 0)
                return r;
        (void) snprintf(case_->key, sizeof(case_->key), "%s", public_key_fingerprint(key));
        case_->n_keys += to == &case_->wanted.keys;
        return public_keys_add(to, key);
}

/* A file of a key directory says by its name which key it is. */
static int add_key_file(Case *case_, const KeyFile *file, Fault *fault) {
        int n = 1, r;

        if (public_key_is_pem(file->data, file->size))
                r = add_public(case_, &case_->wanted.keys, file->data, file->size, file->path, fault);
        else
                r = add_openpgp(case_, file->data, file->size, file->path, &n, fault);
        if (r < 0)
                return r;
        if (n != 1 || strcmp(case_->key, file->name) != 0)
                return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                                "the file '%s' has another key than it is named by: %s; see "
                                "slipway-trust(1)",
                                file->path, n > 1 ? "several" : case_->key);
        return 0;
}

static int add_source(
                Case *case_, const KeySource *source, RequirementKind kind, PublicKeys *to, Fault *fault) {
        const char *what = source->path ?: "the key in the policy", *data = source->data;
        autofree char *text = NULL;
        size_t size = source->size;
        int n, r = 0;

        if (!data)
                r = io_read_file(AT_FDCWD, source->path, TRUST_FILE_LIMIT, &text, &size);
        if (r < 0)
                return fault_raise(fault, FAULT_MISSING, -r, "cannot read the key '%s': %s", what,
                                strerror(-r));
        data = data ?: text;
        return kind == REQUIRE_OPENPGP ? add_openpgp(case_, data, size, what, &n, fault)
                                       : add_public(case_, to, data, size, what, fault);
}

static int add_requirement_keys(Case *case_, const Requirement *requirement, Fault *fault) {
        const KeySources *keys = &requirement->keys, *rekor = &requirement->rekor;
        char last[sizeof(case_->key)] = "";
        int r = 0;

        for (size_t i = 0; i < keys->n && r >= 0; i++)
                r = add_source(case_, &keys->items[i], requirement->kind, &case_->wanted.keys, fault);
        memcpy(last, case_->key, sizeof(last));
        for (size_t i = 0; i < rekor->n && r >= 0; i++)
                r = add_source(case_, &rekor->items[i], requirement->kind, &case_->wanted.rekor, fault);
        memcpy(case_->key, last, sizeof(last));
        return r;
}

/* --- signatures --- */

static int try_openpgp(Case *case_, const Signature *signature, Fault *fault) {
        autofree char *text = NULL;
        autopayload Payload payload = {};
        size_t size = 0;
        char key[OPENPGP_FINGERPRINT + 1] = "";
        int r;

        r = openpgp_verify(case_->ring, signature->data, signature->size, &text, &size, key, fault);
        if (r < 0)
                return r;
        r = payload_parse(text, size, PAYLOAD_ATOMIC, &payload, fault);
        if (r < 0 && r != -ENOMEM)
                return fault_wrap(fault, -EKEYREJECTED, "what was signed cannot be read");
        if (r >= 0)
                r = wanted_check_digest(case_->wanted.subject, &payload.digest, fault);
        if (r >= 0)
                r = wanted_check_name(
                                case_->wanted.subject, case_->wanted.identity, payload.reference, fault);
        if (r < 0)
                return r;
        memcpy(case_->key, key, sizeof(key));
        case_->digest = payload.digest;
        return 0;
}

static int try_public(Case *case_, const Signature *signature, Fault *fault) {
        const PublicKey *key = NULL;
        int r = signature->kind == SIGNATURE_COSIGN
                                ? cosign_verify(&case_->wanted, signature, &key, &case_->digest, fault)
                                : bundle_verify(&case_->wanted, signature, &key, &case_->digest, fault);

        if (r >= 0)
                (void) snprintf(case_->key, sizeof(case_->key), "%s", public_key_fingerprint(key));
        return r;
}

/* Whether the case has keys for a signature of this kind. */
static bool is_of_use(const Case *case_, const Signature *signature) {
        return signature->kind == SIGNATURE_OPENPGP ? case_->ring != NULL : case_->wanted.keys.n > 0;
}

static int refuse(const Case *case_, size_t n, const Fault *last, Fault *fault) {
        const char *name = case_->wanted.subject->name ?: "the image";
        char keys[128];

        if (case_->n_keys == 0)
                return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED,
                                "%.200s is not trusted: %.200s has no key that is not masked; see "
                                "slipway-trust(1)",
                                name, case_->where);
        if (case_->n_keys == 1)
                (void) snprintf(keys, sizeof(keys), "by the key %s", case_->key);
        else
                (void) snprintf(keys, sizeof(keys), "by one of %zu keys", case_->n_keys);
        if (n == 0)
                return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED,
                                "%.160s is not trusted: %.140s wants a signature %s, and there is none; see "
                                "slipway-trust(1)",
                                name, case_->where, keys);
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED,
                        "%.130s is not trusted: %.110s wants a signature %s, and %s is not good: %.130s; "
                        "see "
                        "slipway-trust(1)",
                        name, case_->where, keys, n == 1 ? "what there is" : "none of those there are",
                        last->text);
}

/* One good signature is enough; what was wrong with the last one is told. */
static int judge(Case *case_, const SignatureList *signatures, Fault *fault) {
        Fault last = {};
        size_t n = 0;

        for (size_t i = 0; i < signatures->n; i++) {
                const Signature *signature = &signatures->items[i];
                Fault why = {};
                int r;

                if (!is_of_use(case_, signature))
                        continue;
                n++;
                r = signature->kind == SIGNATURE_OPENPGP ? try_openpgp(case_, signature, &why)
                                                         : try_public(case_, signature, &why);
                if (r != -EKEYREJECTED && r < 0) {
                        if (fault)
                                *fault = why;
                        return r;
                }
                if (r >= 0)
                        return 0;
                last = why;
        }
        return refuse(case_, n, &last, fault);
}

/* --- rules --- */

static int reject(const TrustSubject *subject, const Rule *rule, const char *why, Fault *fault) {
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED, "%.200s is not trusted: %.160s %s",
                        subject->name ?: "the image", rule->where ?: rule->directory, why);
}

static int take_verdict(const Case *case_, TrustVerdict *verdict) {
        free(verdict->key);
        verdict->key = strdup(case_->key);
        verdict->digest = case_->digest;
        return verdict->key ? 0 : -ENOMEM;
}

static int check_requirement(const TrustSubject *subject, const SignatureList *signatures, const Rule *rule,
                const Requirement *requirement, TrustVerdict *verdict, Fault *fault) {
        autocase Case case_ = { .wanted = { .subject = subject, .identity = &requirement->identity },
                .where = rule->where };
        int r;

        switch (requirement->kind) {
        case REQUIRE_NOTHING:
                return 0;
        case REQUIRE_REJECT:
                return reject(subject, rule, "rejects it; see slipway-policy(5)", fault);
        case REQUIRE_IMPOSSIBLE:
                return reject(subject, rule, requirement->why, fault);
        default:
                break;
        }
        r = add_requirement_keys(&case_, requirement, fault);
        if (r >= 0)
                r = judge(&case_, signatures, fault);
        return r < 0 ? r : take_verdict(&case_, verdict);
}

static int check_keys(const TrustSubject *subject, const SignatureList *signatures, const Rule *rule,
                TrustVerdict *verdict, Fault *fault) {
        static const Identity identity = { .kind = IDENTITY_ATTACHED };
        autocase Case case_ = { .wanted = { .subject = subject, .identity = &identity },
                .where = rule->directory };
        int r = 0;

        for (size_t i = 0; i < rule->n_keys && r >= 0; i++)
                r = add_key_file(&case_, rule->keys[i], fault);
        if (r >= 0)
                r = judge(&case_, signatures, fault);
        return r < 0 ? r : take_verdict(&case_, verdict);
}

/* An import has no signatures with it: who wants it all the same has to say so. */
static int explain_import(const TrustSubject *subject, int r, Fault *fault) {
        char text[sizeof(((Fault *) NULL)->text)];

        if (r != -EKEYREJECTED || !fault || strcmp(subject->transport, "docker") == 0)
                return r;
        (void) snprintf(text, sizeof(text),
                        "%.330s; \"%.20s\": {\"\": [{\"type\": \"insecureAcceptAnything\"}]} in "
                        "\"transports\" of policy.json lets in what is imported so",
                        fault->text, subject->transport);
        memcpy(fault->text, text, sizeof(text));
        return r;
}

static int check_rule(const TrustSubject *subject, const SignatureList *signatures, const Rule *rule,
                TrustVerdict *verdict, Fault *fault) {
        int r = 0;

        if (rule->impossible)
                return reject(subject, rule, rule->impossible, fault);
        for (size_t i = 0; rule->scope && i < rule->scope->n && r >= 0; i++)
                r = check_requirement(subject, signatures, rule, &rule->scope->items[i], verdict, fault);
        if (r >= 0 && rule->directory)
                r = check_keys(subject, signatures, rule, verdict, fault);
        return r;
}

int trust_verify(const TrustPolicy *policy, const TrustSubject *subject, const SignatureList *signatures,
                TrustVerdict *ret, Fault *fault) {
        autoverdict TrustVerdict verdict = {};
        autorule Rule rule = {};
        int r = rule_find(policy, subject, &rule);

        if (r < 0)
                return r;
        r = check_rule(subject, signatures, &rule, &verdict, fault);
        if (r == -EKEYREJECTED)
                (void) fault_mark(fault, MESSAGE_IMAGE_UNTRUSTED, r);
        if (r < 0)
                return explain_import(subject, r, fault);
        verdict.rule = rule_describe(&rule);
        if (!verdict.rule)
                return -ENOMEM;
        memcpy(verdict.policy, policy->digest, sizeof(verdict.policy));
        *ret = verdict;
        verdict = (TrustVerdict){};
        return 0;
}

void trust_verdict_done(TrustVerdict *verdict) {
        free(verdict->rule);
        free(verdict->key);
        *verdict = (TrustVerdict){};
}

void signature_list_done(SignatureList *list) {
        for (size_t i = 0; i < list->n; i++) {
                free(list->items[i].data);
                free(list->items[i].signature);
                free(list->items[i].bundle);
        }
        free(list->items);
        *list = (SignatureList){};
}
