/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One file of registries.conf, on top of what was read before. */

#include <string.h>

#include "image/reference.h"
#include "image/registries/registries.h"
#include "image/registries/toml.h"
#include "lib/nearest.h"
#include "lib/strv.h"

typedef struct Reading {
        Registries *registries;
        const char *file; /* as the Registries keep it */
        ConfNote *note;
        void *data;
        Fault *fault;
} Reading;

typedef struct ConfKey {
        const char *name;
        TomlType type;
        size_t offset; /* in what is filled: char *, bool or char ** by the type */
        int (*take)(const Reading *reading, const Toml *value,
                        void *object); /* in its place, if there is one */
} ConfKey;

static void locate(const Reading *reading, const Toml *value, Fault *fault) {
        Place place = {
                .path = reading->file,
                .line = value->line,
                .column = value->column,
                .key = value->key,
        };

        fault_locate(fault, &place);
}

/* clang-format off */
#define refuse(reading, value, ...) \
        (locate(reading, value, (reading)->fault), \
         fault_raise((reading)->fault, FAULT_VALUE, EINVAL, __VA_ARGS__))

#define remark(reading, value, ...) \
        do { \
                Fault remarked = {}; \
\
                locate(reading, value, &remarked); \
                (void) fault_raise(&remarked, FAULT_UNKNOWN_KEY, EINVAL, __VA_ARGS__); \
                if ((reading)->note) \
                        (reading)->note((reading)->data, &remarked); \
        } while (false)
/* clang-format on */

static int take_strings(const Reading *reading, const Toml *array, char ***ret) {
        autostrv char **list = NULL;

        for (size_t i = 0; i < array->n; i++) {
                int r;

                if (array->items[i]->type != TOML_STRING)
                        return refuse(reading, array, "it is an array of strings, and here is %s",
                                        toml_type_name(array->items[i]->type));
                r = strv_append(&list, array->items[i]->text);
                if (r < 0)
                        return r;
        }
        /* An empty list takes the place of another one, too. */
        if (!list && !(list = calloc(1, sizeof(char *))))
                return -ENOMEM;
        strv_free(*ret);
        *ret = TAKE(list);
        return 0;
}

static int take_value(const Reading *reading, const ConfKey *key, const Toml *value, void *object) {
        void *field = (char *) object + key->offset;

        if (value->type != key->type)
                return refuse(reading, value, "it is %s, and here is %s", toml_type_name(key->type),
                                toml_type_name(value->type));
        if (key->take)
                return key->take(reading, value, object);
        switch (value->type) {

        case TOML_STRING:
                free(*(char **) field);
                *(char **) field = strdup(value->text);
                return *(char **) field ? 0 : -ENOMEM;

        case TOML_BOOLEAN:
                *(bool *) field = value->truth;
                return 0;

        default:
                return take_strings(reading, value, (char ***) field);
        }
}

static void remark_unknown(const Reading *reading, const Toml *value, const ConfKey *keys, size_t n) {
        const char *nearest = NULL;
        size_t least = nearest_limit(value->key) + 1;

        for (size_t i = 0; i < n; i++) {
                size_t distance = nearest_distance(value->key, keys[i].name);

                if (distance >= least)
                        continue;
                least = distance;
                nearest = keys[i].name;
        }
        if (nearest)
                remark(reading, value, "there is no such key, and it is ignored; did you mean '%s'?",
                                nearest);
        else
                remark(reading, value, "there is no such key, and it is ignored");
}

static int fill(const Reading *reading, const Toml *table, const ConfKey *keys, size_t n, void *object) {
        for (size_t i = 0; i < table->n; i++) {
                const ConfKey *key = NULL;
                int r;

                for (size_t j = 0; j < n && !key; j++)
                        if (strcmp(keys[j].name, table->items[i]->key) == 0)
                                key = &keys[j];
                if (!key) {
                        remark_unknown(reading, table->items[i], keys, n);
                        continue;
                }
                r = take_value(reading, key, table->items[i], object);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A place is HOST[:PORT][/PATH], and no URL. */
static int check_location(const Reading *reading, const Toml *table, const char *key, char *location) {
        const Toml *value = toml_get(table, key) ?: table;

        while (*location && location[strlen(location) - 1] == '/')
                location[strlen(location) - 1] = '\0';
        if (*location == '\0')
                return refuse(reading, value, "it is empty");
        if (strstr(location, "://"))
                return refuse(reading, value,
                                "'%.200s' has a scheme: write HOST[:PORT][/PATH], and insecure = true where "
                                "it is HTTP",
                                location);
        if (strpbrk(location, " \t\r\n"))
                return refuse(reading, value, "'%.200s' is no place of a registry", location);
        return 0;
}

static int take_use(const Reading *reading, const Toml *value, void *object) {
        static const char *const words[_MIRROR_USE_MAX] = { "all", "digest-only", "tag-only" };
        Mirror *mirror = object;

        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strcmp(value->text, words[i]) == 0) {
                        mirror->use = (MirrorUse) i;
                        return 0;
                }
        if (*value->text == '\0') {
                mirror->use = MIRROR_ALL;
                return 0;
        }
        return refuse(reading, value, "'%.100s' is none of 'all', 'digest-only' and 'tag-only'",
                        value->text);
}

static int take_mirror_insecure(const Reading *reading, const Toml *value, void *object) {
        Mirror *mirror = object;

        (void) reading;
        mirror->insecure = value->truth;
        mirror->insecure_is_given = true;
        return 0;
}

/* clang-format off */
static const ConfKey mirror_keys[] = {
        { "insecure",         TOML_BOOLEAN, 0, take_mirror_insecure },
        { "location",         TOML_STRING,  offsetof(Mirror, location), NULL },
        { "pull-from-mirror", TOML_STRING,  0, take_use },
};
/* clang-format on */

static int take_mirror(const Reading *reading, const Toml *table, Registry *registry) {
        Mirror *grown, *mirror;
        int r;

        if (table->type != TOML_TABLE)
                return refuse(reading, table, "a mirror is a table: [[registry.mirror]]");
        grown = reallocarray(registry->mirrors, registry->n_mirrors + 1, sizeof(Mirror));
        if (!grown)
                return -ENOMEM;
        registry->mirrors = grown;
        mirror = &grown[registry->n_mirrors++];
        *mirror = (Mirror){ .place = { reading->file, table->line } };

        r = fill(reading, table, mirror_keys, ELEMENTS(mirror_keys), mirror);
        if (r < 0)
                return r;
        if (!mirror->location)
                return refuse(reading, table, "a mirror has no location");
        return check_location(reading, table, "location", mirror->location);
}

static int take_mirrors(const Reading *reading, const Toml *array, void *object) {
        for (size_t i = 0; i < array->n; i++) {
                int r = take_mirror(reading, array->items[i], object);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_insecure(const Reading *reading, const Toml *value, void *object) {
        Registry *registry = object;

        (void) reading;
        registry->insecure = value->truth;
        registry->insecure_is_given = true;
        return 0;
}

/* clang-format off */
static const ConfKey registry_keys[] = {
        { "blocked",               TOML_BOOLEAN, offsetof(Registry, blocked), NULL },
        { "insecure",              TOML_BOOLEAN, 0, take_insecure },
        { "location",              TOML_STRING,  offsetof(Registry, location), NULL },
        { "mirror",                TOML_ARRAY,   0, take_mirrors },
        { "mirror-by-digest-only", TOML_BOOLEAN, offsetof(Registry, mirror_by_digest_only), NULL },
        { "prefix",                TOML_STRING,  offsetof(Registry, prefix), NULL },
};
/* clang-format on */

/* What the keys have to do with each other. */
static int check_registry(const Reading *reading, const Toml *table, Registry *registry) {
        int r = 0;

        if (registry->location && *registry->location == '\0') {
                free(registry->location);
                registry->location = NULL;
        }
        if (!registry->prefix || *registry->prefix == '\0') {
                free(registry->prefix);
                registry->prefix = registry->location ? strdup(registry->location) : NULL;
                if (!registry->location)
                        return refuse(reading, table, "a registry has neither prefix nor location");
                if (!registry->prefix)
                        return -ENOMEM;
        }
        if (registry->location)
                r = check_location(reading, table, "location", registry->location);
        if (r >= 0)
                r = check_location(reading, table, "prefix", registry->prefix);
        if (r < 0)
                return r;
        if (strncmp(registry->prefix, "*.", 2) == 0) {
                if (registry->prefix[2] == '\0' || strpbrk(registry->prefix + 2, "*:/@"))
                        return refuse(reading, toml_get(table, "prefix") ?: table,
                                        "'%.200s' is no pattern, which is '*.' and a domain",
                                        registry->prefix);
        } else if (strchr(registry->prefix, '*'))
                return refuse(reading, toml_get(table, "prefix") ?: table,
                                "'%.200s' has a '*' that is not at its beginning", registry->prefix);
        else if (!registry->location)
                return refuse(reading, table,
                                "a registry has no location, and prefix '%.200s' is no pattern",
                                registry->prefix);

        for (size_t i = 0; registry->mirror_by_digest_only && i < registry->n_mirrors; i++)
                if (registry->mirrors[i].use != MIRROR_ALL)
                        return refuse(reading, toml_get(table, "mirror-by-digest-only"),
                                        "it cannot be combined with pull-from-mirror of a mirror");
        return 0;
}

/* Of two that contradict each other, none may be ignored: it may be the one that keeps an image away. */
static int check_again(const Reading *reading, const Toml *table, Registry *first, const Registry *again) {
        unsigned line = first->place.line;

        if (first->blocked != again->blocked)
                return refuse(reading, toml_get(table, "blocked") ?: table,
                                "prefix '%.200s' was in line %u already, and there it is %sblocked: say it "
                                "in one place",
                                first->prefix, line, first->blocked ? "" : "not ");
        if (first->insecure != again->insecure)
                return refuse(reading, toml_get(table, "insecure") ?: table,
                                "prefix '%.200s' was in line %u already, and there it is %sinsecure: say it "
                                "in one place",
                                first->prefix, line, first->insecure ? "" : "not ");
        /* For this machine itself, false is more than nothing, and the strict one counts. */
        first->insecure_is_given = first->insecure_is_given || again->insecure_is_given;
        remark(reading, table, "prefix '%.200s' was in line %u already, and this is ignored", first->prefix,
                        line);
        return 0;
}

/* One of the same prefix from an earlier file is replaced; in one file the first one counts. */
static int keep_registry(const Reading *reading, const Toml *table, Registry *registry) {
        Registries *all = reading->registries;
        Registry *grown, old;

        for (size_t i = 0; i < all->n; i++) {
                if (strcmp(all->items[i].prefix, registry->prefix) != 0)
                        continue;
                if (all->items[i].place.file == reading->file)
                        return check_again(reading, table, &all->items[i], registry);
                old = all->items[i];
                all->items[i] = *registry;
                *registry = old;
                return 0;
        }
        grown = reallocarray(all->items, all->n + 1, sizeof(Registry));
        if (!grown)
                return -ENOMEM;
        all->items = grown;
        grown[all->n++] = *registry;
        *registry = (Registry){};
        return 0;
}

static int take_registry(const Reading *reading, const Toml *table) {
        AUTO(registry_done) Registry registry = { .place = { reading->file, table->line } };
        int r;

        if (table->type != TOML_TABLE)
                return refuse(reading, table, "a registry is a table: [[registry]]");
        r = fill(reading, table, registry_keys, ELEMENTS(registry_keys), &registry);
        if (r >= 0)
                r = check_registry(reading, table, &registry);
        return r < 0 ? r : keep_registry(reading, table, &registry);
}

static int take_registries(const Reading *reading, const Toml *array, void *object) {
        (void) object;
        for (size_t i = 0; i < array->n; i++) {
                int r = take_registry(reading, array->items[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Whether a text's first word is the host that was read from it, and not a directory at Docker Hub. */
static bool begins_with_host(const char *text, const Reference *reference) {
        size_t n = strcspn(text, "/");

        return (strlen(reference->domain) == n && strncmp(text, reference->domain, n) == 0) ||
               (n == 15 && strncmp(text, "index.docker.io", n) == 0);
}

static int check_search(const Reading *reading, const Toml *array, const char *host) {
        AUTO(reference_done) Reference reference = {};
        autofree char *name = NULL;

        if (asprintf(&name, "%s/x", host) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        /* The parser of references takes a docker:// away, which is not for this place. */
        if (strstr(host, "://") || reference_parse(name, &reference, NULL) < 0)
                return refuse(reading, array, "'%.200s' is no registry, which is HOST[:PORT][/PATH]", host);
        /* Somebody else may have that name there, and would be asked for every image. */
        if (!begins_with_host(name, &reference))
                return refuse(reading, array,
                                "'%.200s' would be a name at Docker Hub: a registry's name has a dot or a "
                                "port, or is localhost",
                                host);
        return 0;
}

static int take_search(const Reading *reading, const Toml *array, void *object) {
        Registries *all = object;
        int r = take_strings(reading, array, &all->search);

        if (r < 0)
                return r;
        all->search_place = (ConfPlace){ reading->file, array->line };
        for (char **host = all->search; *host && r >= 0; host++)
                r = check_search(reading, array, *host);
        return r;
}

static int take_mode(const Reading *reading, const Toml *value, void *object) {
        static const char *const words[_SHORT_NAME_MODE_MAX] = { "enforcing", "permissive", "disabled" };
        Registries *all = object;

        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strcmp(value->text, words[i]) == 0) {
                        all->mode = (ShortNameMode) i;
                        return 0;
                }
        return refuse(reading, value, "'%.100s' is none of 'enforcing', 'permissive' and 'disabled'",
                        value->text);
}

/* An empty text takes an alias away that an earlier file has. */
static void drop_alias(Registries *all, const char *name) {
        for (size_t i = 0; i < all->n_aliases; i++) {
                if (strcmp(all->aliases[i].name, name) != 0)
                        continue;
                free(all->aliases[i].name);
                free(all->aliases[i].value);
                all->aliases[i] = all->aliases[--all->n_aliases];
                return;
        }
}

/* A dot makes a host of what is before the first slash, and of nothing else. */
static bool is_short_name(const char *name) {
        AUTO(reference_done) Reference reference = {};
        const char *slash = strchr(name, '/');

        if (strpbrk(name, ":@") || reference_parse(name, &reference, NULL) < 0)
                return false;
        return !slash || (strncmp(name, "localhost/", 10) != 0 && name + strcspn(name, ".") > slash);
}

/* A name without host, tag and digest on the left, one with a host on the right. */
static int check_alias(const Reading *reading, const Toml *value) {
        AUTO(reference_done) Reference right = {};
        const char *slash = strchr(value->text, '/');

        if (!is_short_name(value->key))
                return refuse(reading, value, "'%.100s' is no short name: it has no host, tag or digest",
                                value->key);
        if (reference_parse(value->text, &right, NULL) < 0 || !slash || strchr(slash, ':') ||
                        strchr(slash, '@') || strncmp(value->text, right.domain, strlen(right.domain)) != 0)
                return refuse(reading, value, "'%.200s' is no HOST[:PORT]/PATH without tag and digest",
                                value->text);
        return 0;
}

static int take_alias(const Reading *reading, const Toml *value) {
        Registries *all = reading->registries;
        Alias *grown, alias;
        int r;

        if (value->type != TOML_STRING)
                return refuse(reading, value, "it is a string, and here is %s", toml_type_name(value->type));
        r = *value->text ? check_alias(reading, value) : 0;
        if (r < 0)
                return r;
        drop_alias(all, value->key);
        if (*value->text == '\0')
                return 0;

        grown = reallocarray(all->aliases, all->n_aliases + 1, sizeof(Alias));
        if (!grown)
                return -ENOMEM;
        all->aliases = grown;
        alias = (Alias){ strdup(value->key), strdup(value->text), { reading->file, value->line } };
        if (!alias.name || !alias.value) {
                free(alias.name);
                free(alias.value);
                return -ENOMEM;
        }
        grown[all->n_aliases++] = alias;
        return 0;
}

static int take_aliases(const Reading *reading, const Toml *table, void *object) {
        (void) object;
        for (size_t i = 0; i < table->n; i++) {
                int r = take_alias(reading, table->items[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* The first version of the format was another one. */
static int refuse_v1(const Reading *reading, const Toml *table, void *object) {
        (void) object;
        return refuse(reading, table,
                        "this is version 1 of the format, which is not read any more: write "
                        "unqualified-search-registries = […], and a [[registry]] with location and insecure "
                        "or blocked for each other one");
}

/* clang-format off */
static const ConfKey root_keys[] = {
        { "aliases",                       TOML_TABLE,  0, take_aliases },
        { "credential-helpers",            TOML_ARRAY,  offsetof(Registries, helpers), NULL },
        { "registries",                    TOML_TABLE,  0, refuse_v1 },
        { "registry",                      TOML_ARRAY,  0, take_registries },
        { "short-name-mode",               TOML_STRING, 0, take_mode },
        { "unqualified-search-registries", TOML_ARRAY,  0, take_search },
};
/* clang-format on */

/* The document of a file, whose name the Registries keep. */
static int open_file(Reading *reading, const char *path, Toml **ret) {
        char ***files = &reading->registries->files;
        autotoml Toml *document = NULL;
        int r = toml_read_file(path, &document, reading->fault);

        if (r < 0)
                return r;
        r = strv_append(files, path);
        if (r < 0)
                return r;
        reading->file = (*files)[strv_length(*files) - 1];
        *ret = TAKE(document);
        return 0;
}

int registries_read_file(
                Registries *registries, const char *path, ConfNote *note, void *data, Fault *fault) {
        autotoml Toml *document = NULL;
        Reading reading = { registries, NULL, note, data, fault };
        int r = open_file(&reading, path, &document);

        return r < 0 ? r : fill(&reading, document, root_keys, ELEMENTS(root_keys), registries);
}

/* Of what a program has written down, a person need not know how to repair it before the next pull. */
static int pass_over(const Reading *reading, const char *what, int r) {
        if (r >= 0 || r == -ENOMEM)
                return r;
        (void) fault_wrap(reading->fault, r, "%s is ignored", what);
        if (reading->note)
                reading->note(reading->data, reading->fault);
        *reading->fault = (Fault){};
        return 0;
}

int registries_read_aliases(Registries *registries, const char *path, ConfNote *note, void *data) {
        autotoml Toml *document = NULL;
        Fault mistake = {};
        Reading reading = { registries, NULL, note, data, &mistake };
        const Toml *aliases;
        int r = open_file(&reading, path, &document);

        if (r < 0)
                return r == -ENOENT ? 0 : pass_over(&reading, "this file", r);
        aliases = toml_get(document, "aliases");
        if (aliases && aliases->type != TOML_TABLE)
                return pass_over(&reading, "this",
                                refuse(&reading, aliases, "it is a table, and here is %s",
                                                toml_type_name(aliases->type)));
        for (size_t i = 0; aliases && i < aliases->n && r >= 0; i++)
                r = pass_over(&reading, "this alias", take_alias(&reading, aliases->items[i]));
        return r;
}
