/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One request over HTTP
 *
 * Everything that a hostile or a broken server could do to who asks is
 * settled here: where a redirect may lead, and what it is shown there; how
 * long a header and a document may be; how slowly an answer may come.
 * What to ask for, and what to make of an answer, others know.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "image/endpoint.h"
#include "lib/cleanup.h"
#include "lib/fault.h"

/* A handle with its connections, for one thread at a time. */
typedef struct Http Http;

/* How an error's body may be long, and all headers together. */
#define HTTP_ERROR_LIMIT 65536
#define HTTP_HEADERS_LIMIT 65536
#define HTTP_REDIRECTS 5

typedef struct HttpReply {
        long status;
        char *url;      /* that it came from, after redirects */
        char **headers; /* "name: value", the name in lower case */
        char *body;     /* with a NUL behind it; NULL when it went into a sink */
        size_t size;
} HttpReply;

/* Where the body of a good reply goes. */
typedef struct HttpSink {
        int (*begin)(void *data, const HttpReply *reply,
                        Fault *fault); /* the headers are there; may refuse */
        int (*write)(void *data, const void *bytes, size_t size, Fault *fault);
        void (*tick)(void *data); /* now and then, also when nothing comes */
        void *data;
} HttpSink;

typedef struct HttpRequest {
        const char *method, *url;
        char *const *headers;      /* more of them, shown to everybody */
        const char *authorization; /* shown to the origin of @url only */
        const Endpoint *endpoint;  /* whose certificates; NULL for the system's */
        const char *endpoint_host; /* its neighbours may be asked: see http_perform(); NULL for none */
        bool may_redirect;
        size_t limit; /* of a document, when there is no sink */
        const HttpSink *sink;
        const char *form; /* to post */
        int body_fd;      /* to send, from its beginning; -1 for nothing */
        int64_t body_size;
        void (*on_sent)(void *data, uint64_t bytes);
        void *on_sent_data;
        unsigned seconds;            /* all has to be there by then; 0 for no limit but that it goes on */
        const atomic_bool *canceled; /* may be NULL */
} HttpRequest;

#define HTTP_REQUEST ((HttpRequest){ .method = "GET", .body_fd = -1 })

/* Once, before there are threads. */
int http_set_up(Fault *fault);

/* A handle that is free, best one that has a connection. Return: NULL when out of memory. */
Http *http_acquire(void);
void http_release(Http *http);
DEFINE_AUTO(Http *, http_release)
#define autohttp AUTO(http_releasep)

/* Closes all connections; no handle may be in use. */
void http_tear_down(void);

/**
 * http_perform() - ask, and follow where it leads
 * @ret:        what came; also on failure as much of it as is known
 *
 * An address that a server has sent us to, be it by a redirect, is refused when it is this machine or a
 * place where clouds keep secrets, unless the endpoint is there itself.
 *
 * Return: 0 whatever the status; -errno with a fault that says what, but not where:
 *      -EHOSTUNREACH, -ECONNREFUSED    there is nobody
 *      -EPROTONOSUPPORT                it does not speak TLS with us
 *      -EKEYREJECTED                   its certificate is no good
 *      -ETIMEDOUT, -ECONNRESET         it began, and may be tried again
 *      -EREMCHG                        a redirect leads where it must not
 *      -EFBIG, -EPROTO                 the answer is too long, or makes no sense
 *      -ECANCELED, what the sink said
 */
int http_perform(Http *http, const HttpRequest *request, HttpReply *ret, Fault *fault);

/* True for a failure that is likely to go away: an errno, or the status of the reply. */
bool http_is_transient(int r, const HttpReply *reply);

/* The first header of that name (lower case). Return: NULL when there is none. */
const char *http_header(const HttpReply *reply, const char *name);

/* Content-Length, -1 when it does not say. */
int64_t http_content_length(const HttpReply *reply);

/* Refuses a body that somebody has compressed on the way. */
int http_check_encoding(const HttpReply *reply, Fault *fault);

/* A number of the environment, for tests. */
unsigned http_setting(const char *name, unsigned otherwise);

void http_reply_done(HttpReply *reply);
#define autoreply AUTO(http_reply_done)
