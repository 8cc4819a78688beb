/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signatures beside the registry: files below places that registries.d names. Nobody's credentials go there.
 */

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "image/doc.h"
#include "image/registry/retry.h"
#include "image/registry/serve.h"
#include "image/registry/url.h"
#include "lib/io.h"

/* What is in a path and cannot lead out of it, whoever reads it. */
static bool is_plain(const char *rest) {
        return strspn(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~@=+:/") ==
                               strlen(rest) &&
               !strstr(rest, "..") && !strstr(rest, "//") && *rest != '\0' && *rest != '/';
}

/* The lookaside that @url is below, and the rest. Return: NULL when it is below none. */
static const char *find_lookaside(char *const *lookasides, const char *url, const char **ret_rest) {
        for (; lookasides && *lookasides; lookasides++) {
                size_t n = strlen(*lookasides);

                while (n > 0 && (*lookasides)[n - 1] == '/')
                        n--;
                if (n == 0 || strncmp(url, *lookasides, n) != 0 || url[n] != '/')
                        continue;
                *ret_rest = url + n + 1;
                if (is_plain(*ret_rest))
                        return *lookasides;
        }
        return NULL;
}

static int no_file(const char *url, int error, Fault *fault) {
        return fault_raise(fault, error == ENOENT ? FAULT_MISSING : FAULT_SYSTEM, error,
                        "cannot read '%.300s': %s", url, strerror(error));
}

static int read_file(const char *lookaside, const char *rest, const char *url, size_t limit, char **ret,
                size_t *ret_size, Fault *fault) {
        struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
        autofd int dir_fd = -1, fd = -1;
        const char *path = lookaside + strlen("file://");
        struct stat st;
        int r;

        dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return no_file(url, errno, fault);
        fd = (int) syscall(SYS_openat2, dir_fd, rest, &how, sizeof(how));
        if (fd < 0 || fstat(fd, &st) < 0)
                return no_file(url, errno, fault);
        if (!S_ISREG(st.st_mode))
                return no_file(url, EINVAL, fault);
        r = io_read_fd(fd, limit, ret, ret_size);
        return r < 0 ? no_file(url, -r, fault) : 0;
}

static int ask(const char *lookaside, const char *url, size_t limit, HttpReply *reply, Fault *fault) {
        HttpRequest request = HTTP_REQUEST;
        autohttp Http *http = http_acquire();
        autofree char *host = NULL;
        Retry retry = {};
        int r;

        if (!http)
                return -ENOMEM;
        r = url_parse(lookaside, NULL, &host, fault);
        if (r < 0)
                return r;
        request.url = url;
        request.endpoint_host = host;
        request.may_redirect = true;
        request.limit = limit;
        request.seconds = http_setting("SLIPWAY_FETCH_DOCUMENT_SECONDS", 300);
        for (;;) {
                http_reply_done(reply);
                r = http_perform(http, &request, reply, fault);
                if (!http_is_transient(r, reply) || !retry_wait(&retry, r, reply, NULL))
                        return r;
                fault_clear(fault);
        }
}

static int read_web(const char *lookaside, const char *url, size_t limit, char **ret, size_t *ret_size,
                Fault *fault) {
        autoreply HttpReply reply = {};
        int r;

        r = ask(lookaside, url, limit, &reply, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot get '%.200s'", url);
        if (reply.status == 404 || reply.status == 410)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no '%.300s'", url);
        if (reply.status < 200 || reply.status >= 300)
                return fault_raise(fault, FAULT_SYSTEM, reply.status >= 500 ? EIO : EACCES,
                                "cannot get '%.300s': its server answers with status %ld", url,
                                reply.status);
        *ret = TAKE(reply.body);
        *ret_size = reply.size;
        return 0;
}

int do_url(Job *job, Fault *fault) {
        const char *url = job_text(job, "url", fault), *lookaside, *rest;
        autofree char *text = NULL;
        size_t size = 0;
        uint64_t limit;
        int r;

        if (!url)
                return -EINVAL;
        r = job_size(job, "limit", &limit, fault);
        if (r < 0)
                return r;
        if (limit > DOC_LIMIT)
                limit = DOC_LIMIT;
        lookaside = find_lookaside(job->server->endpoints.lookasides, url, &rest);
        if (!lookaside)
                return fault_raise(fault, FAULT_HOSTILE, EACCES,
                                "'%.300s' is not below a place where signatures are looked for", url);
        if (strncmp(lookaside, "file:///", 8) == 0)
                r = read_file(lookaside, rest, url, limit, &text, &size, fault);
        else
                r = read_web(lookaside, url, limit, &text, &size, fault);
        if (r < 0)
                return r;
        return job_answer_text(job, json_pack("{s:I}", "size", (json_int_t) size), text, size);
}
