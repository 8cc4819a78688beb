/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/run-takes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/properties.h"
#include "generator/quadlet/podman-flags.h"
#include "generator/values/value.h"
#include "generator/words.h"
#include "lib/cleanup.h"

/* A path as the caller sees it; in a manifest it would start from the manifest's directory. */
static int make_absolute(const char *path, char **ret) {
        autofree char *directory = NULL, *escaped = NULL, *resolved = NULL;
        int r;

        if (*path == '/') {
                *ret = strdup(path);
                return *ret ? 0 : -ENOMEM;
        }
        directory = realpath(".", NULL);
        if (!directory)
                return -errno;
        escaped = value_escape(path);
        if (!escaped)
                return -ENOMEM;
        r = value_resolve(escaped, directory, &resolved);
        if (r < 0)
                return r;
        *ret = value_unescape(resolved);
        return *ret ? 0 : -ENOMEM;
}

static int add_path(RunManifest *manifest, const char *key, const char *path, Fault *fault) {
        autofree char *absolute = NULL;
        int r = make_absolute(path, &absolute);

        return r < 0 ? r : run_manifest_add_key(manifest, key, absolute, fault);
}

int take_caps_retain(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        autofree char *copy = strdup(value);
        char *rest = copy, *item;
        int r = copy ? run_manifest_add_key(manifest, "DropCapability", "all", fault) : -ENOMEM;

        while (r >= 0 && (item = strsep(&rest, ",")))
                r = run_manifest_add_key(manifest, "AddCapability", item, fault);
        return r;
}

/* What the caller has of "NAME" or "PREFIX*"; systemd would look into the unit's environment. */
static int import(RunManifest *manifest, const char *pattern, Fault *fault) {
        size_t n = strlen(pattern);
        bool is_prefix = n > 0 && pattern[n - 1] == '*';
        int r = 0;

        if (is_prefix)
                n--;
        for (char **variable = environ; r >= 0 && *variable; variable++)
                if (strncmp(*variable, pattern, n) == 0 && (is_prefix || (*variable)[n] == '='))
                        r = run_manifest_add_key(manifest, "Environment", *variable, fault);
        return r;
}

int take_env(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        if (!strchr(value, '='))
                return import(manifest, value, fault);
        return run_manifest_add_key(manifest, "Environment", value, fault);
}

int take_env_file(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        return add_path(manifest, "EnvironmentFile", value, fault);
}

int take_env_host(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        bool wanted = true;

        if (value && boolean_parse(value, &wanted) < 0)
                return value_wrong(fault, value, "yes or no");
        return wanted ? import(manifest, "*", fault) : 0;
}

int take_hosts_entry(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        autofree char *copy = strdup(value);
        char *rest = copy, *item;
        int r = copy ? 0 : -ENOMEM;

        while (r >= 0 && (item = strsep(&rest, ","))) {
                autofree char *entry = NULL;
                char *name = value_cut(item, '=');

                if (!name)
                        return value_wrong(fault, item, "an entry: ADDRESS=NAME");
                r = asprintf(&entry, "%s:%s", name, item) < 0 ? -ENOMEM : 0;
                if (r >= 0)
                        r = run_manifest_add_key(manifest, "AddHost", entry, fault);
        }
        return r;
}

/* Whether a part of --mount is a path of the host that is relative to the caller. Return: its length without
 * the path. */
static size_t relative_source(const char *part) {
        static const char *const names[] = { "source=", "src=" };

        for (size_t i = 0; i < ELEMENTS(names); i++) {
                size_t n = strlen(names[i]);

                if (strncmp(part, names[i], n) == 0 && part[n] == '.')
                        return n;
        }
        return 0;
}

int take_mount(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        autofree char *copy = strdup(value), *text = NULL;
        char *rest = copy, *part;
        size_t size;
        FILE *stream = copy ? open_memstream(&text, &size) : NULL;
        int r = stream ? 0 : -ENOMEM;

        while (r >= 0 && (part = strsep(&rest, ","))) {
                size_t n = relative_source(part);
                autofree char *path = NULL;

                if (n > 0)
                        r = make_absolute(part + n, &path);
                (void) fprintf(stream, "%s%.*s%s", part == copy ? "" : ",",
                                n > 0 ? (int) n : (int) strlen(part), part, path ? path : "");
        }
        if (stream && fclose(stream) != 0)
                r = -ENOMEM;
        return r < 0 ? r : run_manifest_add_key(manifest, "Mount", text, fault);
}

int take_no_healthcheck(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        bool wanted = true;

        if (value && boolean_parse(value, &wanted) < 0)
                return value_wrong(fault, value, "yes or no");
        return wanted ? run_manifest_add_key(manifest, "HealthCmd", "none", fault) : 0;
}

int take_property(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        autofree char *copy = strdup(value);
        char *text = copy ? value_cut(copy, '=') : NULL;

        if (!copy)
                return -ENOMEM;
        if (!text || !*copy)
                return value_wrong(fault, value, "a line of a unit: NAME=VALUE");
        return run_manifest_add(manifest, property_is_of_unit(copy) ? RUN_UNIT : RUN_SERVICE_SECTION, copy,
                        text, fault);
}

/* "on-failure:3" is three starts more, however long that takes. */
static int add_restart_limit(RunManifest *manifest, const char *text, Fault *fault) {
        uint64_t times;
        char number[24];
        int r;

        if (value_number(text, 0, UINT32_MAX - 1, &times) < 0)
                return value_wrong(fault, text, "a number of restarts");
        (void) snprintf(number, sizeof(number), "%llu", (unsigned long long) times + 1);
        r = run_manifest_add(manifest, RUN_UNIT, "StartLimitIntervalSec", "infinity", fault);
        return r < 0 ? r : run_manifest_add(manifest, RUN_UNIT, "StartLimitBurst", number, fault);
}

int take_restart(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        static const char *const known[] = { "no", "always", "on-failure", "on-success", "on-abnormal",
                "on-watchdog", "on-abort", "unless-stopped", NULL };
        autofree char *copy = strdup(value);
        char *times = copy ? value_cut(copy, ':') : NULL;
        int r = 0;

        if (!copy)
                return -ENOMEM;
        if (!value_is_one_of(copy, known))
                return value_wrong(
                                fault, value, "one of no, always, unless-stopped and on-failure[:NUMBER]");
        if (times)
                r = add_restart_limit(manifest, times, fault);
        if (r < 0)
                return r;
        /* A unit that was stopped stays so in any case. */
        return run_manifest_add(manifest, RUN_SERVICE_SECTION, "Restart",
                        strcmp(copy, "unless-stopped") == 0 ? "always" : copy, fault);
}

int take_sdnotify(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        static const struct {
                const char *word, *notify;
        } words[] = {
                { "conmon", "no" },
                { "container", "yes" },
                { "healthy", "healthy" },
                { "ignore", "no" },
        };

        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strcmp(value, words[i].word) == 0)
                        return run_manifest_add_key(manifest, "Notify", words[i].notify, fault);
        return value_wrong(fault, value, "one of container, healthy, conmon and ignore");
}

int take_security(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        const char *key, *text;

        if (!podman_security_find(value, &key, &text))
                return value_refuse(fault, "'%s' has no meaning without podman", value);
        if (strcmp(key, "SeccompProfile") == 0 && strcmp(text, "unconfined") != 0)
                return add_path(manifest, key, text, fault);
        return run_manifest_add_key(manifest, key, text, fault);
}

int take_slice(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        size_t n = strlen(value);
        bool is_unit = n > 6 && strcmp(value + n - 6, ".slice") == 0;
        autofree char *unit = NULL;

        if (asprintf(&unit, "%s%s", value, is_unit ? "" : ".slice") < 0)
                return -ENOMEM;
        return run_manifest_add(manifest, RUN_SERVICE_SECTION, "Slice", unit, fault);
}

/* Only what begins with a dot is a path; a name is a volume. */
int take_volume(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault) {
        size_t n = strcspn(value, ":");
        autofree char *source = NULL, *absolute = NULL, *volume = NULL;
        int r;

        if (strncmp(value, "kind=", 5) == 0 || strstr(value, ",kind="))
                return fault_raise(fault, FAULT_UNSUPPORTED, EINVAL,
                                "volumes are not written as rkt does, but SOURCE:PATH");
        if (*value != '.')
                return run_manifest_add_key(manifest, "Volume", value, fault);

        source = strndup(value, n);
        r = source ? make_absolute(source, &absolute) : -ENOMEM;
        if (r >= 0 && asprintf(&volume, "%s%s", absolute, value + n) < 0)
                r = -ENOMEM;
        return r < 0 ? r : run_manifest_add_key(manifest, "Volume", volume, fault);
}
