/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* To push: what the registry has already, what it can take from another repository, and what it is sent. */

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "image/registry/retry.h"
#include "image/registry/serve.h"
#include "image/registry/url.h"
#include "lib/strv.h"

typedef struct Push {
        Job *job;
        Registry *registry;
        Digest digest;
        int64_t size;
        const char *from;
        int file;
        char what[DIGEST_HEX];
        char **headers;
        uint64_t told_at; /* milliseconds */
} Push;

static void push_done(Push *push) {
        if (push->file >= 0)
                (void) close(push->file);
        strv_free(push->headers);
}

/* What is pushed goes to the registry itself, and not to who has copies of what it has. */
static Registry *find_registry(const Server *server) {
        for (size_t i = 0; i < server->n; i++)
                if (!registry_endpoint(server->registries[i])->is_mirror)
                        return server->registries[i];
        return NULL;
}

static int prepare(Job *job, Push *push, Fault *fault) {
        int r;

        push->job = job;
        push->registry = find_registry(job->server);
        if (!push->registry)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no registry to push to");
        r = job_digest(job, &push->digest, fault);
        if (r < 0)
                return r;
        (void) snprintf(push->what, sizeof(push->what), "blob sha256:%.12s", push->digest.hex);
        return 0;
}

/* Names the registry in front of what it has said. */
static int wrap(const Push *push, int r, Fault *fault) {
        return fault_wrap(fault, r, "%.100s", registry_endpoint(push->registry)->host);
}

/* Return: 1 when the registry has the blob, 0 when not. */
static int has_blob(const Push *push, Fault *fault) {
        autoreply HttpReply reply = {};
        char path[DIGEST_HEX + 16];
        RegistryCall call = {
                .method = "HEAD",
                .path = path,
                .what = push->what,
                .is_push = true,
                .limit = HTTP_ERROR_LIMIT,
                .body_fd = -1,
        };
        int r;

        (void) snprintf(path, sizeof(path), "blobs/sha256:%s", push->digest.hex);
        r = registry_ask(push->registry, &call, &reply, fault);
        if (r == -ENOENT) {
                fault_clear(fault);
                return 0;
        }
        return r < 0 ? wrap(push, r, fault) : 1;
}

int do_has(Job *job, Fault *fault) {
        AUTO(push_done) Push push = { .file = -1 };
        int r;

        r = prepare(job, &push, fault);
        if (r < 0 || (r = has_blob(&push, fault)) < 0)
                return r;
        return job_answer(job, json_pack("{s:b}", "has", r), -1);
}

/* Where to send it, which has to be the registry itself. */
static int find_place(const HttpReply *reply, const Digest *digest, char **ret, Fault *fault) {
        const char *location = http_header(reply, "location");
        autofree char *url = NULL;
        int r;

        if (!location || !*location)
                return fault_raise(fault, FAULT_SYNTAX, EPROTO, "it does not say where to send the blob");
        r = url_resolve(reply->url, location, &url, fault);
        if (r < 0)
                return r;
        if (!url_is_same_origin(url, reply->url))
                return fault_raise(fault, FAULT_HOSTILE, EREMCHG,
                                "it wants the blob sent to '%.200s', which is somewhere else", url);
        if (asprintf(ret, "%s%cdigest=sha256%%3A%s", url, strchr(url, '?') ? '&' : '?', digest->hex) < 0)
                return -ENOMEM;
        return 0;
}

/* Begins an upload. Return: 1 when none is needed, as it was taken from elsewhere, 0 with a place. */
static int begin_upload(Push *push, HttpReply *reply, char **ret, Fault *fault) {
        autofree char *path = NULL, *from = NULL;
        RegistryCall call = {
                .method = "POST",
                .what = "place for uploads",
                .is_push = true,
                .from = push->from,
                .limit = HTTP_ERROR_LIMIT,
                .body_fd = -1,
        };
        int r;

        if (push->from && (r = url_escape(push->from, &from)) < 0)
                return r;
        if ((from ? asprintf(&path, "blobs/uploads/?mount=sha256%%3A%s&from=%s", push->digest.hex, from)
                  : asprintf(&path, "blobs/uploads/")) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        call.path = path;
        if ((r = registry_call(push->registry, &call, reply, fault)) < 0 ||
                        (r = registry_judge(push->registry, &call, reply, fault)) < 0)
                return r;
        if (push->from && reply->status == 201)
                return 1;
        return find_place(reply, &push->digest, ret, fault);
}

static void on_sent(void *data, uint64_t bytes) {
        Push *push = data;
        struct timespec now;
        uint64_t ms;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        ms = (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
        if (ms - push->told_at < 100)
                return;
        push->told_at = ms;
        (void) job_answer(push->job, json_pack("{s:I}", "bytes", (json_int_t) bytes), -1);
}

static int send_blob(Push *push, const char *url, HttpReply *reply, Fault *fault) {
        RegistryCall call = {
                .method = "PUT",
                .url = url,
                .what = "upload under way",
                .headers = push->headers,
                .is_push = true,
                .from = push->from,
                .limit = HTTP_ERROR_LIMIT,
                .body_fd = push->file,
                .body_size = push->size,
                .on_sent = on_sent,
                .on_sent_data = push,
        };
        int r;

        r = registry_call(push->registry, &call, reply, fault);
        return r < 0 ? r : registry_judge(push->registry, &call, reply, fault);
}

/* An upload that breaks is begun anew. */
static int upload(Push *push, Fault *fault) {
        Retry retry = {};

        for (;;) {
                autoreply HttpReply reply = {};
                autofree char *url = NULL;
                int r = begin_upload(push, &reply, &url, fault);

                if (r > 0)
                        return 0;
                if (r == 0) {
                        http_reply_done(&reply);
                        r = send_blob(push, url, &reply, fault);
                }
                if (r >= 0 || !http_is_transient(r, &reply) || !retry_wait(&retry, r, &reply, NULL))
                        return r;
                fault_clear(fault);
        }
}

/* What is to be sent is a file, and has the size that it is said to have. */
static int take_file(Push *push, Fault *fault) {
        struct stat st;

        push->file = message_take_fd(&push->job->message, 0);
        if (push->file < 0 || fstat(push->file, &st) < 0 || !S_ISREG(st.st_mode))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "there is no file to be sent");
        if (push->size < 0)
                push->size = st.st_size;
        if (st.st_size != push->size)
                return fault_raise(fault, FAULT_INTEGRITY, EINVAL, "the file has %jd bytes and not %jd",
                                (intmax_t) st.st_size, (intmax_t) push->size);
        return 0;
}

static bool is_repository(const char *text) {
        size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-/");

        return n > 0 && n < 256 && text[n] == '\0' && !strstr(text, "..");
}

/* Nobody has the blob here, but the registry may. */
static int mount_only(Push *push, Fault *fault) {
        autoreply HttpReply reply = {};
        autofree char *url = NULL;
        int r = begin_upload(push, &reply, &url, fault);

        if (r < 0)
                return fault_wrap(fault, wrap(push, r, fault), "cannot push %s", push->what);
        if (r == 0)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "%s cannot be taken from '%.200s'",
                                push->what, push->from);
        return job_answer(push->job, json_pack("{s:b}", "done", 1), -1);
}

int do_put_blob(Job *job, Fault *fault) {
        AUTO(push_done) Push push = { .file = -1 };
        uint64_t size;
        int r;

        if ((r = prepare(job, &push, fault)) < 0 || (r = job_size(job, "size", &size, fault)) < 0)
                return r;
        push.size = (int64_t) size;
        push.from = json_string_value(json_object_get(job->message.body, "from"));
        if (push.from && !is_repository(push.from))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.200s' is no repository", push.from);
        if (push.from && job->message.n_fds == 0)
                return mount_only(&push, fault);
        r = take_file(&push, fault);
        if (r < 0 || (r = strv_append(&push.headers, "Content-Type: application/octet-stream")) < 0)
                return r;

        r = has_blob(&push, fault);
        if (r == 0) {
                r = upload(&push, fault);
                if (r < 0)
                        return fault_wrap(fault, wrap(&push, r, fault), "cannot push %s", push.what);
        }
        return r < 0 ? r : job_answer(job, json_pack("{s:b}", "done", 1), -1);
}

/* Who has stored something else than was sent says so by its digest. */
static int check_stored(const HttpReply *reply, const Digest *digest, Fault *fault) {
        const char *said = http_header(reply, "docker-content-digest");
        Digest stored;

        if (!said || digest_parse(said, &stored, NULL) < 0 || digest_equal(&stored, digest))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "it has stored sha256:%s and not sha256:%s",
                        stored.hex, digest->hex);
}

static bool is_reference(const char *text) {
        size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
        Digest digest;

        return (n > 0 && n <= 128 && text[n] == '\0' && *text != '.') ||
               digest_parse(text, &digest, NULL) >= 0;
}

static int send_manifest(Push *push, const char *reference, Fault *fault) {
        autoreply HttpReply reply = {};
        autofree char *path = NULL;
        RegistryCall call = {
                .method = "PUT",
                .what = push->what,
                .headers = push->headers,
                .is_push = true,
                .limit = HTTP_ERROR_LIMIT,
                .body_fd = push->file,
                .body_size = push->size,
        };
        int r;

        if (asprintf(&path, "manifests/%s", reference) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        call.path = path;
        r = registry_ask(push->registry, &call, &reply, fault);
        return r < 0 ? r : check_stored(&reply, &push->digest, fault);
}

int do_put_manifest(Job *job, Fault *fault) {
        const char *reference = job_text(job, "reference", fault);
        const char *type = reference ? job_text(job, "type", fault) : NULL;
        AUTO(push_done) Push push = { .file = -1, .size = -1 };
        int r;

        if (!reference || !type)
                return -EINVAL;
        if (!is_reference(reference) || strpbrk(type, "\r\n \t"))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.100s' is no reference, or '%.100s' no type", reference, type);
        if ((r = prepare(job, &push, fault)) < 0 || (r = take_file(&push, fault)) < 0 ||
                        (r = strv_appendf(&push.headers, "Content-Type: %s", type)) < 0)
                return r;
        (void) snprintf(push.what, sizeof(push.what), "manifest '%.48s'", reference);
        r = send_manifest(&push, reference, fault);
        if (r < 0)
                return fault_wrap(fault, wrap(&push, r, fault), "cannot push %s", push.what);
        return job_answer(job, json_pack("{s:b}", "done", 1), -1);
}
