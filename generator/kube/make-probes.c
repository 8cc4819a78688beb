/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Probes, and commands at the start and the end
 *
 * A container has one check that goes on and one for its start. The startup probe is the latter, the
 * liveness probe the former; the readiness probe says when the unit is started, and takes the place of which
 * of the two is not there.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "generator/kube/make.h"
#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/strv.h"

/* A port by number, or by the name that the container gives it. Return: 0 after a fault. */
static int64_t find_port(const KubeContainer *container, const YamlNode *port) {
        const YamlNode *ports = yaml_get(container->node, "ports");

        if (port->is_integer)
                return port->integer;
        for (size_t i = 0; i < field_count(ports); i++) {
                const char *name = field_text(ports->items[i], "name");

                if (name && strcmp(name, port->text) == 0)
                        return field_number(ports->items[i], "containerPort", 0);
        }
        (void) kube_fault(container->pod->make->faults, container->pod->path, port, FAULT_MISSING,
                        "the container has no port '%.60s'", port->text);
        return 0;
}

static void add_header(Sheet *sheet, char ***words, const YamlNode *header) {
        const char *name = field_text(header, "name"), *value = field_text(header, "value");

        if (sheet_check(sheet, header, name) && sheet_check(sheet, header, value) &&
                        strv_appendf(words, "%s: %s", name, value) < 0)
                sheet->error = -ENOMEM;
}

/* As slipway-health(8) has it: asking takes no program of the image. */
static int request_words(KubeContainer *container, const YamlNode *http, char ***ret) {
        const YamlNode *headers = yaml_get(http, "httpHeaders"), *scheme = yaml_get(http, "scheme");
        const char *host = field_text(http, "host"), *path = field_text(http, "path");
        Sheet *sheet = &container->sheet;
        int r;

        if (host && !sheet_check(sheet, http, host))
                return 0;
        if (path && !sheet_check(sheet, http, path))
                return 0;
        if (scheme && strcmp(scheme->text, "HTTPS") == 0)
                (void) kube_fault(container->pod->make->faults, container->pod->path, scheme,
                                FAULT_UNSUPPORTED,
                                "not supported, nobody here speaks TLS; use exec, or tcpSocket");
        r = strv_append(ret, "CMD");
        if (r >= 0)
                r = strv_append(ret, "slipway:http");
        if (r >= 0)
                r = strv_appendf(ret, "%" PRId64, find_port(container, yaml_get(http, "port")));
        if (r >= 0)
                r = strv_appendf(ret, "%s%s", path && *path == '/' ? "" : "/", path ? path : "");
        if (r >= 0 && (host || headers))
                r = strv_append(ret, host ? host : "");
        for (size_t i = 0; r >= 0 && i < field_count(headers); i++)
                add_header(sheet, ret, headers->items[i]);
        return r;
}

static int connect_words(KubeContainer *container, const YamlNode *socket, char ***ret) {
        const char *host = field_text(socket, "host");
        int r = strv_append(ret, "CMD");

        if (host && !sheet_check(&container->sheet, socket, host))
                return 0;
        if (r >= 0)
                r = strv_append(ret, "slipway:tcp");
        if (r >= 0)
                r = strv_appendf(ret, "%" PRId64, find_port(container, yaml_get(socket, "port")));
        return r < 0 || !host ? r : strv_append(ret, host);
}

static int command_words(KubeContainer *container, const YamlNode *exec, char ***ret) {
        const YamlNode *command = yaml_get(exec, "command");
        int r = strv_append(ret, "CMD");

        if (field_count(command) == 0)
                (void) kube_fault(container->pod->make->faults, container->pod->path, command, FAULT_VALUE,
                                "there is no command in it");
        for (size_t i = 0; r >= 0 && i < field_count(command); i++)
                r = strv_append(ret,
                                variables_expand(container, command->items[i], command->items[i]->text));
        return r;
}

static const YamlNode *action_of(const YamlNode *probe) {
        static const char *const actions[] = { "exec", "httpGet", "tcpSocket" };

        for (size_t i = 0; i < ELEMENTS(actions); i++)
                if (yaml_get(probe, actions[i]))
                        return yaml_get(probe, actions[i]);
        return NULL;
}

static void add_command(KubeContainer *container, const YamlNode *probe, const char *key) {
        const YamlNode *exec = yaml_get(probe, "exec"), *http = yaml_get(probe, "httpGet"),
                       *socket = yaml_get(probe, "tcpSocket");
        autostrv char **words = NULL;
        int r = 0;

        if (!action_of(probe)) {
                (void) kube_fault(container->pod->make->faults, container->pod->path, probe, FAULT_VALUE,
                                "it says not how to probe: exec, httpGet or tcpSocket");
                return;
        }
        if (!!exec + !!http + !!socket > 1)
                (void) kube_fault(container->pod->make->faults, container->pod->path, probe, FAULT_CONFLICT,
                                "there is more than one way to probe");
        r = exec   ? command_words(container, exec, &words)
            : http ? request_words(container, http, &words)
                   : connect_words(container, socket, &words);
        if (r < 0)
                container->sheet.error = r;
        else
                sheet_array(&container->sheet, "Container", key, action_of(probe), words);
}

static void add_time(KubeContainer *container, const YamlNode *probe, const char *field, int64_t otherwise,
                const char *key) {
        const YamlNode *value = yaml_get(probe, field);

        if (value || otherwise > 0)
                sheet_setf(&container->sheet, "Container", key, value ? value : probe, "%" PRId64 "s",
                                value ? value->integer : otherwise);
}

static void add_count(KubeContainer *container, const YamlNode *probe, const char *field, int64_t otherwise,
                const char *key) {
        const YamlNode *value = yaml_get(probe, field);

        sheet_setf(&container->sheet, "Container", key, value ? value : probe, "%" PRId64,
                        value ? value->integer : otherwise);
}

static void add_check(KubeContainer *container, const YamlNode *probe, const char *action) {
        add_command(container, probe, "HealthCmd");
        add_time(container, probe, "periodSeconds", 10, "HealthInterval");
        add_time(container, probe, "timeoutSeconds", 1, "HealthTimeout");
        add_time(container, probe, "initialDelaySeconds", 0, "HealthStartPeriod");
        add_count(container, probe, "failureThreshold", 3, "HealthRetries");
        sheet_set(&container->sheet, "Container", "HealthOnFailure", probe, action);
}

/* @retries: how often it may fail before the container is restarted; 0 for ever. */
static void add_startup(KubeContainer *container, const YamlNode *probe, bool gives_up) {
        add_command(container, probe, "HealthStartupCmd");
        add_time(container, probe, "periodSeconds", 10, "HealthStartupInterval");
        add_time(container, probe, "timeoutSeconds", 1, "HealthStartupTimeout");
        add_count(container, probe, "successThreshold", 1, "HealthStartupSuccess");
        if (gives_up)
                add_count(container, probe, "failureThreshold", 3, "HealthStartupRetries");
}

static bool is_same_node(const YamlNode *a, const YamlNode *b) {
        if (!a || !b || a->kind != b->kind || a->n != b->n)
                return !a && !b;
        if (a->kind != YAML_LIST && a->kind != YAML_MAP)
                return strcmp(a->text, b->text) == 0;
        for (size_t i = 0; i < a->n; i++)
                if (!is_same_node(a->items[i], b->items[i]) ||
                                (a->kind == YAML_MAP && strcmp(a->keys[i]->text, b->keys[i]->text) != 0))
                        return false;
        return true;
}

/* A start is over when the container is ready, however long that takes. */
static void wait_for(KubeContainer *container, const YamlNode *probe) {
        sheet_set(&container->sheet, "Container", "Notify", probe, "healthy");
        sheet_set(&container->sheet, "Service", "TimeoutStartSec", probe, "infinity");
}

void make_probes(KubeContainer *container) {
        const YamlNode *live = yaml_get(container->node, "livenessProbe"),
                       *ready = yaml_get(container->node, "readinessProbe"),
                       *startup = yaml_get(container->node, "startupProbe");
        bool is_same = live && ready && is_same_node(action_of(live), action_of(ready));
        const char *restart = strcmp(container->pod->restart, "Never") == 0 ? "kill" : "restart";
        const YamlNode *first = live ? live : ready ? ready : startup;

        if (container->is_init && first) {
                (void) kube_fault(container->pod->make->faults, container->pod->path, first, FAULT_VALUE,
                                "an init container that ends is not probed");
                return;
        }
        if (live)
                add_check(container, live, restart);
        else if (ready || startup)
                add_check(container, ready ? ready : startup, "none");

        if (startup)
                add_startup(container, startup, true);
        else if (live && ready && !is_same)
                add_startup(container, ready, false);
        if (startup && live && ready && !is_same)
                kube_warn(container->pod->make->faults, container->pod->path, ready,
                                "it makes no difference, a container that has a startup probe is ready when "
                                "that has "
                                "succeeded");
        if (ready || startup)
                wait_for(container, ready ? ready : startup);
}

/* --- lifecycle --- */

static void add_handler(KubeContainer *container, const YamlNode *handler, const char *key) {
        const YamlNode *command = yaml_get(yaml_get(handler, "exec"), "command"),
                       *sleep = yaml_get(handler, "sleep");
        autostrv char **words = NULL;
        int r = 0;

        if (sleep) {
                sheet_setf(&container->sheet, "Service", key, sleep, "-/bin/sleep %" PRId64,
                                field_number(sleep, "seconds", 0));
                return;
        }
        if (field_count(command) == 0) {
                (void) kube_fault(container->pod->make->faults, container->pod->path, handler, FAULT_VALUE,
                                "it says not what to do: exec or sleep");
                return;
        }
        r = strv_append(&words, SLIPWAY_BIN_DIR "/slipway");
        if (r >= 0)
                r = strv_append(&words, "exec");
        if (r >= 0)
                r = strv_append(&words, container->full);
        for (size_t i = 0; r >= 0 && i < command->n; i++)
                r = strv_append(&words, command->items[i]->text);
        if (r < 0)
                container->sheet.error = r;
        else
                sheet_words(&container->sheet, "Service", key, command, words);
}

void make_lifecycle(KubeContainer *container) {
        const YamlNode *lifecycle = yaml_get(container->node, "lifecycle"),
                       *start = yaml_get(lifecycle, "postStart"), *stop = yaml_get(lifecycle, "preStop"),
                       *number = yaml_get(lifecycle, "stopSignal");

        if (start && (yaml_get(container->node, "readinessProbe") ||
                                     yaml_get(container->node, "startupProbe")))
                (void) kube_fault(container->pod->make->faults, container->pod->path, start,
                                FAULT_UNSUPPORTED,
                                "not supported, with a readiness or startup probe it would come after the "
                                "container "
                                "is ready");
        else if (start)
                add_handler(container, start, "ExecStartPost");
        if (stop)
                add_handler(container, stop, "ExecStop");
        if (number)
                sheet_quoted(&container->sheet, "Container", "StopSignal", number, number->text);
}
