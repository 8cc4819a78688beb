/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/short-name.h"

#include <string.h>

#include "image/reference.h"
#include "lib/strv.h"

/* Whether a person has named the registry. "docker://" says that it is docker.io where no other is named. */
static bool has_registry(const char *text, const Reference *reference) {
        const char *slash = strchr(text, '/');
        size_t n = slash ? (size_t) (slash - text) : 0;

        if (strncmp(text, "docker://", 9) == 0)
                return true;
        if (n == 0)
                return false;
        /* Which words are a host, the parser of references knows; of index.docker.io it makes docker.io. */
        return (strlen(reference->domain) == n && strncmp(text, reference->domain, n) == 0) ||
               (n == 15 && strncmp(text, "index.docker.io", n) == 0);
}

static int ambiguous(const Registries *registries, const char *text, Fault *fault) {
        autofree char *hosts = strv_join(registries->search, ", ");

        fault_locate(fault, &(Place){ .path = registries->search_place.file,
                                            .line = registries->search_place.line,
                                            .key = "unqualified-search-registries" });
        return fault_raise(fault, FAULT_CONFLICT, ENOTUNIQ,
                        "'%.100s' has no registry, and could be of any of %.200s; say which one, as in "
                        "'%.60s/%.100s'",
                        text, hosts ?: "them", registries->search[0], text);
}

static int explain(char **ret, const char *what, const ConfPlace *place) {
        int n = place ? asprintf(ret, "%s, %s:%u", what, place->file, place->line)
                      : asprintf(ret, "%s", what);

        return n < 0 ? -ENOMEM : 0;
}

int short_name_resolve(
                const Registries *registries, const char *text, char **ret, char **ret_why, Fault *fault) {
        AUTO(reference_done) Reference reference = {};
        autofree char *name = NULL, *path = NULL, *why = NULL;
        size_t n = strcspn(text, ":@"), n_search = strv_length(registries->search);
        const Alias *alias;
        int r = reference_parse(text, &reference, fault);

        if (r < 0)
                return r;
        if (has_registry(text, &reference)) {
                *ret = strdup(strncmp(text, "docker://", 9) == 0 ? text + 9 : text);
                if (!*ret)
                        return -ENOMEM;
                *ret_why = NULL;
                return 0;
        }

        path = strndup(text, n);
        if (!path)
                return -ENOMEM;
        alias = registries_find_alias(registries, path);
        if (!alias && n_search > 1)
                return ambiguous(registries, text, fault);
        if (alias)
                r = asprintf(&name, "%s%s", alias->value, text + n);
        else
                r = asprintf(&name, "%s/%s", n_search ? registries->search[0] : "docker.io", text);
        if (r < 0) {
                name = NULL;
                return -ENOMEM;
        }

        if (alias)
                r = explain(&why, "an alias", &alias->place);
        else if (n_search)
                r = explain(&why, "the registry to search", &registries->search_place);
        else
                r = explain(&why, "where names without a registry are", NULL);
        if (r < 0)
                return r;
        *ret = TAKE(name);
        *ret_why = TAKE(why);
        return 0;
}
