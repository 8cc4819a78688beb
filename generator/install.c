/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/install.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "generator/names.h"
#include "generator/references.h"
#include "generator/words.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/strv.h"

enum { LONGEST_DIRECTORY = 1024 };

typedef struct Planner {
        const Manifest *manifest;
        const ManifestSet *all;
        Arena *arena;
        InstallPlan *plan;
        size_t room;
        FaultList *faults;
        const char *target; /* the unit that is to be started */
        const char *unit;   /* what is linked to: "web.service", of templates the default instance */
        const char *default_instance; /* NULL when there is none */
} Planner;

/* One word of a list. Return: 0 or -ENOMEM; what is wrong with it goes to the faults. */
typedef int InstallWord(Planner *planner, const Assignment *a, const Place *place, const char *word,
                const char *kind);

static int add_link(Planner *planner, const InstallLink *link) {
        InstallPlan *plan = planner->plan;

        if (plan->n_links == planner->room) {
                size_t room = planner->room > 0 ? planner->room * 2 : 8;
                InstallLink *grown = arena_alloc(planner->arena, room * sizeof(InstallLink));

                if (!grown)
                        return -ENOMEM;
                if (plan->n_links > 0)
                        memcpy(grown, plan->links, plan->n_links * sizeof(InstallLink));
                plan->links = grown;
                planner->room = room;
        }
        plan->links[plan->n_links++] = *link;
        return 0;
}

/* What a specifier stands for, as far as a name can tell. Return: 0, -EINVAL for others, -ENOMEM. */
static int expand_specifier(const Planner *planner, char specifier, const char **ret) {
        const char *unit = planner->unit, *dot = strrchr(unit, '.'), *at = strchr(unit, '@');
        const char *end = at ? at : dot;
        char *text;

        switch (specifier) {

        case '%':
                text = arena_string(planner->arena, "%");
                break;

        case 'n':
                text = arena_string(planner->arena, unit);
                break;

        case 'N':
                text = arena_copy(planner->arena, unit, (size_t) (dot - unit));
                break;

        case 'p':
                text = arena_copy(planner->arena, unit, (size_t) (end - unit));
                break;

        case 'i':
                text = at ? arena_copy(planner->arena, at + 1, (size_t) (dot - at - 1))
                          : arena_string(planner->arena, "");
                break;

        default:
                return -EINVAL;
        }

        *ret = text;
        return text ? 0 : -ENOMEM;
}

/* A word without specifiers is returned as it is. */
static int expand(const Planner *planner, const char *word, const char **ret) {
        char *expanded;

        *ret = word;
        if (!strchr(word, '%'))
                return 0;

        expanded = arena_string(planner->arena, "");
        while (expanded && *word) {
                size_t n = strcspn(word, "%");
                const char *value = "";
                int r = word[n] == '%' ? expand_specifier(planner, word[n + 1], &value) : 0;

                if (r < 0)
                        return r;
                expanded = arena_format(planner->arena, "%s%.*s%s", expanded, (int) n, word, value);
                word += n + (word[n] == '%' ? 2 : 0);
        }
        *ret = expanded;
        return expanded ? 0 : -ENOMEM;
}

static int add_stand_ins(Planner *planner, InstallLink *link) {
        int r = 0;

        for (const char **service = planner->plan->stand_ins; *service && r >= 0; service++) {
                link->name = *service;
                link->target = arena_join(planner->arena, "../", *service, "");
                r = link->target ? add_link(planner, link) : -ENOMEM;
        }
        return r;
}

/* WantedBy= and its like. @kind is what the directory ends in. */
static int plan_dependency(Planner *planner, const Assignment *a, const Place *place, const char *word,
                const char *kind) {
        InstallLink link = { .name = planner->unit, .assignment = a };
        const char *unit;
        int r;

        /* A template alone cannot be started: without a default instance, there is nothing to link. */
        if (manifest_is_template(planner->manifest) && !planner->default_instance)
                return 0;

        r = reference_resolve(planner->all, word, planner->arena, &unit);
        if (r == -ENOENT) {
                (void) faults_raise(
                                planner->faults, place, FAULT_MISSING, "there is no manifest '%s'", word);
                return 0;
        }
        if (r < 0)
                return r;
        if (!unit_name_is_valid(unit, UNIT_ANY) || strlen(unit) + strlen(kind) >= NAME_MAX) {
                (void) faults_raise(planner->faults, place, FAULT_VALUE,
                                "'%s' is not the name of a unit, like 'multi-user.target'", word);
                return 0;
        }

        link.directory = arena_join(planner->arena, unit, ".", kind);
        if (!link.directory)
                return -ENOMEM;
        if (planner->plan->stand_ins)
                return add_stand_ins(planner, &link);
        link.target = arena_join(planner->arena, "../", planner->target, "");
        return link.target ? add_link(planner, &link) : -ENOMEM;
}

/* "a/b/web.service" is fine as long as it stays below the generator's directory. */
static bool is_inside(const char *directory) {
        if (strlen(directory) > LONGEST_DIRECTORY)
                return false;
        for (;;) {
                size_t n = strcspn(directory, "/");

                if (n == 0 || strncmp(directory, "..", n) == 0)
                        return false;
                if (!directory[n])
                        return true;
                directory += n + 1;
        }
}

/* From a directory below back to where units are. */
static const char *climb(Arena *arena, const char *directory, const char *unit) {
        const char *target = arena_join(arena, "../", unit, "");

        for (; target && (directory = strchr(directory, '/')); directory++)
                target = arena_join(arena, "../", target, "");
        return target;
}

static bool is_alias(const Planner *planner, const char *name) {
        unsigned forms = manifest_is_template(planner->manifest) ? UNIT_TEMPLATE | UNIT_INSTANCE
                                                                 : UNIT_PLAIN | UNIT_INSTANCE;

        return unit_name_is_valid(name, forms) && strcmp(strrchr(name, '.'), ".service") == 0;
}

/* As in systemd: "other@.service" of an instance is its namesake "other@1.service". */
static const char *complete_alias(const Planner *planner, const char *name) {
        const char *service = planner->manifest->service, *at = strchr(service, '@');
        const char *dot = strrchr(service, '.'), *instance;

        if (!at || at + 1 == dot || !unit_name_is_valid(name, UNIT_TEMPLATE))
                return name;
        instance = arena_copy(planner->arena, at + 1, (size_t) (dot - at - 1));
        return instance ? names_instantiate(planner->arena, name, instance) : NULL;
}

/* A link that is there first would take the place of the other's unit. */
static const Manifest *find_owner(const Planner *planner, const char *service) {
        for (size_t i = 0; i < planner->all->n_manifests; i++) {
                const Manifest *other = planner->all->manifests[i];

                if (other != planner->manifest && !other->is_masked && strcmp(other->service, service) == 0)
                        return other;
        }
        return NULL;
}

static int plan_alias(Planner *planner, const Assignment *a, const Place *place, const char *word,
                const char *kind) {
        const char *service = planner->manifest->service, *slash = strrchr(word, '/');
        InstallLink link = { .target = service, .assignment = a };
        const Manifest *owner;

        link.name = arena_string(planner->arena, slash ? slash + 1 : word);
        if (link.name)
                link.name = complete_alias(planner, link.name);
        if (slash)
                link.directory = arena_copy(planner->arena, word, (size_t) (slash - word));
        if (link.directory)
                link.target = climb(planner->arena, link.directory, service);
        if (!link.name || !link.target || (slash && !link.directory))
                return -ENOMEM;

        if (!is_alias(planner, link.name) || (slash && (slash == word || !is_inside(link.directory)))) {
                (void) faults_raise(planner->faults, place, FAULT_VALUE,
                                "'%s' cannot be another name for '%s': it has to be a name like '%s'", word,
                                service,
                                manifest_is_template(planner->manifest) ? "other@.service"
                                                                        : "other.service");
                return 0;
        }
        if (!slash && strcmp(link.name, service) == 0)
                return 0;

        owner = slash ? NULL : find_owner(planner, link.name);
        if (owner) {
                (void) faults_raise(planner->faults, place, FAULT_CONFLICT,
                                "'%s' is the unit of '%s': choose another name", link.name, owner->path);
                return 0;
        }
        return add_link(planner, &link);
}

static int plan_words(Planner *planner, const Assignment *a, InstallWord *plan, const char *kind) {
        WordReader reader = { .at = a->value, .flags = WORDS_LITERAL_BACKSLASH };
        char *word = arena_alloc(planner->arena, strlen(a->value) + 1);
        Fault fault = {};
        Place place;
        int r;

        if (!word)
                return -ENOMEM;

        while ((r = word_next(&reader, word, &fault)) > 0) {
                const char *expanded;

                place = manifest_place(planner->manifest, a, reader.start);
                r = expand(planner, word, &expanded);
                if (r == -EINVAL)
                        (void) faults_raise(planner->faults, &place, FAULT_VALUE,
                                        "'%s' has a specifier that is not known before the unit runs, only "
                                        "%%n %%N %%p %%i are",
                                        word);
                else if (r >= 0)
                        r = plan(planner, a, &place, expanded, kind);
                if (r == -ENOMEM)
                        return r;
        }
        if (r < 0) {
                place = manifest_place(planner->manifest, a, reader.start);
                (void) faults_raise(planner->faults, &place, FAULT_VALUE, "%s", fault.text);
        }
        return 0;
}

/* Keys of [Install]. Of DefaultInstance= see choose_unit(). */
/* clang-format off */
static const struct {
        const char *key;
        InstallWord *plan;
        const char *kind, *warning;
} keys[] = {
        { "Alias",           plan_alias,      NULL,       NULL },
        { "Also",            NULL,            NULL,       "does nothing: each manifest that is there is enabled" },
        { "DefaultInstance", NULL,            NULL,       NULL },
        { "RequiredBy",      plan_dependency, "requires", NULL },
        { "UpheldBy",        plan_dependency, "upholds",  NULL },
        { "WantedBy",        plan_dependency, "wants",    NULL },
};
/* clang-format on */

/* A list that is emptied forgets what the lines before it said. */
static bool is_forgotten(const Manifest *manifest, const Assignment *a) {
        for (const Assignment *next = a; (next = manifest_next(manifest, "Install", next));)
                if (strcmp(next->key, a->key) == 0 && !*next->value)
                        return true;
        return false;
}

static int plan_assignment(Planner *planner, const Assignment *a) {
        Place place = assignment_key_place(a);

        for (size_t i = 0; i < ELEMENTS(keys); i++) {
                if (strcmp(a->key, keys[i].key) != 0)
                        continue;
                if (keys[i].warning)
                        faults_warn(planner->faults, &place, FAULT_VALUE, "%s", keys[i].warning);
                if (!keys[i].plan || is_forgotten(planner->manifest, a))
                        return 0;
                return plan_words(planner, a, keys[i].plan, keys[i].kind);
        }

        if (strncmp(a->key, "X-", 2) != 0)
                (void) faults_raise(planner->faults, &place, FAULT_UNKNOWN_KEY,
                                "there is no such key in [Install]");
        return 0;
}

/* What is linked to: of a template its default instance, if it has one. */
static int choose_unit(Planner *planner) {
        const Assignment *a = manifest_last(planner->manifest, "Install", "DefaultInstance");
        Place place;

        planner->unit = planner->target;
        if (!a || !*a->value)
                return 0;
        place = assignment_place(a);
        if (!manifest_is_template(planner->manifest)) {
                faults_warn(planner->faults, &place, FAULT_VALUE,
                                "means nothing outside of a template, NAME@.container");
                return 0;
        }

        planner->default_instance = a->value;
        planner->unit = names_instantiate(planner->arena, planner->target, a->value);
        if (!planner->unit)
                return -ENOMEM;
        if (!unit_name_is_valid(planner->unit, UNIT_INSTANCE)) {
                (void) faults_raise(planner->faults, &place, FAULT_VALUE, "there cannot be a unit '%s'",
                                planner->unit);
                planner->default_instance = NULL;
        }
        return 0;
}

int install_plan(const Manifest *manifest, const ManifestSet *all, Arena *arena, InstallPlan *ret,
                FaultList *faults) {
        Planner planner = {
                .manifest = manifest,
                .all = all,
                .arena = arena,
                .plan = ret,
                .faults = faults,
                /* A unit that tells of faults is to fail, and not to wait for a connection. */
                .target = manifest->socket && faults->n_errors == 0 ? manifest->socket : manifest->service,
        };
        int r = choose_unit(&planner);

        for (const Assignment *a = NULL; r >= 0 && (a = manifest_next(manifest, "Install", a));)
                r = plan_assignment(&planner, a);
        return r;
}

int install_add_unit(InstallPlan *plan, Arena *arena, const char *name, const char *text) {
        const char *name_copy = arena_string(arena, name), *text_copy = arena_string(arena, text);

        if (!name_copy || !text_copy || plan->n_units == INSTALL_UNITS_MAX)
                return -ENOMEM;
        plan->units[plan->n_units].name = name_copy;
        plan->units[plan->n_units++].text = text_copy;
        return 0;
}

static int make_directory(InstallDirectories *made, int dir_fd, const char *name) {
        for (size_t i = 0; i < made->n; i++)
                if (strcmp(made->names[i], name) == 0)
                        return 0;

        /* One level after the other; most have only one. */
        for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
                autofree char *parent = strndup(name, (size_t) (slash - name));

                if (!parent || (mkdirat(dir_fd, parent, 0755) < 0 && errno != EEXIST))
                        return parent ? -errno : -ENOMEM;
        }
        if (mkdirat(dir_fd, name, 0755) < 0 && errno != EEXIST)
                return -errno;
        if (strv_append(&made->names, name) < 0)
                return -ENOMEM;
        made->n++;
        return 0;
}

static int make_link(const InstallLink *link, int dir_fd) {
        char path[LONGEST_DIRECTORY + NAME_MAX + 2], target[PATH_MAX], *end = path;
        ssize_t n;

        /* Planning has seen to it that both fit. */
        if (link->directory)
                end = stpcpy(stpcpy(path, link->directory), "/");
        (void) stpcpy(end, link->name);
        if (symlinkat(link->target, dir_fd, path) >= 0)
                return 0;
        if (errno != EEXIST)
                return -errno;

        n = readlinkat(dir_fd, path, target, sizeof(target) - 1);
        if (n < 0)
                return -EEXIST;
        target[n] = '\0';
        return strcmp(target, link->target) == 0 ? 0 : -EEXIST;
}

static int make_dropin(const InstallPlan *plan, int dir_fd, InstallDirectories *made) {
        autofd int fd = -1;
        int r;

        if (!plan->dropin_directory)
                return 0;
        r = make_directory(made, dir_fd, plan->dropin_directory);
        if (r < 0)
                return r;
        fd = openat(dir_fd, plan->dropin_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno
                      : io_replace_file(fd, "50-slipway.conf", plan->dropin_text, strlen(plan->dropin_text),
                                        0644);
}

int install_apply(const InstallPlan *plan, int dir_fd, InstallDirectories *made, FaultList *faults) {
        const Place nowhere = {};
        int first = make_dropin(plan, dir_fd, made);

        if (first < 0)
                (void) faults_raise(faults, &nowhere, FAULT_SYSTEM, "cannot write '%s/50-slipway.conf': %s",
                                plan->dropin_directory, strerror(-first));
        for (size_t i = 0; i < plan->n_units; i++) {
                int r = io_replace_file(dir_fd, plan->units[i].name, plan->units[i].text,
                                strlen(plan->units[i].text), 0644);

                if (r < 0)
                        (void) faults_raise(faults, &nowhere, FAULT_SYSTEM, "cannot write '%s': %s",
                                        plan->units[i].name, strerror(-r));
                first = first < 0 ? first : r;
        }
        for (size_t i = 0; i < plan->n_links; i++) {
                const InstallLink *link = &plan->links[i];
                Place place = assignment_place(link->assignment);
                int r = link->directory ? make_directory(made, dir_fd, link->directory) : 0;

                if (r >= 0)
                        r = FAULT_POINT("generate:make a link");
                if (r >= 0)
                        r = make_link(link, dir_fd);
                if (r == -EEXIST)
                        (void) faults_raise(faults, &place, FAULT_CONFLICT,
                                        "the name '%s' belongs to another unit already", link->name);
                else if (r < 0)
                        (void) faults_raise(faults, &place, FAULT_SYSTEM, "cannot make the link '%s': %s",
                                        link->name, strerror(-r));
                if (r < 0 && first == 0)
                        first = r;
        }
        return first;
}

void install_directories_done(InstallDirectories *made) {
        strv_free(made->names);
        *made = (InstallDirectories){};
}
