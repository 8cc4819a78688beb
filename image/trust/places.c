/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/places.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "image/reference.h"
#include "image/trust/trust.h"
#include "lib/io.h"
#include "lib/strv.h"

#define VENDOR_DIR "/usr/lib/slipway/trust"
#define SHIPPED_POLICY SLIPWAY_POLICY_DIR "/trust/policy.json"

#define DEPTH_LIMIT 32
#define KEYS_LIMIT 1024

static const char *choose_directory(const char *dir) {
        const char *test = dir ?: secure_getenv("SLIPWAY_TRUST_DIR");

        return test && *test ? test : NULL;
}

/* Return: NULL when out of memory. */
static char *join(const char *directory, const char *name) {
        char *path;

        return asprintf(&path, "%s%s%s", directory, *directory ? "/" : "", name) < 0 ? NULL : path;
}

/*
 * Whether a path that could not be opened for ENOENT really has nothing in it. A link, there or on the way,
 * whose target is missing, may lead to a mount that did not come up: then nobody knows what is wanted, and
 * to go on as if nothing were would accept everything.
 */
static int check_absent(const char *path, Fault *fault) {
        autofree char *name = strdup(path);
        struct stat st;
        char *slash;

        if (!name)
                return -ENOMEM;
        while (lstat(name, &st) < 0) {
                if (errno != ENOENT)
                        return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read '%s': %s", name,
                                        strerror(errno));
                slash = strrchr(name, '/');
                if (!slash || slash == name)
                        return 0;
                *slash = '\0';
        }
        if (strcmp(name, path) != 0 && stat(name, &st) >= 0)
                return 0;
        return fault_raise(fault, FAULT_SYSTEM, ENOLINK,
                        "cannot read '%s': what the link '%s' leads to is not there; bring it back, "
                        "or remove the link",
                        path, name);
}

bool key_name_is_valid(const char *name) {
        size_t n = strspn(name, "0123456789abcdef");

        return (n == 40 || n == 64) && name[n] == '\0';
}

bool key_prefix_covers(const char *prefix, const char *name) {
        size_t n = strlen(prefix);

        return strncmp(prefix, name, n) == 0 && (n == 0 || name[n] == '/' || name[n] == '\0');
}

bool key_prefix_is_valid(const char *prefix) {
        AUTO(reference_done) Reference reference = {};
        autofree char *example = join(prefix, "x/y"), *whole = NULL;

        if (!example || *prefix == '\0' || strncmp(prefix, "docker://", 9) == 0 ||
                        reference_parse(example, &reference, NULL) < 0)
                return false;
        whole = join(reference.domain, reference.path);
        return whole && strcmp(whole, example) == 0;
}

bool key_files_have(const KeyFiles *files, const char *prefix) {
        for (size_t i = 0; i < files->n; i++)
                if (strcmp(files->items[i].prefix, prefix) == 0)
                        return true;
        return false;
}

/* One directory in both places; a descriptor is -1 where there is none. */
typedef struct Level {
        const char *paths[2];
        int fds[2];
        const char *prefix;
        bool is_root; /* root.d, which has no directories in it */
        unsigned depth;
} Level;

enum { ADMIN, VENDOR };

static int wrong(const Level *level, int place, const char *name, const char *what, Fault *fault) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s/%s' %s", level->paths[place], name, what);
}

static int cannot_read(const Level *level, int place, const char *name, int error, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, error, "cannot read '%s/%s': %s", level->paths[place], name,
                        strerror(error));
}

/* An empty file, or a link to /dev/null. */
static bool is_mask(const struct stat *st) {
        return (S_ISREG(st->st_mode) && st->st_size == 0) ||
               (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3));
}

static int add_key(KeyFiles *files, const KeyFile *key) {
        KeyFile *grown = reallocarray(files->items, files->n + 1, sizeof(KeyFile));

        if (!grown)
                return -ENOMEM;
        files->items = grown;
        files->items[files->n++] = *key;
        return 0;
}

static void key_file_done(KeyFile *key) {
        free(key->prefix);
        free(key->name);
        free(key->path);
        free(key->data);
        *key = (KeyFile){};
}

static int read_key(const Level *level, int place, const char *name, const struct stat *st, KeyFiles *files,
                Fault *fault) {
        AUTO(key_file_done) KeyFile key = { .is_vendor = place == VENDOR };
        int r = 0;

        if (files->n >= KEYS_LIMIT)
                return wrong(level, place, name, "is a key too many, there may be 1024", fault);
        key.prefix = strdup(level->prefix);
        key.name = strdup(name);
        key.path = join(level->paths[place], name);
        if (!key.prefix || !key.name || !key.path)
                return -ENOMEM;
        if (!is_mask(st))
                r = io_read_file(level->fds[place], name, TRUST_FILE_LIMIT, &key.data, &key.size);
        if (r < 0)
                return cannot_read(level, place, name, -r, fault);
        r = add_key(files, &key);
        if (r >= 0)
                key = (KeyFile){};
        return r;
}

static int walk(const Level *level, KeyFiles *files, Fault *fault);

static int open_next(const Level *level, int place, const char *path, int *ret_fd, Fault *fault) {
        int fd;

        if (level->fds[place] < 0)
                return 0;
        fd = openat(level->fds[place], strrchr(path, '/') + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
                return check_absent(path, fault);
        if (fd < 0)
                return fault_raise(
                                fault, FAULT_SYSTEM, errno, "cannot read '%s': %s", path, strerror(errno));
        *ret_fd = fd;
        return 0;
}

/* Opens the directories of the next level. One of the administrator that is masked hides the package's. */
static int descend(const Level *level, const char *name, KeyFiles *files, Fault *fault) {
        autofree char *prefix = NULL, *admin = NULL, *vendor = NULL;
        autofd int admin_fd = -1, vendor_fd = -1;
        Level next = { .depth = level->depth + 1 };
        int r;

        prefix = join(level->prefix, name);
        admin = join(level->paths[ADMIN], name);
        vendor = join(level->paths[VENDOR], name);
        if (!prefix || !admin || !vendor)
                return -ENOMEM;
        if (level->depth >= DEPTH_LIMIT || !key_prefix_is_valid(prefix))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' or '%s' is no directory of keys: no image's whole name begins with "
                                "'%s', "
                                "as with 'docker.io/library'; a tag has no place in it",
                                admin, vendor, prefix);
        if ((r = open_next(level, ADMIN, admin, &admin_fd, fault)) < 0 ||
                        (r = open_next(level, VENDOR, vendor, &vendor_fd, fault)) < 0)
                return r;
        next.paths[ADMIN] = admin;
        next.paths[VENDOR] = vendor;
        next.fds[ADMIN] = admin_fd;
        next.fds[VENDOR] = vendor_fd;
        next.prefix = prefix;
        return walk(&next, files, fault);
}

/* What stands under a name: the administrator's if there is one. */
static int visit(const Level *level, const char *name, KeyFiles *files, Fault *fault) {
        for (int place = ADMIN; place <= VENDOR; place++) {
                struct stat st;

                if (level->fds[place] < 0)
                        continue;
                if (fstatat(level->fds[place], name, &st, 0) < 0) {
                        if (errno == ENOENT &&
                                        fstatat(level->fds[place], name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                                continue;
                        return cannot_read(level, place, name, errno ?: ENOENT, fault);
                }
                if (S_ISDIR(st.st_mode))
                        return level->is_root ? wrong(level, place, name, "is a directory, not a key", fault)
                                              : descend(level, name, files, fault);
                if (!S_ISREG(st.st_mode) && !is_mask(&st))
                        return wrong(level, place, name, "is no regular file", fault);
                if (key_name_is_valid(name)) {
                        if (level->depth == 0 && !level->is_root)
                                return wrong(level, place, name,
                                                "is a key for no prefix; root.d has those for all", fault);
                        return read_key(level, place, name, &st, files, fault);
                }
                if (is_mask(&st))
                        return 0; /* of a directory */
                return wrong(level, place, name,
                                "is not named by the fingerprint of a key, in lower case; see "
                                "slipway-policy(5)",
                                fault);
        }
        return 0;
}

static int compare_strings(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static int list_names(const Level *level, int place, char ***names, Fault *fault) {
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        int fd = openat(level->fds[place], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
                return cannot_read(level, place, ".", errno, fault);
        while ((errno = 0, entry = readdir(dir))) {
                if (entry->d_name[0] == '.' || strv_find(*names, entry->d_name))
                        continue;
                if (strv_length(*names) >= KEYS_LIMIT)
                        return wrong(level, place, entry->d_name, "is one too many, there may be 1024",
                                        fault);
                if (strv_append(names, entry->d_name) < 0)
                        return -ENOMEM;
        }
        return errno == 0 ? 0 : cannot_read(level, place, ".", errno, fault);
}

static int walk(const Level *level, KeyFiles *files, Fault *fault) {
        autostrv char **names = NULL;
        int r = 0;

        for (int place = ADMIN; place <= VENDOR && r >= 0; place++)
                if (level->fds[place] >= 0)
                        r = list_names(level, place, &names, fault);
        if (names)
                qsort(names, strv_length(names), sizeof(char *), compare_strings);
        for (size_t i = 0; names && names[i] && r >= 0; i++)
                r = visit(level, names[i], files, fault);
        return r;
}

/* Leaves the descriptor alone where there is none. A file with something in it is a mistake, and no mask. */
static int open_top(const char *path, int *ret_fd, bool *ret_masked, Fault *fault) {
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = errno;
        struct stat st;

        *ret_masked = fd < 0 && error == ENOTDIR && stat(path, &st) >= 0 && is_mask(&st);
        if (fd < 0 && error == ENOENT)
                return check_absent(path, fault);
        if (fd < 0 && !*ret_masked)
                return fault_raise(
                                fault, FAULT_SYSTEM, error, "cannot read '%s': %s", path, strerror(error));
        *ret_fd = fd;
        return 0;
}

/* A missing directory has no keys; one that is a mask hides what packages have. */
static int walk_top(const char *admin_dir, const char *vendor_dir, const char *name, KeyFiles *files,
                Fault *fault) {
        autofree char *admin = join(admin_dir, name), *vendor = join(vendor_dir, name);
        autofd int admin_fd = -1, vendor_fd = -1;
        Level level = { .prefix = "", .is_root = strcmp(name, "root.d") == 0 };
        bool masked;
        int r;

        if (!admin || !vendor)
                return -ENOMEM;
        r = open_top(admin, &admin_fd, &masked, fault);
        if (r < 0 || masked)
                return r;
        r = open_top(vendor, &vendor_fd, &masked, fault);
        if (r < 0)
                return r;
        level.paths[ADMIN] = admin;
        level.paths[VENDOR] = vendor;
        level.fds[ADMIN] = admin_fd;
        level.fds[VENDOR] = vendor_fd;
        return walk(&level, files, fault);
}

int key_files_load(const char *dir, KeyFiles *ret, Fault *fault) {
        autokeys KeyFiles files = {};
        const char *test = choose_directory(dir);
        autofree char *vendor = test ? join(test, "vendor") : strdup(VENDOR_DIR);
        int r;

        if (!vendor)
                return -ENOMEM;
        r = walk_top(test ?: TRUST_DIR, vendor, "root.d", &files, fault);
        if (r >= 0)
                r = walk_top(test ?: TRUST_DIR, vendor, "prefix.d", &files, fault);
        if (r < 0)
                return r;
        *ret = files;
        files = (KeyFiles){};
        return 0;
}

int key_directory(const char *dir, const char *prefix, char **ret) {
        char *path;

        if (asprintf(&path, "%s/%s%s", choose_directory(dir) ?: TRUST_DIR, *prefix ? "prefix.d/" : "root.d",
                            prefix) < 0)
                return -ENOMEM;
        *ret = path;
        return 0;
}

/* Leaves the text NULL where there is no such file. */
static int read_policy(const char *path, PolicyText *policy, Fault *fault) {
        int r = io_read_file(AT_FDCWD, path, TRUST_FILE_LIMIT, &policy->text, &policy->size);

        if (r == -ENOENT)
                return check_absent(path, fault);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read the policy of trust '%s': %s", path,
                                strerror(-r));
        policy->path = strdup(path);
        return policy->path ? 0 : -ENOMEM;
}

int policy_text_load(const char *dir, PolicyText *ret, Fault *fault) {
        autopolicytext PolicyText policy = {};
        const char *test = choose_directory(dir);
        autofree char *admin = join(test ?: TRUST_DIR, "policy.json");
        autofree char *shipped = test ? join(test, "vendor/policy.json") : strdup(SHIPPED_POLICY);
        int r;

        if (!admin || !shipped)
                return -ENOMEM;
        r = read_policy(admin, &policy, fault);
        if (r >= 0 && !policy.text)
                r = read_policy(shipped, &policy, fault);
        if (r >= 0 && !policy.text) {
                policy.text = strdup(TRUST_POLICY_DEFAULT);
                policy.size = strlen(TRUST_POLICY_DEFAULT);
                r = policy.text ? 0 : -ENOMEM;
        }
        if (r < 0)
                return r;
        *ret = policy;
        policy = (PolicyText){};
        return 0;
}

void key_files_done(KeyFiles *files) {
        for (size_t i = 0; i < files->n; i++)
                key_file_done(&files->items[i]);
        free(files->items);
        *files = (KeyFiles){};
}

void policy_text_done(PolicyText *text) {
        free(text->path);
        free(text->text);
        *text = (PolicyText){};
}
