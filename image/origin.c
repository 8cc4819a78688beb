/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/origin.h"

#include <fcntl.h>
#include <string.h>

#include "image/doc.h"
#include "image/reference.h"
#include "lib/io.h"

#define ORIGIN_FILE "origin.json"
#define ORIGIN_LIMIT 65536

int origin_open(const Store *store, const char *name, const Digest *image, Fault *fault) {
        autofree char *file = NULL, *path = NULL;
        int fd, r = reference_escape(name, &file);

        if (r < 0)
                return fault_raise(fault, FAULT_VALUE, -r, "'%.200s' cannot be the name of an image", name);
        if (asprintf(&path, "origins/%s/%s", file, image->hex) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
                return -ENOENT;
        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno,
                                "cannot read where the image '%.200s' came from: %s", name, strerror(errno));
        return fd;
}

static int parse(const char *text, size_t size, Origin *ret, Fault *fault) {
        AUTO(origin_done) Origin origin = {};
        autofree char *image = NULL, *top = NULL;
        autojson json_t *document = NULL;
        int r;

        if ((r = doc_parse(text, size, ORIGIN_FILE, &document, fault)) < 0 ||
                        (r = doc_string(document, "name", &origin.name, fault)) < 0 ||
                        (r = doc_string(document, "transport", &origin.transport, fault)) < 0 ||
                        (r = doc_string(document, "image", &image, fault)) < 0 ||
                        (r = doc_string(document, "top", &top, fault)) < 0 ||
                        (r = doc_string(document, "platform", &origin.platform, fault)) < 0 ||
                        (r = doc_number(document, "time", &origin.time, fault)) < 0)
                return r;
        if (!origin.name || !origin.transport)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, ORIGIN_FILE " lacks a name or a transport");
        if ((r = digest_parse(image ? image : "", &origin.image, fault)) < 0 ||
                        (top && (r = digest_parse(top, &origin.top, fault)) < 0))
                return r;
        *ret = origin;
        origin = (Origin){};
        return 0;
}

int origin_read(const Store *store, const char *name, const Digest *image, Origin *ret, Fault *fault) {
        autofd int fd = origin_open(store, name, image, fault);
        autofree char *text = NULL;
        size_t size;
        int r;

        if (fd < 0)
                return fd;
        r = io_read_file(fd, ORIGIN_FILE, ORIGIN_LIMIT, &text, &size);
        if (r == -ENOENT)
                return r;
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r,
                                "cannot read where the image '%.200s' came from: %s", name, strerror(-r));
        r = parse(text, size, ret, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot read where the image '%.200s' came from", name) : 0;
}

static json_t *digest_json(const Digest *digest) {
        return digest_is_set(digest) ? json_sprintf("sha256:%s", digest->hex) : NULL;
}

int origin_write(int dir_fd, const Origin *origin) {
        autojson json_t *document = json_pack("{s:s, s:s, s:o, s:o*, s:s*, s:I}", "name", origin->name,
                        "transport", origin->transport, "image", digest_json(&origin->image), "top",
                        digest_json(&origin->top), "platform", origin->platform, "time",
                        (json_int_t) origin->time);
        autofree char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

        return text ? io_replace_file(dir_fd, ORIGIN_FILE, text, strlen(text), 0600) : -ENOMEM;
}

void origin_done(Origin *origin) {
        free(origin->name);
        free(origin->transport);
        free(origin->platform);
        *origin = (Origin){};
}
