/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A directory of its own for each test, and files in it. Use tree_make() and tree_remove() as a fixture. */

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree[64];

static inline void tree_make(void) {
        (void) snprintf(tree, sizeof(tree), "/tmp/slipway-test-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(tree));
}

static inline int tree_remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static inline void tree_remove(void) {
        (void) nftw(tree, tree_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of something in the tree; good until the eighth call after this one. */
static inline const char *tree_path(const char *name) {
        static char paths[8][PATH_MAX];
        static unsigned next;
        char *path = paths[next++ % 8];

        (void) snprintf(path, PATH_MAX, "%s%s%s", tree, *name ? "/" : "", name);
        return path;
}

/* Makes the directories that lead to something. */
static inline const char *tree_parents(const char *name) {
        const char *path = tree_path(name);
        char parent[PATH_MAX];

        (void) snprintf(parent, sizeof(parent), "%s", path);
        for (char *slash = parent + strlen(tree) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
                *slash = '\0';
                (void) mkdir(parent, 0755);
        }
        return path;
}

static inline void tree_file(const char *name, const char *text) {
        FILE *file = fopen(tree_parents(name), "we");

        ck_assert_ptr_nonnull(file);
        ck_assert_int_ge(fputs(text, file), 0);
        ck_assert_int_eq(fclose(file), 0);
}

static inline void tree_directory(const char *name) {
        ck_assert_int_eq(mkdir(tree_parents(name), 0755), 0);
}

static inline void tree_link(const char *name, const char *target) {
        ck_assert_int_eq(symlink(target, tree_parents(name)), 0);
}

/* What is in a file, good until the next call. */
static inline const char *tree_read(const char *name) {
        static char text[65536];
        FILE *file = fopen(tree_path(name), "re");
        size_t n;

        ck_assert_msg(file != NULL, "%s is not there", name);
        n = fread(text, 1, sizeof(text) - 1, file);
        text[n] = '\0';
        (void) fclose(file);
        return text;
}

static inline const char *tree_read_link(const char *name) {
        static char target[PATH_MAX];
        ssize_t n = readlink(tree_path(name), target, sizeof(target) - 1);

        ck_assert_msg(n >= 0, "%s is not a link", name);
        target[n] = '\0';
        return target;
}
