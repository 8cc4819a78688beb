/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/search.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "generator/quadlet/manifest.h"
#include "lib/strv.h"

#define SYSTEM_DIR "/etc/slipway"
#define RUNTIME_DIR "/run/slipway/manifests"
#define VENDOR_DIR "/usr/share/slipway/manifests"

enum { DEEPEST = 32 };

/* A directory that was scanned, so that links in circles end. */
typedef struct Visit {
        dev_t device;
        ino_t inode;
} Visit;

typedef struct Scan {
        Search *search;
        Arena *arena;
        FaultList *faults;
        SearchScope scope;
        unsigned root, rank;
        Visit *visits;
        size_t n_visits;
} Scan;

static int user_roots(char ***roots) {
        const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME"),
                   *runtime = getenv("XDG_RUNTIME_DIR");
        unsigned uid = (unsigned) getuid();
        int r = 0;

        if (config && *config == '/')
                r = strv_appendf(roots, "%s/slipway", config);
        else if (home && *home == '/')
                r = strv_appendf(roots, "%s/.config/slipway", home);
        if (r >= 0 && runtime && *runtime == '/')
                r = strv_appendf(roots, "%s/slipway/manifests", runtime);
        if (r >= 0)
                r = strv_append(roots, SYSTEM_DIR "/users");
        if (r >= 0)
                r = strv_appendf(roots, SYSTEM_DIR "/users/%u", uid);
        if (r >= 0)
                r = strv_append(roots, VENDOR_DIR "/users");
        if (r >= 0)
                r = strv_appendf(roots, VENDOR_DIR "/users/%u", uid);
        return r;
}

static int system_roots(char ***roots) {
        int r = strv_append(roots, SYSTEM_DIR);

        if (r >= 0)
                r = strv_append(roots, RUNTIME_DIR);
        return r >= 0 ? strv_append(roots, VENDOR_DIR) : r;
}

static int listed_roots(char ***roots, const char *list) {
        int r = 0;

        while (*list && r >= 0) {
                size_t n = strcspn(list, ":");

                if (n > 0)
                        r = strv_appendf(roots, "%.*s", (int) n, list);
                list += n + (list[n] == ':');
        }
        return r;
}

int search_roots(SearchScope scope, char ***ret) {
        const char *list = getenv("SLIPWAY_UNIT_DIRS");
        autostrv char **roots = NULL;
        int r;

        if (list && *list)
                r = listed_roots(&roots, list);
        else
                r = scope == SEARCH_USER ? user_roots(&roots) : system_roots(&roots);
        if (r < 0)
                return r;

        *ret = TAKE(roots);
        return 0;
}

static bool is_number(const char *name) {
        return *name != '\0' && name[strspn(name, "0123456789")] == '\0';
}

/*
 * Directories for the users lie below those of the system. A user has a
 * directory of their own, which is on their list by itself; others' are none of theirs.
 */
static bool is_somebody_elses(const Scan *scan, const char *directory, const char *name) {
        if (scan->scope == SEARCH_SYSTEM)
                return strcmp(name, "users") == 0 &&
                       (strcmp(directory, SYSTEM_DIR) == 0 || strcmp(directory, VENDOR_DIR) == 0);
        return is_number(name) &&
               (strcmp(directory, SYSTEM_DIR "/users") == 0 || strcmp(directory, VENDOR_DIR "/users") == 0);
}

static int add_file(SearchFile **files, size_t *n, size_t *room, const SearchFile *file) {
        size_t more = *room > 0 ? *room * 2 : 64;
        SearchFile *grown;

        if (*n == *room) {
                grown = reallocarray(*files, more, sizeof(SearchFile));
                if (!grown)
                        return -ENOMEM;
                *files = grown;
                *room = more;
        }
        (*files)[(*n)++] = *file;
        return 0;
}

/* Reports a directory that cannot be read; one that is not there is like an empty one. */
static int cannot_read(Scan *scan, const char *path, int error) {
        Place place = { .path = path };

        if (error == ENOMEM)
                return -ENOMEM;
        if (error != ENOENT)
                (void) faults_raise(scan->faults, &place, FAULT_SYSTEM, "cannot read the directory: %s",
                                strerror(error));
        return 0;
}

typedef struct Entry {
        const char *name;
        unsigned char type; /* DT_* */
} Entry;

static int compare_entry(const void *a, const void *b) {
        return strcmp(((const Entry *) a)->name, ((const Entry *) b)->name);
}

/* All entries of a directory, sorted. */
static int list_entries(Scan *scan, DIR *directory, Entry **ret, size_t *ret_n) {
        autofree Entry *entries = NULL;
        size_t n = 0, room = 0;
        struct dirent *de;

        while ((errno = 0, de = readdir(directory))) {
                char *name;

                if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
                        continue;
                if (n == room) {
                        Entry *grown = reallocarray(entries, room = room > 0 ? room * 2 : 64, sizeof(Entry));

                        if (!grown)
                                return -ENOMEM;
                        entries = grown;
                }
                name = arena_string(scan->arena, de->d_name);
                if (!name)
                        return -ENOMEM;
                entries[n++] = (Entry){ .name = name, .type = de->d_type };
        }
        if (errno != 0)
                return -errno;

        if (n > 1)
                qsort(entries, n, sizeof(Entry), compare_entry);
        *ret = TAKE(entries);
        *ret_n = n;
        return 0;
}

/* What an entry is in the end, links followed. */
static bool is_directory(int dir_fd, const Entry *entry) {
        struct stat st;

        if (entry->type != DT_UNKNOWN && entry->type != DT_LNK)
                return entry->type == DT_DIR;
        return fstatat(dir_fd, entry->name, &st, 0) >= 0 && S_ISDIR(st.st_mode);
}

static bool is_dropin_directory(const char *name, size_t n) {
        return n > 2 && strcmp(name + n - 2, ".d") == 0;
}

static bool has_suffix(const char *name, const char *suffix) {
        size_t n = strlen(name), m = strlen(suffix);

        return n > m && strcmp(name + n - m, suffix) == 0;
}

static int scan_dropins(Scan *scan, const char *path, const char *dropin_of) {
        autoclosedir DIR *directory = opendir(path);
        autofree Entry *entries = NULL;
        size_t n = 0;
        int r;

        if (!directory)
                return cannot_read(scan, path, errno);
        r = list_entries(scan, directory, &entries, &n);
        if (r < 0)
                return cannot_read(scan, path, -r);

        for (size_t i = 0; i < n && r >= 0; i++) {
                SearchFile file = {
                        .name = entries[i].name,
                        .directory = path,
                        .path = arena_join(scan->arena, path, "/", entries[i].name),
                        .dropin_of = dropin_of,
                        .root = scan->root,
                        .rank = scan->rank++,
                        .is_plain = entries[i].type == DT_REG,
                        .is_directory = entries[i].type == DT_DIR,
                };

                if (!has_suffix(file.name, ".conf"))
                        continue;
                if (!file.path)
                        return -ENOMEM;
                r = add_file(&scan->search->dropins, &scan->search->n_dropins, &scan->search->dropins_room,
                                &file);
        }
        return r;
}

static int add_manifest(Scan *scan, const char *directory, const char *path, const Entry *entry) {
        const SearchFile file = {
                .name = entry->name,
                .directory = directory,
                .path = path,
                .root = scan->root,
                .rank = scan->rank++,
                .is_plain = entry->type == DT_REG,
                .is_directory = entry->type == DT_DIR,
        };

        return add_file(&scan->search->manifests, &scan->search->n_manifests, &scan->search->manifests_room,
                        &file);
}

/* Return: 1 the first time that a directory is seen, 0 after that, -errno. */
static int visit(Scan *scan, int fd) {
        struct stat st;
        Visit *grown;

        if (fstat(fd, &st) < 0)
                return -errno;
        for (size_t i = 0; i < scan->n_visits; i++)
                if (scan->visits[i].device == st.st_dev && scan->visits[i].inode == st.st_ino)
                        return 0;

        grown = reallocarray(scan->visits, scan->n_visits + 1, sizeof(Visit));
        if (!grown)
                return -ENOMEM;
        scan->visits = grown;
        scan->visits[scan->n_visits++] = (Visit){ .device = st.st_dev, .inode = st.st_ino };
        return 1;
}

static int scan_directory(Scan *scan, const char *path, unsigned depth);

/* Files first, then the directories below: what is higher up has priority. */
static int scan_below(
                Scan *scan, int dir_fd, const char *path, const Entry *entries, size_t n, unsigned depth) {
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                const char *name = entries[i].name;
                size_t length = strlen(name);
                char *below;

                if (manifest_type_from_name(name) >= 0 || is_somebody_elses(scan, path, name) ||
                                !is_directory(dir_fd, &entries[i]))
                        continue;

                below = arena_join(scan->arena, path, "/", name);
                if (!below)
                        return -ENOMEM;
                if (is_dropin_directory(name, length)) {
                        char *dropin_of = arena_copy(scan->arena, name, length - 2);

                        r = dropin_of ? scan_dropins(scan, below, dropin_of) : -ENOMEM;
                } else
                        r = scan_directory(scan, below, depth + 1);
        }
        return r;
}

static int scan_directory(Scan *scan, const char *path, unsigned depth) {
        autoclosedir DIR *directory = depth < DEEPEST ? opendir(path) : NULL;
        autofree Entry *entries = NULL;
        size_t n = 0;
        int r;

        if (!directory)
                return cannot_read(scan, path, depth < DEEPEST ? errno : ELOOP);
        r = visit(scan, dirfd(directory));
        if (r == 0)
                return 0;
        if (r > 0)
                r = list_entries(scan, directory, &entries, &n);
        if (r < 0)
                return cannot_read(scan, path, -r);

        for (size_t i = 0; i < n; i++) {
                char *file;

                if (manifest_type_from_name(entries[i].name) < 0)
                        continue;
                file = arena_join(scan->arena, path, "/", entries[i].name);
                if (!file)
                        return -ENOMEM;
                r = add_manifest(scan, path, file, &entries[i]);
                if (r < 0)
                        return r;
        }
        return scan_below(scan, dirfd(directory), path, entries, n, depth);
}

static int compare_manifest(const void *a, const void *b) {
        const SearchFile *one = a, *other = b;
        int c = strcmp(one->name, other->name);

        return c != 0 ? c : one->rank < other->rank ? -1 : 1;
}

static int compare_dropin(const void *a, const void *b) {
        const SearchFile *one = a, *other = b;
        int c = strcmp(one->dropin_of, other->dropin_of);

        return c != 0 ? c : compare_manifest(a, b);
}

/* A single directory is in order already, and that is the usual case. */
static void sort(SearchFile *files, size_t n, int (*compare)(const void *, const void *)) {
        for (size_t i = 1; i < n; i++)
                if (compare(&files[i - 1], &files[i]) > 0) {
                        qsort(files, n, sizeof(SearchFile), compare);
                        return;
                }
}

/* Paths go into units, and are compared with each other: no slashes at the end. */
static char *root_path(Arena *arena, const char *root) {
        size_t n = strlen(root);

        while (n > 1 && root[n - 1] == '/')
                n--;
        return arena_copy(arena, root, n);
}

int search_run(Search *search, Arena *arena, char *const *roots, SearchScope scope, FaultList *faults) {
        Scan scan = { .search = search, .arena = arena, .faults = faults, .scope = scope };
        int r = 0;

        for (size_t i = 0; roots && roots[i] && r >= 0; i++) {
                const char *path = root_path(arena, roots[i]);
                Place place = { .path = path };

                if (!path)
                        r = -ENOMEM;
                else if (*path != '/')
                        (void) faults_raise(faults, &place, FAULT_VALUE,
                                        "cannot search for manifests here: the path is not absolute");
                else {
                        scan.root = (unsigned) i;
                        r = scan_directory(&scan, path, 0);
                }
        }
        free(scan.visits);
        if (r < 0)
                return r;

        sort(search->manifests, search->n_manifests, compare_manifest);
        sort(search->dropins, search->n_dropins, compare_dropin);
        return 0;
}

void search_done(Search *search) {
        free(search->manifests);
        free(search->dropins);
        *search = (Search){};
}
