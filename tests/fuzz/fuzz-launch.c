/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The launcher's command line, a word a line, and all in it that has a grammar. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/capset.h"
#include "nspawn-glue/environment.h"
#include "nspawn-glue/files.h"
#include "nspawn-glue/mount-spec.h"
#include "nspawn-glue/options.h"
#include "nspawn-glue/secret-spec.h"
#include "nspawn-glue/userns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_mounts(const Options *options) {
        AUTO(mount_list_done) MountList mounts = {};

        for (char **text = options->volumes; text && *text; text++)
                (void) mount_list_add_volume(&mounts, *text, NULL);
        for (char **text = options->mounts; text && *text; text++)
                (void) mount_list_add_mount(&mounts, *text, NULL);
        for (char **text = options->tmpfs; text && *text; text++)
                (void) mount_list_add_tmpfs(&mounts, *text, NULL);
        mount_list_sort(&mounts);
        for (size_t i = 0; i < mounts.n; i++) {
                const MountSpec *spec = &mounts.list[i];
                bool has_source = spec->kind == MOUNT_BIND || spec->kind == MOUNT_NAMED ||
                                  spec->kind == MOUNT_IMAGE;

                assert(spec->target[0] == '/' && spec->target[1]);
                assert(has_source == (spec->source != NULL));
                assert(spec->kind != MOUNT_BIND || spec->source[0] == '/');
                assert(spec->overlay || !spec->upper);
        }
        for (size_t i = 0; i < mounts.n_globs; i++) {
                assert(mounts.globs[i].source[0] == '/');
                (void) mount_list_add_match(&mounts, &mounts.globs[i], "/srv/a/b", NULL);
        }
}

static void read_secrets(const Options *options) {
        for (char **text = options->secrets; text && *text; text++) {
                AUTO(secret_spec_done) SecretSpec spec = {};

                if (secret_spec_parse(*text, &spec, NULL) < 0)
                        continue;
                assert(secret_name_is_valid(spec.name));
                assert(spec.is_env ? !strchr(spec.target, '=') : *spec.target == '/');
        }
}

static void read_rest(const Options *options) {
        autofree char *hosts = NULL, *resolv = NULL;
        autostrv char **environment = NULL;
        uint64_t bounding, ambient;
        char hostname[65], *none[] = { NULL };
        Userns userns;

        if (userns_parse(&userns, options->userns, NULL) >= 0)
                assert(userns.count > 0);
        if (capset_make(options->capabilities_add, options->capabilities_drop, &bounding, &ambient, NULL) >=
                        0)
                assert((ambient & ~bounding) == 0);
        files_hostname(options->name, hostname, sizeof(hostname));
        assert(*hostname);
        (void) files_hosts(NULL, hostname, options->hosts, &hosts, NULL);
        (void) files_resolv(hosts, options->dns, options->dns_searches, options->dns_options, &resolv);
        if (environment_make(&(Options){ .environment = options->environment }, NULL,
                            options->environment ?: none, hostname, &environment, NULL) >= 0)
                for (char **e = environment; *e; e++)
                        assert(strchr(*e, '='));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(options_done) Options options = {};
        autofree char *copy = NULL;
        char *argv[130] = { (char *) "slipway-nspawn" }, *rest, *word;
        size_t n = 1;
        Fault fault = {};

        if (size > 65536)
                return 0;
        copy = rest = strndup((const char *) data, size);
        while (copy && n + 1 < ELEMENTS(argv) && (word = strsep(&rest, "\n")))
                argv[n++] = word;

        if (options_parse(&options, argv, &fault) < 0)
                return 0;
        /* Who cleans up after all containers names none, and reads nothing else. */
        if (options.action == ACTION_CLEAN && !options.name)
                return 0;
        assert(container_name_is_valid(options.name));
        read_mounts(&options);
        read_secrets(&options);
        read_rest(&options);
        return 0;
}
