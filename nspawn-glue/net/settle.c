/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/settle.h"

#include <errno.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "nspawn-glue/net/firewall.h"
#include "nspawn-glue/net/flows.h"
#include "nspawn-glue/net/hosts.h"
#include "nspawn-glue/net/resolv.h"

static const Address *find_gateway(const Member *member) {
        for (size_t family = 0; family < 2; family++)
                for (size_t i = 0; i < member->n_attachments; i++)
                        if (address_is_set(&member->attachments[i].gateways[family]))
                                return &member->attachments[i].gateways[family];
        return NULL;
}

static const Address *gateway_of(const Attachment *attachment) {
        for (size_t family = 0; family < 2; family++)
                if (address_is_set(&attachment->gateways[family]))
                        return &attachment->gateways[family];
        return NULL;
}

/* The views of its networks, and its own, where it has one. */
static int settle_views(const Member *member) {
        int r = 0;

        for (size_t i = 0; i < member->n_attachments && r >= 0; i++)
                if (network_is_cni(member->attachments[i].network))
                        r = hosts_settle(
                                        member->attachments[i].network, gateway_of(&member->attachments[i]));
        return r < 0 ? r : hosts_settle(member->view, find_gateway(member));
}

static int tell_names(const Member *member) {
        int r = 0;

        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];

                for (size_t k = 0;
                                network_is_cni(attachment->network) && k < attachment->n_prefixes && r >= 0;
                                k++)
                        r = hosts_add(attachment->network, &attachment->prefixes[k].address,
                                        attachment->names, member->owner);
        }
        return r;
}

static int publish(const Member *member, bool *ret_proxied, Fault *fault) {
        int r;

        *ret_proxied = false;
        if (member->n_ports == 0 || member->attachments[0].maps_ports)
                return 0;
        r = firewall_publish(member, ret_proxied, fault);
        if (r >= 0)
                flows_forget(member);
        return r;
}

int settle_member(const Member *member, bool *ret_proxied, Fault *fault) {
        autofd int lock = -1;
        int r;

        r = net_lock(&lock, fault);
        if (r < 0)
                return r;
        /* Who has failed meanwhile has had all taken back, and nobody would take back what comes after. */
        r = net_has(NET_MEMBERS, member->owner) ? FAULT_POINT("attach:settle") : -ENOENT;
        if (r >= 0)
                r = member_write(member);
        if (r >= 0)
                r = tell_names(member);
        if (r >= 0)
                r = settle_views(member);
        if (r >= 0)
                r = resolv_settle(member);
        return r < 0 ? fault_wrap(fault, r, "cannot tell what was given to '%s'", member->owner)
                     : publish(member, ret_proxied, fault);
}
