/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/registries.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "lib/strv.h"

void registry_done(Registry *registry) {
        for (size_t i = 0; i < registry->n_mirrors; i++)
                free(registry->mirrors[i].location);
        free(registry->mirrors);
        free(registry->prefix);
        free(registry->location);
        *registry = (Registry){};
}

void registries_done(Registries *registries) {
        for (size_t i = 0; i < registries->n; i++)
                registry_done(&registries->items[i]);
        for (size_t i = 0; i < registries->n_aliases; i++) {
                free(registries->aliases[i].name);
                free(registries->aliases[i].value);
        }
        free(registries->items);
        free(registries->aliases);
        strv_free(registries->search);
        strv_free(registries->helpers);
        strv_free(registries->files);
        *registries = (Registries){};
}

/* A prefix ends where a word of the name ends. A colon behind a host begins a port, and that is another
 * host. */
static size_t match_prefix(const char *name, const char *prefix) {
        size_t n = strlen(prefix);

        if (strncmp(name, prefix, n) != 0)
                return 0;
        if (name[n] == '\0' || name[n] == '/' || name[n] == '@')
                return n;
        return name[n] == ':' && strchr(prefix, '/') ? n : 0;
}

/* "*.example.com" is every host below example.com, on whichever port. */
static size_t match_pattern(const char *name, const char *pattern) {
        const char *domain = pattern + 1;
        size_t host = strcspn(name, ":/@"), n = strlen(domain);

        return host > n && strncmp(name + host - n, domain, n) == 0 ? strcspn(name, "/@") : 0;
}

/* Of two that match as much, a host that is named goes before a pattern, and a long pattern before a short
 * one. */
static bool is_better(const Registry *a, const Registry *b) {
        bool a_is_pattern = *a->prefix == '*', b_is_pattern = *b->prefix == '*';

        if (a_is_pattern != b_is_pattern)
                return b_is_pattern;
        return strlen(a->prefix) > strlen(b->prefix);
}

const Registry *registries_find(const Registries *registries, const char *name, size_t *ret_length) {
        const Registry *found = NULL;
        size_t longest = 0;

        for (size_t i = 0; i < registries->n; i++) {
                const Registry *registry = &registries->items[i];
                size_t n = *registry->prefix == '*' ? match_pattern(name, registry->prefix)
                                                    : match_prefix(name, registry->prefix);

                if (n == 0 || n < longest || (n == longest && found && !is_better(registry, found)))
                        continue;
                found = registry;
                longest = n;
        }
        if (found)
                *ret_length = longest;
        return found;
}

const Alias *registries_find_alias(const Registries *registries, const char *name) {
        for (size_t i = 0; i < registries->n_aliases; i++)
                if (strcmp(registries->aliases[i].name, name) == 0)
                        return &registries->aliases[i];
        return NULL;
}

/* What is being done. */
typedef struct Loading {
        Registries *registries;
        const RegistriesPaths *paths;
        ConfNote *note;
        void *data;
        Fault *fault;
} Loading;

/* Return: 1 when it was read, 0 when it is not there, -errno. */
static int load_file(const Loading *loading, const char *directory, const char *name) {
        autofree char *path = NULL;
        int r;

        if (asprintf(&path, "%s/%s", directory, name) < 0)
                return -ENOMEM;
        r = registries_read_file(loading->registries, path, loading->note, loading->data, loading->fault);
        return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int is_conf(const struct dirent *entry) {
        size_t n = strlen(entry->d_name);

        return n > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

/* In the order of their bytes, which no locale changes. */
static int by_name(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_directory(const Loading *loading, const char *path) {
        struct dirent **entries = NULL;
        int r = 0, n = scandir(path, &entries, is_conf, by_name);

        if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
                return 0;
        if (n < 0) {
                fault_locate(loading->fault, &(Place){ .path = path });
                return fault_raise(loading->fault, FAULT_SYSTEM, errno, "cannot read the directory: %s",
                                strerror(errno));
        }
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = load_file(loading, path, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return r < 0 ? r : 0;
}

/* The places of the host. Of the files the first one counts, of the directories all, the last one most. */
static int load_system(const Loading *loading) {
        static const char *const files[] = { "/etc/slipway", "/etc/containers", "/usr/share/containers" };
        static const char *const directories[] = {
                "/usr/share/containers/registries.conf.d",
                "/etc/containers/registries.conf.d",
                "/etc/slipway/registries.conf.d",
        };
        const char *root = loading->paths->root ?: "";
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(files) && r == 0; i++) {
                autofree char *path = NULL;

                if (asprintf(&path, "%s%s", root, files[i]) < 0)
                        return -ENOMEM;
                r = load_file(loading, path, "registries.conf");
        }
        for (size_t i = 0; i < ELEMENTS(directories) && r >= 0; i++) {
                autofree char *path = NULL;

                if (asprintf(&path, "%s%s", root, directories[i]) < 0)
                        return -ENOMEM;
                r = load_directory(loading, path);
        }
        return r < 0 ? r : 0;
}

/* A file of one's own takes the place of all of the host's, as with podman(1). Return: 1 if there was one.
 */
static int load_home(const Loading *loading) {
        autofree char *path = NULL;
        int r;

        if (asprintf(&path, "%s/.config/containers", loading->paths->home) < 0)
                return -ENOMEM;
        r = load_file(loading, path, "registries.conf");
        return r;
}

static int load_home_directory(const Loading *loading) {
        autofree char *path = NULL;

        if (asprintf(&path, "%s/.config/containers/registries.conf.d", loading->paths->home) < 0)
                return -ENOMEM;
        return load_directory(loading, path);
}

/* The file of the environment has to be there: who names one means it. */
static int load_named(const Loading *loading) {
        const char *file = loading->paths->file, *directory = loading->paths->directory;
        int r = 0;

        if (file)
                r = registries_read_file(
                                loading->registries, file, loading->note, loading->data, loading->fault);
        if (r == -ENOENT) {
                fault_locate(loading->fault, &(Place){ .path = file });
                return fault_raise(loading->fault, FAULT_MISSING, ENOENT,
                                "there is no such file, which $CONTAINERS_REGISTRIES_CONF names");
        }
        return r < 0 || !directory ? r : load_directory(loading, directory);
}

static int load_all(const Loading *loading) {
        int r;

        if (loading->paths->file || loading->paths->directory)
                return load_named(loading);

        r = loading->paths->home ? load_home(loading) : 0;
        if (r == 0)
                r = load_system(loading);
        if (r >= 0 && loading->paths->home)
                r = load_home_directory(loading);
        return r;
}

int registries_load(
                const RegistriesPaths *paths, ConfNote *note, void *data, Registries *ret, Fault *fault) {
        autoregistries Registries registries = {};
        Loading loading = { &registries, paths, note, data, fault };
        int r = load_all(&loading);

        if (r < 0)
                return r;
        /* What a person has chosen once, when podman asked, goes before what is only a default. */
        if (paths->cache)
                r = registries_read_aliases(&registries, paths->cache, note, data);
        if (r < 0)
                return r;
        *ret = registries;
        registries = (Registries){};
        return 0;
}

static const char *variable(const char *name) {
        const char *value = getenv(name);

        return value && *value ? value : NULL;
}

void registries_paths(RegistriesPaths *ret) {
        *ret = (RegistriesPaths){
                .home = geteuid() == 0 ? NULL : variable("HOME"),
                .file = variable("CONTAINERS_REGISTRIES_CONF"),
                .directory = variable("CONTAINERS_REGISTRIES_CONF_DIR"),
        };
        if (!ret->file && !ret->directory && !ret->home)
                ret->cache = "/var/cache/containers/short-name-aliases.conf";
}
