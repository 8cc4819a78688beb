/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/volume.h"
#include "generator/words.h"
#include "lib/cleanup.h"

bool build_is_url(const char *text) {
        static const char *const beginnings[] = { "https://", "http://", "git://", "github.com/" };

        for (size_t i = 0; i < ELEMENTS(beginnings); i++) {
                size_t n = strlen(beginnings[i]);

                if (strncmp(text, beginnings[i], n) == 0 && text[n])
                        return true;
        }
        return false;
}

int build_parse_context(Value *value, char **ret, Fault *fault) {
        static const char *const words[] = { "file", "unit", NULL };

        if (build_is_url(value->text) || value_is_one_of(value->text, words))
                return value_copy(value->text, ret);
        return value_resolve(value->text, value->directory, ret);
}

int build_parse_network(Value *value, char **ret, Fault *fault) {
        static const char *const words[] = { "host", "none", NULL };
        bool is_path = strncmp(value->text, "ns:", 3) == 0 &&
                       (value->text[3] == '/' || value_begins_dynamic(value->text + 3));

        if (!value_is_one_of(value->text, words) && !value_is_dynamic(value->text) && !is_path)
                return value_refuse(fault,
                                "a build is in no network of containers, so '%s' cannot be had: there are "
                                "host, none and ns:PATH",
                                value->text);
        return value_copy(value->text, ret);
}

int build_parse_pull(Value *value, char **ret, Fault *fault) {
        static const char *const words[] = { "always", "missing", "never", "newer", NULL };
        bool yes;

        if (value_is_one_of(value->text, words) || value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (boolean_parse(value->text, &yes) < 0)
                return value_wrong(fault, value->text,
                                "when to fetch an image: always, missing, never, newer, or a boolean");
        return value_copy(yes ? "true" : "false", ret);
}

/* Without a source it would have to be one of podman's own. */
int build_parse_secret(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        char *rest = copy, *part;
        bool has_id = false, has_source = false;

        if (!copy)
                return -ENOMEM;
        while ((part = strsep(&rest, ","))) {
                has_id = has_id || (strncmp(part, "id=", 3) == 0 && part[3]);
                has_source = has_source || (strncmp(part, "src=", 4) == 0 && part[4]) ||
                             (strncmp(part, "source=", 7) == 0 && part[7]) ||
                             (strncmp(part, "env=", 4) == 0 && part[4]);
        }
        if (!value_is_dynamic(value->text) && (!has_id || !has_source))
                return value_wrong(fault, value->text,
                                "a secret of a build: id=NAME,src=PATH or id=NAME,env=NAME");
        return value_copy(value->text, ret);
}

int build_parse_volume(Value *value, char **ret, Fault *fault) {
        if (*value->text != '/' && *value->text != '.' && !value_begins_dynamic(value->text))
                return value_refuse(fault,
                                "a build has no volumes of containers, so '%s' cannot be had: name a "
                                "directory of the host, as /srv/data",
                                value->text);
        return volume_parse(value, ret, fault);
}
