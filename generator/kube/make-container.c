/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A container of a pod: what it runs, when it begins, what comes after its end. */

#include <string.h>

#include "generator/kube/make.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

#define PODMAN "io.podman.annotations."
#define AUTO_UPDATE "io.containers.autoupdate"

/* What an annotation is about: "PREFIX/NAME" is about one container, "PREFIX" about all. */
static const YamlNode *annotation_of(const KubeContainer *container, const char *prefix) {
        const YamlNode *annotations = yaml_get(container->pod->meta, "annotations"), *found;
        char key[256];

        (void) snprintf(key, sizeof(key), "%s/%s", prefix, container->name);
        found = yaml_get(annotations, key);
        return found ? found : yaml_get(annotations, prefix);
}

static void add_image(KubeContainer *container) {
        const YamlNode *image = yaml_get(container->node, "image"),
                       *policy = yaml_get(container->node, "imagePullPolicy");
        const char *name = strrchr(image->text, '/'), *tag = strchr(name ? name : image->text, ':');
        bool is_latest = !strchr(image->text, '@') && (!tag || strcmp(tag, ":latest") == 0);
        Sheet *sheet = &container->sheet;

        sheet_quoted(sheet, "Container", "Image", image, image->text);
        if (policy)
                sheet_set(sheet, "Container", "Pull", policy,
                                strcmp(policy->text, "Always") == 0         ? "always"
                                : strcmp(policy->text, "IfNotPresent") == 0 ? "missing"
                                                                            : "never");
        else if (is_latest)
                sheet_set(sheet, "Container", "Pull", image, "newer");
}

/* [Kube] counts more than an annotation, and what names the container more than what is for all. */
static void add_update(KubeContainer *container) {
        const YamlNode *annotation = annotation_of(container, AUTO_UPDATE);
        const Manifest *manifest = container->pod->make->manifest;
        const char *chosen = NULL;

        for (char **word = container->pod->make->kube->auto_update; word && *word; word++) {
                const char *slash = strrchr(*word, '/');
                size_t n = slash ? (size_t) (slash - *word) : 0;

                if (!slash)
                        chosen = chosen ? chosen : *word;
                else if ((strlen(container->name) == n && strncmp(container->name, *word, n) == 0) ||
                                (strlen(container->full) == n && strncmp(container->full, *word, n) == 0))
                        chosen = slash + 1;
        }
        if (chosen) {
                Assignment line = *manifest_last(manifest, "Kube", "AutoUpdate");

                line.value = sheet_format(&container->sheet, "%s", chosen);
                sheet_copy(&container->sheet, "Container", &line);
        } else if (annotation && strcmp(annotation->text, "disabled") != 0)
                sheet_quoted(&container->sheet, "Container", "AutoUpdate", annotation, annotation->text);
}

/* What podman's annotations ask for. Return: whether it is none of them, and only to be read. */
static bool take_annotation(KubeContainer *container, const char *key, const YamlNode *value) {
        static const struct {
                const char *key, *section, *as;
        } known[] = {
                { PODMAN "cpuset/", "Service", "AllowedCPUs" },
                { PODMAN "memory-nodes/", "Service", "AllowedMemoryNodes" },
                { PODMAN "pids-limit/", "Container", "PidsLimit" },
        };
        static const char *const elsewhere[] = { PODMAN "userns", PODMAN "infra.name",
                PODMAN "init.container.type", AUTO_UPDATE, NULL };

        for (size_t i = 0; i < ELEMENTS(known); i++) {
                size_t n = strlen(known[i].key);

                if (strncmp(key, known[i].key, n) != 0)
                        continue;
                if (strcmp(key + n, container->name) == 0)
                        sheet_text(&container->sheet, known[i].section, known[i].as, value, value->text);
                return false;
        }
        if (value_is_one_of(key, elsewhere) || strncmp(key, AUTO_UPDATE "/", sizeof(AUTO_UPDATE)) == 0)
                return false;
        if (strncmp(key, PODMAN, sizeof(PODMAN) - 1) != 0)
                return true;
        (void) kube_fault(container->pod->make->faults, container->pod->path, value, FAULT_UNSUPPORTED,
                        "not supported, '%.80s' is for podman only", key);
        return false;
}

static void add_notes(KubeContainer *container) {
        const YamlNode *labels = yaml_get(container->pod->meta, "labels"),
                       *annotations = yaml_get(container->pod->meta, "annotations");
        Sheet *sheet = &container->sheet;

        for (size_t i = 0; i < field_count(labels); i++)
                if (labels->items[i]->kind == YAML_TEXT)
                        sheet_word(sheet, "Container", "Label", labels->items[i],
                                        sheet_format(sheet, "%s=%s", labels->keys[i]->text,
                                                        labels->items[i]->text));
        for (size_t i = 0; i < field_count(annotations); i++)
                if (annotations->items[i]->kind == YAML_TEXT &&
                                take_annotation(container, annotations->keys[i]->text,
                                                annotations->items[i]))
                        sheet_word(sheet, "Container", "Annotation", annotations->items[i],
                                        sheet_format(sheet, "%s=%s", annotations->keys[i]->text,
                                                        annotations->items[i]->text));
}

static void copy_log(KubeContainer *container) {
        for (const Assignment *a = NULL; (a = manifest_next(container->pod->make->manifest, "Kube", a));)
                if (strcmp(a->key, "LogDriver") == 0 || strcmp(a->key, "LogOpt") == 0)
                        sheet_copy(&container->sheet, "Container", a);
}

static void add_words(KubeContainer *container, const YamlNode *list, const char *key, bool is_array) {
        autofree char **words = field_words(list);

        if (!words) {
                container->sheet.error = -ENOMEM;
                return;
        }
        for (size_t i = 0; i < field_count(list); i++)
                words[i] = (char *) variables_expand(container, list->items[i], words[i]);
        if (field_count(list) > 0 && is_array)
                sheet_array(&container->sheet, "Container", key, list, words);
        else if (field_count(list) > 0)
                sheet_words(&container->sheet, "Container", key, list, words);
}

void make_command(KubeContainer *container) {
        add_words(container, yaml_get(container->node, "command"), "Entrypoint", true);
        add_words(container, yaml_get(container->node, "args"), "Exec", false);
}

static void add_streams(KubeContainer *container) {
        const YamlNode *terminal = yaml_get(container->node, "tty"),
                       *input = yaml_get(container->node, "stdin");

        if (terminal && terminal->is_true)
                sheet_set(&container->sheet, "Slipway", "Console", terminal, "terminal");
        else if (input && input->is_true)
                sheet_set(&container->sheet, "Slipway", "Console", input, "interactive");
}

/* The unit of the whole ends with the last of its containers, if they end. */
static void add_end(KubeContainer *container, const YamlNode *node) {
        const char *service = container->pod->make->manifest->service;
        int n = (int) (strlen(service) - strlen(".service"));

        sheet_setf(&container->sheet, "Unit", "OnSuccess", node, "slipway-kube-ended@%.*s.service", n,
                        service);
        sheet_setf(&container->sheet, "Unit", "OnFailure", node, "slipway-kube-ended@%.*s.service", n,
                        service);
}

/* Like Kubernetes, it is started as often as need be; a Job gives up. */
static void add_restart(KubeContainer *container) {
        const YamlNode *policy = yaml_get(container->pod->spec, "restartPolicy"), *job = container->pod->job;
        const YamlNode *node = policy ? policy : container->node;
        const char *restart = container->is_sidecar ? "Always" : container->pod->restart;
        Sheet *sheet = &container->sheet;

        if (container->is_init) {
                sheet_set(sheet, "Service", "Type", container->node, "oneshot");
                sheet_set(sheet, "Service", "RemainAfterExit", container->node, "yes");
                return;
        }
        if (!container->is_sidecar && strcmp(restart, "Always") != 0)
                add_end(container, node);
        if (strcmp(restart, "Never") == 0)
                return;
        sheet_set(sheet, "Service", "Restart", node,
                        strcmp(restart, "Always") == 0 ? "always" : "on-failure");
        sheet_set(sheet, "Service", "RestartSec", node, job ? "10s" : "1s");
        if (!job) {
                sheet_set(sheet, "Unit", "StartLimitIntervalSec", node, "0");
                return;
        }
        sheet_set(sheet, "Unit", "StartLimitIntervalSec", node, "1d");
        sheet_setf(sheet, "Unit", "StartLimitBurst", node, "%lld",
                        (long long) field_number(job, "backoffLimit", 6) + 1);
}

static void add_times(KubeContainer *container) {
        const YamlNode *grace = yaml_get(container->pod->spec, "terminationGracePeriodSeconds");
        const YamlNode *deadline = yaml_get(container->pod->job, "activeDeadlineSeconds");

        if (!deadline)
                deadline = yaml_get(container->pod->spec, "activeDeadlineSeconds");
        if (grace)
                sheet_setf(&container->sheet, "Container", "StopTimeout", grace, "%lld",
                                (long long) grace->integer);
        else
                sheet_set(&container->sheet, "Container", "StopTimeout", container->node, "30");
        if (deadline && !container->is_init)
                sheet_setf(&container->sheet, "Service", "RuntimeMaxSec", deadline, "%lld",
                                (long long) deadline->integer);
}

/* Init containers come one after the other, and the others after all of them. */
static void add_order(KubeContainer *container) {
        KubePod *pod = container->pod;

        if (pod->before) {
                sheet_set(&container->sheet, "Unit", "Requires", pod->before, pod->before_service);
                sheet_set(&container->sheet, "Unit", "After", pod->before, pod->before_service);
        }
        if (!container->is_init && !container->is_sidecar)
                return;
        pod->before = container->node;
        pod->before_service = sheet_format(&container->sheet, "%s.service", container->full);
}

static void check_name(const KubeContainer *container, const YamlNode *name) {
        const YamlNode *lists[] = { yaml_get(container->pod->spec, "initContainers"),
                yaml_get(container->pod->spec, "containers") };
        FaultList *faults = container->pod->make->faults;

        if (!value_is_name(container->name, 253))
                (void) kube_fault(faults, container->pod->path, name, FAULT_VALUE,
                                "'%.100s' is not a name: letters, digits, '-', '_' and '.', the first a "
                                "letter or "
                                "digit",
                                container->name);
        else if (!value_is_name(container->full, 64))
                (void) kube_fault(faults, container->pod->path, name, FAULT_VALUE,
                                "a container cannot be called '%.140s', which is longer than 64 characters",
                                container->full);
        for (size_t i = 0; i < ELEMENTS(lists); i++)
                for (size_t k = 0; k < field_count(lists[i]); k++) {
                        const char *other = field_text(lists[i]->items[k], "name");

                        if (lists[i]->items[k] == container->node)
                                return;
                        if (other && strcmp(other, container->name) == 0)
                                (void) kube_fault(faults, container->pod->path, name, FAULT_CONFLICT,
                                                "there is another container '%.60s' in this pod",
                                                container->name);
                }
}

static void add_rest(KubeContainer *container) {
        const YamlNode *directory = yaml_get(container->node, "workingDir");
        Sheet *sheet = &container->sheet;

        add_image(container);
        make_environment(container);
        make_command(container);
        if (directory)
                sheet_quoted(sheet, "Container", "WorkingDir", directory, directory->text);
        make_security(container);
        make_resources(sheet, yaml_get(container->node, "resources"), "Container");
        make_mounts(container);
        make_probes(container);
        make_lifecycle(container);
        add_streams(container);
        add_update(container);
        add_notes(container);
        copy_log(container);
        add_restart(container);
        add_times(container);
        add_order(container);
}

void make_container(KubePod *pod, const YamlNode *node, bool is_init) {
        const YamlNode *name = yaml_get(node, "name"), *restart = yaml_get(node, "restartPolicy");
        KubeContainer container = {
                .pod = pod,
                .node = node,
                .name = name->text,
                .is_init = is_init && !restart,
                .is_sidecar = is_init && restart,
        };
        Sheet *sheet = &container.sheet;
        KubeMake *make = pod->make;

        if (restart && !is_init)
                (void) kube_fault(make->faults, pod->path, restart, FAULT_VALUE,
                                "it is for init containers; use restartPolicy of the pod");
        container.full = sheet_format(&pod->sheet, "%s-%s", pod->name, container.name);
        check_name(&container, name);
        sheet_begin(sheet, make->arena, make->manifest, MANIFEST_CONTAINER, container.full, pod->path, node,
                        make->faults);
        sheet_set(sheet, "Unit", "PartOf", node, make->manifest->service);
        sheet_quoted(sheet, "Container", "ContainerName", name, container.full);
        sheet_setf(sheet, "Container", "Pod", node, "%s.pod", pod->name);
        add_rest(&container);
        make_add(make, sheet);
        free(container.variables);
}
