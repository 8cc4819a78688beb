/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/unpack.h"

#include <fcntl.h>
#include <string.h>

#include "image/layer-tree.h"
#include "image/unpacker.h"
#include "image/whiteout.h"
#include "lib/cleanup.h"

/* A whiteout names something else, so nothing can be below it. */
static bool is_below_whiteout(const char *parent) {
        return starts_with(parent, WHITEOUT) || strstr(parent, "/" WHITEOUT);
}

static int unpack_whiteout(Unpacker *unpacker, const char *parent, const char *name, Fault *fault) {
        char hidden[PATH_MAX];

        if (strcmp(name, OPAQUE) == 0)
                return late_add(unpacker, LATE_OPAQUE, parent, NULL, fault);

        name += strlen(WHITEOUT);
        if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return fault_raise(fault, FAULT_HOSTILE, EINVAL, "it is a whiteout of nothing");
        (void) snprintf(hidden, sizeof(hidden), "%s%s%s", parent, *parent ? "/" : "", name);
        return late_add(unpacker, LATE_WHITEOUT, hidden, NULL, fault);
}

static int unpack_entry(Unpacker *unpacker, struct archive_entry *archive, Fault *fault) {
        const char *raw = archive_entry_pathname(archive), *parent;
        char path[PATH_MAX], *name;
        Entry entry = { .archive = archive };
        int r;

        if (!raw)
                return fault_raise(fault, FAULT_SYNTAX, EILSEQ, "its name cannot be read");
        if (!budget_take(&unpacker->budget->entries, 1))
                return fault_raise(fault, FAULT_HOSTILE, E2BIG,
                                "the image has more entries than are allowed, see --max-entries= of "
                                "slipway-import(1)");
        unpacker->result.entries++;

        r = tree_normalise(raw, entry.path, fault);
        if (r < 0 || is_aufs(entry.path))
                return r;

        (void) stpcpy(path, entry.path);
        parent = tree_split(path, &name);
        if (is_below_whiteout(parent))
                return fault_raise(fault, FAULT_HOSTILE, EINVAL, "its directory is a whiteout");
        if (starts_with(name, WHITEOUT))
                return unpack_whiteout(unpacker, parent, name, fault);

        r = attributes_from_entry(archive, &entry.attributes, fault);
        if (r < 0)
                return r;
        if (entry.attributes.mtime.tv_sec > unpacker->result.newest)
                unpacker->result.newest = entry.attributes.mtime.tv_sec;
        return unpack_node(unpacker, &entry, fault);
}

/* A name goes into a message, so it must not be able to drive a terminal. */
static int name_the_entry(struct archive_entry *entry, int r, Fault *fault) {
        const char *raw = archive_entry_pathname(entry);
        char name[160];
        size_t n = 0;

        for (; raw && raw[n] && n < sizeof(name) - 1; n++)
                name[n] = raw[n] >= 0x20 && raw[n] < 0x7f ? raw[n] : '?';
        name[n] = '\0';
        return fault_wrap(fault, r, "entry '%s'", name);
}

static int unpack_all(Unpacker *unpacker, Fault *fault) {
        struct archive_entry *entry;
        int r;

        while ((r = tar_next(unpacker->tar, &entry, fault)) > 0) {
                r = unpack_entry(unpacker, entry, fault);
                if (r < 0)
                        return name_the_entry(entry, r, fault);
        }
        return r;
}

/* The uppermost layer's root is the root that a container sees. */
static int default_root(Unpacker *unpacker, Fault *fault) {
        const Late late = { { .mode = S_IFDIR | 0755 }, .implied = true };

        return late_add(unpacker, LATE_DIRECTORY, "", &late, fault);
}

bool budget_take(uint64_t *left, uint64_t n) {
        uint64_t now = __atomic_load_n(left, __ATOMIC_RELAXED);

        do {
                if (n > now)
                        return false;
        } while (!__atomic_compare_exchange_n(
                        left, &now, now - n, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
        return true;
}

int unpack_need_below(Unpacker *unpacker, Fault *fault) {
        const int *below;
        size_t n;
        int r;

        if (unpacker->roots)
                return 0;
        r = unpacker->below(unpacker->below_data, &below, &n, fault);
        if (r < 0)
                return r;
        unpacker->roots = calloc(n + 1, sizeof(int));
        if (!unpacker->roots)
                return -ENOMEM;
        unpacker->roots[0] = unpacker->root_fd;
        if (n > 0)
                memcpy(unpacker->roots + 1, below, n * sizeof(int));
        unpacker->n_roots = n + 1;
        return 0;
}

int unpacker_new(int root_fd, UnpackBelow *below, void *data, UnpackBudget *budget, Unpacker **ret) {
        Unpacker *unpacker = calloc(1, sizeof(Unpacker));

        if (!unpacker)
                return -ENOMEM;
        unpacker->root_fd = root_fd;
        unpacker->below = below;
        unpacker->below_data = data;
        unpacker->budget = budget;
        unpacker->parent_fd = -1;
        *ret = unpacker;
        return 0;
}

int unpack_archive(Unpacker *unpacker, Tar *tar, Fault *fault) {
        AUTO(tar_names_end) __attribute__((unused)) locale_t before = tar_names_begin();
        int r;

        unpacker->tar = tar;
        r = default_root(unpacker, fault);
        if (r >= 0)
                r = unpack_all(unpacker, fault);
        unpacker->tar = NULL;
        return r;
}

int unpack_finish(Unpacker *unpacker, UnpackResult *ret, Fault *fault) {
        int r;

        if ((r = unpack_need_below(unpacker, fault)) < 0 || (r = late_apply(unpacker, fault)) < 0)
                return r;
        *ret = unpacker->result;
        return 0;
}

void unpack_refund(Unpacker *unpacker) {
        (void) __atomic_add_fetch(&unpacker->budget->entries, unpacker->result.entries, __ATOMIC_RELAXED);
        (void) __atomic_add_fetch(&unpacker->budget->bytes, unpacker->result.bytes, __ATOMIC_RELAXED);
}

void unpacker_free(Unpacker *unpacker) {
        unpack_forget_parent(unpacker);
        late_done(unpacker);
        free(unpacker->roots);
        free(unpacker);
}
