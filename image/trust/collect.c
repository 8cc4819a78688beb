/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where signatures are: beside the registry, in numbered files ("lookaside"), under a tag that is made of
 * the digest (cosign), and in manifests that refer to the image (bundles). All that comes from there is
 * foreign.
 */

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "image/doc.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "image/trust/evidence.h"
#include "image/trust/payload.h"
#include "image/trust/registries-d.h"
#include "image/trust/rule.h"
#include "lib/io.h"

#define SIGNATURES_LIMIT 128
#define SIGNATURE_SIZE (256u << 10)
#define TOTAL_SIZE (8u << 20)

#define SIMPLE_SIGNING "application/vnd.dev.cosign.simplesigning.v1+json"
#define ANNOTATION "dev.cosignproject.cosign/signature"
#define ANNOTATION_BUNDLE "dev.sigstore.cosign/bundle"

/* What has been found so far. A place that cannot be asked is only a failure if no other has anything. */
typedef struct Search {
        const TrustSubject *subject;
        const Digest *digest; /* of which of its documents */
        Fetch *fetch;
        const char *lookaside; /* URL of the repository */
        SignatureList *list;
        size_t size;
        Fault *fault; /* the first failure */
        int failed;
} Search;

static int add(Search *search, Signature *signature) {
        Signature *grown;

        if (search->list->n >= SIGNATURES_LIMIT)
                return fault_raise(search->fault, FAULT_HOSTILE, E2BIG, "there are more than %d signatures",
                                SIGNATURES_LIMIT);
        search->size += signature->size;
        if (search->size > TOTAL_SIZE)
                return fault_raise(search->fault, FAULT_HOSTILE, EFBIG,
                                "the signatures have more than %u MiB", TOTAL_SIZE >> 20);
        grown = reallocarray(search->list->items, search->list->n + 1, sizeof(Signature));
        if (!grown)
                return -ENOMEM;
        search->list->items = grown;
        search->list->items[search->list->n++] = *signature;
        *signature = (Signature){};
        return 0;
}

static void signature_done(Signature *signature) {
        free(signature->data);
        free(signature->signature);
        free(signature->bundle);
        *signature = (Signature){};
}

/* Takes the text of what was fetched. */
static int add_fetched(Search *search, SignatureKind kind, Fetched *fetched) {
        AUTO(signature_done)
        Signature signature = { .kind = kind, .data = fetched->text, .size = fetched->size };

        fetched->text = NULL;
        return add(search, &signature);
}

/* --- numbered files --- */

/* Return: 1 with a signature, 0 when there is none of this number, -errno with a fault. */
static int fetch_numbered(Search *search, size_t number) {
        autofetched Fetched fetched = {};
        autofree char *url = NULL;
        int r;

        if (asprintf(&url, "%s@sha256=%s/signature-%zu", search->lookaside, search->digest->hex, number) <
                        0) {
                url = NULL;
                return -ENOMEM;
        }
        r = fetch_url(search->fetch, url, SIGNATURE_SIZE, &fetched, search->fault);
        if (r == -ENOENT) {
                fault_clear(search->fault);
                return 0;
        }
        if (r >= 0)
                r = add_fetched(search, SIGNATURE_OPENPGP, &fetched);
        return r < 0 ? r : 1;
}

/* @dir: the directory of the lookaside; the rest of the path must not lead out of it. */
static int read_numbered(Search *search, int dir, const char *path, size_t number) {
        struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
        AUTO(signature_done) Signature signature = { .kind = SIGNATURE_OPENPGP };
        autofree char *file = NULL;
        autofd int fd = -1;
        struct stat st;
        int r;

        if (asprintf(&file, "%s@sha256=%s/signature-%zu", path, search->digest->hex, number) < 0) {
                file = NULL;
                return -ENOMEM;
        }
        fd = (int) syscall(SYS_openat2, dir, file, &how, sizeof(how));
        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
                return 0;
        r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
        if (r >= 0)
                r = io_read_fd(fd, SIGNATURE_SIZE, &signature.data, &signature.size);
        if (r < 0)
                return fault_raise(search->fault, FAULT_SYSTEM, -r, "cannot read the signature '%s/%s': %s",
                                search->lookaside, file, strerror(-r));
        r = add(search, &signature);
        return r < 0 ? r : 1;
}

static int search_files(Search *search, const char *path) {
        const char *directory = search->lookaside + strlen("file://");
        autofd int dir = -1;
        int r = 1;

        if (*directory != '/' || strchr(directory, '%'))
                return fault_raise(search->fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "'%s' in registries.d is no file:///PATH without '%%'", search->lookaside);
        dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0 && errno == ENOENT)
                return 0;
        if (dir < 0)
                return fault_raise(search->fault, FAULT_SYSTEM, errno, "cannot open '%s': %s", directory,
                                strerror(errno));
        for (size_t i = 1; r > 0; i++)
                r = read_numbered(search, dir, path, i);
        return r;
}

static int search_lookaside(Search *search, const char *base, const char *path) {
        autofree char *url = NULL;
        int r = 1;

        if (strncmp(base, "file://", 7) == 0) {
                search->lookaside = base;
                return search_files(search, path);
        }
        if (strncmp(base, "https://", 8) != 0 && strncmp(base, "http://", 7) != 0)
                return fault_raise(search->fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "the lookaside '%s' in registries.d is neither a file nor http", base);
        if (asprintf(&url, "%s%s%s", base, base[strlen(base) - 1] == '/' ? "" : "/", path) < 0) {
                url = NULL;
                return -ENOMEM;
        }
        search->lookaside = url;
        for (size_t i = 1; r > 0; i++)
                r = fetch_numbered(search, i);
        return r;
}

/* --- attachments --- */

static int copy_annotation(const json_t *layer, const char *key, char **ret) {
        const char *text = json_string_value(json_object_get(json_object_get(layer, "annotations"), key));

        if (!text)
                return 0;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

static int fetch_layer(Search *search, const json_t *layer, Fetched *ret) {
        const char *text = json_string_value(json_object_get(layer, "digest"));
        const json_t *size = json_object_get(layer, "size");
        Digest digest;
        int r = text ? digest_parse(text, &digest, search->fault)
                     : fault_raise(search->fault, FAULT_SYNTAX, EINVAL, "a signature has no digest");

        if (r < 0)
                return r;
        if (!json_is_integer(size) || json_integer_value(size) < 0 ||
                        json_integer_value(size) > SIGNATURE_SIZE)
                return fault_raise(search->fault, FAULT_HOSTILE, EFBIG, "a signature has more than %u KiB",
                                SIGNATURE_SIZE >> 10);
        return fetch_document(search->fetch, &digest, json_integer_value(size), ret, search->fault);
}

static int add_cosign(Search *search, const json_t *layer) {
        const char *type = json_string_value(json_object_get(layer, "mediaType"));
        AUTO(signature_done) Signature signature = { .kind = SIGNATURE_COSIGN };
        autofetched Fetched fetched = {};
        int r;

        if (!type || strcmp(type, SIMPLE_SIGNING) != 0)
                return 0; /* others keep there what is about the image, too */
        r = copy_annotation(layer, ANNOTATION, &signature.signature);
        if (r >= 0)
                r = copy_annotation(layer, ANNOTATION_BUNDLE, &signature.bundle);
        if (r < 0 || !signature.signature)
                return r;
        r = fetch_layer(search, layer, &fetched);
        if (r < 0)
                return r;
        signature.data = TAKE(fetched.text);
        signature.size = fetched.size;
        return add(search, &signature);
}

/* What is not there is no failure: NULL. */
static int fetch_json(Search *search, int r, const Fetched *fetched, const char *what, json_t **ret) {
        if (r == -ENOENT) {
                fault_clear(search->fault);
                return 0;
        }
        return r < 0 ? r : doc_parse(fetched->text, fetched->size, what, ret, search->fault);
}

/* The tag sha256-HEX.sig has a manifest with a layer for each signature. */
static int search_tag(Search *search) {
        autofetched Fetched fetched = {};
        autojson json_t *manifest = NULL;
        char tag[DIGEST_HEX + 16];
        const json_t *layers;
        int r;

        (void) snprintf(tag, sizeof(tag), "sha256-%s.sig", search->digest->hex);
        r = fetch_manifest(search->fetch, tag, NULL, &fetched, search->fault);
        r = fetch_json(search, r, &fetched, "the manifest of signatures", &manifest);
        layers = json_object_get(manifest, "layers");
        for (size_t i = 0; i < json_array_size(layers) && r >= 0; i++)
                r = add_cosign(search, json_array_get(layers, i));
        return r;
}

/* A manifest whose only layer is the bundle. */
static int add_bundle(Search *search, const json_t *entry) {
        const char *digest = json_string_value(json_object_get(entry, "digest")), *type;
        autofetched Fetched document = {}, bundle = {};
        autojson json_t *manifest = NULL;
        const json_t *layers;
        int r;

        if (!digest)
                return 0;
        r = fetch_manifest(search->fetch, digest, NULL, &document, search->fault);
        r = fetch_json(search, r, &document, "the manifest of a bundle", &manifest);
        layers = json_object_get(manifest, "layers");
        if (r < 0 || json_array_size(layers) != 1)
                return r;
        type = json_string_value(json_object_get(json_array_get(layers, 0), "mediaType"));
        if (!bundle_is_media_type(type))
                return 0;
        r = fetch_layer(search, json_array_get(layers, 0), &bundle);
        return r < 0 ? r : add_fetched(search, SIGNATURE_BUNDLE, &bundle);
}

/* An index of all that refers to the image; the fetcher knows where it is in registries that have no such
 * list. */
static int search_referrers(Search *search) {
        autofetched Fetched fetched = {};
        autojson json_t *index = NULL;
        const json_t *entries;
        size_t n = 0;
        int r;

        r = fetch_referrers(search->fetch, search->digest, &fetched, search->fault);
        r = fetch_json(search, r, &fetched, "the list of referrers", &index);
        entries = json_object_get(index, "manifests");
        for (size_t i = 0; i < json_array_size(entries) && r >= 0 && n < SIGNATURES_LIMIT; i++) {
                const json_t *entry = json_array_get(entries, i);

                if (!bundle_is_media_type(json_string_value(json_object_get(entry, "artifactType"))))
                        continue;
                n++;
                r = add_bundle(search, entry);
        }
        return r;
}

/* --- all of them --- */

/* The first failure is kept; what comes after it goes on with a fault of its own. */
static void note(Search *search, int r, Fault *first) {
        if (r >= 0 || search->failed < 0) {
                fault_clear(search->fault);
                return;
        }
        search->failed = r;
        *first = *search->fault;
        fault_clear(search->fault);
}

static void search_all(Search *search, const Rule *rule, const char *lookaside, bool attachments,
                const char *path, Fault *first) {
        if (rule_wants_openpgp(rule))
                note(search, search_lookaside(search, lookaside, path), first);
        if (rule_wants_sigstore(rule) && attachments) {
                note(search, search_tag(search), first);
                note(search, search_referrers(search), first);
        }
}

static int collect(const TrustSubject *subject, const Rule *rule, Fetch *fetch, SignatureList *list,
                Fault *fault) {
        AUTO(reference_done) Reference reference = {};
        autoregistries RegistriesD registries = {};
        autofree char *lookaside = NULL;
        Fault each = {}, first = {};
        Search search = { .subject = subject, .fetch = fetch, .list = list, .fault = &each };
        int attachments, r;

        r = reference_parse(subject->name, &reference, fault);
        if (r >= 0)
                r = registries_d_load(NULL, &registries, fault);
        if (r >= 0)
                r = registries_d_find(&registries, subject->name, &lookaside, &attachments);
        if (r < 0)
                return r;
        search.digest = &subject->top;
        search_all(&search, rule, lookaside, attachments != 0 || rule->directory, reference.path, &first);
        if (digest_is_set(&subject->manifest) && !digest_equal(&subject->manifest, &subject->top)) {
                search.digest = &subject->manifest;
                search_all(&search, rule, lookaside, attachments != 0 || rule->directory, reference.path,
                                &first);
        }
        if (search.failed >= 0 || list->n > 0)
                return 0;
        if (fault)
                *fault = first;
        return fault_wrap(fault, search.failed, "cannot look for signatures of '%.200s'", subject->name);
}

int trust_collect(const TrustPolicy *policy, const TrustSubject *subject, Fetch *fetch, SignatureList *ret,
                Fault *fault) {
        AUTO(signature_list_done) SignatureList list = {};
        autorule Rule rule = {};
        int r = rule_find(policy, subject, &rule);

        if (r >= 0 && subject->name && digest_is_set(&subject->top) &&
                        strcmp(subject->transport, "docker") == 0 &&
                        (rule_wants_openpgp(&rule) || rule_wants_sigstore(&rule)))
                r = collect(subject, &rule, fetch, &list, fault);
        if (r < 0)
                return r;
        *ret = list;
        list = (SignatureList){};
        return 0;
}
