/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "image/trust/check.h"
#include "image/use.h"
#include "lib/strv.h"
#include "nspawn-glue/environment.h"
#include "nspawn-glue/launch.h"

typedef enum PullPolicy {
        PULL_MISSING,
        PULL_NEVER,
        PULL_ALWAYS,
        PULL_NEWER,
        _PULL_POLICY_MAX,
} PullPolicy;

static const char *const policies[_PULL_POLICY_MAX] = { "missing", "never", "always", "newer" };

static int read_policy(const char *text, PullPolicy *ret, Fault *fault) {
        *ret = PULL_MISSING;
        if (!text || !*text)
                return 0;
        for (PullPolicy policy = 0; policy < _PULL_POLICY_MAX; policy++)
                if (strcmp(text, policies[policy]) == 0) {
                        *ret = policy;
                        return 0;
                }
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "--pull=%s is none of missing, never, always and newer", text);
}

/* An id is what an image is, not where it can be had; "localhost" is what was made on this machine. */
static bool can_be_pulled(const char *image) {
        return strncmp(image, "sha256:", 7) != 0 && strncmp(image, "localhost/", 10) != 0 &&
               !digest_is_hex(image, DIGEST_HEX);
}

/* Return: 0, -ENOENT when there is no such image, and nothing is wrong besides. */
static int find_image(Launch *launch, const char *text, Digest *ret, Fault *fault) {
        int r = store_open(NULL, &launch->store, fault);

        if (r >= 0)
                r = store_lock(&launch->store, STORE_SHARED, fault);
        return r < 0 ? r : image_find(&launch->store, text, ret, &launch->image.name, fault);
}

/* What was brought may have another name than was asked for: what an alias of registries.conf(5) stands for.
 */
static int pull_image(Launch *launch, PullPolicy policy, Digest *ret, Fault *fault) {
        autofree char *name = NULL;
        int r = launch_pull(launch, policies[policy], &name, fault);

        return r < 0 ? r : find_image(launch, name ?: launch->options->image, ret, fault);
}

/* Where it is there and no newer one is asked for, nothing is executed and nobody is asked. */
static int choose_image(Launch *launch, PullPolicy policy, Digest *ret, Fault *fault) {
        bool may_pull = policy != PULL_NEVER && can_be_pulled(launch->options->image);
        int r;

        if (may_pull && policy != PULL_MISSING)
                return pull_image(launch, policy, ret, fault);
        r = find_image(launch, launch->options->image, ret, fault);
        if (r != -ENOENT || !may_pull)
                return r;
        fault_clear(fault);
        launch_close_image(launch);
        return pull_image(launch, policy, ret, fault);
}

/*
 * Whether what was decided when it was brought still rests on the policy and keys of today. If not, it is
 * decided anew, by a program that knows about signatures, and then the image is looked up once more: nobody
 * else was kept waiting meanwhile. What cannot be decided is not started.
 */
static int check_trust(Launch *launch, PullPolicy policy, Digest *id, Fault *fault) {
        int r = trust_check(&launch->store, id, launch->image.name, fault);

        if (r != -EAGAIN)
                return r;
        r = launch_renew_trust(launch, id, fault);
        if (r < 0)
                return r;
        launch_close_image(launch);
        r = choose_image(launch, policy == PULL_NEVER ? PULL_NEVER : PULL_MISSING, id, fault);
        if (r >= 0)
                r = trust_check(&launch->store, id, launch->image.name, fault);
        return r == -EAGAIN ? fault_raise(fault, FAULT_CONFLICT, EAGAIN,
                                              "the trust policy has changed while it was being decided "
                                              "whether image '%.200s' may be used; start it again",
                                              launch->options->image)
                            : r;
}

static int open_image(Launch *launch, PullPolicy policy, Fault *fault) {
        char *name;
        Digest id;
        int r;

        if ((r = choose_image(launch, policy, &id, fault)) < 0 ||
                        (r = check_trust(launch, policy, &id, fault)) < 0)
                return r;
        name = launch->image.name;
        r = image_load(&launch->store, &id, &launch->image, fault);
        launch->image.name = name;
        if (r >= 0)
                image_touch(&launch->store, &id);
        return r;
}

int launch_read_image(Launch *launch, Fault *fault) {
        PullPolicy policy;
        int r = read_policy(launch->options->pull, &policy, fault);

        if (r < 0 || !launch->options->image)
                return r;
        r = open_image(launch, policy, fault);
        if (r < 0)
                launch_close_image(launch);
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
