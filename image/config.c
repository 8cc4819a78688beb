/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/config.h"

#include <limits.h>
#include <string.h>

#include "image/doc.h"
#include "lib/strv.h"

/* Ids are compared as text first: one of forty digits must not wrap into a good one. */
static bool is_sane_id(const char *text, size_t n) {
        if (n == 0 || strspn(text, "0123456789") < n)
                return true; /* a name, which the image's passwd will have to know */
        while (n > 1 && *text == '0')
                text++, n--;
        return n < 10 || (n == 10 && strncmp(text, "2147483647", 10) <= 0);
}

static int check_user(const char *user, Fault *fault) {
        const char *colon = strchrnul(user, ':');

        if (is_sane_id(user, (size_t) (colon - user)) &&
                        (*colon == '\0' || is_sane_id(colon + 1, strlen(colon + 1))))
                return 0;
        return fault_raise(fault, FAULT_HOSTILE, EINVAL, "'User' is '%.80s', an id larger than %d", user,
                        INT_MAX);
}

/* Old builders wrote a single word as a string. */
static int words(const json_t *object, const char *key, char ***ret, Fault *fault) {
        const json_t *value = json_object_get(object, key);

        if (json_is_string(value))
                return strv_append(ret, json_string_value(value));
        return doc_strings(object, key, ret, fault);
}

static int check_env(char **env, Fault *fault) {
        for (size_t i = 0; env && env[i]; i++) {
                char *grown;

                if (env[i][0] == '=' || env[i][0] == '\0')
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "'Env' has a variable without a name: '%.80s'", env[i]);
                if (strchr(env[i], '='))
                        continue;

                /* A bare name stands for an empty value. */
                if (asprintf(&grown, "%s=", env[i]) < 0)
                        return -ENOMEM;
                free(env[i]);
                env[i] = grown;
        }
        return 0;
}

static int check_paths(const ImageConfig *config, Fault *fault) {
        if (config->workdir && config->workdir[0] != '\0' && config->workdir[0] != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'WorkingDir' is '%.200s', which is relative",
                                config->workdir);

        for (size_t i = 0; config->volumes && config->volumes[i]; i++)
                if (config->volumes[i][0] != '/')
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "'Volumes' has '%.200s', which is relative", config->volumes[i]);
        return 0;
}

/* Docker counts in nanoseconds, and takes anything below a microsecond for none. */
static int read_time(const json_t *object, const char *key, uint64_t *ret, Fault *fault) {
        int64_t nsec = 0;
        int r = doc_number(object, key, &nsec, fault);

        if (r < 0)
                return r;
        if (nsec < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'Healthcheck' has a negative '%s'", key);
        *ret = (uint64_t) nsec / 1000;
        return 0;
}

static int read_retries(const json_t *object, unsigned *ret, Fault *fault) {
        int64_t retries = 0;
        int r = doc_number(object, "Retries", &retries, fault);

        if (r < 0)
                return r;
        if (retries < 0 || retries > INT_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'Healthcheck' cannot be tried %lld times",
                                (long long) retries);
        *ret = (unsigned) retries;
        return 0;
}

static int read_health(const json_t *document, ImageHealth *health, Fault *fault) {
        const json_t *object = NULL;
        int r;

        if ((r = doc_object(document, "Healthcheck", &object, fault)) < 0 ||
                        (r = doc_strings(object, "Test", &health->test, fault)) < 0 ||
                        (r = read_time(object, "Interval", &health->interval, fault)) < 0 ||
                        (r = read_time(object, "Timeout", &health->timeout, fault)) < 0 ||
                        (r = read_time(object, "StartPeriod", &health->start_period, fault)) < 0 ||
                        (r = read_time(object, "StartInterval", &health->start_interval, fault)) < 0)
                return r;

        /* An empty list means "as the image below", and none is below. */
        if (health->test && !health->test[0]) {
                strv_free(health->test);
                health->test = NULL;
        }
        return read_retries(object, &health->retries, fault);
}

/* The "config" object: what to start, and how. */
static int read_process(const json_t *document, ImageConfig *config, Fault *fault) {
        const json_t *object = NULL;
        int r = doc_object(document, "config", &object, fault);

        if (r < 0 || (r = words(object, "Entrypoint", &config->entrypoint, fault)) < 0 ||
                        (r = words(object, "Cmd", &config->cmd, fault)) < 0 ||
                        (r = doc_strings(object, "Env", &config->env, fault)) < 0 ||
                        (r = doc_strings(object, "Shell", &config->shell, fault)) < 0 ||
                        (r = doc_string(object, "User", &config->user, fault)) < 0 ||
                        (r = doc_string(object, "WorkingDir", &config->workdir, fault)) < 0 ||
                        (r = doc_string(object, "StopSignal", &config->stop_signal, fault)) < 0 ||
                        (r = doc_keys(object, "Volumes", &config->volumes, fault)) < 0 ||
                        (r = doc_keys(object, "ExposedPorts", &config->exposed_ports, fault)) < 0 ||
                        (r = doc_pairs(object, "Labels", &config->labels, fault)) < 0)
                return r;
        return read_health(object, &config->health, fault);
}

static int read_platform(const json_t *document, ImageConfig *config, Fault *fault) {
        int r;

        if ((r = doc_string(document, "os", &config->os, fault)) < 0 ||
                        (r = doc_string(document, "architecture", &config->architecture, fault)) < 0 ||
                        (r = doc_string(document, "variant", &config->variant, fault)) < 0 ||
                        (r = doc_string(document, "created", &config->created, fault)) < 0)
                return r;
        return doc_string(document, "author", &config->author, fault);
}

static int read_layers(const json_t *document, ImageConfig *config, Fault *fault) {
        const json_t *rootfs = NULL;
        autostrv char **ids = NULL;
        size_t n;
        int r;

        r = doc_object(document, "rootfs", &rootfs, fault);
        if (r < 0)
                return r;
        if (!rootfs)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "there is no 'rootfs', so this is no image");
        r = doc_strings(rootfs, "diff_ids", &ids, fault);
        if (r < 0)
                return r;

        n = strv_length(ids);
        if (n > IMAGE_LAYERS_LIMIT)
                return fault_raise(fault, FAULT_VALUE, E2BIG, "there are %zu layers, more than %d", n,
                                IMAGE_LAYERS_LIMIT);
        config->diff_ids = calloc(n + 1, sizeof(Digest));
        if (!config->diff_ids)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                r = digest_parse(ids[i], &config->diff_ids[i], fault);
                if (r < 0)
                        return r;
        }
        config->n_diff_ids = n;
        return 0;
}

static int read_document(const json_t *document, ImageConfig *config, Fault *fault) {
        int r;

        if ((r = read_platform(document, config, fault)) < 0 ||
                        (r = read_process(document, config, fault)) < 0 ||
                        (r = read_layers(document, config, fault)) < 0 ||
                        (r = check_env(config->env, fault)) < 0 || (r = check_paths(config, fault)) < 0)
                return r;
        return config->user ? check_user(config->user, fault) : 0;
}

int image_config_parse(const char *text, size_t size, ImageConfig *ret, Fault *fault) {
        AUTO(image_config_done) ImageConfig config = {};
        autojson json_t *document = NULL;
        int r;

        r = doc_parse(text, size, "config", &document, fault);
        if (r < 0)
                return r;
        r = read_document(document, &config, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read the image's config");

        *ret = config;
        config = (ImageConfig){};
        return 0;
}

void image_config_done(ImageConfig *config) {
        char *strings[] = { config->os, config->architecture, config->variant, config->created,
                config->author, config->user, config->workdir, config->stop_signal };
        char **lists[] = { config->entrypoint, config->cmd, config->env, config->volumes,
                config->exposed_ports, config->labels, config->shell, config->health.test };

        for (size_t i = 0; i < ELEMENTS(strings); i++)
                free(strings[i]);
        for (size_t i = 0; i < ELEMENTS(lists); i++)
                strv_free(lists[i]);
        free(config->diff_ids);
        *config = (ImageConfig){};
}
