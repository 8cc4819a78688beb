/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/tag.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "image/change.h"
#include "image/lookup.h"
#include "image/reference.h"
#include "lib/fault-point.h"
#include "lib/strv.h"

/* A digest is no name that one may give: it is true or not. */
static int read_targets(char *const *targets, char ***ret, Fault *fault) {
        autostrv char **names = NULL;

        for (size_t i = 0; targets[i]; i++) {
                AUTO(reference_done) Reference reference = {};
                autofree char *name = NULL;
                int r;

                if ((r = reference_parse(targets[i], &reference, fault)) < 0 ||
                                (r = reference_normalise(targets[i], &name, fault)) < 0)
                        return r;
                if (digest_is_set(&reference.digest))
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "'%.300s' has a digest, which cannot be given", targets[i]);
                if (!strv_find(names, name) && (r = strv_take(&names, TAKE(name))) < 0)
                        return r;
        }
        *ret = TAKE(names);
        return 0;
}

static int place_name(Store *store, Draft *draft, const char *name, const Digest *id) {
        char target[16 + DIGEST_HEX], path[NAME_MAX + 16];
        autofree char *file = NULL;
        int r = reference_escape(name, &file);

        if (r < 0)
                return r;
        (void) snprintf(target, sizeof(target), "../images/%s", id->hex);
        (void) snprintf(path, sizeof(path), "names/%s", file);
        (void) unlinkat(draft->fd, "name", 0);
        if (symlinkat(target, draft->fd, "name") < 0 || renameat(draft->fd, "name", store->fd, path) < 0)
                return -errno;
        return 0;
}

static int tag_locked(Store *store, Draft *draft, const char *source, TagResult *result, Fault *fault) {
        autofd int names_fd = -1;
        int r;

        r = image_find(store, source, &result->id, NULL, fault);
        if (r < 0)
                return r;
        for (size_t i = 0; result->names[i] && r >= 0; i++) {
                r = FAULT_POINT("tag:place a name");
                if (r >= 0)
                        r = place_name(store, draft, result->names[i], &result->id);
        }
        if (r >= 0) {
                names_fd = openat(store->fd, "names", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                r = names_fd < 0 || fsync(names_fd) < 0 ? -errno : 0;
        }
        return r < 0 ? store_failed(store, r, "name the image", fault) : 0;
}

int image_tag(Store *store, const char *source, char *const *targets, TagResult *ret, Fault *fault) {
        AUTO(tag_result_done) TagResult result = {};
        autodraft Draft draft = { .fd = -1 };
        int r;

        if ((r = read_targets(targets, &result.names, fault)) < 0 ||
                        (r = draft_begin(store, &draft, fault)) < 0 ||
                        (r = store_lock(store, STORE_EXCLUSIVE, fault)) < 0)
                return r;
        r = tag_locked(store, &draft, source, &result, fault);
        store_unlock(store);
        if (r < 0)
                return r;
        *ret = result;
        result = (TagResult){};
        return 0;
}

void tag_result_done(TagResult *result) {
        strv_free(result->names);
        *result = (TagResult){};
}
