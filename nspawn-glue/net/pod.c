/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/pod.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/state.h"

static const char *const parts[_POD_PART_MAX] = {
        [POD_NET] = "net",
        [POD_IPC] = "ipc",
        [POD_UTS] = "uts",
        [POD_PID] = "pid",
};

const char *pod_part_to_string(PodPart part) {
        return part < _POD_PART_MAX ? parts[part] : NULL;
}

void pod_done(Pod *pod) {
        strv_free(pod->labels);
        strv_free(pod->dns);
        strv_free(pod->dns_options);
        strv_free(pod->dns_searches);
        *pod = (Pod){};
}

static void directory_of(const char *name, char *ret, size_t size) {
        (void) snprintf(ret, size, PODS_DIR "/%s", name);
}

int pod_write(const Pod *pod) {
        char directory[sizeof(PODS_DIR) + sizeof(pod->name) + 1];
        json_t *document;
        int r;

        document = json_pack("{s:s, s:s, s:s, s:b, s:b, s:I, s:o, s:o, s:o, s:o}", "name", pod->name, "unit",
                        pod->unit, "hostname", pod->hostname, "network", pod->has_network, "processes",
                        pod->has_processes, "shm_size", (json_int_t) pod->shm_size, "labels",
                        net_strings_to_json(pod->labels), "dns", net_strings_to_json(pod->dns),
                        "dns_options", net_strings_to_json(pod->dns_options), "dns_searches",
                        net_strings_to_json(pod->dns_searches));
        directory_of(pod->name, directory, sizeof(directory));
        r = document ? net_write(directory, "pod", document) : -ENOMEM;
        json_decref(document);
        return r;
}

static int from_json(const json_t *document, const char *name, Pod *ret) {
        Pod pod = { .has_network = net_flag(document, "network"),
                .has_processes = net_flag(document, "processes"),
                .shm_size = (uint64_t) net_number(document, "shm_size") };
        int r;

        if (strcmp(net_string(document, "name"), name) != 0)
                return -EBADMSG;
        (void) snprintf(pod.name, sizeof(pod.name), "%s", name);
        (void) snprintf(pod.unit, sizeof(pod.unit), "%s", net_string(document, "unit"));
        (void) snprintf(pod.hostname, sizeof(pod.hostname), "%s", net_string(document, "hostname"));
        r = net_strings(document, "labels", &pod.labels);
        if (r >= 0)
                r = net_strings(document, "dns", &pod.dns);
        if (r >= 0)
                r = net_strings(document, "dns_options", &pod.dns_options);
        if (r >= 0)
                r = net_strings(document, "dns_searches", &pod.dns_searches);
        if (r < 0) {
                pod_done(&pod);
                return r;
        }
        *ret = pod;
        return 0;
}

int pod_read_record(const char *name, Pod *ret, Fault *fault) {
        char directory[sizeof(PODS_DIR) + sizeof(ret->name) + 1];
        json_t *document = NULL;
        int r;

        if (!network_name_is_valid(name) || strlen(name) >= sizeof(ret->name))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no name of a pod", name);
        directory_of(name, directory, sizeof(directory));
        r = net_read(directory, "pod", &document);
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "the pod '%s' is not up; it is made by the unit of its .pod manifest", name);
        if (r >= 0)
                r = from_json(document, name, ret);
        json_decref(document);
        return r < 0 ? fault_wrap(fault, r, "cannot read what is known of pod '%s'", name) : 0;
}

int pod_open(const char *name, PodPart part) {
        char path[sizeof(PODS_DIR) + sizeof(((Pod *) NULL)->name) + 8];
        int fd;

        (void) snprintf(path, sizeof(path), PODS_DIR "/%s/%s", name, parts[part]);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int pod_list(char ***ret) {
        return net_list(PODS_DIR, ret);
}
