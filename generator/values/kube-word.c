/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/kube-word.h"

#include <string.h>

static int one_of(Value *value, const char *const *words, const char *what, char **ret, Fault *fault) {
        return value_is_one_of(value->text, words) ? value_copy(value->text, ret)
                                                   : value_wrong(fault, value->text, what);
}

int kube_parse_auto_update(Value *value, char **ret, Fault *fault) {
        static const char *const words[] = { "registry", "local", NULL };
        const char *slash = strrchr(value->text, '/');
        bool is_right = value_is_one_of(slash ? slash + 1 : value->text, words);

        if (!is_right || slash == value->text)
                return value_wrong(fault, value->text,
                                "registry, local, or one of them behind the name of a container and a '/'");
        return value_copy(value->text, ret);
}

int kube_parse_propagation(Value *value, char **ret, Fault *fault) {
        static const char *const words[] = { "none", "any", "all", NULL };

        return one_of(value, words, "one of none, any and all", ret, fault);
}

int kube_parse_working_directory(Value *value, char **ret, Fault *fault) {
        static const char *const words[] = { "yaml", "unit", NULL };

        return one_of(value, words, "one of yaml and unit", ret, fault);
}
