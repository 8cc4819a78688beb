/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Documents: manifests by tag or digest, and small blobs. */

#include <string.h>

#include "image/doc.h"
#include "image/hash.h"
#include "image/registry/serve.h"
#include "lib/strv.h"

/* Schema 1 is asked for as well, so that it comes as what it is and can be refused by its name. */
static const char accept[] = "Accept: application/vnd.oci.image.index.v1+json, "
                             "application/vnd.oci.image.manifest.v1+json, "
                             "application/vnd.docker.distribution.manifest.list.v2+json, "
                             "application/vnd.docker.distribution.manifest.v2+json, "
                             "application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.2, "
                             "application/vnd.docker.distribution.manifest.v1+json;q=0.1";

typedef struct Wanted {
        const char *reference; /* tag or "sha256:HEX" */
        Digest digest;         /* what it has to be, empty for whatever it is */
        Digest known;          /* what the caller has already */
        char path[160], what[160];
        char **headers;
        uint64_t size; /* of a document */

        HttpReply reply; /* what has come */
        Digest is;
        bool unchanged;
} Wanted;

static void wanted_done(Wanted *wanted) {
        strv_free(wanted->headers);
        http_reply_done(&wanted->reply);
}

static int check_digest(const Digest *is, const Digest *wanted, const char *what, Fault *fault) {
        if (!digest_is_set(wanted) || digest_equal(is, wanted))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                        "it has sent something else: sha256:%s is not the %s", is->hex, what);
}

/* What a registry says of a document that it sends. Of schema 1 it is the digest of something else. */
static int check_header(const Wanted *wanted, Fault *fault) {
        const char *said = http_header(&wanted->reply, "docker-content-digest");
        const char *type = http_header(&wanted->reply, "content-type");
        Digest digest;

        if (!said || digest_parse(said, &digest, NULL) < 0 ||
                        (type && strstr(type, "docker.distribution.manifest.v1")) ||
                        digest_equal(&digest, &wanted->is))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                        "it has sent something else than it says: sha256:%s and not sha256:%s",
                        wanted->is.hex, digest.hex);
}

static int get_manifest(Registry *registry, void *data, Fault *fault) {
        Wanted *wanted = data;
        RegistryCall call = {
                .path = wanted->path,
                .what = wanted->what,
                .headers = wanted->headers,
                .limit = DOC_LIMIT,
                .body_fd = -1,
        };
        HttpReply *reply = &wanted->reply;
        int r;

        r = registry_ask(registry, &call, reply, fault);
        if (reply->status == 304 && digest_is_set(&wanted->known)) {
                fault_clear(fault);
                wanted->unchanged = true;
                return 0;
        }
        if (r < 0)
                return r;
        r = hash_bytes(reply->body ? reply->body : "", reply->size, &wanted->is);
        if (r < 0 || (r = check_digest(&wanted->is, &wanted->digest, wanted->what, fault)) < 0)
                return r;
        if (!digest_is_set(&wanted->digest) && (r = check_header(wanted, fault)) < 0)
                return r;
        wanted->unchanged = digest_equal(&wanted->known, &wanted->is);
        return 0;
}

static bool is_tag(const char *text) {
        size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

        return n > 0 && n <= 128 && text[n] == '\0' && *text != '.' && *text != '-';
}

static int prepare(const Job *job, Wanted *wanted, Fault *fault) {
        const char *known = json_string_value(json_object_get(job->message.body, "known"));
        int r;

        wanted->reference = job_text(job, "reference", fault);
        if (!wanted->reference)
                return -EINVAL;
        if (strchr(wanted->reference, ':')) {
                r = digest_parse(wanted->reference, &wanted->digest, fault);
                if (r < 0)
                        return r;
        } else if (!is_tag(wanted->reference))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.200s' is no tag", wanted->reference);
        if (known && (r = digest_parse(known, &wanted->known, fault)) < 0)
                return r;

        (void) snprintf(wanted->path, sizeof(wanted->path), "manifests/%s", wanted->reference);
        (void) snprintf(wanted->what, sizeof(wanted->what), "manifest '%s'", wanted->reference);
        if ((r = strv_append(&wanted->headers, accept)) < 0)
                return r;
        return known ? strv_appendf(&wanted->headers, "If-None-Match: \"%s\"", known) : 0;
}

/* Warning: 299 - "text", which the specification has for what people should be told. */
static int add_warning(const HttpReply *reply, json_t *answer) {
        const char *header = http_header(reply, "warning"), *quote, *end;
        char text[320];

        if (!header || strncmp(header, "299 ", 4) != 0 || !(quote = strchr(header, '"')))
                return 0;
        end = strrchr(quote + 1, '"');
        if (!end)
                return 0;
        (void) snprintf(text, sizeof(text), "%.*s", (int) (end - quote - 1), quote + 1);
        fault_tame(text);
        (void) json_object_set_new(answer, "warning", json_string(text));
        return 0;
}

static int answer_manifest(const Job *job, const Wanted *wanted) {
        const char *type = http_header(&wanted->reply, "content-type");
        char digest[DIGEST_HEX + 8], media_type[128] = "";
        json_t *answer;

        if (wanted->unchanged)
                return job_answer(job, json_pack("{s:b}", "unchanged", 1), -1);
        if (type)
                (void) snprintf(media_type, sizeof(media_type), "%.*s", (int) strcspn(type, "; "), type);
        (void) snprintf(digest, sizeof(digest), "sha256:%s", wanted->is.hex);
        answer = json_pack("{s:s, s:I}", "digest", digest, "size", (json_int_t) wanted->reply.size);
        if (answer && *media_type)
                (void) json_object_set_new(answer, "type", json_string(media_type));
        if (answer)
                (void) add_warning(&wanted->reply, answer);
        return job_answer_text(job, answer, wanted->reply.body, wanted->reply.size);
}

int do_manifest(Job *job, Fault *fault) {
        AUTO(wanted_done) Wanted wanted = {};
        char what[200];
        int r;

        r = prepare(job, &wanted, fault);
        if (r < 0)
                return r;
        (void) snprintf(what, sizeof(what), "cannot get %s", wanted.what);
        r = try_registries(job->server, get_manifest, &wanted, what, fault);
        return r < 0 ? r : answer_manifest(job, &wanted);
}

static int get_document(Registry *registry, void *data, Fault *fault) {
        Wanted *wanted = data;
        RegistryCall call = {
                .path = wanted->path, .what = wanted->what, .limit = wanted->size, .body_fd = -1
        };
        HttpReply *reply = &wanted->reply;
        int r;

        r = registry_ask(registry, &call, reply, fault);
        if (r < 0)
                return r;
        if (reply->size != wanted->size)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "it has sent %zu bytes where %ju are right", reply->size,
                                (uintmax_t) wanted->size);
        r = hash_bytes(reply->body ? reply->body : "", reply->size, &wanted->is);
        return r < 0 ? r : check_digest(&wanted->is, &wanted->digest, wanted->what, fault);
}

int do_document(Job *job, Fault *fault) {
        AUTO(wanted_done) Wanted wanted = {};
        char digest[DIGEST_HEX + 8], what[200];
        int r;

        if ((r = job_digest(job, &wanted.digest, fault)) < 0 ||
                        (r = job_size(job, "size", &wanted.size, fault)) < 0)
                return r;
        if (wanted.size > DOC_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "sha256:%s is larger than %u MiB",
                                wanted.digest.hex, DOC_LIMIT >> 20);
        (void) snprintf(digest, sizeof(digest), "sha256:%s", wanted.digest.hex);
        (void) snprintf(wanted.path, sizeof(wanted.path), "blobs/%s", digest);
        (void) snprintf(wanted.what, sizeof(wanted.what), "blob %.19s", digest);
        (void) snprintf(what, sizeof(what), "cannot get %s", wanted.what);

        r = try_registries(job->server, get_document, &wanted, what, fault);
        if (r < 0)
                return r;
        return job_answer_text(job,
                        json_pack("{s:s, s:I}", "digest", digest, "size", (json_int_t) wanted.reply.size),
                        wanted.reply.body, wanted.reply.size);
}
