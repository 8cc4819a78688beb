/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>

#include "lib/io.h"
#include "nspawn-glue/launch.h"

/* Those that each container has its own of, as docker-run(1) has them. Init sets them in its namespaces. */
static bool is_of_container(const char *key, size_t n) {
        static const char *const keys[] = {
                "kernel.domainname",
                "kernel.msgmax",
                "kernel.msgmnb",
                "kernel.msgmni",
                "kernel.sem",
                "kernel.shmall",
                "kernel.shmmax",
                "kernel.shmmni",
                "kernel.shm_rmid_forced",
        };

        if (n > 10 && strncmp(key, "fs.mqueue.", 10) == 0)
                return true;
        for (size_t i = 0; i < ELEMENTS(keys); i++)
                if (strlen(keys[i]) == n && strncmp(key, keys[i], n) == 0)
                        return true;
        return false;
}

/* Where the network namespace is the unit's, so are its settings: we are in it, and init may not change it.
 */
static int write_net(const char *key, size_t n, const char *value, Fault *fault) {
        char path[256] = "/proc/sys/";
        autofd int fd = -1;
        int r;

        if (n + 11 > sizeof(path))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "no such sysctl: '%.*s'", (int) n, key);
        memcpy(path + 10, key, n);
        path[10 + n] = '\0';
        if (!memchr(key, '/', n))
                for (char *c = path + 10; *c; c++)
                        if (*c == '.')
                                *c = '/';

        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        r = fd < 0 ? -errno : io_write_all(fd, value, strlen(value));
        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot set sysctl '%.*s' to '%s': %s", (int) n, key, value, strerror(-r));
        return 0;
}

static int write_sysctl(Launch *launch, const char *text, Fault *fault) {
        const char *equals = strchr(text, '=');
        size_t n = equals ? (size_t) (equals - text) : 0;

        if (n == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no sysctl: it is KEY=VALUE", text);
        if (memmem(text, n, "..", 2))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "no such sysctl: '%.*s'", (int) n, text);
        if (strncmp(text, "net.", 4) == 0 || strncmp(text, "net/", 4) == 0) {
                if (options_network(launch->options) == NETWORK_HOST)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "sysctl '%s' would change the host's network", text);
                if (!launch->own_network)
                        return write_net(text, n, equals + 1, fault);
        } else if (!is_of_container(text, n))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "sysctl '%s' would change the host: containers have none of their own",
                                text);
        plan_put(&launch->plan, "sysctl", text);
        return 0;
}

/* Low ports are open to all in a network of one's own, as Docker has it, and the container's root may ping.
 */
static void write_defaults(Launch *launch) {
        uint32_t group = launch->userns.mode == USERNS_HOST ? 0 : launch->userns.base;
        char range[32];

        if (launch->own_network) {
                plan_put(&launch->plan, "sysctl", "net.ipv4.ip_unprivileged_port_start=0");
                plan_put(&launch->plan, "sysctl", "net.ipv4.ping_group_range=0 0");
                return;
        }
        (void) snprintf(range, sizeof(range), "%u %u", group, group);
        (void) write_net("net.ipv4.ip_unprivileged_port_start", 35, "0", NULL);
        (void) write_net("net.ipv4.ping_group_range", 25, range, NULL);
}

int launch_write_sysctls(Launch *launch, Fault *fault) {
        char **sysctls = launch->options->sysctls;
        int r = 0;

        if (options_network(launch->options) != NETWORK_HOST)
                write_defaults(launch);
        for (; sysctls && *sysctls && r >= 0; sysctls++)
                r = write_sysctl(launch, *sysctls, fault);
        return r;
}
