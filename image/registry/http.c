/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/http.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "image/registry/http-handle.h"
#include "image/registry/url.h"
#include "lib/strv.h"

/* One leg of the way: between two redirects. */
typedef struct Leg {
        CURL *curl;
        const HttpRequest *request;
        HttpReply *reply;
        Fault *fault;
        const char *url;
        bool is_origin;  /* scheme, host and port are what was asked for */
        size_t headers;  /* bytes of them */
        size_t room;     /* of the body */
        bool has_begun;  /* the sink was told */
        bool is_enough;  /* the rest of an error is not needed */
        bool is_barred;  /* its name leads to an address that is for this machine */
        int r;           /* why a callback has stopped the transfer */
        curl_off_t sent; /* of the body */
} Leg;

void http_reply_done(HttpReply *reply) {
        free(reply->url);
        free(reply->body);
        strv_free(reply->headers);
        *reply = (HttpReply){};
}

const char *http_header(const HttpReply *reply, const char *name) {
        size_t n = strlen(name);

        for (char *const *header = reply->headers; header && *header; header++)
                if (strncmp(*header, name, n) == 0 && (*header)[n] == ':')
                        return *header + n + 2;
        return NULL;
}

int64_t http_content_length(const HttpReply *reply) {
        const char *text = http_header(reply, "content-length");
        char *end;
        long long n;

        if (!text || !isdigit((unsigned char) *text))
                return -1;
        errno = 0;
        n = strtoll(text, &end, 10);
        return errno || *end ? -1 : n;
}

int http_check_encoding(const HttpReply *reply, Fault *fault) {
        const char *encoding = http_header(reply, "content-encoding");

        if (!encoding || !*encoding || strcasecmp(encoding, "identity") == 0)
                return 0;
        return fault_raise(fault, FAULT_HOSTILE, EPROTO,
                        "it was encoded on the way (Content-Encoding: %.40s), which nobody has asked for",
                        encoding);
}

bool http_is_transient(int r, const HttpReply *reply) {
        if (r == -ECANCELED)
                return false;
        if (r == -ETIMEDOUT || r == -ECONNRESET || r == -ECONNREFUSED || r == -EHOSTUNREACH)
                return true;
        return reply->status == 408 || reply->status == 429 || reply->status == 500 ||
               (reply->status >= 502 && reply->status <= 504);
}

static bool is_good(const Leg *leg) {
        return leg->reply->status >= 200 && leg->reply->status < 300;
}

/* "Name: value\r\n" as "name: value". */
static int keep_header(Leg *leg, const char *line, size_t n) {
        const char *colon = memchr(line, ':', n), *value;
        autofree char *header = NULL;
        int m;

        if (!colon)
                return 0;
        value = colon + 1;
        while (value < line + n && (*value == ' ' || *value == '\t'))
                value++;
        m = asprintf(&header, "%.*s: %.*s", (int) (colon - line), line, (int) (line + n - value), value);
        if (m < 0) {
                header = NULL;
                return -ENOMEM;
        }
        while (m > 0 && isspace((unsigned char) header[m - 1]))
                header[--m] = '\0';
        for (char *c = header; *c != ':'; c++)
                *c = (char) tolower((unsigned char) *c);
        /* A value that is empty keeps its blank, so that it begins where others do. */
        if (m > 0 && header[m - 1] == ':')
                (void) strcat(header, " ");
        return strv_take(&leg->reply->headers, TAKE(header));
}

static size_t on_header(char *line, size_t size, size_t n, void *data) {
        Leg *leg = data;

        leg->headers += n;
        if (leg->headers > HTTP_HEADERS_LIMIT) {
                leg->r = fault_raise(leg->fault, FAULT_HOSTILE, EFBIG,
                                "its headers are longer than %u bytes", HTTP_HEADERS_LIMIT);
                return 0;
        }
        if (n > 5 && strncasecmp(line, "HTTP/", 5) == 0) {
                strv_free(TAKE(leg->reply->headers));
                return n;
        }
        leg->r = keep_header(leg, line, n);
        return leg->r < 0 ? 0 : n;
}

static int begin_body(Leg *leg) {
        const HttpRequest *request = leg->request;

        leg->has_begun = true;
        if (!is_good(leg))
                return 0;
        if (request->sink)
                return request->sink->begin(request->sink->data, leg->reply, leg->fault);
        if (strcmp(request->method, "HEAD") == 0)
                return 0;
        if (http_content_length(leg->reply) > (int64_t) request->limit)
                return fault_raise(leg->fault, FAULT_HOSTILE, EFBIG,
                                "the answer is %s bytes long, and at most %zu are accepted",
                                http_header(leg->reply, "content-length"), request->limit);
        return http_check_encoding(leg->reply, leg->fault);
}

static int append(Leg *leg, const char *bytes, size_t n) {
        HttpReply *reply = leg->reply;

        if (reply->size + n + 1 > leg->room) {
                size_t room = leg->room ? leg->room : 16384;
                char *grown;

                while (room < reply->size + n + 1)
                        room *= 2;
                grown = realloc(reply->body, room);
                if (!grown)
                        return -ENOMEM;
                reply->body = grown;
                leg->room = room;
        }
        memcpy(reply->body + reply->size, bytes, n);
        reply->size += n;
        reply->body[reply->size] = '\0';
        return 0;
}

static int take_body(Leg *leg, const char *bytes, size_t n) {
        const HttpRequest *request = leg->request;

        if (is_good(leg) && request->sink)
                return request->sink->write(request->sink->data, bytes, n, leg->fault);
        if (is_good(leg) && n > request->limit - leg->reply->size)
                return fault_raise(leg->fault, FAULT_HOSTILE, EFBIG, "the answer is longer than %zu bytes",
                                request->limit);
        if (!is_good(leg) && n > HTTP_ERROR_LIMIT - leg->reply->size) {
                leg->is_enough = true;
                n = HTTP_ERROR_LIMIT - leg->reply->size;
        }
        return append(leg, bytes, n);
}

static size_t on_body(char *bytes, size_t size, size_t n, void *data) {
        Leg *leg = data;

        if (!leg->has_begun) {
                (void) curl_easy_getinfo(leg->curl, CURLINFO_RESPONSE_CODE, &leg->reply->status);
                leg->r = begin_body(leg);
        }
        if (leg->r >= 0)
                leg->r = take_body(leg, bytes, n);
        return leg->r < 0 || leg->is_enough ? 0 : n;
}

/* Sends a file, each time from its beginning. */
static size_t on_read(char *buffer, size_t size, size_t n, void *data) {
        Leg *leg = data;
        ssize_t got;

        do
                got = pread(leg->request->body_fd, buffer, n, leg->sent);
        while (got < 0 && errno == EINTR);
        if (got < 0) {
                leg->r = fault_raise(leg->fault, FAULT_SYSTEM, errno, "cannot read what is to be sent: %s",
                                strerror(errno));
                return CURL_READFUNC_ABORT;
        }
        leg->sent += got;
        if (leg->request->on_sent)
                leg->request->on_sent(leg->request->on_sent_data, (uint64_t) leg->sent);
        return (size_t) got;
}

static int on_seek(void *data, curl_off_t offset, int origin) {
        Leg *leg = data;

        if (origin != SEEK_SET)
                return CURL_SEEKFUNC_CANTSEEK;
        leg->sent = offset;
        return CURL_SEEKFUNC_OK;
}

static int on_tick(void *data, curl_off_t total, curl_off_t now, curl_off_t to_send, curl_off_t sent) {
        const Leg *leg = data;
        const HttpRequest *request = leg->request;

        if (request->sink && request->sink->tick)
                request->sink->tick(request->sink->data);
        return request->canceled && atomic_load(request->canceled);
}

/*
 * An address that a stranger's server has named must not be one that only this machine can reach. libcurl
 * goes on with the next one that the name has.
 */
static curl_socket_t on_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
        Leg *leg = data;
        const char *host = leg->request->endpoint_host;

        if (address_is_metadata(&address->addr) ||
                        (address_is_loopback(&address->addr) && !(host && host_is_loopback(host)))) {
                leg->is_barred = true;
                return CURL_SOCKET_BAD;
        }
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static const char *from_environment(const char *name, const char *other) {
        const char *value = getenv(name);

        if ((!value || !*value) && other)
                value = getenv(other);
        return value && *value ? value : NULL;
}

/* As libcurl reads it: names, each for what is below it as well, with commas or blanks between them; or "*".
 */
static bool is_exempt(const char *host) {
        const char *list = from_environment("no_proxy", "NO_PROXY");
        size_t length = strlen(host), n;

        for (; list && *(list += strspn(list, ", ")); list += n) {
                const char *name = list;
                size_t size;

                n = strcspn(list, ", ");
                size = n;
                if (n == 1 && *list == '*')
                        return true;
                if (*name == '.') {
                        name++;
                        size--;
                }
                if (size > 0 && size <= length && strncasecmp(host + length - size, name, size) == 0 &&
                                (size == length || host[length - size - 1] == '.'))
                        return true;
        }
        return false;
}

static bool has_proxy(const char *url, const char *host) {
        const char *proxy = strncasecmp(url, "https:", 6) == 0
                                            ? from_environment("https_proxy", "HTTPS_PROXY")
                                            : from_environment("http_proxy", NULL);

        return (proxy || from_environment("all_proxy", "ALL_PROXY")) && !is_exempt(host);
}

/*
 * Of addresses that a person has written down nothing is refused, and what shares a host with one of them
 * is as good. Where a proxy makes the connections, it also looks up the names.
 */
static int guard(Leg *leg) {
        const char *endpoint_host = leg->request->endpoint_host;
        autofree char *host = NULL;
        int r;

        r = url_parse(leg->url, NULL, &host, leg->fault);
        if (r < 0)
                return r;
        if (host_is_loopback(host))
                (void) curl_easy_setopt(leg->curl, CURLOPT_NOPROXY, "*");
        if (endpoint_host && host_is_same(host, endpoint_host))
                return 0;
        if (host_is_metadata(host) ||
                        (host_is_loopback(host) && !(endpoint_host && host_is_loopback(endpoint_host))))
                return fault_raise(leg->fault, FAULT_HOSTILE, EREMCHG,
                                "it leads to '%.100s', which is for this machine only", host);
        if (!has_proxy(leg->url, host)) {
                (void) curl_easy_setopt(leg->curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
                (void) curl_easy_setopt(leg->curl, CURLOPT_OPENSOCKETDATA, leg);
        }
        return 0;
}

static void set_callbacks(Leg *leg) {
        CURL *curl = leg->curl;

        (void) curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
        (void) curl_easy_setopt(curl, CURLOPT_HEADERDATA, leg);
        (void) curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
        (void) curl_easy_setopt(curl, CURLOPT_WRITEDATA, leg);
        (void) curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_tick);
        (void) curl_easy_setopt(curl, CURLOPT_XFERINFODATA, leg);
        (void) curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static void set_method(Leg *leg) {
        const HttpRequest *request = leg->request;
        CURL *curl = leg->curl;

        if (strcmp(request->method, "HEAD") == 0)
                (void) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
        else if (strcmp(request->method, "POST") == 0) {
                const char *form = request->form ? request->form : "";

                (void) curl_easy_setopt(curl, CURLOPT_POST, 1L);
                (void) curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long) strlen(form));
                (void) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
        } else if (strcmp(request->method, "PUT") == 0) {
                (void) curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
                (void) curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t) request->body_size);
                (void) curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
                (void) curl_easy_setopt(curl, CURLOPT_READDATA, leg);
                (void) curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
                (void) curl_easy_setopt(curl, CURLOPT_SEEKDATA, leg);

                /* A registry that has it all may take its time to store it. */
                (void) curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
                                10L * (long) http_setting("SLIPWAY_FETCH_STALL_SECONDS", 30));
        }
        if (request->seconds > 0)
                (void) curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long) request->seconds);
}

/* One of them may be a password. */
static void free_slist(struct curl_slist **list) {
        for (struct curl_slist *node = *list; node; node = node->next)
                explicit_bzero(node->data, strlen(node->data));
        curl_slist_free_all(*list);
}

static int add_header(struct curl_slist **list, const char *header) {
        struct curl_slist *grown = curl_slist_append(*list, header);

        if (!grown)
                return -ENOMEM;
        *list = grown;
        return 0;
}

static int make_headers(const Leg *leg, struct curl_slist **ret) {
        const HttpRequest *request = leg->request;
        int r;

        if ((r = add_header(ret, "Accept-Encoding: identity")) < 0 || (r = add_header(ret, "Expect:")) < 0)
                return r;
        for (char *const *header = request->headers; header && *header && r >= 0; header++)
                r = add_header(ret, *header);
        if (r >= 0 && request->authorization && leg->is_origin) {
                autofree char *header = NULL;

                if (asprintf(&header, "Authorization: %s", request->authorization) < 0)
                        return -ENOMEM;
                r = add_header(ret, header);
                explicit_bzero(header, strlen(header));
        }
        return r;
}

/* clang-format off */
static const struct {
        CURLcode code;
        int error;
        FaultKind kind;
        const char *what;
} failures[] = {
        { CURLE_COULDNT_RESOLVE_HOST,      EHOSTUNREACH,    FAULT_SYSTEM,    "its name is not known" },
        { CURLE_COULDNT_RESOLVE_PROXY,     EHOSTUNREACH,    FAULT_SYSTEM,    "the proxy's name is not known" },
        { CURLE_COULDNT_CONNECT,           ECONNREFUSED,    FAULT_SYSTEM,    "cannot connect" },
        { CURLE_SSL_CONNECT_ERROR,         EPROTONOSUPPORT, FAULT_SYSTEM,    "no TLS can be spoken with it; if it has HTTP only, say --tls-verify=false, or insecure = true in registries.conf" },
        { CURLE_PEER_FAILED_VERIFICATION,  EKEYREJECTED,    FAULT_INTEGRITY, "its certificate is not to be trusted" },
        { CURLE_SSL_CERTPROBLEM,           EINVAL,          FAULT_VALUE,     "the client's certificate or key cannot be used" },
        { CURLE_SSL_CACERT_BADFILE,        EINVAL,          FAULT_VALUE,     "the certificates of its authority cannot be used" },
        { CURLE_OPERATION_TIMEDOUT,        ETIMEDOUT,       FAULT_SYSTEM,    "it is too slow" },
        { CURLE_PARTIAL_FILE,              ECONNRESET,      FAULT_SYSTEM,    "the connection has ended too early" },
        { CURLE_GOT_NOTHING,               ECONNRESET,      FAULT_SYSTEM,    "the connection has ended without an answer" },
        { CURLE_RECV_ERROR,                ECONNRESET,      FAULT_SYSTEM,    "the connection has broken" },
        { CURLE_SEND_ERROR,                ECONNRESET,      FAULT_SYSTEM,    "the connection has broken" },
        { CURLE_OUT_OF_MEMORY,             ENOMEM,          FAULT_SYSTEM,    "out of memory" },
        { CURLE_ABORTED_BY_CALLBACK,       ECANCELED,       FAULT_SYSTEM,    "interrupted" },
};
/* clang-format on */

static int translate(const Http *http, CURLcode code, Fault *fault) {
        const char *detail = *http->error ? http->error : curl_easy_strerror(code);
        long proxy = 0;

        (void) curl_easy_getinfo(http->curl, CURLINFO_HTTP_CONNECTCODE, &proxy);
        if (proxy >= 300)
                return fault_raise(fault, FAULT_SYSTEM, EACCES,
                                "the proxy does not connect us with it, and answers with %ld", proxy);

        for (size_t i = 0; i < ELEMENTS(failures); i++)
                if (failures[i].code == code)
                        return fault_raise(fault, failures[i].kind, failures[i].error, "%s (%.160s)",
                                        failures[i].what, detail);
        return fault_raise(fault, FAULT_SYSTEM, EPROTO, "its answer makes no sense (%.160s)", detail);
}

static int perform_leg(Http *http, Leg *leg) {
        AUTO(free_slist) struct curl_slist *headers = NULL;
        CURLcode code;
        int r;

        http_handle_prepare(http);
        http_handle_trust(http, leg->is_origin ? leg->request->endpoint : NULL);
        set_callbacks(leg);
        set_method(leg);
        if ((r = make_headers(leg, &headers)) < 0 || (r = guard(leg)) < 0)
                return r;
        (void) curl_easy_setopt(leg->curl, CURLOPT_URL, leg->url);
        (void) curl_easy_setopt(leg->curl, CURLOPT_HTTPHEADER, headers);

        code = curl_easy_perform(leg->curl);
        (void) curl_easy_getinfo(leg->curl, CURLINFO_RESPONSE_CODE, &leg->reply->status);
        (void) curl_easy_setopt(leg->curl, CURLOPT_HTTPHEADER, NULL);
        if (leg->r < 0)
                return leg->r;
        if (code == CURLE_COULDNT_CONNECT && leg->is_barred)
                return fault_raise(leg->fault, FAULT_HOSTILE, EREMCHG,
                                "it leads to an address that is for this machine only");
        if (code != CURLE_OK && !leg->is_enough)
                return translate(http, code, leg->fault);
        return leg->has_begun ? 0 : begin_body(leg);
}

static bool is_redirect(long status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Where the redirect leads, if it may lead there. */
static int next_url(const HttpReply *reply, char **ret, Fault *fault) {
        const char *location = http_header(reply, "location");
        int r;

        if (!location || !*location)
                return fault_raise(fault, FAULT_SYNTAX, EPROTO,
                                "it answers with %ld, and does not say where to", reply->status);
        r = url_resolve(reply->url, location, ret, fault);
        if (r < 0)
                return r;
        if (url_is_https(reply->url) && !url_is_https(*ret))
                return fault_raise(fault, FAULT_HOSTILE, EREMCHG,
                                "it leads from HTTPS to '%.200s', where anybody could answer", *ret);
        return 0;
}

int http_perform(Http *http, const HttpRequest *request, HttpReply *ret, Fault *fault) {
        bool is_origin = true;

        for (unsigned n = 0;; n++) {
                autofree char *url = NULL;
                Leg leg;
                int r;

                r = n == 0 ? ((url = strdup(request->url)) ? 0 : -ENOMEM) : next_url(ret, &url, fault);
                if (r < 0)
                        return r;

                /* What has left once does not get credentials when it is sent back. */
                is_origin = is_origin && url_is_same_origin(url, request->url);
                http_reply_done(ret);
                ret->url = TAKE(url);
                leg = (Leg){
                        .curl = http->curl,
                        .request = request,
                        .reply = ret,
                        .fault = fault,
                        .url = ret->url,
                        .is_origin = is_origin,
                };
                r = perform_leg(http, &leg);
                if (r < 0 || !request->may_redirect || !is_redirect(ret->status))
                        return r;
                if (n == HTTP_REDIRECTS)
                        return fault_raise(fault, FAULT_HOSTILE, ELOOP, "it has led on more than %u times",
                                        HTTP_REDIRECTS);
        }
}
