/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Trust
 *
 * Whether an image may be used is decided by /etc/slipway/trust/policy.json
 * (containers-policy.json(5)) and by keys for prefixes of names. A signature
 * is fetched with the image, verified before the image gets its name, and
 * kept; at every start it is compared with the policy again. What cannot be
 * decided is refused.
 *
 *      trust_load()    → policy        reads files of the administrator only
 *      trust_collect() → signatures    asks the fetcher for those that the policy could use
 *      trust_verify()  → verdict       knows neither network nor store
 *      trust_record()                  keeps signatures and verdict with the image's origin
 *      trust_check()                   at a start, image/trust/check.h
 */

#include <stdbool.h>

#include "image/fetch.h"
#include "image/origin.h"

#define TRUST_DIR "/etc/slipway/trust"

typedef struct TrustPolicy TrustPolicy;

/* @dir: NULL for the system's places (and $SLIPWAY_TRUST_DIR in tests). Return: 0 or -errno with a fault. */
int trust_load(const char *dir, TrustPolicy **ret, Fault *fault);
void trust_policy_free(TrustPolicy *policy);
DEFINE_AUTO(TrustPolicy *, trust_policy_free)
#define autotrust AUTO(trust_policy_freep)

/* What is to be decided about. */
typedef struct TrustSubject {
        const char *transport; /* as in Origin */
        const char *name;      /* normalised; NULL for an image without one */
        Digest top;            /* what the name led to; unset where the transport has none */
        Digest manifest; /* what was chosen from that if it was an index; a signature of it will do, too */
} TrustSubject;

typedef enum SignatureKind {
        SIGNATURE_OPENPGP, /* data: a signed message of OpenPGP */
        SIGNATURE_COSIGN,  /* data: the payload; signature: base64 */
        SIGNATURE_BUNDLE,  /* data: a sigstore bundle */
        _SIGNATURE_KIND_MAX,
} SignatureKind;

typedef struct Signature {
        SignatureKind kind;
        char *data;
        size_t size;
        char *signature; /* of SIGNATURE_COSIGN */
        char *bundle;    /* of SIGNATURE_COSIGN: Rekor's, NULL for none */
} Signature;

typedef struct SignatureList {
        Signature *items;
        size_t n;
} SignatureList;

void signature_list_done(SignatureList *list);
#define autosignatures AUTO(signature_list_done)

/* Asks for nothing that the policy has no use for: one without requirements costs no request. */
int trust_collect(const TrustPolicy *policy, const TrustSubject *subject, Fetch *fetch, SignatureList *ret,
                Fault *fault);

typedef struct TrustVerdict {
        char *rule;      /* which scope of the policy, or which prefix, has decided */
        char *key;       /* fingerprint of the key whose signature was good; NULL when none was wanted */
        Digest digest;   /* what was signed: one of the subject's; unset when nothing had to be */
        char policy[65]; /* digest of all that the decision rests on, see image/trust/check.h */
} TrustVerdict;

void trust_verdict_done(TrustVerdict *verdict);
#define autoverdict AUTO(trust_verdict_done)

/* Return: 0, -EKEYREJECTED with a fault that names image, rule and key, -errno. */
int trust_verify(const TrustPolicy *policy, const TrustSubject *subject, const SignatureList *signatures,
                TrustVerdict *ret, Fault *fault);

/* Writes signatures.json and verdict.json into the directory of an origin. */
int trust_record(int dir_fd, const SignatureList *signatures, const TrustVerdict *verdict, Fault *fault);
/* None where there is no such file. */
int trust_read_signatures(int dir_fd, SignatureList *ret, Fault *fault);

/* Return: 0, -ENOENT without a fault when there is none, -errno with one. */
int trust_read_verdict(int dir_fd, TrustVerdict *ret, Fault *fault);

/**
 * trust_lookasides() - where signatures of an image may be looked for (containers-registries.d(5))
 * @name:       normalised
 * @ret:        http and https URLs; those of files are read by trust_collect() itself
 */
int trust_lookasides(const char *name, char ***ret, Fault *fault);

/**
 * trust_renew() - decide anew about an image in the store, as trust_check() has asked for
 * @store:      locked, shared is enough: a verdict is replaced as a whole
 * @name:       normalised, or NULL: then any name that the image has or had will do
 *
 * What the image was signed with is known from when it was pulled. The new verdict is written down.
 *
 * Return: 0, -EKEYREJECTED with a fault, -errno with one.
 */
int trust_renew(const TrustPolicy *policy, Store *store, const Digest *image, const char *name,
                TrustVerdict *ret, Fault *fault);

/* Decides about a name that an image in the store is to have, too; for image_tag(). */
int trust_tag_record(void *data, const Origin *origin, int from_fd, int to_fd, Fault *fault);

/* What is decided about names that an image is imported by; it brings no signatures. See ImportRequest. */
typedef struct TrustVerdicts {
        TrustVerdict *items;
        size_t n;
} TrustVerdicts;

int trust_import_decide(
                void *verdicts, const char *transport, char *const *names, const Digest *top, Fault *fault);
int trust_import_record(void *verdicts, size_t i, int dir_fd, Fault *fault);
void trust_verdicts_done(TrustVerdicts *verdicts);
