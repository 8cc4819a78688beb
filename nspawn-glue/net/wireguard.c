/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/wireguard.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/strv.h"
#include "nspawn-glue/net/attach.h"
#include "nspawn-glue/net/program.h"

#define WG "/usr/bin/wg"

static int check_program(Fault *fault) {
        if (access(WG, X_OK) >= 0)
                return 0;
        return fault_raise(fault, FAULT_MISSING, errno,
                        "cannot execute '" WG
                        "', which configures WireGuard: %s; install the package wireguard-tools",
                        strerror(errno));
}

int wireguard_prepare(Network *network, Fault *fault) {
        AUTO(wireguard_config_done) WireguardConfig config = {};
        int r;

        r = check_program(fault);
        if (r >= 0)
                r = wireguard_config_read(network->config, &config, fault);
        if (r < 0)
                return r;
        for (size_t i = 0; i < config.n_addresses; i++)
                network->subnets[i] = (Subnet){
                        .prefix = config.addresses[i],
                        .first = config.addresses[i].address,
                        .last = config.addresses[i].address,
                };
        network->n_subnets = config.n_addresses;
        if (network->mtu == 0)
                network->mtu = config.mtu;
        r = strv_extend(&network->servers, config.servers);
        return r < 0 ? r : strv_extend(&network->searches, config.searches);
}

/* It reads keys from a file of ours that has no name; they are on no command line. */
static int configure(const char *interface, const WireguardConfig *config, Fault *fault) {
        char *environment[] = { (char *) "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                (char *) "WG_COLOR_MODE=never", (char *) "WG_ENDPOINT_RESOLUTION_RETRIES=5", NULL };
        char *arguments[] = { (char *) WG, (char *) "setconf", (char *) interface, (char *) "/dev/stdin",
                NULL };
        const Program program = {
                .title = "wg",
                .arguments = arguments,
                .environment = environment,
                .input = config->text,
                .input_size = strlen(config->text),
                .secrets = config->secrets,
        };
        AUTO(program_end_done) ProgramEnd end = {};
        int r;

        r = program_run(&program, &end, fault);
        if (r >= 0 && end.status != 0)
                return fault_raise(fault, FAULT_SYSTEM, EIO, "wg has failed: %.300s",
                                *end.words ? end.words : "it has not said why");
        return r;
}

/* What is left of an attempt that was killed goes. */
static int add_link(LinkSession *host, const char *name, unsigned mtu) {
        LinkInfo info;
        int r = link_add_plain(host, "wireguard", name, mtu);

        if (r != -EEXIST)
                return r;
        if (link_find(host, name, &info) >= 0)
                (void) link_remove(host, info.index);
        return link_add_plain(host, "wireguard", name, mtu);
}

int wireguard_make(LinkSession *host, const Network *network, const Member *member,
                const Attachment *attachment, int namespace_fd, WireguardConfig *ret, Fault *fault) {
        char name[IFNAMSIZ];
        LinkInfo info;
        int r;

        r = check_program(fault);
        if (r >= 0)
                r = wireguard_config_read(network->config, ret, fault);
        if (r < 0)
                return r;
        attach_host_name(network->name, member->owner, name);
        r = add_link(host, name, network->mtu);
        if (r == -EOPNOTSUPP)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "the kernel has no WireGuard: there is no module 'wireguard'");
        if (r >= 0)
                r = link_find(host, name, &info);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make a link of WireGuard");
        r = FAULT_POINT("attach:configure the link");
        if (r >= 0)
                r = configure(name, ret, fault);
        if (r >= 0)
                r = link_move(host, info.index, namespace_fd, attachment->interface);
        if (r < 0)
                (void) link_remove(host, info.index);
        return r;
}

int wireguard_route(LinkSession *inside, int index, const WireguardConfig *config,
                const Attachment *attachment, uint32_t metric) {
        int r = 0;

        for (size_t i = 0; i < config->n_routes && r >= 0; i++) {
                bool is_default = config->routes[i].length == 0;

                if (!is_default || !attachment->no_default_route)
                        r = link_add_route(inside, index, &config->routes[i], NULL, is_default ? metric : 0);
        }
        return r;
}

void wireguard_forget(const Member *member) {
        AUTO(link_session_closep) LinkSession *host = NULL;

        for (size_t i = 0; i < member->n_attachments; i++) {
                AUTO(network_done) Network network = {};
                char name[IFNAMSIZ];
                LinkInfo info;

                if (network_read(member->attachments[i].network, &network, NULL) < 0 ||
                                network.driver != DRIVER_WIREGUARD)
                        continue;
                attach_host_name(network.name, member->owner, name);
                if ((host || link_session_open(&host, NULL) >= 0) && link_find(host, name, &info) >= 0)
                        (void) link_remove(host, info.index);
        }
}
