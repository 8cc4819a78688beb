/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/update-memory.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/doc.h"
#include "image/reference.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/paths.h"
#include "lib/report.h"

enum {
        MOST_REMEMBERED = 16, /* of a name */
        LONGEST_FILE = 16384,
};

static const char *directory_of(const char *directory) {
        return directory ? directory : SLIPWAY_STATE_DIR "/update";
}

/* What there is; an empty list when there is nothing, or nothing that can be read. */
static json_t *read_bad(int dir_fd, const char *file) {
        autofree char *text = NULL;
        autojson json_t *document = NULL;
        json_t *bad;
        size_t size;

        if (io_read_file(dir_fd, file, LONGEST_FILE, &text, &size) < 0 ||
                        doc_parse(text, size, "what is known of an update", &document, NULL) < 0)
                return json_array();
        bad = json_object_get(document, "bad");
        return json_is_array(bad) ? json_incref(bad) : json_array();
}

static bool has(const json_t *list, const char *hex) {
        const char *text;

        for (size_t i = 0; i < json_array_size(list); i++) {
                text = json_string_value(json_array_get(list, i));
                if (text && strncmp(text, "sha256:", 7) == 0 && strcmp(text + 7, hex) == 0)
                        return true;
        }
        return false;
}

bool update_is_bad(const char *directory, const char *name, const Digest *digest) {
        autofd int fd = open(directory_of(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofree char *file = NULL;
        autojson json_t *bad = NULL;

        if (fd < 0 || reference_escape(name, &file) < 0)
                return false;
        bad = read_bad(fd, file);
        return digest_is_set(digest) && has(bad, digest->hex);
}

bool update_keeps_away(const char *name, const Digest *top) {
        bool is_bad = update_is_bad(NULL, name, top);

        if (is_bad)
                report_note(REPORT_NOTICE, "%s: the registry still has what did not do, sha256:%.12s", name,
                                top->hex);
        return is_bad;
}

/* The oldest go first. */
static int add(json_t *list, const Digest *digest) {
        if (!digest_is_set(digest) || has(list, digest->hex))
                return 0;
        if (json_array_size(list) >= MOST_REMEMBERED)
                (void) json_array_remove(list, 0);
        return json_array_append_new(list, json_sprintf("sha256:%s", digest->hex)) < 0 ? -ENOMEM : 0;
}

int update_remember_bad(const char *directory, const char *name, const Digest *image, const Digest *top) {
        autofree char *file = NULL, *text = NULL;
        autojson json_t *bad = NULL, *document = NULL;
        autofd int fd = -1;
        int r = reference_escape(name, &file);

        if (r < 0 || (r = io_mkdir_p(directory_of(directory), 0700)) < 0)
                return r;
        fd = open(directory_of(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        bad = read_bad(fd, file);
        if (!bad || add(bad, image) < 0 || add(bad, top) < 0)
                return -ENOMEM;
        document = json_pack("{s:s, s:O}", "name", name, "bad", bad);
        text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
        return text ? io_replace_file(fd, file, text, strlen(text), 0600) : -ENOMEM;
}

void update_forget_bad(const char *directory, const char *name) {
        autofd int fd = open(directory_of(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofree char *file = NULL;

        if (fd >= 0 && reference_escape(name, &file) >= 0)
                (void) unlinkat(fd, file, 0);
}
