/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pod: network, names, ports, and what all of its containers share. */

#include <string.h>

#include "generator/kube/make.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"

#define USERNS_ANNOTATION "io.podman.annotations.userns"

static bool is_host_network(const KubePod *pod) {
        return field_is_true(pod->spec, "hostNetwork");
}

/* Lines of [Kube] that are about pods, after the last that is empty. */
static void copy_lines(KubePod *pod, const char *key, const char *as) {
        const Assignment *first = NULL;

        for (const Assignment *a = NULL; (a = manifest_next(pod->make->manifest, "Kube", a));)
                if (strcmp(a->key, key) == 0)
                        first = *a->value ? (first ? first : a) : NULL;
        for (const Assignment *a = first; a; a = manifest_next(pod->make->manifest, "Kube", a))
                if (strcmp(a->key, key) == 0)
                        sheet_copy(&pod->sheet, as, a);
}

static void add_network(KubePod *pod) {
        const YamlNode *host = yaml_get(pod->spec, "hostNetwork");

        if (!is_host_network(pod)) {
                copy_lines(pod, "Network", "Pod");
                return;
        }
        if (pod->make->kube->network)
                (void) kube_fault(pod->make->faults, pod->path, host, FAULT_CONFLICT,
                                "Network= in [Kube] puts the pod into another network");
        sheet_set(&pod->sheet, "Pod", "Network", host, "host");
}

/* "8080:80/tcp" of [Kube] counts more than what the YAML says of port 80. */
static bool is_published(const KubePod *pod, int64_t port, const char *protocol) {
        for (char **line = pod->make->kube->publish; line && *line; line++) {
                const char *colon = strrchr(*line, ':'), *slash = strchr(*line, '/');
                const char *text = colon ? colon + 1 : *line;

                if (strtoll(text, NULL, 10) == port && strcmp(slash ? slash + 1 : "tcp", protocol) == 0)
                        return true;
        }
        return false;
}

static const char *protocol_of(const YamlNode *port) {
        const char *protocol = field_text(port, "protocol");

        return !protocol || strcmp(protocol, "TCP") == 0 ? "tcp"
               : strcmp(protocol, "UDP") == 0            ? "udp"
                                                         : "sctp";
}

static void add_port(KubePod *pod, const YamlNode *port) {
        const char *address = field_text(port, "hostIP"), *protocol = protocol_of(port);
        int64_t inside = field_number(port, "containerPort", 0), outside = field_number(port, "hostPort", 0);

        if (outside == 0 || is_published(pod, inside, protocol))
                return;
        if (is_host_network(pod)) {
                if (inside != outside)
                        (void) kube_fault(pod->make->faults, pod->path, port, FAULT_CONFLICT,
                                        "with hostNetwork, hostPort is containerPort");
                return;
        }
        if (address && !sheet_check(&pod->sheet, port, address))
                return;
        sheet_setf(&pod->sheet, "Pod", "PublishPort", port, "%s%s%s%s%lld:%lld/%s",
                        address && strchr(address, ':') ? "[" : "",
                        address ? sheet_escape(&pod->sheet, address) : "",
                        address && strchr(address, ':') ? "]" : "", address ? ":" : "", (long long) outside,
                        (long long) inside, protocol);
}

static bool has_port(const YamlNode *containers, int64_t inside) {
        for (size_t i = 0; i < field_count(containers); i++) {
                const YamlNode *ports = yaml_get(containers->items[i], "ports");

                for (size_t k = 0; k < field_count(ports); k++)
                        if (field_number(ports->items[k], "containerPort", 0) == inside)
                                return true;
        }
        return false;
}

/* The port goes to the pod that says that it has it; or to the only one that there is. */
static void copy_ports(KubePod *pod) {
        for (const Assignment *a = NULL; (a = manifest_next(pod->make->manifest, "Kube", a));) {
                const char *colon = strrchr(a->value, ':');
                int64_t inside = strtoll(colon ? colon + 1 : a->value, NULL, 10);

                if (strcmp(a->key, "PublishPort") != 0 || !*a->value)
                        continue;
                if (pod->make->n_pods == 1 || has_port(yaml_get(pod->spec, "containers"), inside) ||
                                has_port(yaml_get(pod->spec, "initContainers"), inside))
                        sheet_copy(&pod->sheet, "Pod", a);
        }
}

static void add_ports(KubePod *pod) {
        const char *const lists[] = { "initContainers", "containers" };

        for (size_t i = 0; i < ELEMENTS(lists); i++) {
                const YamlNode *containers = yaml_get(pod->spec, lists[i]);

                for (size_t k = 0; k < field_count(containers); k++) {
                        const YamlNode *ports = yaml_get(containers->items[k], "ports");

                        for (size_t n = 0; n < field_count(ports); n++)
                                add_port(pod, ports->items[n]);
                }
        }
        copy_ports(pod);
}

static void add_texts(KubePod *pod, const YamlNode *list, const char *key) {
        for (size_t i = 0; i < field_count(list); i++)
                sheet_text(&pod->sheet, "Pod", key, list->items[i], list->items[i]->text);
}

/* "dnsPolicy: None" takes what dnsConfig says and nothing else; the others have a resolver already. */
static void add_resolver(KubePod *pod) {
        const YamlNode *config = yaml_get(pod->spec, "dnsConfig"),
                       *policy = yaml_get(pod->spec, "dnsPolicy");
        const YamlNode *servers = yaml_get(config, "nameservers"), *options = yaml_get(config, "options");

        if (policy && strcmp(policy->text, "None") == 0 && field_count(servers) == 0)
                (void) kube_fault(pod->make->faults, pod->path, policy, FAULT_VALUE,
                                "'None' needs name servers in dnsConfig");
        add_texts(pod, servers, "DNS");
        add_texts(pod, yaml_get(config, "searches"), "DNSSearch");
        for (size_t i = 0; i < field_count(options); i++) {
                const YamlNode *option = options->items[i];
                const char *name = field_text(option, "name"), *value = field_text(option, "value");

                if (!sheet_check(&pod->sheet, option, name) ||
                                (value && !sheet_check(&pod->sheet, option, value)))
                        continue;
                sheet_setf(&pod->sheet, "Pod", "DNSOption", option, "%s%s%s",
                                sheet_escape(&pod->sheet, name), value ? ":" : "",
                                value ? sheet_escape(&pod->sheet, value) : "");
        }
}

static void add_hosts(KubePod *pod) {
        const YamlNode *aliases = yaml_get(pod->spec, "hostAliases");

        for (size_t i = 0; i < field_count(aliases); i++) {
                const YamlNode *names = yaml_get(aliases->items[i], "hostnames");
                const char *address = field_text(aliases->items[i], "ip");

                for (size_t k = 0; k < field_count(names); k++) {
                        const YamlNode *name = names->items[k];

                        if (sheet_check(&pod->sheet, name, name->text) &&
                                        sheet_check(&pod->sheet, aliases->items[i], address))
                                sheet_setf(&pod->sheet, "Pod", "AddHost", name, "%s:%s",
                                                sheet_escape(&pod->sheet, name->text),
                                                sheet_escape(&pod->sheet, address));
                }
        }
}

/* [Kube] counts more than the annotation, and that more than hostUsers. */
static void add_user_namespace(KubePod *pod) {
        const YamlNode *annotation = yaml_get(yaml_get(pod->meta, "annotations"), USERNS_ANNOTATION);
        const YamlNode *host = yaml_get(pod->spec, "hostUsers");

        if (pod->make->kube->userns)
                copy_lines(pod, "UserNS", "Pod");
        else if (annotation)
                sheet_quoted(&pod->sheet, "Pod", "UserNS", annotation, annotation->text);
        else if (host && host->is_true)
                sheet_set(&pod->sheet, "Pod", "UserNS", host, "host");
}

static void add_processes(KubePod *pod) {
        if (field_is_true(pod->spec, "shareProcessNamespace"))
                sheet_set(&pod->sheet, "Pod", "PodmanArgs", yaml_get(pod->spec, "shareProcessNamespace"),
                                "--share=+pid");
}

static void add_names(KubePod *pod) {
        const YamlNode *hostname = yaml_get(pod->spec, "hostnameOverride"),
                       *labels = yaml_get(pod->meta, "labels");

        if (!hostname)
                hostname = yaml_get(pod->spec, "hostname");
        sheet_quoted(&pod->sheet, "Pod", "PodName", pod->node, pod->name);
        if (hostname && !is_host_network(pod))
                sheet_quoted(&pod->sheet, "Pod", "HostName", hostname, hostname->text);
        for (size_t i = 0; i < field_count(labels); i++)
                if (labels->items[i]->kind == YAML_TEXT)
                        sheet_word(&pod->sheet, "Pod", "Label", labels->items[i],
                                        sheet_format(&pod->sheet, "%s=%s", labels->keys[i]->text,
                                                        labels->items[i]->text));
}

/* What goes when the pod goes. */
static void add_empty(KubePod *pod) {
        if (!pod->has_empty)
                return;
        sheet_set(&pod->sheet, "Service", "StateDirectoryMode", pod->spec, "0777");
        sheet_set(&pod->sheet, "Service", "RuntimeDirectoryMode", pod->spec, "0777");
        sheet_setf(&pod->sheet, "Service", "ExecStopPost", pod->spec,
                        "-/bin/rm -rf --one-file-system -- /var/lib/slipway/empty/%s", pod->name);
}

static void check_policy(KubePod *pod, const KubeObject *object) {
        const YamlNode *policy = yaml_get(pod->spec, "restartPolicy");
        bool is_job = object->kind->kind == KUBE_JOB;

        pod->restart = policy ? policy->text : "Always";
        if (is_job && strcmp(pod->restart, "Always") == 0)
                (void) kube_fault(pod->make->faults, pod->path, policy ? policy : pod->spec, FAULT_VALUE,
                                "the restartPolicy of a Job has to be OnFailure or Never");
        if (!is_job && object->kind->kind != KUBE_POD && strcmp(pod->restart, "Always") != 0)
                (void) kube_fault(pod->make->faults, pod->path, policy, FAULT_VALUE,
                                "the restartPolicy of a %s has to be Always", object->kind->name);
}

static void check_ports(KubePod *pod, const KubeObject *object) {
        const YamlNode *containers = yaml_get(pod->spec, "containers");
        size_t n = strlen(object->name);

        /* Once is enough. */
        if (field_number(yaml_get(object->node, "spec"), "replicas", 1) < 2 ||
                        strcmp(pod->name + n, "-0") != 0)
                return;
        for (size_t i = 0; i < field_count(containers); i++) {
                const YamlNode *ports = yaml_get(containers->items[i], "ports");

                for (size_t k = 0; k < field_count(ports); k++)
                        if (yaml_get(ports->items[k], "hostPort"))
                                (void) kube_fault(pod->make->faults, pod->path,
                                                yaml_get(ports->items[k], "hostPort"), FAULT_CONFLICT,
                                                "there are several replicas, and only one can have a port "
                                                "of the host");
        }
}

static void add_containers(KubePod *pod) {
        const YamlNode *init = yaml_get(pod->spec, "initContainers"),
                       *containers = yaml_get(pod->spec, "containers");

        if (field_count(containers) == 0)
                (void) kube_fault(pod->make->faults, pod->path, pod->spec, FAULT_VALUE,
                                "there is no container in 'containers'");
        for (size_t i = 0; i < field_count(init); i++)
                make_container(pod, init->items[i], true);
        for (size_t i = 0; i < field_count(containers); i++)
                make_container(pod, containers->items[i], false);
}

void make_pod(KubeMake *make, const KubeObject *object, const YamlNode *meta, const YamlNode *spec,
                const char *name) {
        KubePod pod = {
                .make = make,
                .path = object->path,
                .node = object->node,
                .meta = meta,
                .spec = spec,
                .name = name,
                .job = object->kind->kind == KUBE_JOB ? yaml_get(object->node, "spec") : NULL,
        };
        Sheet *sheet = &pod.sheet;

        if (make->error < 0)
                return;
        check_policy(&pod, object);
        check_ports(&pod, object);
        sheet_begin(sheet, make->arena, make->manifest, MANIFEST_POD, name, object->path, object->node,
                        make->faults);
        sheet_set(sheet, "Unit", "PartOf", pod.node, make->manifest->service);
        add_names(&pod);
        add_network(&pod);
        add_ports(&pod);
        add_resolver(&pod);
        add_hosts(&pod);
        add_user_namespace(&pod);
        add_processes(&pod);
        make_resources(sheet, yaml_get(spec, "resources"), "Service");
        /* Its containers first: what they ask the pod for is in their volumes. */
        add_containers(&pod);
        add_empty(&pod);
        make_add(make, sheet);
}
