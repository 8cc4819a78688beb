/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/needs.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

#include "cli/generated.h"
#include "cli/manifests.h"
#include "cli/state.h"
#include "image/lookup.h"
#include "image/registries/short-name.h"
#include "image/use.h"
#include "lib/io.h"
#include "lib/paths.h"
#include "lib/strv.h"

/* --- what is asked for --- */

int wishes_add(Wishes *wishes, const char *text, const char *who) {
        Wish *grown = reallocarray(wishes->items, wishes->n + 1, sizeof(Wish));
        Wish wish = { strdup(text), strdup(who) };

        if (grown)
                wishes->items = grown;
        if (!grown || !wish.text || !wish.who) {
                free(wish.text);
                free(wish.who);
                return -ENOMEM;
        }
        wishes->items[wishes->n++] = wish;
        return 0;
}

/* The source of "type=image,source=localhost/data,destination=/data". */
static int add_mount(Wishes *wishes, const char *value, const char *who) {
        autofree char *copy = strdup(value);
        const char *source = NULL;
        bool is_image = false;
        char *save = NULL;

        if (!copy)
                return -ENOMEM;
        for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
                is_image |= strcmp(word, "type=image") == 0;
                if (strncmp(word, "source=", 7) == 0 || strncmp(word, "src=", 4) == 0)
                        source = strchr(word, '=') + 1;
        }
        return is_image && source ? wishes_add(wishes, source, who) : 0;
}

/* Quotes around the whole are taken off, as the generator does. */
static int add_image(Wishes *wishes, const char *value, const char *who) {
        size_t n = strlen(value);
        bool is_quoted = n >= 2 && value[0] == '"' && value[n - 1] == '"';
        autofree char *image = is_quoted ? strndup(value + 1, n - 2) : strdup(value);

        if (!image)
                return -ENOMEM;
        return wishes_add(wishes, strncmp(image, "docker://", 9) == 0 ? image + 9 : image, who);
}

/* A later one may have replaced it: what a manifest has asked for once, in any section, is not removed. */
static int add_assignment(Wishes *wishes, const Assignment *assignment, const char *who) {
        const char *value = assignment->value;

        if (strcmp(assignment->key, "Mount") == 0)
                return add_mount(wishes, value, who);
        if ((strcmp(assignment->key, "Image") != 0 && strcmp(assignment->key, "ImageTag") != 0) || !*value)
                return 0;
        return add_image(wishes, value, who);
}

/* What was wrong in reading, and not with what was read. */
static void doubt(Wishes *wishes, const FaultList *faults) {
        for (size_t i = 0; i < faults->n_entries; i++) {
                const FaultEntry *entry = &faults->entries[i];
                FaultKind kind = entry->fault.kind;

                if (!entry->is_warning && !fault_is_raised(&wishes->doubt) &&
                                (kind == FAULT_SYSTEM || kind == FAULT_SYNTAX || kind == FAULT_MISSING))
                        wishes->doubt = entry->fault;
        }
}

static int read_manifests(Wishes *wishes, Fault *fault) {
        AUTO(manifests_view_close) ManifestsView view = {};
        const ManifestSet *set = &view.workspace.set;
        int r = manifests_view_open(&view, SEARCH_SYSTEM, NULL, fault);

        if (r < 0)
                return r;
        doubt(wishes, &view.workspace.faults);
        for (size_t i = 0; i < set->n_manifests; i++) {
                const Manifest *manifest = set->manifests[i];

                if (manifest->is_masked)
                        continue;
                doubt(wishes, &manifest->faults);
                for (size_t k = 0; k < manifest->n_assignments && r >= 0; k++)
                        r = add_assignment(wishes, &manifest->assignments[k], manifest->path);
        }
        return r;
}

/* Units that were loaded from manifests as they were before, and those of slipway run. */
static int read_units(Wishes *wishes) {
        static const char *const directories[] = { "/run/systemd/generator", "/run/systemd/transient",
                NULL };
        AUTO(generated_done) GeneratedUnits units = {};
        int r = generated_read(directories, &units);

        for (size_t i = 0; i < units.n && r >= 0; i++)
                if (units.units[i].image)
                        r = wishes_add(wishes, units.units[i].image, units.units[i].unit);
        return r;
}

/* A short name is pulled by another one, if registries.conf(5) says so. */
static int add_aliases(Wishes *wishes) {
        AUTO(registries_done) Registries registries = {};
        RegistriesPaths paths;
        Fault fault = {};
        size_t n = wishes->n;
        int r;

        registries_paths(&paths);
        r = registries_load(&paths, NULL, NULL, &registries, &fault);
        if (r < 0 && r != -ENOMEM) {
                if (!fault_is_raised(&wishes->doubt))
                        wishes->doubt = fault;
                return 0;
        }
        for (size_t i = 0; i < n && r >= 0; i++) {
                autofree char *name = NULL, *why = NULL;

                if (strpbrk(wishes->items[i].text, "%$"))
                        continue;
                r = short_name_resolve(&registries, wishes->items[i].text, &name, &why, NULL);
                if (r < 0 && r != -ENOMEM)
                        r = 0; /* it means nothing, or too much to be pulled */
                else if (r >= 0 && strcmp(name, wishes->items[i].text) != 0)
                        r = wishes_add(wishes, name, wishes->items[i].who);
        }
        return r;
}

int wishes_read(Wishes *ret, Fault *fault) {
        autowishes Wishes wishes = {};
        int r = read_manifests(&wishes, fault);

        if (r >= 0 && strcmp(state_directory(), SLIPWAY_STATE_DIR) == 0)
                r = read_units(&wishes);
        if (r >= 0)
                r = add_aliases(&wishes);
        if (r < 0)
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot find out who needs images");
        *ret = wishes;
        wishes = (Wishes){};
        return 0;
}

void wishes_done(Wishes *wishes) {
        for (size_t i = 0; i < wishes->n; i++) {
                free(wishes->items[i].text);
                free(wishes->items[i].who);
        }
        free(wishes->items);
        *wishes = (Wishes){};
}

/* --- what that means --- */

/* What systemd replaces may be anything. */
static const char *skip_expansion(const char *at) {
        if (*at == '%')
                return at[1] ? at + 2 : at + 1;
        at++;
        if (*at == '{')
                return strchrnul(at, '}') + (strchr(at, '}') ? 1 : 0);
        return at + strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}

static char *pattern_of(const char *text) {
        autofree char *pattern = malloc(2 * strlen(text) + 1);
        char *to = pattern;

        if (!pattern)
                return NULL;
        while (*text) {
                if (*text == '%' || *text == '$') {
                        *to++ = '*';
                        text = skip_expansion(text);
                        continue;
                }
                if (strchr("*?[\\", *text))
                        *to++ = '\\';
                *to++ = *text++;
        }
        *to = '\0';
        return TAKE(pattern);
}

/* A name is short for one that has a registry in front, and a tag behind. */
bool wish_could_mean(const char *text, const char *name) {
        static const char *const prefixes[] = { "", "*/" }, *const suffixes[] = { "", ":latest" };
        autofree char *pattern = pattern_of(text);

        for (size_t i = 0; pattern && i < 4; i++) {
                autofree char *whole = NULL;

                if (asprintf(&whole, "%s%s%s", prefixes[i / 2], pattern, suffixes[i % 2]) < 0) {
                        whole = NULL;
                        return true;
                }
                if (fnmatch(whole, name, 0) == 0)
                        return true;
        }
        return !pattern;
}

static int add_need(Needs *needs, const Digest *id, const char *who) {
        Need *grown = reallocarray(needs->items, needs->n + 1, sizeof(Need));
        char *copy = strdup(who);

        if (grown)
                needs->items = grown;
        if (!grown || !copy) {
                free(copy);
                return -ENOMEM;
        }
        needs->items[needs->n++] = (Need){ *id, copy };
        return 0;
}

/* What the launcher would find, and what it could find: which of several registries it is may depend on
 * others. */
static int add_wish(Store *store, const Wish *wish, const NameList *names, Needs *needs) {
        Digest id;
        int r = image_find(store, wish->text, &id, NULL, NULL);

        if (r >= 0)
                return add_need(needs, &id, wish->who);
        if (r != -ENOENT && r != -EINVAL && r != -ENOTUNIQ && r != -ENAMETOOLONG && r != -EOPNOTSUPP)
                return r;
        r = 0;
        for (size_t i = 0; i < names->n && r >= 0; i++)
                if (wish_could_mean(wish->text, names->items[i].name))
                        r = add_need(needs, &names->items[i].id, wish->who);
        return r;
}

static int add_container(Store *store, const char *name, Needs *needs) {
        autofree char *text = NULL, *path = NULL, *who = NULL;
        Digest id;

        if (asprintf(&path, "containers/%s/image", name) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (asprintf(&who, "container %s", name) < 0) {
                who = NULL;
                return -ENOMEM;
        }
        if (io_read_file(store->fd, path, 4096, &text, NULL) < 0)
                return 0;
        text[strcspn(text, "\n")] = '\0';
        if (digest_from_hex(strncmp(text, "sha256:", 7) == 0 ? text + 7 : text, &id) < 0)
                return 0;
        return add_need(needs, &id, who);
}

static int add_containers(Store *store, Needs *needs) {
        int fd = openat(store->fd, "containers", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                if (entry->d_name[0] != '.')
                        r = add_container(store, entry->d_name, needs);
        return r < 0 ? r : -errno;
}

static int add_pins(Store *store, const NameList *names, Needs *needs, Fault *fault) {
        autostrv char **pins = NULL;
        int r = pin_list(store, &pins, fault);

        for (char **pin = pins; r >= 0 && pin && *pin; pin++)
                r = add_wish(store, &(Wish){ *pin, (char *) "a pin" }, names, needs);
        return r;
}

int needs_find(Store *store, const Wishes *wishes, const NameList *names, Needs *ret, Fault *fault) {
        autoneeds Needs needs = {};
        int r = add_containers(store, &needs);

        if (r >= 0)
                r = add_pins(store, names, &needs, fault);
        for (size_t i = 0; i < wishes->n && r >= 0; i++)
                r = add_wish(store, &wishes->items[i], names, &needs);
        if (r < 0)
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot find out who needs images");
        *ret = needs;
        needs = (Needs){};
        return 0;
}

const char *needs_who(const Needs *needs, const Digest *id) {
        for (size_t i = 0; i < needs->n; i++)
                if (digest_equal(&needs->items[i].id, id))
                        return needs->items[i].who;
        return NULL;
}

void needs_done(Needs *needs) {
        for (size_t i = 0; i < needs->n; i++)
                free(needs->items[i].who);
        free(needs->items);
        *needs = (Needs){};
}
