/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "image/use.h"
#include "lib/strv.h"
#include "nspawn-glue/environment.h"
#include "nspawn-glue/launch.h"

int launch_read_image(Launch *launch, Fault *fault) {
        const char *pull = launch->options->pull;
        int r;

        if (pull && *pull && strcmp(pull, "missing") != 0 && strcmp(pull, "never") != 0)
                return fault_raise(
                                fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "not supported yet: --pull=%s", pull);
        if (!launch->options->image)
                return 0;

        r = store_open(NULL, &launch->store, fault);
        if (r >= 0)
                r = store_lock(&launch->store, STORE_SHARED, fault);
        if (r >= 0)
                r = image_lookup(&launch->store, launch->options->image, &launch->image, fault);
        if (r >= 0)
                image_touch(&launch->store, &launch->image.id);
        return r;
}

void launch_close_image(Launch *launch) {
        image_done(&launch->image);
        store_close(&launch->store);
}

static size_t put_words(PlanWriter *plan, char *const *words) {
        size_t n = 0;

        for (; words && words[n]; n++)
                plan_put(plan, "arg", words[n]);
        return n;
}

/* The manifest's entrypoint replaces that of the image, and with it the image's arguments. */
int launch_write_command(Launch *launch, Fault *fault) {
        const ImageConfig *config = &launch->image.config;
        const Options *options = launch->options;
        autostrv char **environment = NULL;
        const char *user, *workdir;
        size_t n;
        int r;

        n = put_words(&launch->plan, options->has_entrypoint ? options->entrypoint : config->entrypoint);
        if (*options->command)
                n += put_words(&launch->plan, options->command);
        else if (!options->has_entrypoint)
                n += put_words(&launch->plan, config->cmd);
        if (n == 0)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "the image has no command of its own; say one with Exec=");

        r = environment_make(options, config->env, environ, launch->hostname, &environment, fault);
        if (r >= 0)
                r = launch_write_secret_variables(launch, &environment, fault);
        if (r < 0)
                return r;
        for (char **e = environment; *e; e++)
                plan_put(&launch->plan, "env", *e);

        user = options->user ?: config->user;
        workdir = options->workdir ?: config->workdir;
        if (user && *user)
                plan_put(&launch->plan, "user", user);
        for (char **g = options->groups; g && *g; g++)
                plan_put(&launch->plan, "group", *g);
        if (workdir && *workdir)
                plan_put(&launch->plan, "workdir", workdir);
        if (options->init)
                plan_put(&launch->plan, "init", "yes");
        return 0;
}
