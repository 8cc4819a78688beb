/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/container.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "lib/nearest.h"
#include "lib/strv.h"
#include "nspawn-glue/record.h"

/* Where systemd has the units of its generators, see systemd.generator(7), and those that are made at run
 * time. */
static int read_kind(bool is_user, const char *kind, GeneratedUnits *ret, Fault *fault) {
        static const char *const names[] = { "generator", "generator.early", "generator.late", "transient" };
        const char *runtime = is_user ? getenv("XDG_RUNTIME_DIR") : "/run";
        autostrv char **directories = NULL;
        int r = 0;

        if (!runtime)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "cannot find the units of your own service manager: $XDG_RUNTIME_DIR is not "
                                "set");
        for (size_t i = 0; r >= 0 && i < ELEMENTS(names); i++)
                r = strv_appendf(&directories, "%s/systemd/%s", runtime, names[i]);
        if (r >= 0)
                r = generated_read_kind((const char *const *) directories, kind, ret);
        return r < 0 ? fault_wrap(fault, r, "cannot read the generated units") : 0;
}

int containers_read(bool is_user, GeneratedUnits *ret, Fault *fault) {
        return read_kind(is_user, NULL, ret, fault);
}

int containers_read_kind(const char *kind, GeneratedUnits *ret, Fault *fault) {
        return read_kind(false, kind, ret, fault);
}

int containers_patterns(const GeneratedUnits *units, char ***ret) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < units->n; i++) {
                const char *unit = units->units[i].unit;

                if (units->units[i].is_template)
                        r = strv_appendf(ret, "%.*s*.service", (int) (strchr(unit, '@') - unit + 1), unit);
                else
                        r = strv_append(ret, unit);
        }
        return r;
}

/* An instance can have a manifest of its own, and then is what that says. */
static bool has_unit(const GeneratedUnits *units, size_t n, const char *unit) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(units->units[i].unit, unit) == 0)
                        return true;
        return false;
}

static bool is_instance_of(const GeneratedUnit *template, const char *unit) {
        size_t n = strcspn(template->unit, "@") + 1;

        return template->is_template && strncmp(template->unit, unit, n) == 0 &&
               strcmp(template->unit, unit) != 0;
}

int containers_add_instances(GeneratedUnits *units, const UnitStates *states) {
        size_t n = units->n;

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; units->units[i].is_template && k < states->n; k++) {
                        GeneratedUnit instance;
                        int r;

                        if (!is_instance_of(&units->units[i], states->states[k].unit) ||
                                        has_unit(units, n, states->states[k].unit))
                                continue;
                        r = generated_instance(&units->units[i], states->states[k].unit, &instance);
                        if (r >= 0)
                                r = generated_add(units, &instance);
                        if (r < 0)
                                return r;
                }
        generated_sort(units);
        return 0;
}

const char *container_name(const GeneratedUnit *unit, char *buffer, size_t size) {
        if (unit->container)
                return unit->container;
        (void) snprintf(buffer, size, "%.*s", (int) (strrchr(unit->unit, '.') - unit->unit), unit->unit);
        return buffer;
}

/* "web" as "web.service". */
static void to_unit(const char *word, char *ret, size_t size) {
        size_t n = strlen(word);
        bool is_unit = n > 8 && strcmp(word + n - 8, ".service") == 0;

        (void) snprintf(ret, size, "%s%s", word, is_unit ? "" : ".service");
}

/* Whatever was started in another way has at least left a record. */
static int find_record(const char *word, GeneratedUnit *ret) {
        GeneratedUnit unit = {};
        Record record;

        if (strchr(word, '/') || *word == '.' || record_read(word, &record) < 0 || !*record.unit)
                return -ENOENT;
        unit.unit = strdup(record.unit);
        unit.kind = strdup("container");
        unit.container = strdup(word);
        unit.image = strdup(record.image);
        if (!unit.unit || !unit.kind || !unit.container || !unit.image) {
                generated_unit_done(&unit);
                return -ENOMEM;
        }
        *ret = unit;
        return 0;
}

static int raise_unknown(const GeneratedUnits *units, const char *word, Fault *fault) {
        const char *nearest = NULL;
        size_t best = nearest_limit(word) + 1;
        char buffer[256], near[256];

        for (size_t i = 0; i < units->n; i++) {
                const char *name = container_name(&units->units[i], buffer, sizeof(buffer));
                size_t distance = nearest_distance(word, name);

                if (distance < best) {
                        best = distance;
                        (void) snprintf(near, sizeof(near), "%s", name);
                        nearest = near;
                }
        }
        if (nearest)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no container '%s', did you mean '%s'?", word, nearest);
        return fault_raise(fault, FAULT_MISSING, ENOENT,
                        "there is no container '%s'; 'slipway list' shows those that there are", word);
}

int container_find(const GeneratedUnits *units, const char *word, GeneratedUnit *ret, Fault *fault) {
        const GeneratedUnit *template = NULL;
        char unit[256];
        int r;

        for (size_t i = 0; i < units->n; i++)
                if (!units->units[i].is_template && units->units[i].container &&
                                strcmp(units->units[i].container, word) == 0)
                        return generated_copy(&units->units[i], ret);

        to_unit(word, unit, sizeof(unit));
        for (size_t i = 0; i < units->n; i++) {
                if (strcmp(units->units[i].unit, unit) == 0 && !units->units[i].is_template)
                        return generated_copy(&units->units[i], ret);
                if (is_instance_of(&units->units[i], unit))
                        template = &units->units[i];
        }
        if (template)
                return generated_instance(template, unit, ret);

        r = find_record(word, ret);
        return r == -ENOENT ? raise_unknown(units, word, fault) : r;
}

/* Takes @unit, unless it is there already. */
static int add_once(GeneratedUnits *units, GeneratedUnit *unit) {
        if (!has_unit(units, units->n, unit->unit))
                return generated_add(units, unit);
        generated_unit_done(unit);
        return 0;
}

static int add_matching(const GeneratedUnits *units, const char *pattern, GeneratedUnits *into) {
        int r = 0, n = 0;

        for (size_t i = 0; r >= 0 && i < units->n; i++) {
                const GeneratedUnit *unit = &units->units[i];
                GeneratedUnit copy;
                char buffer[256];

                if (unit->is_template)
                        continue;
                if (pattern && fnmatch(pattern, container_name(unit, buffer, sizeof(buffer)), 0) != 0 &&
                                fnmatch(pattern, unit->unit, 0) != 0)
                        continue;
                r = generated_copy(unit, &copy);
                if (r >= 0)
                        r = add_once(into, &copy);
                n++;
        }
        return r < 0 ? r : n;
}

static int select_word(const GeneratedUnits *units, const char *word, GeneratedUnits *into, Fault *fault) {
        GeneratedUnit found;
        int r;

        if (!strpbrk(word, "*?[")) {
                r = container_find(units, word, &found, fault);
                return r < 0 ? r : add_once(into, &found);
        }
        r = add_matching(units, word, into);
        if (r == 0)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no container like '%s'; 'slipway list' shows those that there are",
                                word);
        return r;
}

int containers_select(const GeneratedUnits *units, char *const *words, GeneratedUnits *ret, Fault *fault) {
        GeneratedUnits selected = {};
        int r = 0;

        if (!words)
                r = add_matching(units, NULL, &selected);
        for (; words && *words && r >= 0; words++)
                r = select_word(units, *words, &selected, fault);
        if (r < 0) {
                generated_done(&selected);
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot find the containers");
        }
        *ret = selected;
        return 0;
}
