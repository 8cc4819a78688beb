/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/pod-options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/size.h"
#include "lib/strv.h"
#include "nspawn-glue/net/state.h"

#define SHM_SIZE_DEFAULT (UINT64_C(64) << 20)

typedef int TakeOption(void *field, const char *value);

static int take_text(void *field, const char *value) {
        *(const char **) field = value;
        return 0;
}

static int take_list(void *field, const char *value) {
        return strv_append(field, value);
}

static int take_size(void *field, const char *value) {
        return size_from_text(value, field);
}

/* What is always shared need not be said. */
static int take_share(void *field, const char *value) {
        if (strcmp(value, "pid") != 0)
                return -EINVAL;
        *(bool *) field = true;
        return 0;
}

/* clang-format off */
static const struct {
        const char *name;
        TakeOption *take;
        size_t field;
} rows[] = {
        { "hostname",      take_text, offsetof(PodOptions, hostname) },
        { "network",       take_list, offsetof(PodOptions, networks) },
        { "network-alias", take_list, offsetof(PodOptions, aliases) },
        { "ip",            take_text, offsetof(PodOptions, ip) },
        { "ip6",           take_text, offsetof(PodOptions, ip6) },
        { "publish",       take_list, offsetof(PodOptions, publish) },
        { "add-host",      take_list, offsetof(PodOptions, hosts) },
        { "dns",           take_list, offsetof(PodOptions, dns) },
        { "dns-option",    take_list, offsetof(PodOptions, dns_options) },
        { "dns-search",    take_list, offsetof(PodOptions, dns_searches) },
        { "userns",        take_text, offsetof(PodOptions, userns) },
        { "share",         take_share, offsetof(PodOptions, share_processes) },
        { "shm-size",      take_size, offsetof(PodOptions, shm_size) },
        { "label",         take_list, offsetof(PodOptions, labels) },
};
/* clang-format on */

void pod_options_done(PodOptions *options) {
        strv_free(options->networks);
        strv_free(options->aliases);
        strv_free(options->publish);
        strv_free(options->hosts);
        strv_free(options->labels);
        strv_free(options->dns);
        strv_free(options->dns_options);
        strv_free(options->dns_searches);
        *options = (PodOptions){};
}

static int take_word(PodOptions *options, const char *word, Fault *fault) {
        const char *name = word + 2, *is = strchr(word, '=');

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                size_t n = strlen(rows[i].name);
                int r;

                if (!is || (size_t) (is - name) != n || strncmp(rows[i].name, name, n) != 0)
                        continue;
                r = rows[i].take((char *) options + rows[i].field, is + 1);
                if (r == -EINVAL)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "--%s: '%.100s' is no value for it",
                                        rows[i].name, is + 1);
                return r;
        }
        return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no option '%.100s'", word);
}

int pod_options_parse(char *const *argv, PodOptions *ret, Fault *fault) {
        PodOptions options = { .name = argv[0], .shm_size = SHM_SIZE_DEFAULT };
        int r = 0;

        if (!argv[0] || !network_name_is_valid(argv[0]) || strlen(argv[0]) > 64)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no name of a pod",
                                argv[0] ? argv[0] : "");
        for (argv++; *argv && r >= 0; argv++)
                r = strncmp(*argv, "--", 2) == 0 ? take_word(&options, *argv, fault)
                                                 : fault_raise(fault, FAULT_VALUE, EINVAL,
                                                                   "'%.100s' is one word too many", *argv);
        if (r < 0) {
                pod_options_done(&options);
                return r;
        }
        *ret = options;
        return 0;
}
