/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

static bool ends_with(const char *text, const char *suffix) {
        size_t n = strlen(text), tail = strlen(suffix);

        return n > tail && strcmp(text + n - tail, suffix) == 0;
}

/* Modes that stand for themselves, and whether they take options. */
static int check_mode(const char *mode, const char *options, Fault *fault) {
        static const char *const with_options[] = { "bridge", "pasta", "slirp4netns", NULL };

        if (strcmp(mode, "ns") == 0)
                return options && (*options == '/' || value_begins_dynamic(options))
                                       ? 0
                                       : fault_raise(fault, FAULT_VALUE, EINVAL,
                                                         "'ns:' needs an absolute path behind it");
        if (strcmp(mode, "container") == 0)
                return options && *options
                                       ? 0
                                       : fault_raise(fault, FAULT_VALUE, EINVAL,
                                                         "'container:' needs a container's name behind it");
        if (value_is_one_of(mode, with_options) || value_is_dynamic(mode) || value_is_name(mode, 255))
                return 0;
        return value_wrong(fault, mode, "a network: none, host, private, bridge or a name");
}

int network_parse(Value *value, char **ret, Fault *fault) {
        static const char *const plain[] = { "none", "host", "private", NULL };
        autofree char *mode = strdup(value->text);
        char *options;
        int r;

        if (!mode)
                return -ENOMEM;

        options = value_cut(mode, ':');
        if (value_is_one_of(mode, plain)) {
                if (options)
                        return fault_raise(
                                        fault, FAULT_VALUE, EINVAL, "network '%s' takes no options", mode);
                return value_copy(mode, ret);
        }

        if (ends_with(mode, ".container") && options)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there are no options when joining another container's network");
        if ((ends_with(mode, ".network") || ends_with(mode, ".container")) &&
                        strlen(mode) < sizeof(value->reference))
                (void) strcpy(value->reference, mode);

        r = check_mode(mode, options, fault);
        if (r < 0)
                return r;
        value->later = "a network that needs more than a namespace of its own; there are private, host and "
                       "none";
        return value_copy(value->text, ret);
}
