/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/network-clean.h"

#include <errno.h>

#include "lib/cleanup.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/net/promise.h"

/* The kernel has something of it that does not go with the namespace. */
static bool is_in_kernel(const Member *member) {
        bool is_there = member->n_ports > 0;

        for (size_t i = 0; i < member->n_attachments && !is_there; i++) {
                AUTO(network_done) Network network = {};

                is_there = network_read(member->attachments[i].network, &network, NULL) >= 0 &&
                           network.driver == DRIVER_WIREGUARD;
        }
        return is_there;
}

int network_clean(const char *owner, Fault *fault) {
        char *const detach[] = { (char *) SLIPWAY_NET, (char *) "detach", (char *) owner, NULL };
        AUTO(member_done) Member member = {};
        bool has_plugins = net_has(NET_CNI, owner);
        int r;

        r = member_read(owner, &member);
        if (r >= 0 && member.is_pod)
                return 0;
        if ((r == -ENOENT || (r >= 0 && !is_in_kernel(&member))) && !has_plugins) {
                promise_forget(owner);
                return 0;
        }
        r = helper_do(detach, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot take back the network of '%s'", owner) : 0;
}
