/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/plan/log.h"
#include "generator/plan/user-namespace.h"
#include "generator/quadlet/container-load.h"
#include "generator/quadlet/demand.h"
#include "generator/quadlet/image-reference.h"
#include "generator/quadlet/network-reference.h"
#include "generator/quadlet/pod-load.h"
#include "generator/values/image-name.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

/* A key that was given a wrong value has its fault, and counts as given: hence not only the fields are
 * asked. */
static void check_root(KeyLoad *load) {
        const Assignment *image, *rootfs;

        if (load->container->image && !load->container->rootfs)
                return;

        image = load_given(load, "Image");
        rootfs = load_given(load, "Rootfs");
        if (image && rootfs)
                (void) load_fault(load, "Rootfs", FAULT_CONFLICT,
                                "a container is made from an image or from a directory, not from both");
        if (!image && !rootfs)
                (void) load_fault(load, NULL, FAULT_VALUE,
                                "there is neither Image= nor Rootfs= in [Container]");
}

static void check_verity(KeyLoad *load) {
        if (load->container->verity && load->container->rootfs)
                (void) load_fault(load, "Rootfs", FAULT_CONFLICT,
                                "Verity= is about the blocks of an image, and this is a directory");
}

static void check_user(KeyLoad *load) {
        const Container *container = load->container;

        if (container->group && !load_given(load, "User"))
                (void) load_fault(load, "Group", FAULT_VALUE, "a group is set without User=");
        if (container->group && container->user && strchr(container->user, ':'))
                (void) load_fault(load, "Group", FAULT_CONFLICT, "User= names a group already");
}

static void check_reload(KeyLoad *load) {
        if (load->container->reload_command && load->container->reload_signal)
                (void) load_fault(load, "ReloadSignal", FAULT_CONFLICT, "there is ReloadCmd= already");
}

/*
 * The service manager sends its ReloadSignal= to systemd-nspawn, which ignores it; ExecReload= sends it to
 * the app. Older versions do not know the type, and have ExecReload= all the same.
 */
static int check_notify_reload(KeyLoad *load) {
        const Assignment *type = manifest_last(load->manifest, "Service", "Type"), *number;
        Container *container = load->container;
        Place place;

        if (!type || strcmp(type->value, "notify-reload") != 0)
                return 0;
        container->notify_reload = true;
        place = assignment_place(type);
        if (!container->notify || strcmp(container->notify, "yes") != 0)
                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                "'notify-reload' needs Notify=yes in [Container]: it is the app who says "
                                "that it has reloaded");
        if (container->reload_signal || container->reload_command)
                return 0;
        number = manifest_last(load->manifest, "Service", "ReloadSignal");
        container->reload_signal = strdup(number && *number->value ? number->value : "HUP");
        return container->reload_signal ? 0 : -ENOMEM;
}

static int check_network(KeyLoad *load) {
        Container *container = load->container;
        const NetworkPart part = {
                .networks = &container->network,
                .aliases = &container->alias,
                .publish = &container->publish,
                .ip = &container->ip,
                .ip6 = &container->ip6,
                .mac = &container->mac,
                .needs = &container->needs,
                .bound = &container->bound,
        };

        return container->pod ? 0 : network_reference_resolve(load, &part);
}

static void check_sysctl(KeyLoad *load) {
        const Container *container = load->container;

        if (!strv_find(container->network, "host"))
                return;
        for (size_t i = 0; container->sysctl && container->sysctl[i]; i++)
                if (strncmp(container->sysctl[i], "net.", 4) == 0)
                        (void) load_fault(load, "Sysctl", FAULT_CONFLICT,
                                        "'%s' would change the host's network, which Network=host shares",
                                        container->sysctl[i]);
}

static void check_resolver(KeyLoad *load) {
        if (strv_length(load->container->dns) > 1 && strv_find(load->container->dns, "none"))
                (void) load_fault(load, "DNS", FAULT_CONFLICT, "'none' excludes any other name server");
}

/* Labels and variables of the image are not known here, and a field without a value would go unnoticed. */
static void check_listed(KeyLoad *load, char *const *list, const char *names, const char *key) {
        for (size_t n; *names; names += n + (names[n] == ',')) {
                n = strcspn(names, ",");
                if (!log_find_value(list, names, n))
                        (void) load_fault(load, "LogOpt", FAULT_MISSING,
                                        "there is no %s=%.*s=… whose value the field could have", key,
                                        (int) n, names);
        }
}

static void check_log(KeyLoad *load) {
        const Container *container = load->container;

        for (char **option = container->log_opt; option && *option; option++)
                if (strncmp(*option, "label=", 6) == 0 && !strchr(*option + 6, '='))
                        check_listed(load, container->label, *option + 6, "Label");
                else if (strncmp(*option, "labels=", 7) == 0)
                        check_listed(load, container->label, *option + 7, "Label");
                else if (strncmp(*option, "env=", 4) == 0)
                        check_listed(load, container->environment, *option + 4, "Environment");
}

/* No variable is replaced in such a line. In a command line one would be, and "$$" is a '$'. */
static char *double_dollars(const char *text) {
        char *doubled = malloc(strlen(text) * 2 + 1), *end = doubled;

        for (; doubled && *text; text++) {
                if (*text == '$')
                        *end++ = *text;
                *end++ = *text;
        }
        if (doubled)
                *end = '\0';
        return doubled;
}

/* Systemd marks standard output with it, so the rest of the output is to be marked so, too. */
static int take_identifier(KeyLoad *load) {
        const Assignment *a = manifest_last(load->manifest, "Service", "SyslogIdentifier");

        if (!a || !*a->value)
                return 0;
        load->container->log_identifier = double_dollars(a->value);
        return load->container->log_identifier ? 0 : -ENOMEM;
}

static void check_health(KeyLoad *load) {
        const Container *container = load->container;

        if (container->notify && strcmp(container->notify, "healthy") == 0 && container->health.command &&
                        strcmp(container->health.command, "none") == 0)
                (void) load_fault(load, "Notify", FAULT_CONFLICT,
                                "it waits for a health check to succeed, and HealthCmd=none says that there "
                                "is to be none");
}

static void check_limits(KeyLoad *load) {
        const Container *container = load->container;

        if (container->memory_swap > 0 && container->memory == 0)
                (void) load_fault(load, "PodmanArgs", FAULT_VALUE,
                                "--memory-swap needs Memory=, of which it is a part");
        else if (container->memory_swap > 0 && container->memory_swap < container->memory)
                (void) load_fault(load, "PodmanArgs", FAULT_VALUE,
                                "--memory-swap is memory and swap together, and cannot be less than "
                                "Memory=");
}

static int check_user_namespace(KeyLoad *load) {
        const char *key = "UserNS";
        Fault fault = {};
        int r = load->container->pod ? 0 : user_namespace_resolve(load->container, &key, &fault);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                (void) load_fault(load, key, fault.kind, "%s", fault.text);
        return 0;
}

/* Behind the source, and in no path: only an option is the word alone. */
static bool is_shared(const char *item) {
        static const char *const words[] = { "shared", "rshared" };

        for (const char *at = item + strcspn(item, ":,"); *at; at += strcspn(at, ":,")) {
                size_t n = strcspn(++at, ":,");

                for (size_t i = 0; i < ELEMENTS(words); i++)
                        if (strlen(words[i]) == n && memcmp(at, words[i], n) == 0)
                                return true;
        }
        return false;
}

/* What is mounted in a namespace of less rights must not appear in one of more. */
static void check_propagation(KeyLoad *load) {
        const Container *container = load->container;
        const struct {
                const char *key;
                char *const *list;
        } keys[] = { { "Volume", container->volume }, { "Mount", container->mount } };

        if (container->userns &&
                        (strcmp(container->userns, "host") == 0 || value_is_dynamic(container->userns)))
                return;
        for (size_t i = 0; i < ELEMENTS(keys); i++)
                for (char *const *item = keys[i].list; item && *item; item++)
                        if (is_shared(*item))
                                (void) load_fault(load, keys[i].key, FAULT_CONFLICT,
                                                "mounts that the container makes and the host sees (shared) "
                                                "need UserNS=host; 'slave' is the other way only");
}

/* As podman: of a short name nobody can say for sure where a newer image would come from. */
static void check_update(KeyLoad *load) {
        const Container *container = load->container;

        if (!container->auto_update)
                return;
        if (container->rootfs && !container->image)
                (void) load_fault(load, "AutoUpdate", FAULT_CONFLICT,
                                "it is an image that can be updated, and Rootfs= is a directory");
        if (strcmp(container->auto_update, "registry") == 0 && container->image &&
                        !value_is_dynamic(container->image) && !image_name_is_qualified(container->image))
                (void) load_fault(load, "AutoUpdate", FAULT_VALUE,
                                "'%s' does not say which registry to ask; write the image's whole name, as "
                                "docker.io/library/nginx:latest",
                                container->image);
}

static int resolve_image(KeyLoad *load) {
        Container *container = load->container;
        const Assignment *line = load_given(load, "Image");
        Place place;

        if (!line)
                return 0;
        place = assignment_place(line);
        return image_reference_resolve(load, &place, &container->image, &container->image_service);
}

int container_check(KeyLoad *load) {
        if (resolve_image(load) < 0)
                return -ENOMEM;
        check_root(load);
        check_update(load);
        check_verity(load);
        check_user(load);
        check_reload(load);
        if (pod_member_apply(load) < 0 || check_network(load) < 0)
                return -ENOMEM;
        demand_apply(load);
        check_sysctl(load);
        check_resolver(load);
        check_limits(load);
        check_log(load);
        if (check_notify_reload(load) < 0 || take_identifier(load) < 0)
                return -ENOMEM;
        check_health(load);
        if (check_user_namespace(load) < 0)
                return -ENOMEM;
        check_propagation(load);
        return 0;
}
