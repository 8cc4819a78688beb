/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/passthrough.h"

#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/strays.h"
#include "generator/references.h"
#include "generator/words.h"
#include "lib/nearest.h"

static bool is_extension(const char *section) {
        return strncmp(section, "X-", 2) == 0;
}

static const char *nearest_section(
                const char *section, const char *main_section, const char *const *known, size_t n_known) {
        const char *best = nearest_distance(section, main_section) <= nearest_limit(section) ? main_section
                                                                                             : NULL;

        for (size_t i = 0; !best && i < n_known; i++)
                if (nearest_distance(section, known[i]) <= nearest_limit(section))
                        best = known[i];
        return best;
}

static void check_section(const Manifest *manifest, const Assignment *a, FaultList *faults) {
        static const char *const known[] = { "Unit", "Service", "Socket", "Install", "Quadlet", "Slipway" };
        const char *main_section = manifest_type_section(manifest->type);
        Place place = assignment_key_place(a);
        const char *nearest;

        if (strcmp(a->section, "X-Slipway") == 0) {
                (void) faults_raise(faults, &place, FAULT_VALUE,
                                "the section [X-Slipway] is for the generator only, use another name");
                return;
        }
        if (is_extension(a->section) || strcmp(a->section, main_section) == 0)
                return;
        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (strcmp(a->section, known[i]) == 0)
                        return;

        place.key = NULL;
        nearest = nearest_section(a->section, main_section, known, ELEMENTS(known));
        if (nearest)
                (void) faults_raise(faults, &place, FAULT_UNKNOWN_KEY,
                                "there is no section [%s] in a .%s file; did you mean [%s]?", a->section,
                                manifest_type_to_string(manifest->type), nearest);
        else
                (void) faults_raise(faults, &place, FAULT_UNKNOWN_KEY,
                                "there is no section [%s] in a .%s file; sections for other programs begin "
                                "with X-",
                                a->section, manifest_type_to_string(manifest->type));
}

static void check_quadlet(const Assignment *a, FaultList *faults) {
        Place place = assignment_key_place(a);
        bool unused;

        if (strcmp(a->key, "DefaultDependencies") != 0)
                (void) faults_raise(faults, &place, FAULT_UNKNOWN_KEY, "there is no such key in [Quadlet]");
        else if (*a->value && boolean_parse(a->value, &unused) < 0) {
                place = assignment_place(a);
                (void) faults_raise(faults, &place, FAULT_VALUE, "'%s' is neither yes nor no", a->value);
        }
}

void passthrough_check_sections(const Manifest *manifest, FaultList *faults) {
        const char *section = NULL;
        bool is_quadlet = false;

        for (size_t i = 0; i < manifest->n_assignments; i++) {
                const Assignment *a = &manifest->assignments[i];

                /* One fault for each time that a section is opened; its keys share the pointer. */
                if (a->section != section) {
                        section = a->section;
                        is_quadlet = strcmp(section, "Quadlet") == 0;
                        check_section(manifest, a, faults);
                }
                if (is_quadlet)
                        check_quadlet(a, faults);
        }
}

static int compare_key(const void *key, const void *other) {
        return strcmp(key, *(const char *const *) other);
}

/* Settings of [Unit] whose words are units. Sorted, as in strcmp(3). */
static bool is_dependency(const char *key) {
        static const char *const keys[] = { "After", "Before", "BindsTo", "Conflicts", "OnFailure",
                "OnSuccess", "PartOf", "PropagatesReloadTo", "PropagatesStopTo", "ReloadPropagatedFrom",
                "Requires", "Requisite", "StopPropagatedFrom", "Upholds", "Wants" };

        return bsearch(key, keys, ELEMENTS(keys), sizeof(keys[0]), compare_key) != NULL;
}

/**
 * translate_words() - a list of units, with those that are named by their manifests
 * @ret:        the list, NULL when it can stay as it is written
 *
 * Return: 0 or -ENOMEM.
 */
static int translate_words(const Manifest *manifest, const Assignment *a, const ManifestSet *all,
                Arena *arena, const char **ret, FaultList *faults) {
        WordReader reader = { .at = a->value, .flags = WORDS_LITERAL_BACKSLASH };
        char *word = arena_alloc(arena, strlen(a->value) + 1), *list = arena_string(arena, "");
        bool is_translated = false;
        Fault fault = {};
        int r;

        *ret = NULL;
        if (!word || !list)
                return -ENOMEM;

        while ((r = word_next(&reader, word, &fault)) > 0) {
                const char *unit;
                Place place = manifest_place(manifest, a, reader.start);

                r = reference_resolve(all, word, arena, &unit);
                if (r == -ENOENT)
                        (void) faults_raise(
                                        faults, &place, FAULT_MISSING, "there is no manifest '%s'", word);
                else if (r < 0)
                        return r;
                is_translated = is_translated || r > 0;

                list = arena_format(arena, "%s%s%s", list, *list ? " " : "", unit);
                if (!list)
                        return -ENOMEM;
        }
        if (r < 0) {
                Place place = manifest_place(manifest, a, reader.start);

                (void) faults_raise(faults, &place, FAULT_VALUE, "%s", fault.text);
        }

        *ret = is_translated ? list : NULL;
        return 0;
}

/* Nobody else would say that it does nothing. Return: whether the line can be left out. */
static bool is_stray(const Manifest *manifest, const Assignment *a, FaultList *faults) {
        Place place = assignment_key_place(a);

        if (!stray_from_main(manifest->type, a->key))
                return false;
        faults_warn(faults, &place, FAULT_UNKNOWN_KEY, "systemd ignores it here; it belongs in [%s]",
                        manifest_type_section(manifest->type));
        return true;
}

int passthrough_write_unit(const Manifest *manifest, const ManifestSet *all, Arena *arena, UnitWriter *unit,
                FaultList *faults) {
        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Unit", a));) {
                const char *list = NULL;
                int r = 0;

                if (is_stray(manifest, a, faults))
                        continue;
                if (is_dependency(a->key))
                        r = translate_words(manifest, a, all, arena, &list, faults);
                if (r < 0)
                        return r;
                unit_set(unit, a->key, list ? list : a->value);
        }
        return 0;
}

/* Settings of [Service] that would break what they are set for, but for some values. */
typedef struct Rule {
        const char *key;
        enum { RULE_WORDS, RULE_SWITCH } sort; /* a switch can be off; so is what is empty */
        const char *accepted[3];
        const char *refusal;
} Rule;

/* clang-format off */
static const Rule container_rules[] = {
        { "DynamicUser",          RULE_SWITCH, {},                           "the launcher needs root; set User= in [Container] instead" },
        { "ExecStart",            RULE_WORDS,  {},                           "it is what starts the container; set Exec= in [Container] instead" },
        { "Group",                RULE_WORDS,  { "", "root", "0" },          "the launcher needs root; set Group= in [Container] instead" },
        { "KillMode",             RULE_WORDS,  { "mixed", "control-group" }, "it has to be 'mixed' or 'control-group', or processes would be left behind" },
        { "NotifyAccess",         RULE_WORDS,  { "all" },                    "it has to be 'all', or nobody could tell systemd that the container has started" },
        { "PrivateDevices",       RULE_SWITCH, {},                           "the launcher makes the container's devices, which are private in any case" },
        { "PrivateUsers",         RULE_SWITCH, {},                           "the launcher makes the container's user namespace; set UserNS= in [Container] instead" },
        { "ProtectControlGroups", RULE_SWITCH, {},                           "the launcher makes control groups; the container cannot change those of others in any case" },
        { "ProtectHostname",      RULE_SWITCH, {},                           "the container has a host name of its own; set HostName= in [Container] to choose it" },
        { "RestrictNamespaces",   RULE_SWITCH, {},                           "a container is made of namespaces; set SeccompProfile= in [Container] to keep it from making more" },
        { "RestrictSUIDSGID",     RULE_SWITCH, {},                           "the launcher could not prepare files; set NoNewPrivileges= in [Container] instead" },
        { "RootDirectory",        RULE_WORDS,  { "" },                       "it would hide the launcher; set Rootfs= in [Container] instead" },
        { "RootImage",            RULE_WORDS,  { "" },                       "it would hide the launcher; set Image= in [Container] instead" },
        { "Type",                 RULE_WORDS,  { "notify", "notify-reload", "oneshot" }, "it has to be 'notify', 'notify-reload' or 'oneshot', others do not know when a container has started" },
        { "User",                 RULE_WORDS,  { "", "root", "0" },          "the launcher needs root; set User= in [Container] instead" },
        {},
};

static const Rule image_rules[] = {
        { "DynamicUser",          RULE_SWITCH, {},                           "only root may change the store" },
        { "ExecStart",            RULE_WORDS,  {},                           "it is what fetches the image; set Image= in [Image] instead" },
        { "PrivateUsers",         RULE_SWITCH, {},                           "only root may change the store" },
        { "RestrictSUIDSGID",     RULE_SWITCH, {},                           "files of images could not be made as they are" },
        { "RootDirectory",        RULE_WORDS,  { "" },                       "it would hide the program and the store" },
        { "RootImage",            RULE_WORDS,  { "" },                       "it would hide the program and the store" },
        { "Type",                 RULE_WORDS,  { "oneshot" },                "it has to be 'oneshot', or who needs the image would not wait for it" },
        { "User",                 RULE_WORDS,  { "", "root", "0" },          "only root may change the store" },
        {},
};

static const Rule build_rules[] = {
        { "DynamicUser",          RULE_SWITCH, {},                           "only root may change the store" },
        { "ExecStart",            RULE_WORDS,  {},                           "it is what builds the image" },
        { "PrivateUsers",         RULE_SWITCH, {},                           "only root may change the store" },
        { "RootDirectory",        RULE_WORDS,  { "" },                       "it would hide the program and the store" },
        { "RootImage",            RULE_WORDS,  { "" },                       "it would hide the program and the store" },
        { "Type",                 RULE_WORDS,  { "oneshot" },                "it has to be 'oneshot', or who needs the image would not wait for it" },
        { "User",                 RULE_WORDS,  { "", "root", "0" },          "only root may change the store" },
        {},
};

static const Rule pod_rules[] = {
        { "DynamicUser",          RULE_SWITCH, {},                           "only root may make what its containers share" },
        { "ExecStart",            RULE_WORDS,  {},                           "it is what makes the pod" },
        { "NetworkNamespacePath", RULE_WORDS,  { "" },                       "the pod has a network of its own; set Network= in [Pod] instead" },
        { "PrivateMounts",        RULE_SWITCH, {},                           "its containers would not find what they share" },
        { "PrivateNetwork",       RULE_SWITCH, {},                           "the pod has a network of its own; set Network= in [Pod] instead" },
        { "PrivateTmp",           RULE_SWITCH, {},                           "its containers would not find what they share" },
        { "PrivateUsers",         RULE_SWITCH, {},                           "only root may make what its containers share" },
        { "ProtectSystem",        RULE_SWITCH, {},                           "its containers would not find what they share" },
        { "RemainAfterExit",      RULE_WORDS,  { "yes", "true", "on", },     "the pod would be gone at once" },
        { "RootDirectory",        RULE_WORDS,  { "" },                       "it would hide the program" },
        { "RootImage",            RULE_WORDS,  { "" },                       "it would hide the program" },
        { "Type",                 RULE_WORDS,  { "oneshot" },                "it has to be 'oneshot': a pod has no process of its own" },
        { "User",                 RULE_WORDS,  { "", "root", "0" },          "only root may make what its containers share" },
        {},
};

static const Rule network_rules[] = {
        { "DynamicUser",          RULE_SWITCH, {},                           "only root may make networks" },
        { "ExecReload",           RULE_WORDS,  { "" },                       "it is what makes the network as the manifest says it now" },
        { "ExecStart",            RULE_WORDS,  {},                           "it is what makes the network" },
        { "NetworkNamespacePath", RULE_WORDS,  { "" },                       "the network would be made where nobody is" },
        { "PrivateNetwork",       RULE_SWITCH, {},                           "the network would be made where nobody is" },
        { "PrivateUsers",         RULE_SWITCH, {},                           "only root may make networks" },
        { "RemainAfterExit",      RULE_WORDS,  { "yes", "true", "on", },     "the network would be gone at once" },
        { "RootDirectory",        RULE_WORDS,  { "" },                       "it would hide the program" },
        { "RootImage",            RULE_WORDS,  { "" },                       "it would hide the program" },
        { "Type",                 RULE_WORDS,  { "oneshot" },                "it has to be 'oneshot', or who needs the network would not wait for it" },
        { "User",                 RULE_WORDS,  { "", "root", "0" },          "only root may make networks" },
        {},
};

static const Rule volume_rules[] = {
        { "DynamicUser",          RULE_SWITCH, {},                           "only root may make volumes, and mount" },
        { "ExecStart",            RULE_WORDS,  {},                           "it is what makes the volume" },
        { "PrivateMounts",        RULE_SWITCH, {},                           "containers would not find what is mounted there" },
        { "PrivateTmp",           RULE_SWITCH, {},                           "containers would not find what is mounted there" },
        { "PrivateUsers",         RULE_SWITCH, {},                           "only root may make volumes, and mount" },
        { "ProtectSystem",        RULE_SWITCH, {},                           "containers would not find what is mounted there" },
        { "RemainAfterExit",      RULE_WORDS,  { "yes", "true", "on", },     "what is mounted there would be unmounted at once" },
        { "RootDirectory",        RULE_WORDS,  { "" },                       "it would hide the program and the volumes" },
        { "RootImage",            RULE_WORDS,  { "" },                       "it would hide the program and the volumes" },
        { "Type",                 RULE_WORDS,  { "oneshot" },                "it has to be 'oneshot', or who needs the volume would not wait for it" },
        { "User",                 RULE_WORDS,  { "", "root", "0" },          "only root may make volumes, and mount" },
        {},
};

static const Rule kube_rules[] = {
        { "DynamicUser",          RULE_SWITCH, {},                           "the unit stands for pods, and runs nothing itself" },
        { "ExecStart",            RULE_WORDS,  {},                           "the unit stands for pods; what runs in them is in the YAML" },
        { "RemainAfterExit",      RULE_WORDS,  { "yes", "true", "on" },      "its pods would be stopped at once" },
        { "Type",                 RULE_WORDS,  { "oneshot" },                "it has to be 'oneshot': the unit stands for pods, and has no process of its own" },
        { "User",                 RULE_WORDS,  { "", "root", "0" },          "the unit stands for pods; set runAsUser in the YAML instead" },
        {},
};
/* clang-format on */

static const Rule *rules_of_type(ManifestType type) {
        static const Rule *const rules[_MANIFEST_TYPE_MAX] = {
                [MANIFEST_BUILD] = build_rules,
                [MANIFEST_CONTAINER] = container_rules,
                [MANIFEST_IMAGE] = image_rules,
                [MANIFEST_KUBE] = kube_rules,
                [MANIFEST_NETWORK] = network_rules,
                [MANIFEST_POD] = pod_rules,
                [MANIFEST_VOLUME] = volume_rules,
        };

        return rules[type];
}

static bool is_accepted(const Rule *rule, const char *value) {
        bool is_on = true;

        if (rule->sort == RULE_SWITCH)
                return !*value || (boolean_parse(value, &is_on) >= 0 && !is_on);
        for (size_t i = 0; i < ELEMENTS(rule->accepted) && rule->accepted[i]; i++)
                if (strcmp(value, rule->accepted[i]) == 0)
                        return true;
        return false;
}

static void check_rules(const Manifest *manifest, const Assignment *a, FaultList *faults) {
        Place place = assignment_place(a);

        for (const Rule *rule = rules_of_type(manifest->type); rule && rule->key; rule++)
                if (strcmp(a->key, rule->key) == 0 && !is_accepted(rule, a->value))
                        (void) faults_raise(faults, &place, FAULT_VALUE, "cannot be set so in [Service]: %s",
                                        rule->refusal);
}

/* It would be sent, and nothing would come of it, and nobody would say so. */
static void warn_of_signal(const Assignment *a, FaultList *faults) {
        Place place = assignment_place(a);

        if (strcmp(a->key, "ExecReload") == 0 && strstr(a->value, "MAINPID"))
                faults_warn(faults, &place, FAULT_VALUE,
                                "the main process is systemd-nspawn, which has no use for signals to the "
                                "app; set ReloadSignal= in [Container] instead");
}

/* Settings of systemd.resource-control(5) that a slice has for all in it. Sorted, as in strcmp(3). */
static bool is_of_slice(const Manifest *manifest, const char *key) {
        static const char *const keys[] = { "AllowedCPUs", "AllowedMemoryNodes", "CPUAccounting", "CPUQuota",
                "CPUQuotaPeriodSec", "CPUWeight", "DefaultMemoryLow", "DefaultMemoryMin",
                "DefaultStartupMemoryLow", "IOAccounting", "IODeviceLatencyTargetSec", "IODeviceWeight",
                "IOReadBandwidthMax", "IOReadIOPSMax", "IOWeight", "IOWriteBandwidthMax", "IOWriteIOPSMax",
                "IPAccounting", "IPAddressAllow", "IPAddressDeny", "IPEgressFilterPath",
                "IPIngressFilterPath", "ManagedOOMMemoryPressure", "ManagedOOMMemoryPressureDurationSec",
                "ManagedOOMMemoryPressureLimit", "ManagedOOMPreference", "ManagedOOMSwap",
                "MemoryAccounting", "MemoryHigh", "MemoryLow", "MemoryMax", "MemoryMin", "MemorySwapMax",
                "MemoryZSwapMax", "StartupAllowedCPUs", "StartupAllowedMemoryNodes", "StartupCPUWeight",
                "StartupIOWeight", "StartupMemoryHigh", "StartupMemoryLow", "StartupMemoryMax",
                "StartupMemorySwapMax", "StartupMemoryZSwapMax", "TasksAccounting", "TasksMax" };

        return manifest->type == MANIFEST_POD &&
               bsearch(key, keys, ELEMENTS(keys), sizeof(keys[0]), compare_key);
}

/* A limit of the pod's own unit would limit nothing. */
static void check_slice(const Manifest *manifest, const Assignment *a, FaultList *faults) {
        Place place = assignment_place(a);

        if (manifest_is_template(manifest))
                (void) faults_raise(faults, &place, FAULT_UNSUPPORTED,
                                "not supported, all pods of a template have one slice; limit their "
                                "containers instead");
}

/* systemd does not load a unit that ends at once and is always started again. */
static bool is_restarted_in_vain(const Manifest *manifest, const Assignment *a, FaultList *faults) {
        static const char *const words[] = { "always", "on-success", "unless-stopped" };
        Place place = assignment_place(a);
        bool is_word = false;

        if ((manifest->type != MANIFEST_POD && manifest->type != MANIFEST_KUBE) ||
                        strcmp(a->key, "Restart") != 0)
                return false;
        for (size_t i = 0; i < ELEMENTS(words); i++)
                is_word = is_word || strcmp(words[i], a->value) == 0;
        if (is_word && manifest->type == MANIFEST_KUBE)
                faults_warn(faults, &place, FAULT_VALUE,
                                "restartPolicy in the YAML says when containers are started again, and this "
                                "is about the unit that stands for them");
        else if (is_word)
                faults_warn(faults, &place, FAULT_VALUE,
                                "it says nothing about a pod, which does not run by itself: say it of its "
                                "containers; 'on-failure' is about what makes the pod");
        return is_word;
}

void passthrough_write_slice(const Manifest *manifest, UnitWriter *unit) {
        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Service", a));)
                if (is_of_slice(manifest, a->key))
                        unit_set(unit, a->key, a->value);
}

void passthrough_write_service(const Manifest *manifest, UnitWriter *unit, FaultList *faults) {
        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Service", a));) {
                Place place = assignment_place(a);

                if (is_stray(manifest, a, faults))
                        continue;
                check_rules(manifest, a, faults);
                warn_of_signal(a, faults);
                if (is_restarted_in_vain(manifest, a, faults))
                        continue;
                if (is_of_slice(manifest, a->key)) {
                        check_slice(manifest, a, faults);
                        continue;
                }

                /* Docker's word; systemd would ignore the line, and the container would stay down. */
                if (strcmp(a->key, "Restart") == 0 && strcmp(a->value, "unless-stopped") == 0) {
                        faults_warn(faults, &place, FAULT_VALUE,
                                        "systemd has no 'unless-stopped', 'always' is taken instead; a unit "
                                        "that was stopped stays so");
                        unit_set(unit, a->key, "always");
                } else
                        unit_set(unit, a->key, a->value);
        }
}

void passthrough_write_extensions(const Manifest *manifest, UnitWriter *unit) {
        const char *section = NULL;

        for (size_t i = 0; i < manifest->n_assignments; i++) {
                const Assignment *a = &manifest->assignments[i];

                if (!is_extension(a->section))
                        continue;
                if (!section || strcmp(a->section, section) != 0)
                        unit_section(unit, a->section);
                section = a->section;
                unit_set(unit, a->key, a->value);
        }
}
