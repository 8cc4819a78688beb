/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/io.h"
#include "lib/report.h"
#include "nspawn-glue/launch.h"

/* By PrivateNetwork= or NetworkNamespacePath= of its own: whoever writes that means it. */
static bool unit_has_network(void) {
        struct stat own, init;

        return stat("/proc/self/ns/net", &own) >= 0 && stat("/proc/1/ns/net", &init) >= 0 &&
               (own.st_dev != init.st_dev || own.st_ino != init.st_ino);
}

/* The first port that everybody may bind. */
static long first_open_port(void) {
        autofree char *text = NULL;

        if (io_read_file(AT_FDCWD, "/proc/sys/net/ipv4/ip_unprivileged_port_start", 64, &text, NULL) < 0)
                return 1024;
        return strtol(text, NULL, 10);
}

/* No capability of a user namespace counts in a network that was made outside of it. */
static void warn_of_low_ports(const Launch *launch) {
        char **ports = launch->image.config.exposed_ports;
        long first;

        if (!ports || launch->userns.mode == USERNS_HOST)
                return;
        first = first_open_port();
        for (; *ports; ports++) {
                long port = strtol(*ports, NULL, 10);

                if (port <= 0 || port >= first)
                        continue;
                report_note(REPORT_NOTICE,
                                "port %ld of the host's network is closed to a user namespace of its own: "
                                "set "
                                "UserNS=host, let the app listen above %ld, or lower "
                                "net.ipv4.ip_unprivileged_port_start",
                                port, first - 1);
                return;
        }
}

int launch_choose_network(Launch *launch, Fault *fault) {
        const Options *options = launch->options;

        if (options_network(options) == NETWORK_NAMED || options->pod)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "networks are not built in this launcher yet");
        if (options_network(options) == NETWORK_HOST) {
                warn_of_low_ports(launch);
                return 0;
        }
        launch->own_network = !unit_has_network();
        if (launch->own_network)
                plan_put(&launch->plan, "network", "own");
        return 0;
}
