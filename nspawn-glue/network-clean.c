/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/network-clean.h"

#include <errno.h>

#include "lib/cleanup.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/net/promise.h"

int network_clean(const char *owner, Fault *fault) {
        char *const detach[] = { (char *) SLIPWAY_NET, (char *) "detach", (char *) owner, NULL };
        AUTO(member_done) Member member = {};
        bool has_plugins = net_has(NET_CNI, owner);
        HelperEnd end = {};
        int r;

        r = member_read(owner, &member);
        if (r >= 0 && member.is_pod)
                return 0;
        if ((r == -ENOENT || (r >= 0 && member.n_ports == 0)) && !has_plugins) {
                promise_forget(owner);
                return 0;
        }
        r = helper_run(detach, &end, fault);
        if (r == -EIO)
                return fault_raise(fault, FAULT_SYSTEM, EIO, "cannot take back the network of '%s': %s",
                                owner, end.words);
        return r;
}
