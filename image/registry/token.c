/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/token.h"

#include <string.h>
#include <time.h>

#include "image/doc.h"
#include "image/registry/registry-error.h"
#include "image/registry/url.h"
#include "lib/strv.h"

/* Without a word on it a token is good for so long.  */
#define TOKEN_SECONDS 60

/* Renewed a little before, as it has to be good when it arrives. */
#define TOKEN_MARGIN 5

static void wipe(char *text) {
        if (text)
                explicit_bzero(text, strlen(text));
        free(text);
}

static void wipep(char **text) {
        wipe(*text);
}
#define autowipe AUTO(wipep)

void token_done(Token *token) {
        wipe(token->text);
        free(token->key);
        *token = (Token){};
}

uint64_t monotonic_seconds(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec;
}

static bool is_token_text(const char *text) {
        for (const unsigned char *c = (const unsigned char *) text; *c; c++)
                if (*c <= 0x20 || *c >= 0x7f)
                        return false;
        return *text != '\0' && strlen(text) <= 32768;
}

int token_parse_reply(const char *text, size_t size, char **ret, uint64_t *ret_seconds, Fault *fault) {
        autojson json_t *document = NULL;
        autowipe char *token = NULL;
        int64_t seconds = TOKEN_SECONDS;
        int r;

        if ((r = doc_parse(text, size, "the token server's answer", &document, fault)) < 0 ||
                        (r = doc_string(document, "access_token", &token, fault)) < 0)
                return r;
        if ((!token || !*token) && (r = doc_string(document, "token", &token, fault)) < 0)
                return r;
        r = doc_number(document, "expires_in", &seconds, fault);
        if (r < 0)
                return r;
        if (!token || !is_token_text(token))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL,
                                "there is no token in the token server's answer");
        if (seconds < 0)
                seconds = 0;
        *ret_seconds = seconds > 86400 ? 86400 : (uint64_t) seconds;
        *ret = TAKE(token);
        return 0;
}

static int refuse(const char *realm, const char *why, Fault *fault) {
        return fault_raise(fault, FAULT_HOSTILE, EACCES,
                        "the registry wants tokens from '%.160s', which is not asked: %s", realm, why);
}

int token_check_realm(const char *realm, const Endpoint *endpoint, Fault *fault) {
        bool is_local = host_is_loopback(endpoint->host);
        autofree char *host = NULL;
        Fault why = {};
        int r;

        r = url_parse(realm, NULL, &host, &why);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return refuse(realm, "that is no address of a server, or has a user in it", fault);
        if (!url_is_https(realm) && !endpoint->insecure && !(is_local && host_is_loopback(host)))
                return refuse(realm, "only HTTPS will do", fault);
        if (host_is_same(host, endpoint->host))
                return 0;
        if (host_is_metadata(host) || (host_is_loopback(host) && !is_local))
                return refuse(realm, "that is for this machine only", fault);
        return 0;
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int basic_authorization(const char *user, const char *password, char **ret) {
        autowipe char *plain = NULL;
        char *coded, *to;
        size_t n;

        if (asprintf(&plain, "%s:%s", user, password ? password : "") < 0) {
                plain = NULL;
                return -ENOMEM;
        }
        n = strlen(plain);
        coded = to = malloc(6 + (n + 2) / 3 * 4 + 1);
        if (!coded)
                return -ENOMEM;
        to = stpcpy(to, "Basic ");
        for (size_t i = 0; i < n; i += 3) {
                unsigned a = (unsigned char) plain[i], b = i + 1 < n ? (unsigned char) plain[i + 1] : 0,
                         c = i + 2 < n ? (unsigned char) plain[i + 2] : 0;

                *to++ = base64[a >> 2];
                *to++ = base64[(a & 3) << 4 | b >> 4];
                *to++ = i + 1 < n ? base64[(b & 15) << 2 | c >> 6] : '=';
                *to++ = i + 2 < n ? base64[c & 63] : '=';
        }
        *to = '\0';
        *ret = coded;
        return 0;
}

/* Appends "&name=value", or "name=value" at the beginning. */
static int add_field(char **text, const char *name, const char *value) {
        autowipe char *escaped = NULL;
        autowipe char *was = *text;
        char *grown;
        int r;

        *text = NULL;
        r = url_escape(value, &escaped);
        if (r < 0)
                return r;
        if (asprintf(&grown, "%s%s%s=%s", was ? was : "", was && *was ? "&" : "", name, escaped) < 0)
                return -ENOMEM;
        *text = grown;
        return 0;
}

/* GET: each scope is a parameter of its own. */
static int add_scopes(char **query, const char *scopes) {
        autofree char *copy = scopes ? strdup(scopes) : NULL;
        char *rest = copy;

        if (scopes && !copy)
                return -ENOMEM;
        for (char *scope; rest && (scope = strsep(&rest, " "));) {
                int r = *scope ? add_field(query, "scope", scope) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

static int make_query(const Challenge *challenge, const char *scopes, const Endpoint *endpoint, char **ret) {
        autofree char *query = NULL;
        int r = 0;

        if (challenge->service)
                r = add_field(&query, "service", challenge->service);
        if (r >= 0)
                r = add_scopes(&query, scopes);
        if (r >= 0 && endpoint->user && *endpoint->user)
                r = add_field(&query, "account", endpoint->user);
        if (r < 0)
                return r;
        if (asprintf(ret, "%s%c%s", challenge->realm, strchr(challenge->realm, '?') ? '&' : '?',
                            query ? query : "") < 0)
                return -ENOMEM;
        return 0;
}

/* OAuth 2: what a person who has logged in has instead of a password. */
static int make_form(const Challenge *challenge, const char *scopes, const Endpoint *endpoint, char **ret) {
        autowipe char *form = NULL;
        int r;

        if ((r = add_field(&form, "grant_type", "refresh_token")) < 0 ||
                        (r = add_field(&form, "service", challenge->service ? challenge->service : "")) <
                                        0 ||
                        (r = add_field(&form, "client_id", "slipway")) < 0 ||
                        (scopes && (r = add_field(&form, "scope", scopes)) < 0) ||
                        (r = add_field(&form, "refresh_token", endpoint->identity_token)) < 0)
                return r;
        *ret = TAKE(form);
        return 0;
}

static int post(Http *http, HttpRequest request, const Challenge *challenge, const char *scopes,
                const Endpoint *endpoint, HttpReply *reply, Fault *fault) {
        autowipe char *form = NULL;
        int r;

        r = make_form(challenge, scopes, endpoint, &form);
        if (r < 0)
                return r;
        request.method = "POST";
        request.url = challenge->realm;
        request.form = form;
        return http_perform(http, &request, reply, fault);
}

static int get(Http *http, HttpRequest request, const Challenge *challenge, const char *scopes,
                const Endpoint *endpoint, HttpReply *reply, Fault *fault) {
        autofree char *url = NULL;
        autowipe char *authorization = NULL;
        int r;

        r = make_query(challenge, scopes, endpoint, &url);
        if (r >= 0 && endpoint->user && endpoint->password)
                r = basic_authorization(endpoint->user, endpoint->password, &authorization);
        if (r < 0)
                return r;
        request.url = url;
        request.authorization = authorization;
        return http_perform(http, &request, reply, fault);
}

/* Posts where there is something to post, and gets where that is not known. */
static int ask(Http *http, const Challenge *challenge, const char *scopes, const Endpoint *endpoint,
                const atomic_bool *canceled, HttpReply *reply, Fault *fault) {
        HttpRequest request = HTTP_REQUEST;
        int r;

        request.endpoint_host = endpoint->host;
        request.limit = TOKEN_REPLY_LIMIT;
        request.seconds = 60;
        request.canceled = canceled;

        /* Who has an authority of his own for the registry has one for its tokens: Docker does the same. */
        request.endpoint = endpoint;
        if (endpoint->identity_token) {
                r = post(http, request, challenge, scopes, endpoint, reply, fault);
                if (r < 0 || (reply->status != 404 && reply->status != 405))
                        return r;
                http_reply_done(reply);
        }
        return get(http, request, challenge, scopes, endpoint, reply, fault);
}

static int judge(
                const Challenge *challenge, const Endpoint *endpoint, const HttpReply *reply, Fault *fault) {
        bool has_credentials = endpoint->identity_token || endpoint->user;
        char words[256];

        if (reply->status >= 200 && reply->status < 300)
                return 0;
        registry_error_text(reply->body, reply->size, words, sizeof(words));
        if (reply->status == 401 || reply->status == 403)
                return fault_raise(fault, FAULT_VALUE, EACCES, "the token server '%.100s' %s%s%s",
                                challenge->realm,
                                has_credentials ? "does not accept the credentials" : "wants credentials",
                                *words ? ": " : "", words);
        return fault_raise(fault, FAULT_SYSTEM, EPROTO, "the token server '%.100s' answers with %ld%s%s",
                        challenge->realm, reply->status, *words ? ": " : "", words);
}

int token_fetch(Http *http, const Challenge *challenge, const char *scopes, const Endpoint *endpoint,
                const atomic_bool *canceled, Token *ret, Fault *fault) {
        autoreply HttpReply reply = {};
        uint64_t seconds;
        int r;

        r = token_check_realm(challenge->realm, endpoint, fault);
        if (r < 0)
                return r;
        r = ask(http, challenge, scopes, endpoint, canceled, &reply, fault);
        if (r < 0)
                return fault_wrap(fault, r, "the token server '%.100s' cannot be asked", challenge->realm);
        r = judge(challenge, endpoint, &reply, fault);
        if (r < 0)
                return r;
        r = token_parse_reply(reply.body ? reply.body : "", reply.size, &ret->text, &seconds, fault);
        if (r < 0)
                return r;
        ret->expires = monotonic_seconds() + (seconds > TOKEN_MARGIN ? seconds - TOKEN_MARGIN : 0);
        return 0;
}
