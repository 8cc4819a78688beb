/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/registry.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "image/registry/challenge.h"
#include "image/registry/registry-error.h"
#include "image/registry/retry.h"
#include "image/registry/token.h"
#include "image/registry/url.h"

struct Registry {
        const Endpoint *endpoint;
        pthread_mutex_t mutex; /* of all below */
        char *origin;          /* "https://host", NULL until it is known */
        Challenges challenges; /* what it wanted last; at most one */
        Token *tokens;
};

/* What is shown, and whether it could be something better. */
typedef struct Proof {
        char *authorization; /* NULL for nothing */
        bool is_fresh;       /* it was made for this very request */
        bool is_basic;
} Proof;

static void proof_done(Proof *proof) {
        if (proof->authorization)
                explicit_bzero(proof->authorization, strlen(proof->authorization));
        free(proof->authorization);
        *proof = (Proof){};
}

static bool has_only(const char *text, const char *more) {
        for (const char *c = text; *c; c++)
                if (!((*c >= '0' && *c <= '9') || ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') ||
                                    strchr(more, *c)))
                        return false;
        return *text != '\0';
}

int registry_new(const Endpoint *endpoint, Registry **ret, Fault *fault) {
        Registry *registry;

        if (!has_only(endpoint->host, "-._:[]"))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.200s' is no host", endpoint->host);
        if (!has_only(endpoint->repository, "-._/") || strstr(endpoint->repository, "..") ||
                        strstr(endpoint->repository, "//") || *endpoint->repository == '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.200s' is no repository",
                                endpoint->repository);
        registry = calloc(1, sizeof(Registry));
        if (!registry)
                return -ENOMEM;
        registry->endpoint = endpoint;
        (void) pthread_mutex_init(&registry->mutex, NULL);
        *ret = registry;
        return 0;
}

void registry_free(Registry *registry) {
        while (registry->tokens) {
                Token *token = registry->tokens;

                registry->tokens = token->next;
                token_done(token);
                free(token);
        }
        challenges_done(&registry->challenges);
        free(registry->origin);
        (void) pthread_mutex_destroy(&registry->mutex);
        free(registry);
}

const Endpoint *registry_endpoint(const Registry *registry) {
        return registry->endpoint;
}

/* --- what is shown --- */

static bool is_word_of(const char *word, size_t n, const char *text) {
        for (const char *at = text; (at = strstr(at, word)); at += n)
                if ((at == text || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
                        return true;
        return false;
}

/* What is needed, and what the registry says that is needed. */
static int make_scopes(
                const Registry *registry, const RegistryCall *call, const Challenge *challenge, char **ret) {
        const char *theirs = challenge->scope && *challenge->scope ? challenge->scope : NULL;
        autofree char *ours = NULL, *more = NULL;

        if (asprintf(&ours, "repository:%s:%s", registry->endpoint->repository,
                            call->is_push ? "pull,push" : "pull") < 0) {
                ours = NULL;
                return -ENOMEM;
        }
        if (call->from && asprintf(&more, " repository:%s:pull", call->from) < 0) {
                more = NULL;
                return -ENOMEM;
        }
        if (theirs && (strchr(theirs, '"') || strlen(theirs) > 4096 ||
                                      is_word_of(theirs, strlen(theirs), ours)))
                theirs = NULL;
        if (asprintf(ret, "%s%s%s%s", ours, more ? more : "", theirs ? " " : "", theirs ? theirs : "") < 0)
                return -ENOMEM;
        return 0;
}

static Token *find_token(Registry *registry, const char *key) {
        for (Token *token = registry->tokens; token; token = token->next)
                if (strcmp(token->key, key) == 0)
                        return token;
        return NULL;
}

/* A token for that key, to be replaced if there is one. */
static int keep_token(Registry *registry, const char *key, Token *token) {
        Token *kept = find_token(registry, key);

        if (!kept) {
                kept = calloc(1, sizeof(Token));
                if (!kept || !(kept->key = strdup(key))) {
                        free(kept);
                        return -ENOMEM;
                }
                kept->next = registry->tokens;
                registry->tokens = kept;
        }
        if (kept->text)
                explicit_bzero(kept->text, strlen(kept->text));
        free(kept->text);
        kept->text = TAKE(token->text);
        kept->expires = token->expires;
        return 0;
}

/* Under the lock, so that threads that want the same token wait for one instead of asking for each. */
static int show_token(Registry *registry, Http *http, const RegistryCall *call, bool renew, Proof *ret,
                Fault *fault) {
        const Challenge *challenge = &registry->challenges.items[0];
        autofree char *scopes = NULL, *key = NULL;
        AUTO(token_done) Token token = {};
        const Token *kept;
        int r;

        if (!challenge->realm)
                return fault_raise(fault, FAULT_SYNTAX, EPROTO,
                                "it wants a token, and does not say where to get one");
        r = make_scopes(registry, call, challenge, &scopes);
        if (r < 0)
                return r;
        if (asprintf(&key, "%s\n%s\n%s", challenge->realm, challenge->service ? challenge->service : "",
                            scopes) < 0) {
                key = NULL;
                return -ENOMEM;
        }
        kept = find_token(registry, key);
        if (!kept || renew || kept->expires <= monotonic_seconds()) {
                r = token_fetch(http, challenge, scopes, registry->endpoint, call->canceled, &token, fault);
                if (r < 0 || (r = keep_token(registry, key, &token)) < 0)
                        return r;
                ret->is_fresh = true;
        }
        kept = find_token(registry, key);
        return asprintf(&ret->authorization, "Bearer %s", kept->text) < 0 ? -ENOMEM : 0;
}

/* A password is shown before it is asked for where nobody can listen, which saves a round trip. */
static int show_password(Registry *registry, const char *origin, bool is_asked, Proof *ret, Fault *fault) {
        const Endpoint *endpoint = registry->endpoint;

        if (!endpoint->user || !endpoint->password)
                return 0;
        if (!is_asked && !url_is_https(origin) && !host_is_loopback(endpoint->host))
                return 0;
        ret->is_basic = true;
        return basic_authorization(endpoint->user, endpoint->password, &ret->authorization);
}

/* @renew: what was shown so far did not do. */
static int make_proof(Registry *registry, Http *http, const RegistryCall *call, const char *origin,
                bool renew, Proof *ret, Fault *fault) {
        const Endpoint *endpoint = registry->endpoint;
        int r;

        if (endpoint->registry_token) {
                ret->is_fresh = true;
                return asprintf(&ret->authorization, "Bearer %s", endpoint->registry_token) < 0 ? -ENOMEM
                                                                                                : 0;
        }
        (void) pthread_mutex_lock(&registry->mutex);
        if (registry->challenges.n > 0 && registry->challenges.items[0].scheme == CHALLENGE_BEARER)
                r = show_token(registry, http, call, renew, ret, fault);
        else
                r = show_password(registry, origin, registry->challenges.n > 0, ret, fault);
        (void) pthread_mutex_unlock(&registry->mutex);
        return r;
}

/* What the registry wants, from all of its headers, becomes what is known of it. */
static int take_challenge(Registry *registry, const HttpReply *reply, const Proof *shown, Fault *fault) {
        autochallenges Challenges all = {};
        const Challenge *best;
        static const char name[] = "www-authenticate: ";
        int r = 0;

        for (char *const *header = reply->headers; header && *header; header++)
                if (strncmp(*header, name, strlen(name)) == 0) {
                        r = challenges_parse(*header + strlen(name), &all, fault);
                        if (r < 0)
                                return r;
                }
        best = challenges_choose(&all);
        if (!best || (best->scheme == CHALLENGE_BASIC && shown->is_basic))
                return 0;
        if (best->scheme == CHALLENGE_BASIC && !registry->endpoint->password)
                return 0;

        r = -ENOMEM;
        (void) pthread_mutex_lock(&registry->mutex);
        challenges_done(&registry->challenges);
        registry->challenges.items = calloc(1, sizeof(Challenge));
        if (registry->challenges.items) {
                registry->challenges.n = 1;
                registry->challenges.items[0] = *best;
                *(Challenge *) best = (Challenge){ .scheme = CHALLENGE_OTHER };
                r = 1;
        }
        (void) pthread_mutex_unlock(&registry->mutex);
        return r;
}

static int denied(const Registry *registry, const HttpReply *reply, const Proof *shown, Fault *fault) {
        const Endpoint *endpoint = registry->endpoint;
        char words[256];

        registry_error_text(reply->body, reply->size, words, sizeof(words));
        if (endpoint->user || endpoint->identity_token || endpoint->registry_token)
                return fault_raise(fault, FAULT_VALUE, EACCES,
                                "it does not accept the credentials%s%s; log in again, e.g. 'podman login "
                                "%.100s'",
                                *words ? ": " : "", words, endpoint->host);
        return fault_raise(fault, FAULT_VALUE, EACCES,
                        "there is no such repository, or it is not for everybody%s%s; log in, e.g. 'podman "
                        "login %.100s'",
                        *words ? ": " : "", words, endpoint->host);
}

/* --- how it is asked --- */

static void describe(const RegistryCall *call, const Registry *registry, HttpRequest *request) {
        request->method = call->method ? call->method : "GET";
        request->headers = call->headers;
        request->endpoint = registry->endpoint;
        request->endpoint_host = registry->endpoint->host;
        request->may_redirect = !call->is_push || strcmp(request->method, "HEAD") == 0;
        request->limit = call->limit;
        request->sink = call->sink;
        request->body_fd = call->body_fd;
        request->body_size = call->body_size;
        request->on_sent = call->on_sent;
        request->on_sent_data = call->on_sent_data;
        request->canceled = call->canceled;
        if (!call->sink && !call->on_sent)
                request->seconds = http_setting("SLIPWAY_FETCH_DOCUMENT_SECONDS", 300);
}

static int make_url(const Registry *registry, const RegistryCall *call, const char *origin, char **ret) {
        if (call->url)
                return (*ret = strdup(call->url)) ? 0 : -ENOMEM;
        return asprintf(ret, "%s/v2/%s/%s", origin, registry->endpoint->repository, call->path) < 0 ? -ENOMEM
                                                                                                    : 0;
}

static int call_at(Registry *registry, Http *http, const RegistryCall *call, const char *origin,
                HttpReply *ret, Fault *fault) {
        HttpRequest request = HTTP_REQUEST;
        autofree char *url = NULL;
        bool renew = false;
        int r;

        r = make_url(registry, call, origin, &url);
        if (r < 0)
                return r;
        describe(call, registry, &request);
        request.url = url;

        for (unsigned n = 0;; n++) {
                AUTO(proof_done) Proof proof = {};

                r = make_proof(registry, http, call, origin, renew, &proof, fault);
                if (r < 0)
                        return r;
                request.authorization = proof.authorization;
                http_reply_done(ret);
                r = http_perform(http, &request, ret, fault);
                if (r < 0 || ret->status != 401)
                        return r;

                /* What comes from elsewhere is not the registry's to ask for. */
                if (proof.is_fresh || n == 2 || !url_is_same_origin(ret->url, url))
                        return denied(registry, ret, &proof, fault);
                r = take_challenge(registry, ret, &proof, fault);
                if (r <= 0)
                        return r < 0 ? r : denied(registry, ret, &proof, fault);
                renew = proof.authorization && !proof.is_basic;
        }
}

/* Docker Hub's registry has another name than its images. */
static const char *real_host(const char *host) {
        return strcmp(host, "docker.io") == 0 || strcmp(host, "index.docker.io") == 0
                               ? "registry-1.docker.io"
                               : host;
}

static int try_origin(Registry *registry, Http *http, const RegistryCall *call, const char *scheme,
                HttpReply *ret, Fault *fault) {
        autofree char *origin = NULL;
        int r;

        if (asprintf(&origin, "%s://%s", scheme, real_host(registry->endpoint->host)) < 0) {
                origin = NULL;
                return -ENOMEM;
        }
        r = call_at(registry, http, call, origin, ret, fault);
        if (r < 0)
                return r;
        (void) pthread_mutex_lock(&registry->mutex);
        if (!registry->origin)
                registry->origin = TAKE(origin);
        (void) pthread_mutex_unlock(&registry->mutex);
        return r;
}

/* HTTPS first, and HTTP where nobody minds when others listen. */
static int find_origin(
                Registry *registry, Http *http, const RegistryCall *call, HttpReply *ret, Fault *fault) {
        const Endpoint *endpoint = registry->endpoint;
        Fault secure = {}, plain = {};
        int r, again;

        r = try_origin(registry, http, call, "https", ret, &secure);
        if ((endpoint->insecure || host_is_loopback(endpoint->host)) &&
                        (r == -EPROTONOSUPPORT || r == -ECONNREFUSED || r == -ECONNRESET)) {
                again = try_origin(registry, http, call, "http", ret, &plain);

                /* Who speaks TLS, and breaks off, has not said so by HTTP. */
                if (again >= 0 || r != -ECONNRESET) {
                        r = again;
                        secure = plain;
                }
        }
        if (r < 0 && fault)
                *fault = secure;
        return r;
}

int registry_call(Registry *registry, const RegistryCall *call, HttpReply *ret, Fault *fault) {
        autohttp Http *http = http_acquire();
        const char *origin;

        if (!http)
                return -ENOMEM;
        http_reply_done(ret);
        (void) pthread_mutex_lock(&registry->mutex);
        origin = registry->origin; /* is never changed again */
        (void) pthread_mutex_unlock(&registry->mutex);
        return origin ? call_at(registry, http, call, origin, ret, fault)
                      : find_origin(registry, http, call, ret, fault);
}

int registry_judge(
                const Registry *registry, const RegistryCall *call, const HttpReply *reply, Fault *fault) {
        const Proof none = {};
        char words[256];
        unsigned seconds;

        if (reply->status >= 200 && reply->status < 300)
                return 0;
        registry_error_text(reply->body, reply->size, words, sizeof(words));
        if (reply->status == 403)
                return denied(registry, reply, &none, fault);
        if (reply->status == 404)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no %s%s%s", call->what,
                                *words ? ": " : "", words);
        if (reply->status == 429) {
                seconds = retry_after(reply);
                return fault_raise(fault, FAULT_SYSTEM, EBUSY,
                                "it has had too many requests%s%s; try again in %u seconds",
                                *words ? ": " : "", words, seconds ? seconds : 60);
        }
        return fault_raise(fault, FAULT_SYSTEM, reply->status >= 500 ? EIO : EPROTO,
                        "it answers with status %ld%s%s", reply->status, *words ? ": " : "", words);
}

int registry_ask(Registry *registry, const RegistryCall *call, HttpReply *ret, Fault *fault) {
        Retry retry = {};

        for (;;) {
                int r = registry_call(registry, call, ret, fault);

                if (!http_is_transient(r, ret) || !retry_wait(&retry, r, ret, call->canceled))
                        return r < 0 ? r : registry_judge(registry, call, ret, fault);
                fault_clear(fault);
        }
}
