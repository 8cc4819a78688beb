/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/expect.h"

#include <fcntl.h>
#include <search.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "image/layer-tree.h"
#include "image/whiteout.h"
#include "lib/strv.h"

#define LINKS_MOST 40

static int compare(const void *a, const void *b) {
        return strcmp(((const Expected *) a)->path, ((const Expected *) b)->path);
}

/* All but the path, and what is counted. */
static void forget(Expected *expected) {
        Expected kept = { .path = expected->path, .turn = expected->turn + 1 };

        for (size_t i = 0; i < expected->n_xattrs; i++) {
                free(expected->xattrs[i].name);
                free(expected->xattrs[i].value);
        }
        free(expected->xattrs);
        free(expected->target);
        free(expected->link);
        *expected = kept;
}

static void free_expected(void *data) {
        Expected *expected = data;

        forget(expected);
        free(expected->path);
        free(expected);
}

Expected *expect_find(const Expectations *expectations, const char *path) {
        Expected wanted = { .path = (char *) path }, **found;

        found = (Expected **) tfind(&wanted, &expectations->tree, compare);
        return found ? *found : NULL;
}

static Expected *find_or_make(Expectations *expectations, const char *path) {
        Expected *expected = expect_find(expectations, path);

        if (expected)
                return expected;
        expected = calloc(1, sizeof(Expected));
        if (!expected)
                return NULL;
        expected->path = strdup(path);
        if (!expected->path || !tsearch(expected, &expectations->tree, compare)) {
                free_expected(expected);
                return NULL;
        }
        return expected;
}

static int from_below(const Expectations *expectations, const char *path, Expected *expected) {
        autofd int fd = expectations->n_below > 0
                                        ? tree_find(expectations->below, expectations->n_below, path)
                                        : -ENOENT;
        char target[PATH_MAX];
        struct stat st;
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -ENOENT;
        attributes_from_stat(&st, &expected->attributes);
        expected->size = st.st_size;
        expected->any_xattrs = true;
        if (!S_ISLNK(st.st_mode))
                return 0;
        n = readlinkat(fd, "", target, sizeof(target) - 1);
        expected->target = n < 0 ? NULL : strndup(target, (size_t) n);
        return expected->target ? 0 : -ENOMEM;
}

static int add_late(
                Expectations *expectations, const char *path, const Attributes *attributes, bool implied) {
        ExpectedLate *late;

        if (expectations->n_late == expectations->late_room) {
                size_t room = expectations->late_room ? 2 * expectations->late_room : 256;
                ExpectedLate *grown = reallocarray(expectations->late, room, sizeof(ExpectedLate));

                if (!grown)
                        return -ENOMEM;
                expectations->late = grown;
                expectations->late_room = room;
        }
        late = &expectations->late[expectations->n_late];
        *late = (ExpectedLate){ strdup(path), *attributes, implied };
        if (!late->path)
                return -ENOMEM;
        expectations->n_late++;
        return 0;
}

/* A directory that the archive does not mention. */
static int imply(Expectations *expectations, const char *path, const struct timespec *mtime) {
        Expected *expected = expect_find(expectations, path);

        if (expected)
                return 0;
        expected = find_or_make(expectations, path);
        if (!expected)
                return -ENOMEM;
        expected->attributes = (Attributes){ .mode = S_IFDIR | 0755, .mtime = *mtime };
        return add_late(expectations, path, &expected->attributes, true);
}

static int imply_parents(Expectations *expectations, const char *path, const struct timespec *mtime) {
        char prefix[PATH_MAX];
        int r = 0;

        for (const char *slash = strchr(path, '/'); slash && r >= 0; slash = strchr(slash + 1, '/')) {
                memcpy(prefix, path, (size_t) (slash - path));
                prefix[slash - path] = '\0';
                r = imply(expectations, prefix, mtime);
        }
        return r;
}

int expect_begin(Expectations *expectations, const int *below, size_t n_below) {
        static const struct timespec epoch = {};

        *expectations = (Expectations){ .below = below, .n_below = n_below };
        return imply(expectations, "", &epoch);
}

/* Appends a component; ".." goes up, but not out of the layer. */
static bool step(char ret[PATH_MAX], const char *name, size_t n) {
        size_t used = strlen(ret);
        char *slash = strrchr(ret, '/');

        if (n == 0 || (n == 1 && *name == '.'))
                return true;
        if (n == 2 && memcmp(name, "..", 2) == 0) {
                *(slash ? slash : ret) = '\0';
                return true;
        }
        if (used + n + 2 > PATH_MAX)
                return false;
        if (used > 0)
                ret[used++] = '/';
        memcpy(ret + used, name, n);
        ret[used + n] = '\0';
        return true;
}

/* Follows links as if the layer were all there is. What is not there is taken for a directory. */
static bool follow(const Expectations *expectations, const char *path, char ret[PATH_MAX]) {
        char left[2 * PATH_MAX], rest[2 * PATH_MAX];
        unsigned links = 0;

        *ret = '\0';
        (void) stpcpy(left, path);
        while (*left) {
                size_t n = strcspn(left, "/"), used = strlen(ret);
                const Expected *expected;

                if (!step(ret, left, n))
                        return false;
                memmove(left, left + n + (left[n] == '/'), strlen(left + n + (left[n] == '/')) + 1);
                expected = expect_find(expectations, ret);
                if (!expected || !expected->target)
                        continue;
                if (++links > LINKS_MOST || snprintf(rest, sizeof(rest), "%s/%s", expected->target, left) >=
                                                            (int) sizeof(rest))
                        return false;
                ret[*expected->target == '/' ? 0 : used] = '\0';
                (void) stpcpy(left, rest);
        }
        return true;
}

/* Where a directory is that the archive gets to by links, perhaps. */
static const char *resolve(Expectations *expectations, const char *parent) {
        if (expectations->has_parent && strcmp(expectations->parent, parent) == 0)
                return expectations->real;
        (void) stpcpy(expectations->parent, parent);
        expectations->has_parent = true;
        if (!follow(expectations, parent, expectations->real))
                (void) stpcpy(expectations->real, parent);
        return expectations->real;
}

/* "a/b" through links. Return: whether it fits. */
static bool real_path(Expectations *expectations, const char *path, char ret[PATH_MAX]) {
        char copy[PATH_MAX], *name;
        const char *parent, *real;

        (void) stpcpy(copy, path);
        parent = tree_split(copy, &name);
        real = *parent ? resolve(expectations, parent) : "";
        return snprintf(ret, PATH_MAX, "%s%s%s", real, *real ? "/" : "", name) < PATH_MAX;
}

typedef struct Below {
        const char *path;
        size_t n_path;
        Expected **found;
        size_t n, room;
        bool failed;
} Below;

static void collect_below(const void *node, VISIT visit, void *data) {
        Expected *expected = *(Expected *const *) node;
        Below *below = data;

        if ((visit != postorder && visit != leaf) ||
                        strncmp(expected->path, below->path, below->n_path) != 0 ||
                        expected->path[below->n_path] != '/')
                return;
        if (below->n == below->room) {
                size_t room = below->room ? 2 * below->room : 64;
                Expected **grown = reallocarray(below->found, room, sizeof(Expected *));

                below->failed |= !grown;
                if (!grown)
                        return;
                below->found = grown;
                below->room = room;
        }
        below->found[below->n++] = expected;
}

/* What is below a directory goes with it. */
static int drop_below(Expectations *expectations, const char *path) {
        Below below = { path, strlen(path), NULL, 0, 0, false };

        twalk_r(expectations->tree, collect_below, &below);
        for (size_t i = 0; i < below.n; i++) {
                (void) tdelete(below.found[i], &expectations->tree, compare);
                free_expected(below.found[i]);
        }
        free(below.found);
        expectations->has_parent = false;
        return below.failed ? -ENOMEM : 0;
}

/* Makes way for something else. */
static int replace(Expectations *expectations, Expected *expected) {
        int r = S_ISDIR(expected->attributes.mode) ? drop_below(expectations, expected->path) : 0;

        if (expected->attributes.mode != 0)
                expectations->has_parent = false;
        forget(expected);
        return r;
}

static int add_xattrs(Expected *expected, struct archive_entry *entry) {
        const char *name;
        const void *value;
        size_t size;

        if (archive_entry_xattr_count(entry) == 0)
                return 0;
        (void) archive_entry_xattr_reset(entry);
        while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
                ExpectedXattr *grown, *one;

                if (!name || !xattr_is_kept(name, value, size))
                        continue;
                expected->any_mode |= strncmp(name, "system.", strlen("system.")) == 0;
                grown = reallocarray(expected->xattrs, expected->n_xattrs + 1, sizeof(ExpectedXattr));
                if (!grown)
                        return -ENOMEM;
                expected->xattrs = grown;
                one = &grown[expected->n_xattrs];
                *one = (ExpectedXattr){ strdup(name), malloc(size + 1), size };
                expected->n_xattrs++;
                if (!one->name || !one->value)
                        return -ENOMEM;
                memcpy(one->value, value, size);
        }
        return 0;
}

static int copy_expected(const Expected *from, Expected *to) {
        to->attributes = from->attributes;
        to->size = from->size;
        to->device = from->device;
        to->is_wrong = from->is_wrong;
        to->any_xattrs = from->any_xattrs || from->n_xattrs > 0;
        to->any_mode = from->any_mode;
        to->link_turn = from->turn;
        to->link = strdup(from->path);
        to->target = from->target ? strdup(from->target) : NULL;
        return !to->link || (from->target && !to->target) ? -ENOMEM : 0;
}

static int take_link(Expectations *expectations, const char *path, const char *raw) {
        char target[PATH_MAX], real[PATH_MAX];
        Expected *from, *to;
        int r = tree_normalise(raw, target, NULL);

        if (r < 0 || *target == '\0' || !real_path(expectations, target, real) || strcmp(real, path) == 0)
                return 0;
        to = find_or_make(expectations, path);
        if (!to)
                return -ENOMEM;
        r = replace(expectations, to);
        from = expect_find(expectations, real);
        if (r < 0)
                return r;
        if (from)
                return copy_expected(from, to);
        r = from_below(expectations, target, to);
        return r == -ENOENT ? 0 : r;
}

/* As make_device() of the unpacker has it. */
static bool is_made(const Attributes *attributes, dev_t device) {
        static const struct {
                unsigned major, minor;
        } harmless[] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 } };

        if (S_ISSOCK(attributes->mode) || S_ISBLK(attributes->mode))
                return false;
        for (size_t i = 0; S_ISCHR(attributes->mode) && i < ELEMENTS(harmless); i++)
                if (device == makedev(harmless[i].major, harmless[i].minor))
                        return true;
        return !S_ISCHR(attributes->mode);
}

static int take_node(Expectations *expectations, const char *path, const Attributes *attributes,
                struct archive_entry *entry, Expected **ret) {
        dev_t device = makedev((unsigned) archive_entry_rdevmajor(entry),
                        (unsigned) archive_entry_rdevminor(entry));
        const char *target = archive_entry_symlink(entry);
        Expected *expected;
        int r = 0;

        if (S_ISCHR(attributes->mode) && device == 0)
                return strv_append(&expectations->whiteouts, path);
        if (!is_made(attributes, device))
                return 0;
        expected = find_or_make(expectations, path);
        if (!expected)
                return -ENOMEM;
        if (!S_ISDIR(attributes->mode) || !S_ISDIR(expected->attributes.mode))
                r = replace(expectations, expected);
        expected->attributes = *attributes;
        expected->size = archive_entry_size(entry);
        expected->device = S_ISCHR(attributes->mode) ? device : 0;
        expected->any_xattrs = false;
        if (r >= 0 && S_ISLNK(attributes->mode) && !(expected->target = strdup(target ?: "")))
                return -ENOMEM;
        if (r >= 0 && (S_ISREG(attributes->mode) || S_ISDIR(attributes->mode)))
                r = add_xattrs(expected, entry);
        *ret = S_ISREG(attributes->mode) ? expected : NULL;
        return r;
}

static int take_whiteout(Expectations *expectations, const char *parent, const char *name) {
        if (strcmp(name, OPAQUE) == 0)
                return strv_append(&expectations->opaque, parent);
        return strv_appendf(&expectations->whiteouts, "%s%s%s", parent, *parent ? "/" : "",
                        name + strlen(WHITEOUT));
}

int expect_entry(Expectations *expectations, struct archive_entry *entry, Expected **ret) {
        const char *raw = archive_entry_pathname(entry), *parent;
        char path[PATH_MAX], real[PATH_MAX], copy[PATH_MAX], *name;
        Attributes attributes;
        int r;

        *ret = NULL;
        if (!raw || tree_normalise(raw, path, NULL) < 0 || is_aufs(path))
                return 0;
        (void) stpcpy(copy, path);
        parent = tree_split(copy, &name);
        if (starts_with(name, WHITEOUT))
                return take_whiteout(expectations, parent, name);
        if (attributes_from_entry(entry, &attributes, NULL) < 0 || !real_path(expectations, path, real))
                return 0;
        r = *real ? imply_parents(expectations, real, &attributes.mtime) : 0;
        if (r < 0)
                return r;
        if (archive_entry_hardlink(entry))
                return take_link(expectations, real, archive_entry_hardlink(entry));
        r = S_ISDIR(attributes.mode) ? add_late(expectations, path, &attributes, false) : 0;
        return r < 0 ? r : take_node(expectations, real, &attributes, entry, ret);
}

/* Overlayfs merges roots whatever they say, so what is in those below is hidden name by name. */
static int hide_root(Expectations *expectations) {
        for (size_t i = 0; i < expectations->n_below; i++) {
                int fd = openat(expectations->below[i], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
                struct dirent *entry;

                while (dir && (entry = readdir(dir))) {
                        int r = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
                                                ? 0
                                                : strv_append(&expectations->whiteouts, entry->d_name);

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static bool is_below(const Expectations *expectations, const char *path) {
        autofd int fd = expectations->n_below > 0
                                        ? tree_find(expectations->below, expectations->n_below, path)
                                        : -ENOENT;

        return fd >= 0;
}

static int take_opaque(Expectations *expectations, const char *path) {
        static const struct timespec epoch = {};
        Expected *expected = expect_find(expectations, path);
        int r;

        if (*path == '\0')
                return hide_root(expectations);
        if (!expected) {
                if (!is_below(expectations, path))
                        return 0;
                if ((r = imply_parents(expectations, path, &epoch)) < 0 ||
                                (r = imply(expectations, path, &epoch)) < 0)
                        return r;
                expected = expect_find(expectations, path);
        }
        if (S_ISDIR(expected->attributes.mode))
                expected->opaque = true;
        return 0;
}

/* Where nothing is hidden there is none, and what hides may be a whiteout further up. */
static bool is_hidden(const Expectations *expectations, const char *path) {
        char prefix[PATH_MAX];

        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                const Expected *expected;

                memcpy(prefix, path, (size_t) (slash - path));
                prefix[slash - path] = '\0';
                expected = expect_find(expectations, prefix);
                if (expected && (expected->opaque || !S_ISDIR(expected->attributes.mode)))
                        return true;
        }
        return false;
}

static int apply_whiteout(Expectations *expectations, const char *path) {
        static const struct timespec epoch = {};
        Expected *expected = expect_find(expectations, path);
        int r;

        if (expected) {
                expected->opaque |= S_ISDIR(expected->attributes.mode);
                return 0;
        }
        if (!is_below(expectations, path) || is_hidden(expectations, path))
                return 0;
        r = imply_parents(expectations, path, &epoch);
        expected = r < 0 ? NULL : find_or_make(expectations, path);
        if (!expected)
                return r < 0 ? r : -ENOMEM;
        expected->is_whiteout = true;
        return 0;
}

static int apply_late(Expectations *expectations) {
        char real[PATH_MAX] = "";

        expectations->has_parent = false;
        for (size_t i = 0; i < expectations->n_late; i++) {
                const ExpectedLate *late = &expectations->late[i];
                Expected *expected, below = {};

                if (*late->path && !real_path(expectations, late->path, real))
                        continue;
                expected = expect_find(expectations, *late->path ? real : "");
                if (!expected || !S_ISDIR(expected->attributes.mode))
                        continue;
                expected->attributes = late->attributes;
                if (late->implied && from_below(expectations, late->path, &below) >= 0 &&
                                S_ISDIR(below.attributes.mode)) {
                        expected->attributes = below.attributes;
                        expected->any_xattrs = true;
                }
                free(below.target);
        }
        return 0;
}

int expect_end(Expectations *expectations) {
        int r = 0;

        for (size_t i = 0; expectations->opaque && expectations->opaque[i] && r >= 0; i++)
                r = take_opaque(expectations, expectations->opaque[i]);
        for (size_t i = 0; expectations->whiteouts && expectations->whiteouts[i] && r >= 0; i++)
                r = apply_whiteout(expectations, expectations->whiteouts[i]);
        return r < 0 ? r : apply_late(expectations);
}

typedef struct Missing {
        ExpectMissing *missing;
        void *data;
} Missing;

static void look_at(const void *node, VISIT visit, void *data) {
        const Expected *expected = *(Expected *const *) node;
        const Missing *missing = data;

        if ((visit == postorder || visit == leaf) && !expected->seen)
                missing->missing(missing->data, expected->path);
}

void expect_missing(const Expectations *expectations, ExpectMissing *missing, void *data) {
        Missing both = { missing, data };

        twalk_r(expectations->tree, look_at, &both);
}

void expectations_done(Expectations *expectations) {
        tdestroy(expectations->tree, free_expected);
        for (size_t i = 0; i < expectations->n_late; i++)
                free(expectations->late[i].path);
        free(expectations->late);
        strv_free(expectations->opaque);
        strv_free(expectations->whiteouts);
        *expectations = (Expectations){};
}
