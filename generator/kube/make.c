/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kube/make.h"

#include <string.h>

#include "generator/names.h"
#include "lib/cleanup.h"

const char *field_text(const YamlNode *node, const char *name) {
        const YamlNode *value = yaml_get(node, name);

        return value && value->kind == YAML_TEXT ? value->text : NULL;
}

bool field_is_true(const YamlNode *node, const char *name) {
        const YamlNode *value = yaml_get(node, name);

        return value && value->kind == YAML_BOOLEAN && value->is_true;
}

int64_t field_number(const YamlNode *node, const char *name, int64_t otherwise) {
        const YamlNode *value = yaml_get(node, name);

        return value && value->is_integer ? value->integer : otherwise;
}

size_t field_count(const YamlNode *list) {
        return list ? list->n : 0;
}

char **field_words(const YamlNode *list) {
        char **words = calloc(field_count(list) + 1, sizeof(char *));

        for (size_t i = 0; words && i < field_count(list); i++)
                words[i] = (char *) list->items[i]->text;
        return words;
}

/* The unit's name as for a file of that name. */
static void name_service(KubeMake *make, Manifest *manifest) {
        char *service = names_service(make->arena, manifest->type, manifest->stem);

        if (!service) {
                make->error = -ENOMEM;
                return;
        }
        if (!unit_name_is_valid(service, UNIT_PLAIN))
                (void) faults_raise(make->faults, &manifest->origin, FAULT_VALUE,
                                "there cannot be a unit '%.200s': give it a shorter name", service);
        manifest->service = service;
}

void make_add(KubeMake *make, Sheet *sheet) {
        if (sheet->error < 0 || make->error < 0) {
                make->error = -ENOMEM;
                return;
        }
        if (make->n == make->room) {
                size_t room = make->room > 0 ? make->room * 2 : 8;
                Manifest **grown = reallocarray(make->made, room, sizeof(Manifest *));

                if (!grown) {
                        make->error = -ENOMEM;
                        return;
                }
                make->made = grown;
                make->room = room;
        }
        make->made[make->n++] = sheet->manifest;
        name_service(make, sheet->manifest);
}

/*
 * Those of a Deployment are numbered, also if there is one only: so it keeps its name when there are more.
 * What is wrong with one is wrong with all, mostly, and is told once.
 */
static void make_deployment(KubeMake *make, const KubeObject *object) {
        const YamlNode *spec = yaml_get(object->node, "spec"), *template = yaml_get(spec, "template");
        int64_t n = field_number(spec, "replicas", 1);
        FaultList *told = make->faults, again = {};
        size_t before = told->n_errors;

        for (int64_t i = 0; i < n && make->error == 0 && told->n_errors + again.n_errors == before; i++) {
                char name[300];

                make->faults = i == 0 ? told : &again;
                (void) snprintf(name, sizeof(name), "%s-%lld", object->name, (long long) i);
                make_pod(make, object, yaml_get(template, "metadata"), yaml_get(template, "spec"), name);
        }
        make->faults = told;
        if (again.n_errors > 0)
                (void) faults_take(told, faults_first_error(&again));
        faults_done(&again);
}

void make_object(KubeMake *make, const KubeObject *object) {
        const YamlNode *spec = yaml_get(object->node, "spec"), *template = yaml_get(spec, "template");

        switch (object->kind->kind) {

        case KUBE_POD:
                make_pod(make, object, yaml_get(object->node, "metadata"), spec, object->name);
                break;

        case KUBE_DEPLOYMENT:
                make_deployment(make, object);
                break;

        case KUBE_DAEMON_SET:
        case KUBE_JOB:
                make_pod(make, object, yaml_get(template, "metadata"), yaml_get(template, "spec"),
                                object->name);
                break;

        case KUBE_CLAIM:
                make_claim(make, object);
                break;

        default: /* what others take their data from */
                break;
        }
}
