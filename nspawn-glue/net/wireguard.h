/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A link of WireGuard as an interface of a container
 *
 * It is made on the machine and moved: its socket stays where it was made, so encrypted packets leave by the
 * machine's network, and the container has no other way out than through the link.
 */

#include "nspawn-glue/net/link.h"
#include "nspawn-glue/net/member.h"
#include "nspawn-glue/net/wireguard-config.h"

/* Reads the configuration, and fills in what is known of the network by that. */
int wireguard_prepare(Network *network, Fault *fault);

/**
 * wireguard_make() - the interface, with keys and peers
 * @host:       speaks to the machine's network, which the caller is in
 * @ret:        the configuration, for wireguard_route()
 */
int wireguard_make(LinkSession *host, const Network *network, const Member *member,
                const Attachment *attachment, int namespace_fd, WireguardConfig *ret, Fault *fault);

/* What the peers can be asked for leads to the interface, when it is up. @metric: of default routes */
int wireguard_route(LinkSession *inside, int index, const WireguardConfig *config,
                const Attachment *attachment, uint32_t metric);

/* A link stands on the machine until it is moved: of who was killed meanwhile it goes. */
void wireguard_forget(const Member *member);
