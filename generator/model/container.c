/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/container.h"

#include <stdlib.h>
#include <string.h>

#include "generator/model/fields.h"
#include "lib/cleanup.h"

#define AT(member) offsetof(Container, member)

/* What a container owns. A field that is missing here leaks, which the sanitizer build tells. */
static const size_t texts[] = {
        AT(name),
        AT(service),
        AT(image),
        AT(image_service),
        AT(rootfs),
        AT(pull),
        AT(retry),
        AT(retry_delay),
        AT(auto_update),
        AT(user),
        AT(group),
        AT(working_dir),
        AT(timezone),
        AT(stop_signal),
        AT(stop_timeout),
        AT(reload_signal),
        AT(notify),
        AT(ip),
        AT(ip6),
        AT(mac),
        AT(hostname),
        AT(userns),
        AT(sub_uid),
        AT(sub_gid),
        AT(remap.users),
        AT(remap.uid_size),
        AT(seccomp),
        AT(apparmor),
        AT(label_type),
        AT(label_file_type),
        AT(label_level),
        AT(shm_size),
        AT(oom_score),
        AT(log_driver),
        AT(log_identifier),
        AT(activation),
        AT(idle),
        AT(verity),
        AT(console),
        AT(slice),
        AT(pod),
        AT(cgroups),
        AT(health.command),
        AT(health.interval),
        AT(health.timeout),
        AT(health.start_period),
        AT(health.start_interval),
        AT(health.retries),
        AT(health.on_failure),
        AT(health.log_destination),
        AT(health.max_log_count),
        AT(health.max_log_size),
        AT(health.startup_command),
        AT(health.startup_interval),
        AT(health.startup_timeout),
        AT(health.startup_retries),
        AT(health.startup_success),
};

static const size_t lists[] = {
        AT(entrypoint),
        AT(command),
        AT(environment),
        AT(environment_file),
        AT(group_add),
        AT(reload_command),
        AT(network),
        AT(alias),
        AT(publish),
        AT(expose),
        AT(add_host),
        AT(dns),
        AT(dns_option),
        AT(dns_search),
        AT(needs),
        AT(bound),
        AT(uid_map),
        AT(gid_map),
        AT(remap.uids),
        AT(remap.gids),
        AT(cap_add),
        AT(cap_drop),
        AT(mask),
        AT(unmask),
        AT(sysctl),
        AT(ulimit),
        AT(volume),
        AT(mount),
        AT(tmpfs),
        AT(device),
        AT(secret),
        AT(yaml_secret),
        AT(log_opt),
        AT(label),
        AT(annotation),
};

Container *container_new(void) {
        return calloc(1, sizeof(Container));
}

void container_free(Container *container) {
        fields_free(container, texts, ELEMENTS(texts), lists, ELEMENTS(lists));
}

/* A person at a terminal is not a log. */
const char *container_console(const Container *container) {
        if (!container->console && container->terminal == CHOICE_YES)
                return "terminal";
        if (!container->console && container->interactive == CHOICE_YES)
                return "interactive";
        /* What is not logged can be elsewhere all the same. */
        if (container->console && strcmp(container->console, "direct") == 0)
                return container->console;
        if (container->log_driver && strcmp(container->log_driver, "none") == 0)
                return "null";
        return container->console;
}
