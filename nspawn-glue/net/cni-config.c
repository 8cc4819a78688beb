/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/cni-config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/net/state.h"

enum { PLUGINS_MAX = 32 };

/* What a file has that does not say it. */
#define OLDEST_VERSION "0.1.0"

static int wrong(Fault *fault, const char *what) {
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "%s", what);
}

/* A plain name of a file: it is executed. */
static bool type_is_valid(const char *type) {
        return *type && *type != '.' && strlen(type) < 128 && !strchr(type, '/');
}

static bool version_is_valid(const char *version) {
        unsigned number[3];
        int end = 0;

        return strlen(version) < 32 &&
               sscanf(version, "%3u.%3u.%3u%n", &number[0], &number[1], &number[2], &end) == 3 &&
               version[end] == '\0' && isdigit((unsigned char) *version);
}

static int check_plugins(const json_t *plugins, Fault *fault) {
        const json_t *plugin;
        size_t i;

        if (!json_is_array(plugins) || json_array_size(plugins) == 0)
                return wrong(fault, "there is no list of 'plugins' in it");
        if (json_array_size(plugins) > PLUGINS_MAX)
                return wrong(fault, "there are too many plugins in it");
        json_array_foreach(plugins, i,
                        plugin) if (!json_is_object(plugin) ||
                                    !type_is_valid(net_string(plugin, "type"))) return fault_raise(fault,
                        FAULT_SYNTAX, EINVAL,
                        "plugin %zu of the list has no 'type' that is the name of a program", i + 1);
        return 0;
}

/* Of a single plugin a list of one. */
static json_t *make_list(json_t *document) {
        const char *version = net_string(document, "cniVersion");
        json_t *plugins = json_object_get(document, "plugins");

        return json_pack("{s:s, s:s, s:o}", "cniVersion", *version ? version : OLDEST_VERSION, "name",
                        net_string(document, "name"), "plugins",
                        plugins ? json_incref(plugins) : json_pack("[O]", document));
}

int cni_config_parse(const char *text, size_t size, json_t **ret, Fault *fault) {
        AUTO(json_decrefp) json_t *document = NULL, *list = NULL;
        json_error_t error;
        int r;

        document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        if (!document)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "line %d is no JSON: %s", error.line,
                                error.text);
        if (!json_is_object(document))
                return wrong(fault, "it is no object");
        list = make_list(document);
        if (!list)
                return wrong(fault, "it is not as the specification has it");
        if (!network_name_is_valid(net_string(list, "name")))
                return wrong(fault, "it has no 'name' of letters, digits, '_', '.' and '-'");
        if (!version_is_valid(net_string(list, "cniVersion")))
                return wrong(fault, "its 'cniVersion' is no version");
        r = check_plugins(json_object_get(list, "plugins"), fault);
        if (r < 0)
                return r;
        *ret = TAKE(list);
        return 0;
}

static int is_configuration(const struct dirent *entry) {
        static const char *const endings[] = { ".conflist", ".conf", ".json" };
        const char *dot = strrchr(entry->d_name, '.');

        for (size_t i = 0; dot && *entry->d_name != '.' && i < ELEMENTS(endings); i++)
                if (strcmp(dot, endings[i]) == 0)
                        return 1;
        return 0;
}

static int compare_names(const struct dirent **one, const struct dirent **two) {
        return strcmp((*one)->d_name, (*two)->d_name);
}

static int read_file(const char *path, json_t **ret, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        int r;

        r = io_read_file(AT_FDCWD, path, NET_FILE_MAX, &text, &size);
        if (r >= 0)
                r = cni_config_parse(text, size, ret, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot read the network configuration '%s'", path) : 0;
}

/* In the order of their names, until one call does not return 0. */
static int visit_files(const char *directory, int (*visit)(const char *path, void *data), void *data,
                Fault *fault) {
        struct dirent **entries = NULL;
        int n = scandir(directory, &entries, is_configuration, compare_names), r = 0;

        if (n < 0 && errno != ENOENT)
                return fault_wrap(fault, -errno, "cannot look into '%s'", directory);
        for (int i = 0; i < n; i++) {
                autofree char *path = NULL;

                if (r == 0 && asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0) {
                        path = NULL;
                        r = -ENOMEM;
                }
                if (r == 0)
                        r = visit(path, data);
                free(entries[i]);
        }
        free(entries);
        return r;
}

typedef struct Search {
        const char *directory, *name;
        char **others; /* networks that it was not */
        Fault fault;   /* of the first file that cannot be read */
        int error;
        json_t *found;
} Search;

/* A file that is wrong need not be the one that is wanted. Of two with one name the first counts. */
static int look_into(const char *path, void *data) {
        Search *search = data;
        AUTO(json_decrefp) json_t *list = NULL;
        Fault fault = {};
        int r;

        r = read_file(path, &list, &fault);
        if (r < 0 && search->error == 0) {
                search->fault = fault;
                search->error = r;
        }
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (strcmp(net_string(list, "name"), search->name) != 0)
                return strv_find(search->others, net_string(list, "name"))
                                       ? 0
                                       : strv_append(&search->others, net_string(list, "name"));
        if (!search->found)
                search->found = TAKE(list);
        return 0;
}

static int raise_none(const Search *search, Fault *fault) {
        autofree char *others = search->others ? strv_join(search->others, ", ") : NULL;

        if (search->error < 0) {
                if (fault)
                        *fault = search->fault;
                return search->error;
        }
        return fault_raise(fault, FAULT_MISSING, ENOENT, "no file in '%s' is of a network '%s'%s%s",
                        search->directory, search->name, others ? "; there are: " : "",
                        others ? others : "");
}

int cni_config_find(const char *directory, const char *name, json_t **ret, Fault *fault) {
        Search search = { .directory = directory, .name = name };
        int r = visit_files(directory, look_into, &search, fault);

        if (r >= 0 && !search.found)
                r = raise_none(&search, fault);
        else if (r >= 0 && search.error < 0)
                report_fault(REPORT_WARNING, &search.fault);
        strv_free(search.others);
        if (r < 0)
                json_decref(search.found);
        else
                *ret = search.found;
        return r;
}

typedef struct Tour {
        CniVisit *visit;
        void *data;
        char **seen;
} Tour;

static int show(const char *path, void *data) {
        AUTO(json_decrefp) json_t *list = NULL;
        Tour *tour = data;
        Fault fault = {};
        int r;

        r = read_file(path, &list, &fault);
        if (r < 0) {
                if (r != -ENOMEM)
                        report_fault(REPORT_WARNING, &fault);
                return r == -ENOMEM ? r : 0;
        }
        if (strv_find(tour->seen, net_string(list, "name")))
                return 0;
        r = strv_append(&tour->seen, net_string(list, "name"));
        return r < 0 ? r : tour->visit(path, list, tour->data);
}

int cni_config_visit(const char *directory, CniVisit *visit, void *data, Fault *fault) {
        Tour tour = { .visit = visit, .data = data };
        int r = visit_files(directory, show, &tour, fault);

        strv_free(tour.seen);
        return r;
}

bool cni_config_is_of(const json_t *list, unsigned major, unsigned minor) {
        unsigned own[2] = {};

        (void) sscanf(net_string(list, "cniVersion"), "%3u.%3u", &own[0], &own[1]);
        return own[0] > major || (own[0] == major && own[1] >= minor);
}

static bool wants(const json_t *plugin, const char *capability) {
        return net_flag(json_object_get(plugin, "capabilities"), capability);
}

bool cni_config_has(const json_t *list, const char *capability) {
        const json_t *plugin;
        size_t i;

        json_array_foreach(json_object_get(list, "plugins"), i,
                        plugin) if (wants(plugin, capability)) return true;
        return false;
}

/* In an object of its own, which only who wants any of it has. */
static int add_arguments(json_t *plugin, const json_t *arguments) {
        AUTO(json_decrefp) json_t *wanted = json_object();
        const char *capability;
        json_t *value;

        json_object_foreach((json_t *) arguments, capability,
                        value) if (wants(plugin, capability) &&
                                   json_object_set(wanted, capability, value) < 0) return -ENOMEM;
        if (!wanted)
                return -ENOMEM;
        if (json_object_size(wanted) == 0)
                return 0;
        return json_object_set(plugin, "runtimeConfig", wanted) < 0 ? -ENOMEM : 0;
}

int cni_config_of_plugin(
                const json_t *list, size_t i, const json_t *arguments, const json_t *result, json_t **ret) {
        AUTO(json_decrefp)
        json_t *plugin = json_copy(json_array_get(json_object_get(list, "plugins"), i));
        int r;

        if (!plugin)
                return -ENOMEM;
        r = add_arguments(plugin, arguments);
        if (r < 0)
                return r;
        if (json_object_set(plugin, "name", json_object_get(list, "name")) < 0 ||
                        json_object_set(plugin, "cniVersion", json_object_get(list, "cniVersion")) < 0 ||
                        (result && json_object_set(plugin, "prevResult", (json_t *) result) < 0))
                return -ENOMEM;
        *ret = TAKE(plugin);
        return 0;
}
