/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/restore.h"

#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/alive.h"
#include "nspawn-glue/net/cni.h"
#include "nspawn-glue/net/firewall.h"
#include "nspawn-glue/net/lease.h"
#include "nspawn-glue/net/link.h"
#include "nspawn-glue/net/orphans.h"
#include "nspawn-glue/net/promise.h"

static int sweep(const Member *member, void *data) {
        if (!member_is_alive(member))
                promise_forget_locked(member);
        return 0;
}

int restore_sweep(void) {
        return member_visit(sweep, NULL);
}

/* Plugins take their time, and need no lock. */
static int sweep_plugins(void) {
        autostrv char **owners = NULL;
        int r;

        r = net_list(NET_CNI, &owners);
        for (char **owner = owners; owner && *owner && r >= 0; owner++) {
                AUTO(member_done) Member member = {};

                if (member_read(*owner, &member) < 0)
                        (void) snprintf(member.owner, sizeof(member.owner), "%.64s", *owner);
                if (!member_is_alive(&member))
                        (void) cni_remove(*owner);
        }
        return r;
}

/* Only what still says that it is ours: the name may be that of another one by now. */
static void remove_bridge(const Orphan *orphan) {
        AUTO(link_session_closep) LinkSession *session = NULL;
        LinkInfo info;

        if (link_session_open(&session, NULL) >= 0 && link_find(session, orphan->subject, &info) >= 0 &&
                        strcmp(info.kind, "bridge") == 0 &&
                        strncmp(info.alias, NETWORK_ALIAS, strlen(NETWORK_ALIAS)) == 0)
                (void) link_remove(session, info.index);
}

static void remove_lease(const Orphan *orphan) {
        (void) lease_release(orphan->network, orphan->owner);
}

static void remove_file(const Orphan *orphan) {
        (void) unlink(orphan->subject);
}

/* What there was to be asked for has been by now. */
static void remove_plugins(const Orphan *orphan) {
        if (!cni_has(orphan->owner))
                cni_forget(orphan->owner);
}

static int remove_orphan(const Orphan *orphan, void *data) {
        static void (*const actions[_ORPHAN_KIND_MAX])(const Orphan *orphan) = {
                [ORPHAN_LEASE] = remove_lease,
                [ORPHAN_FILE] = remove_file,
                [ORPHAN_PLUGINS] = remove_plugins,
                [ORPHAN_BRIDGE] = remove_bridge,
        };

        actions[orphan->kind](orphan);
        return 0;
}

int restore(Fault *fault) {
        autofd int lock = -1;
        int r;

        if (access(NET_NETWORKS, F_OK) < 0)
                return 0;
        r = sweep_plugins();
        if (r >= 0)
                r = net_lock(&lock, fault);
        if (r >= 0)
                r = restore_sweep();
        if (r >= 0)
                r = orphans_visit(remove_orphan, NULL);
        if (r >= 0)
                r = firewall_is_needed();
        return r <= 0 ? r : firewall_rebuild(fault);
}
