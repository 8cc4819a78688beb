/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/pod.h"

#include <stdlib.h>
#include <string.h>

#include "generator/model/fields.h"
#include "lib/cleanup.h"

#define AT(member) offsetof(Pod, member)

/* What a pod owns. A field that is missing here leaks, which the sanitizer build tells. */
static const size_t texts[] = {
        AT(name),
        AT(service),
        AT(slice),
        AT(exit_policy),
        AT(stop_timeout),
        AT(ip),
        AT(ip6),
        AT(mac),
        AT(hostname),
        AT(userns),
        AT(sub_uid),
        AT(sub_gid),
        AT(remap.users),
        AT(remap.uid_size),
        AT(shm_size),
        AT(share),
};

static const size_t lists[] = {
        AT(network),
        AT(alias),
        AT(publish),
        AT(add_host),
        AT(dns),
        AT(dns_option),
        AT(dns_search),
        AT(needs),
        AT(uid_map),
        AT(gid_map),
        AT(remap.uids),
        AT(remap.gids),
        AT(volume),
        AT(label),
        AT(members),
};

Pod *pod_new(void) {
        return calloc(1, sizeof(Pod));
}

void pod_free(Pod *pod) {
        fields_free(pod, texts, ELEMENTS(texts), lists, ELEMENTS(lists));
}

bool pod_shares_processes(const Pod *pod) {
        return pod->share && strcmp(pod->share, "pid") == 0;
}
