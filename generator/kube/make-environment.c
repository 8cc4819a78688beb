/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Variables of a container
 *
 * They are collected first, as a later one takes the place of an earlier one, whoever brings it. Those of a
 * Secret have no value here: nothing of it may get into a unit, which everybody can read.
 */

#include <inttypes.h>
#include <string.h>

#include "generator/kube/make.h"
#include "generator/kube/quantity.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "lib/credentials.h"

static KubeVariable *set_variable(KubeContainer *container, const char *name, const YamlNode *node) {
        KubeVariable *found = NULL;

        for (size_t i = 0; i < container->n_variables; i++)
                if (strcmp(container->variables[i].name, name) == 0)
                        found = &container->variables[i];
        if (!found && container->n_variables == container->room) {
                size_t room = container->room > 0 ? container->room * 2 : 16;
                KubeVariable *grown = reallocarray(container->variables, room, sizeof(KubeVariable));

                if (!grown) {
                        container->sheet.error = -ENOMEM;
                        return NULL;
                }
                container->variables = grown;
                container->room = room;
        }
        found = found ? found : &container->variables[container->n_variables++];
        *found = (KubeVariable){ .name = name, .node = node };
        return found;
}

static void set_text(KubeContainer *container, const char *name, const YamlNode *node, const char *text) {
        KubeVariable *variable = set_variable(container, name, node);

        if (variable)
                variable->text = sheet_format(&container->sheet, "%s", text);
}

static void set_dynamic(KubeContainer *container, const char *name, const YamlNode *node, const char *text) {
        KubeVariable *variable = set_variable(container, name, node);

        if (variable)
                variable->dynamic = text;
}

/* --- "$(NAME)" --- */

static const KubeVariable *find_variable(const KubeContainer *container, const char *name, size_t n) {
        for (size_t i = 0; i < container->n_variables; i++)
                if (strlen(container->variables[i].name) == n &&
                                strncmp(container->variables[i].name, name, n) == 0)
                        return &container->variables[i];
        return NULL;
}

static void put_variable(
                KubeContainer *container, const YamlNode *node, const char *at, size_t n, FILE *stream) {
        const KubeVariable *variable = find_variable(container, at + 2, n - 3);

        if (!variable)
                (void) fwrite(at, 1, n, stream);
        else if (variable->text)
                (void) fputs(variable->text, stream);
        else
                (void) kube_fault(container->pod->make->faults, container->pod->path, node,
                                FAULT_UNSUPPORTED,
                                "not supported, '%.*s' is only known when the container starts; read the "
                                "variable "
                                "in the container",
                                (int) (n < 64 ? n : 64), at);
}

const char *variables_expand(KubeContainer *container, const YamlNode *node, const char *text) {
        autofree char *expanded = NULL;
        size_t size = 0;
        FILE *stream;

        if (!strstr(text, "$(") && !strstr(text, "$$"))
                return text;
        stream = open_memstream(&expanded, &size);
        if (!stream) {
                container->sheet.error = -ENOMEM;
                return text;
        }
        while (*text) {
                const char *end = text[0] == '$' && text[1] == '(' ? strchr(text, ')') : NULL;

                if (text[0] == '$' && text[1] == '$') {
                        (void) fputc('$', stream);
                        text += 2;
                } else if (end) {
                        put_variable(container, node, text, (size_t) (end - text) + 1, stream);
                        text = end + 1;
                } else
                        (void) fputc(*text++, stream);
        }
        if (fclose(stream) != 0)
                container->sheet.error = -ENOMEM;
        return sheet_format(&container->sheet, "%s", container->sheet.error < 0 ? "" : expanded);
}

/* --- ConfigMaps and Secrets --- */

static void missing(KubeContainer *container, const YamlNode *node, const char *what, const char *name,
                const char *key) {
        FaultList *faults = container->pod->make->faults;

        if (key)
                (void) kube_fault(faults, container->pod->path, node, FAULT_MISSING,
                                "there is no key '%.80s' in %s '%.80s'", key, what, name);
        else
                (void) kube_fault(faults, container->pod->path, node, FAULT_MISSING,
                                "there is no %s '%.80s'", what, name);
}

static const YamlNode *config_value(const KubeObject *object, const char *key) {
        return object ? yaml_get(yaml_get(object->node, "data"), key) : NULL;
}

static const YamlNode *secret_value(const KubeObject *object, const char *key) {
        const YamlNode *text = yaml_get(yaml_get(object->node, "stringData"), key);

        return text ? text : yaml_get(yaml_get(object->node, "data"), key);
}

/* A Secret that is in none of the files may be one of the host's, with a name of both parts. */
static void set_secret(KubeContainer *container, const char *name, const YamlNode *node, const char *secret,
                const char *key, const KubeObject *object) {
        const char *host = sheet_format(&container->sheet, "%s.%s", secret, key);
        KubeVariable *variable;

        if (!object && !secret_name_is_valid(host)) {
                missing(container, node, "Secret", secret, NULL);
                return;
        }
        variable = set_variable(container, name, node);
        if (!variable)
                return;
        variable->is_yaml = object;
        variable->secret =
                        object ? make_yaml_secret(&container->sheet, object, key,
                                                 sheet_format(&container->sheet, "type=env,target=%s", name))
                               : sheet_format(&container->sheet, "%s,type=env,target=%s", host, name);
}

static void add_config_key(KubeContainer *container, const char *name, const YamlNode *reference) {
        const char *map = field_text(reference, "name"), *key = field_text(reference, "key");
        const KubeObject *object =
                        kube_objects_find(container->pod->make->objects, KUBE_CONFIG_MAP, map ? map : "");
        const YamlNode *value = config_value(object, key);

        if (value)
                set_text(container, name, reference, value->text);
        else if (!field_is_true(reference, "optional"))
                missing(container, reference, "ConfigMap", map ? map : "", object ? key : NULL);
}

static void add_secret_key(KubeContainer *container, const char *name, const YamlNode *reference) {
        const char *secret = field_text(reference, "name"), *key = field_text(reference, "key");
        const KubeObject *object =
                        kube_objects_find(container->pod->make->objects, KUBE_SECRET, secret ? secret : "");

        if (object ? secret_value(object, key) != NULL : !field_is_true(reference, "optional"))
                set_secret(container, name, reference, secret ? secret : "", key, object);
        else if (!field_is_true(reference, "optional"))
                missing(container, reference, "Secret", secret, key);
}

/* Kubernetes leaves out what cannot name a variable. */
static bool is_variable(const char *name) {
        return *name && !strpbrk(name, "=%$,") && !(*name >= '0' && *name <= '9');
}

static void add_all(KubeContainer *container, const YamlNode *node, const KubeObject *object,
                const char *data, const char *prefix) {
        const YamlNode *map = yaml_get(object->node, data);

        for (size_t i = 0; i < field_count(map); i++) {
                const char *key = map->keys[i]->text, *name;

                name = sheet_format(&container->sheet, "%s%s", prefix, key);
                if (map->items[i]->kind != YAML_TEXT || !is_variable(name))
                        continue;
                if (object->kind->kind == KUBE_SECRET)
                        set_secret(container, name, node, object->name, key, object);
                else
                        set_text(container, name, node, map->items[i]->text);
        }
}

static void add_source(KubeContainer *container, const YamlNode *source, const char *prefix, KubeKind kind) {
        const char *name = field_text(source, "name");
        const KubeObject *object = kube_objects_find(container->pod->make->objects, kind, name);

        if (!object && field_is_true(source, "optional"))
                return;
        if (!object) {
                missing(container, source, kind == KUBE_SECRET ? "Secret" : "ConfigMap", name, NULL);
                return;
        }
        add_all(container, source, object, "data", prefix);
        if (kind == KUBE_SECRET)
                add_all(container, source, object, "stringData", prefix);
}

static void add_sources(KubeContainer *container) {
        const YamlNode *list = yaml_get(container->node, "envFrom");

        for (size_t i = 0; i < field_count(list); i++) {
                const char *prefix = field_text(list->items[i], "prefix");
                const YamlNode *map = yaml_get(list->items[i], "configMapRef"),
                               *secret = yaml_get(list->items[i], "secretRef");

                if (map)
                        add_source(container, map, prefix ? prefix : "", KUBE_CONFIG_MAP);
                if (secret)
                        add_source(container, secret, prefix ? prefix : "", KUBE_SECRET);
        }
}

/* --- what the pod knows of itself --- */

/* "metadata.labels['app']": what is between the quotes, NULL when it is not of that form. */
static const char *subscript(KubeContainer *container, const char *path, const char *field) {
        size_t n = strlen(field), length = strlen(path);

        if (strncmp(path, field, n) != 0 || strncmp(path + n, "['", 2) != 0 || length < n + 4 ||
                        strcmp(path + length - 2, "']") != 0)
                return NULL;
        return sheet_format(&container->sheet, "%.*s", (int) (length - n - 4), path + n + 2);
}

static bool add_own_note(
                KubeContainer *container, const char *name, const YamlNode *reference, const char *path) {
        static const struct {
                const char *path, *field;
        } maps[] = { { "metadata.labels", "labels" }, { "metadata.annotations", "annotations" } };

        for (size_t i = 0; i < ELEMENTS(maps); i++) {
                const char *key = subscript(container, path, maps[i].path);

                if (!key)
                        continue;
                key = field_text(yaml_get(container->pod->meta, maps[i].field), key);
                set_text(container, name, reference, key ? key : "");
                return true;
        }
        return false;
}

static void add_field(KubeContainer *container, const char *name, const YamlNode *reference) {
        const char *path = field_text(reference, "fieldPath");
        const char *namespace = field_text(yaml_get(container->pod->node, "metadata"), "namespace");
        const struct {
                const char *path, *text;
        } known[] = {
                { "metadata.name", container->pod->name },
                { "metadata.namespace", namespace ? namespace : "default" },
                { "spec.serviceAccountName", "default" },
        };

        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (strcmp(path, known[i].path) == 0) {
                        set_text(container, name, reference, known[i].text);
                        return;
                }
        if (strcmp(path, "spec.nodeName") == 0)
                set_dynamic(container, name, reference, "%H");
        else if (!add_own_note(container, name, reference, path))
                (void) kube_fault(container->pod->make->faults, container->pod->path,
                                yaml_get(reference, "fieldPath"), FAULT_UNSUPPORTED,
                                "not supported, '%.80s' is not known when the unit is made: there are "
                                "metadata.name, "
                                "metadata.namespace, metadata.labels['…'], metadata.annotations['…'] and "
                                "spec.nodeName",
                                path);
}

static const YamlNode *find_container(const KubeContainer *container, const char *name) {
        const char *const lists[] = { "initContainers", "containers" };

        for (size_t i = 0; name && i < ELEMENTS(lists); i++) {
                const YamlNode *list = yaml_get(container->pod->spec, lists[i]);

                for (size_t k = 0; k < field_count(list); k++)
                        if (strcmp(field_text(list->items[k], "name"), name) == 0)
                                return list->items[k];
        }
        return name ? NULL : container->node;
}

/* "limits.memory", in units of the divisor, rounded up. */
static void add_resource(KubeContainer *container, const char *name, const YamlNode *reference) {
        const char *resource = field_text(reference, "resource"), *dot = strchr(resource, '.');
        const YamlNode *of = find_container(container, field_text(reference, "containerName"));
        const YamlNode *divisor = yaml_get(reference, "divisor"), *quantity = NULL;
        int64_t value = 0, unit = 1000;

        if (dot)
                quantity = yaml_get(yaml_get(yaml_get(of, "resources"),
                                                    sheet_format(&container->sheet, "%.*s",
                                                                    (int) (dot - resource), resource)),
                                dot + 1);
        if (!quantity) {
                (void) kube_fault(container->pod->make->faults, container->pod->path, reference,
                                FAULT_MISSING, "the container has no '%.80s' in its resources", resource);
                return;
        }
        (void) quantity_parse(quantity->text, &value);
        if (divisor)
                (void) quantity_parse(divisor->text, &unit);
        unit = unit > 0 ? unit : 1000;
        set_text(container, name, reference,
                        sheet_format(&container->sheet, "%" PRId64, value / unit + (value % unit > 0)));
}

/* --- all of them --- */

static void add_variable(KubeContainer *container, const YamlNode *node) {
        const char *name = field_text(node, "name"), *text = field_text(node, "value");
        const YamlNode *from = yaml_get(node, "valueFrom"), *source;

        if (!is_variable(name)) {
                (void) kube_fault(container->pod->make->faults, container->pod->path, yaml_get(node, "name"),
                                FAULT_VALUE, "'%.80s' cannot name a variable", name);
                return;
        }
        if (!from) {
                set_text(container, name, yaml_get(node, "value") ? yaml_get(node, "value") : node,
                                text ? variables_expand(container, node, text) : "");
                return;
        }
        if (text && *text)
                (void) kube_fault(container->pod->make->faults, container->pod->path, node, FAULT_CONFLICT,
                                "it has a value already, and valueFrom would be another one");
        if ((source = yaml_get(from, "configMapKeyRef")))
                add_config_key(container, name, source);
        else if ((source = yaml_get(from, "secretKeyRef")))
                add_secret_key(container, name, source);
        else if ((source = yaml_get(from, "fieldRef")))
                add_field(container, name, source);
        else if ((source = yaml_get(from, "resourceFieldRef")))
                add_resource(container, name, source);
}

static void write_variable(KubeContainer *container, const KubeVariable *variable) {
        Sheet *sheet = &container->sheet;
        const char *quoted = sheet_quote(sheet, variable->name);
        int n = (int) strlen(quoted) - 1;

        if (variable->secret && variable->is_yaml)
                sheet_word(sheet, "Slipway", "YamlSecret", variable->node, variable->secret);
        else if (variable->secret)
                sheet_word(sheet, "Container", "Secret", variable->node, variable->secret);
        else if (variable->dynamic)
                sheet_setf(sheet, "Container", "Environment", variable->node, "%.*s=%s\"", n, quoted,
                                variable->dynamic);
        else
                sheet_word(sheet, "Container", "Environment", variable->node,
                                sheet_format(sheet, "%s=%s", variable->name, variable->text));
}

void make_environment(KubeContainer *container) {
        const YamlNode *list = yaml_get(container->node, "env");

        add_sources(container);
        for (size_t i = 0; i < field_count(list); i++)
                add_variable(container, list->items[i]);
        for (size_t i = 0; i < container->n_variables; i++)
                write_variable(container, &container->variables[i]);
}
