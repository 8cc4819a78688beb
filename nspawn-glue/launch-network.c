/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/io.h"
#include "lib/listening.h"
#include "lib/own-unit.h"
#include "lib/report.h"
#include "nspawn-glue/files.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/net/handshake.h"
#include "nspawn-glue/net/promise.h"
#include "nspawn-glue/network-clean.h"
#include "nspawn-glue/running.h"

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
                                "set UserNS=host, let the app listen above %ld, or lower "
                                "net.ipv4.ip_unprivileged_port_start",
                                port, first - 1);
                return;
        }
}

static int set_namespace(int fd, int type, const char *what, Fault *fault) {
        return setns(fd, type) < 0 ? fault_wrap(fault, -errno, "cannot enter %s", what) : 0;
}

/* systemd-nspawn, and all that comes of it, is where we are. */
static int join_path(const char *path, Fault *fault) {
        autofd int fd = -1;

        if (*path != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the network namespace '%s' is no absolute path", path);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return fault_raise(fault, errno == ENOENT ? FAULT_MISSING : FAULT_SYSTEM, errno,
                                "cannot open the network namespace '%s': %s", path, strerror(errno));
        return set_namespace(fd, CLONE_NEWNET, path, fault);
}

static int join_container(const char *name, Fault *fault) {
        AUTO(running_close) Running other = RUNNING_CLOSED;
        int r = running_open(name, &other, fault);

        if (r < 0)
                return fault_wrap(fault, r, "cannot join the network of container '%s'", name);
        return set_namespace(other.init_fd, CLONE_NEWNET, "the network of that container", fault);
}

/* In place of networks of its own: somebody else's. */
static const struct {
        const char *prefix;
        int (*join)(const char *text, Fault *fault);
} joins[] = {
        { "ns:", join_path },
        { "container:", join_container },
};

/* The sockets of published ports come first, where slipway-proxy takes them, if it becomes that. */
static int place_sockets(int fd, const Reservation *reservation, int *ret_server) {
        size_t n = reservation->n;
        autofree int *fds = calloc(n + 1, sizeof(int));
        int r;

        if (!fds)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                fds[i] = reservation->fds[i];
        fds[n] = fd;
        r = listening_place(fds, n + 1);
        *ret_server = LISTENING_FIRST + (int) n;
        return r;
}

static void become_server(int fd, const Reservation *reservation, const char *name) {
        char number[16];
        int server, r;

        r = place_sockets(fd, reservation, &server);
        if (r >= 0) {
                (void) close_range((unsigned) server + 1, ~0U, 0);
                (void) snprintf(number, sizeof(number), "%d", server);
                (void) execl(SLIPWAY_NET, SLIPWAY_NET, "attach", name, number, (char *) NULL);
                r = -errno;
        }
        report_note(REPORT_ERROR, "cannot execute '" SLIPWAY_NET "': %s", strerror(-r));
        _exit(EXIT_FAILURE);
}

/* The service manager's child, as the watcher. It does what it can while the rest is being prepared. */
static int start_server(Launch *launch, const Reservation *reservation, Fault *fault) {
        autofd int server = -1;
        int own, r;
        pid_t pid;

        if (access(SLIPWAY_NET, X_OK) < 0)
                return fault_raise(fault, FAULT_MISSING, errno, "cannot execute '" SLIPWAY_NET "': %s",
                                strerror(errno));
        r = handshake_open(&server, &own);
        if (r < 0)
                return r;
        pid = fork();
        if (pid == 0) {
                (void) close(own);
                pid = fork();
                if (pid == 0)
                        become_server(server, reservation, launch->options->name);
                _exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        if (pid < 0) {
                r = -errno;
                (void) close(own);
                return r;
        }
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        r = launch_pass(launch, own);
        if (r >= 0)
                plan_putf(&launch->plan, "networks", "%d", r);
        return r < 0 ? r : 0;
}

static int host_lines(const Launch *launch, char **ret, Fault *fault) {
        const Options *options = launch->options;
        char text[ADDRESS_TEXT_MAX] = "";
        Address gateway = {};

        if (promise_gateway(options->networks, &gateway, NULL) >= 0)
                (void) address_format(&gateway, text);
        return files_host_entries(options->hosts, text, ret, fault);
}

static int join_networks(Launch *launch, Fault *fault) {
        const Options *options = launch->options;
        AUTO(reservation_done) Reservation reservation = {};
        autofree char *lines = NULL;
        PromiseRequest request = {
                .owner = options->name,
                .hostname = launch->hostname,
                .networks = options->networks,
                .aliases = options->aliases,
                .ip = options->ip,
                .ip6 = options->ip6,
                .publish = options->publish,
        };
        OwnUnit unit = {};
        int r;

        (void) own_unit(&unit);
        r = host_lines(launch, &lines, fault);
        if (r < 0)
                return r;
        /* What is left of an earlier life may have ports that this one does not publish. */
        (void) network_clean(options->name, NULL);
        request.unit = unit.name;
        request.hosts = lines;
        r = promise_make(&request, &launch->member, &reservation, fault);
        if (r >= 0)
                r = start_server(launch, &reservation, fault);
        while (reservation.n > 0 && r >= 0)
                r = launch_hold(launch, reservation.fds[--reservation.n]);
        launch->own_network = true;
        return r;
}

int launch_choose_network(Launch *launch, Fault *fault) {
        const Options *options = launch->options;
        const char *first = options->networks ? options->networks[0] : "";

        /* Its unit is in the pod's already. */
        if (options->pod)
                return 0;
        if (options_network(options) == NETWORK_HOST) {
                warn_of_low_ports(launch);
                return 0;
        }
        for (size_t i = 0; i < ELEMENTS(joins); i++)
                if (strncmp(first, joins[i].prefix, strlen(joins[i].prefix)) == 0)
                        return joins[i].join(first + strlen(joins[i].prefix), fault);
        if (unit_has_network())
                return 0;
        if (options_network(options) == NETWORK_NAMED)
                return join_networks(launch, fault);
        launch->own_network = true;
        plan_put(&launch->plan, "network", "own");
        return 0;
}

void launch_leave_network(Launch *launch) {
        if (launch->member.n_attachments > 0 && !launch->options->pod)
                (void) network_clean(launch->options->name, NULL);
        member_done(&launch->member);
}
