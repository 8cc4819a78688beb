/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/tag.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/change.h"
#include "image/doc.h"
#include "image/list.h"
#include "image/lookup.h"
#include "image/origin.h"
#include "image/place.h"
#include "image/reference.h"
#include "image/use.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/remove-tree.h"
#include "lib/strv.h"

typedef struct Tagging {
        Store *store;
        Draft *draft;
        TagRecord *record;
        void *data;
} Tagging;

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

/* The name that tells most about an image: the one that was asked for, or any that has an origin. */
static int find_origin(Store *store, const Digest *id, const char *asked, Origin *ret, Fault *fault) {
        AUTO(name_list_done) NameList names = {};
        int r = asked ? origin_read(store, asked, id, ret, fault) : -ENOENT;

        if (r != -ENOENT)
                return r;
        r = store_list_names(store, &names, fault);
        if (r < 0)
                return r;
        r = -ENOENT;
        for (size_t i = 0; i < names.n && r == -ENOENT; i++)
                if (digest_equal(&names.items[i].id, id))
                        r = origin_read(store, names.items[i].name, id, ret, fault);
        return r;
}

static int copy_top(int from_fd, int to_fd) {
        autofree char *text = NULL;
        size_t size;
        int r = io_read_file(from_fd, "top", DOC_LIMIT, &text, &size);

        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : io_replace_file(to_fd, "top", text, size, 0600);
}

/* What is known of where the image came from is as true of its new name. */
static int copy_origin(const Tagging *tagging, const Origin *from, const char *name, Fault *fault) {
        Draft *draft = tagging->draft;
        autofd int from_fd = origin_open(tagging->store, from->name, &from->image, fault), to_fd = -1;
        Origin to = *from;
        int r;

        if (from_fd < 0)
                return from_fd;
        to.name = (char *) name;
        (void) remove_tree(draft->fd, "origin");
        if (mkdirat(draft->fd, "origin", 0700) < 0)
                return -errno;
        to_fd = openat(draft->fd, "origin", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (to_fd < 0)
                return -errno;
        if ((r = origin_write(to_fd, &to)) < 0 || (r = copy_top(from_fd, to_fd)) < 0)
                return r;
        return tagging->record ? tagging->record(tagging->data, &to, from_fd, to_fd, fault) : 0;
}

static int give_name(const Tagging *tagging, const Origin *from, const char *name, const Digest *id,
                Fault *fault) {
        int r = FAULT_POINT("tag:place a name");

        if (r >= 0 && from->name)
                r = copy_origin(tagging, from, name, fault);
        if (r >= 0 && from->name)
                r = place_origin(tagging->draft, "origin", name, id);
        return r < 0 ? r : place_name(tagging->draft, name, id);
}

static int tag_locked(const Tagging *tagging, const char *source, TagResult *result, Fault *fault) {
        Store *store = tagging->store;
        autofree char *asked = NULL;
        autoorigin Origin origin = {};
        int r;

        r = image_find(store, source, &result->id, &asked, fault);
        if (r < 0)
                return r;
        r = find_origin(store, &result->id, asked, &origin, fault);
        if (r < 0 && r != -ENOENT)
                return r;
        r = 0;
        for (size_t i = 0; result->names[i] && r >= 0; i++)
                r = give_name(tagging, &origin, result->names[i], &result->id, fault);
        image_touch(store, &result->id);
        if (r >= 0)
                r = place_sync(store, "origins");
        if (r >= 0)
                r = place_sync(store, "names");
        return r >= 0 || fault_is_raised(fault) ? r : store_failed(store, r, "name the image", fault);
}

int image_tag(Store *store, const char *source, char *const *targets, TagRecord *record, void *data,
                TagResult *ret, Fault *fault) {
        AUTO(tag_result_done) TagResult result = {};
        autodraft Draft draft = { .fd = -1 };
        const Tagging tagging = { store, &draft, record, data };
        int r;

        if ((r = read_targets(targets, &result.names, fault)) < 0 ||
                        (r = draft_begin(store, &draft, fault)) < 0 ||
                        (r = store_lock(store, STORE_EXCLUSIVE, fault)) < 0)
                return r;
        r = tag_locked(&tagging, source, &result, fault);
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
