/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whom a container runs as, what that may do, and how much of the machine it gets. */

#include <inttypes.h>
#include <string.h>

#include "generator/kube/make.h"
#include "generator/kube/quantity.h"
#include "lib/cleanup.h"

/* Where podman looks for profiles that Kubernetes names. */
#define PROFILES "/var/lib/kubelet/seccomp"

/* What the container says itself counts more than what its pod says. */
static const YamlNode *security_of(const KubeContainer *container, const char *name) {
        const YamlNode *own = yaml_get(yaml_get(container->node, "securityContext"), name);

        return own ? own : yaml_get(yaml_get(container->pod->spec, "securityContext"), name);
}

static void add_user(KubeContainer *container) {
        const YamlNode *user = security_of(container, "runAsUser"),
                       *group = security_of(container, "runAsGroup"),
                       *not_root = security_of(container, "runAsNonRoot");
        FaultList *faults = container->pod->make->faults;
        Sheet *sheet = &container->sheet;

        if (user && group)
                sheet_setf(sheet, "Container", "User", user, "%" PRId64 ":%" PRId64, user->integer,
                                group->integer);
        else if (user)
                sheet_setf(sheet, "Container", "User", user, "%" PRId64, user->integer);
        else if (group)
                (void) kube_fault(faults, container->pod->path, group, FAULT_VALUE, "it needs runAsUser");
        if (!not_root || !not_root->is_true)
                return;
        if (user && user->integer == 0)
                (void) kube_fault(faults, container->pod->path, user, FAULT_CONFLICT,
                                "runAsNonRoot says that it is not to be root");
        else if (!user && !container->pod->is_warned)
                kube_warn(faults, container->pod->path, not_root,
                                "the user of the image is not looked at, and may be root; set runAsUser");
        container->pod->is_warned = true;
}

static void add_groups(KubeContainer *container) {
        const YamlNode *context = yaml_get(container->pod->spec, "securityContext"),
                       *more = yaml_get(context, "supplementalGroups"),
                       *files = yaml_get(context, "fsGroup");

        for (size_t i = 0; i < field_count(more); i++)
                sheet_setf(&container->sheet, "Container", "GroupAdd", more->items[i], "%" PRId64,
                                more->items[i]->integer);
        if (files)
                sheet_setf(&container->sheet, "Container", "GroupAdd", files, "%" PRId64, files->integer);
}

static void add_capabilities(KubeContainer *container) {
        const YamlNode *capabilities = security_of(container, "capabilities");
        static const char *const lists[][2] = { { "add", "AddCapability" }, { "drop", "DropCapability" } };

        for (size_t i = 0; i < ELEMENTS(lists); i++) {
                const YamlNode *list = yaml_get(capabilities, lists[i][0]);

                for (size_t k = 0; k < field_count(list); k++)
                        sheet_word(&container->sheet, "Container", lists[i][1], list->items[k],
                                        list->items[k]->text);
        }
}

static void add_profiles(KubeContainer *container) {
        const YamlNode *seccomp = security_of(container, "seccompProfile"),
                       *apparmor = security_of(container, "appArmorProfile");
        const char *type = field_text(seccomp, "type"), *name = field_text(seccomp, "localhostProfile");
        Sheet *sheet = &container->sheet;

        if (type && strcmp(type, "Unconfined") == 0)
                sheet_set(sheet, "Container", "SeccompProfile", seccomp, "unconfined");
        else if (type && strcmp(type, "Localhost") == 0 && name)
                sheet_quoted(sheet, "Container", "SeccompProfile", seccomp,
                                sheet_format(sheet, "%s%s", *name == '/' ? "" : PROFILES "/", name));
        else if (type && strcmp(type, "Localhost") == 0)
                (void) kube_fault(container->pod->make->faults, container->pod->path, seccomp, FAULT_VALUE,
                                "'Localhost' needs localhostProfile");

        type = field_text(apparmor, "type");
        name = field_text(apparmor, "localhostProfile");
        if (type && strcmp(type, "Unconfined") == 0)
                sheet_set(sheet, "Container", "AppArmor", apparmor, "unconfined");
        else if (type && strcmp(type, "Localhost") == 0)
                sheet_quoted(sheet, "Container", "AppArmor", apparmor, name ? name : "");
}

static void add_label(KubeContainer *container) {
        const YamlNode *options = security_of(container, "seLinuxOptions"),
                       *level = yaml_get(options, "level"), *type = yaml_get(options, "type");

        if (level)
                sheet_quoted(&container->sheet, "Container", "SecurityLabelLevel", level, level->text);
        if (type && strcmp(type->text, "spc_t") == 0)
                sheet_set(&container->sheet, "Container", "SecurityLabelDisable", type, "yes");
        else if (type)
                sheet_quoted(&container->sheet, "Container", "SecurityLabelType", type, type->text);
}

/* Some are those of the pod's network, which its containers share: the first to start sets them for all. */
static void add_sysctls(KubeContainer *container) {
        const YamlNode *list = security_of(container, "sysctls");

        for (size_t i = 0; i < field_count(list); i++) {
                const char *name = field_text(list->items[i], "name"),
                           *value = field_text(list->items[i], "value");
                Sheet *sheet = &container->sheet;

                if (!sheet_check(sheet, list->items[i], name) || !sheet_check(sheet, list->items[i], value))
                        continue;
                sheet_setf(sheet, "Container", "Sysctl", list->items[i], "\"%s=%s\"",
                                sheet_escape(sheet, name), sheet_escape(sheet, value));
        }
}

void make_security(KubeContainer *container) {
        const YamlNode *context = yaml_get(container->node, "securityContext"),
                       *escalation = yaml_get(context, "allowPrivilegeEscalation"),
                       *read_only = yaml_get(context, "readOnlyRootFilesystem"),
                       *proc = yaml_get(context, "procMount");
        Sheet *sheet = &container->sheet;

        add_user(container);
        add_groups(container);
        add_capabilities(container);
        add_profiles(container);
        add_label(container);
        add_sysctls(container);
        if (escalation && !escalation->is_true)
                sheet_set(sheet, "Container", "NoNewPrivileges", escalation, "yes");
        if (read_only && read_only->is_true) {
                sheet_set(sheet, "Container", "ReadOnly", read_only, "yes");
                sheet_set(sheet, "Container", "ReadOnlyTmpfs", read_only, "no");
        }
        if (proc && strcmp(proc->text, "Unmasked") == 0)
                sheet_set(sheet, "Container", "Unmask", proc, "ALL");
}

/* --- resources --- */

static int64_t amount(const YamlNode *quantity) {
        int64_t value = 0;

        (void) quantity_parse(quantity->text, &value);
        return value;
}

static int64_t bytes(const YamlNode *quantity) {
        int64_t value = amount(quantity);

        return value / 1000 + (value % 1000 > 0);
}

static void refuse_resource(Sheet *sheet, const char *name, const YamlNode *quantity) {
        if (strcmp(name, "ephemeral-storage") == 0)
                kube_warn(sheet->faults, sheet->path, quantity,
                                "it makes no difference, what containers write is not counted");
        else if (strncmp(name, "podman.io/device=", 17) == 0)
                sheet_quoted(sheet, "Container", "AddDevice", quantity, name + 17);
        else
                (void) kube_fault(sheet->faults, sheet->path, quantity, FAULT_UNSUPPORTED,
                                "not supported, there are cpu and memory only");
}

static void add_limit(Sheet *sheet, const char *name, const YamlNode *quantity, const char *section) {
        int64_t value = amount(quantity);

        if (value == 0)
                return;
        if (strcmp(name, "cpu") == 0)
                sheet_setf(sheet, "Service", "CPUQuota", quantity, "%" PRId64 "%s%.0" PRId64 "%%",
                                value / 10, value % 10 > 0 ? "." : "", value % 10);
        else if (strcmp(name, "memory") != 0)
                refuse_resource(sheet, name, quantity);
        else if (strcmp(section, "Container") == 0)
                sheet_setf(sheet, "Container", "Memory", quantity, "%" PRId64, bytes(quantity));
        else
                sheet_setf(sheet, "Service", "MemoryMax", quantity, "%" PRId64, bytes(quantity));
}

/* A share of the processor as control groups count it: a whole one is 100, which is everybody's. */
static void add_request(Sheet *sheet, const char *name, const YamlNode *quantity, const YamlNode *limit) {
        int64_t value = amount(quantity), weight = value / 10;

        if (value == 0)
                return;
        weight = weight < 1 ? 1 : weight > 10000 ? 10000 : weight;
        if (strcmp(name, "cpu") == 0)
                sheet_setf(sheet, "Service", "CPUWeight", quantity, "%" PRId64, weight);
        else if (strcmp(name, "memory") == 0)
                sheet_setf(sheet, "Service", "MemoryLow", quantity, "%" PRId64, bytes(quantity));
        else if (!limit) /* else it was told there */
                refuse_resource(sheet, name, quantity);
}

void make_resources(Sheet *sheet, const YamlNode *resources, const char *memory_section) {
        const YamlNode *limits = yaml_get(resources, "limits"), *requests = yaml_get(resources, "requests");

        for (size_t i = 0; i < field_count(limits); i++)
                if (limits->items[i]->kind != YAML_NULL)
                        add_limit(sheet, limits->keys[i]->text, limits->items[i], memory_section);
        for (size_t i = 0; i < field_count(requests); i++)
                if (requests->items[i]->kind != YAML_NULL)
                        add_request(sheet, requests->keys[i]->text, requests->items[i],
                                        yaml_get(limits, requests->keys[i]->text));
}
