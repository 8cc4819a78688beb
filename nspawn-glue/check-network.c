/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/check-network.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/net/alive.h"
#include "nspawn-glue/net/orphans.h"
#include "nspawn-glue/network-clean.h"

static int restore(const char *subject, Fault *fault);

/* clang-format off */
static const FindingKind
network_left = { "network-left", FINDING_PROBLEM,
        "is what a container or pod that is not there has of networks",
        "its addresses, names and published ports are nobody's, and others cannot have them",
        "the next start of the container replaces it, and --repair removes it", restore },
network_unreadable = { "network-unreadable", FINDING_PROBLEM,
        "is no record of networks that can be read",
        "nobody can take back what was promised there, or find out whose it is",
        "the next start of the container or network replaces it", NULL },
address_left = { "address-left", FINDING_NOTE,
        "has an address for somebody who is in no network",
        "the process that it was leased for was killed; others get it when there is no other left",
        "the next start of that name takes it, and --repair frees it", restore },
file_left = { "names-left", FINDING_NOTE,
        "is a file of names for nobody, or of a network that is not up",
        "it takes up some room in memory",
        "--repair removes it", restore },
plugins_left = { "plugins-left", FINDING_PROBLEM,
        "is what plugins of CNI have made for a container or pod that is not there",
        "addresses that they have given, and ports, are nobody's, and others cannot have them",
        "the next start of that name gives it back, and so does --repair", restore },
bridge_left = { "bridge-left", FINDING_PROBLEM,
        "is a bridge of a network that is not up",
        "it has addresses and a route, which may be in the way of other networks",
        "--repair removes it; a start of the network uses it again", restore };
/* clang-format on */

/* Looks once more, with the lock, at all of them. What plugins do not take back is still there then. */
static int restore(const char *subject, Fault *fault) {
        char *const argv[] = { (char *) SLIPWAY_NET, (char *) "restore", NULL };
        int r = helper_do(argv, fault);

        if (r < 0)
                return fault_wrap(fault, r, "'slipway-net restore' has failed");
        if (*subject == '/' && strncmp(subject, NET_LEASES, strlen(NET_LEASES)) != 0 &&
                        access(subject, F_OK) >= 0)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "it is still there; the journal has what slipway-net says");
        return 0;
}

static bool is_in_motion(const StateCheck *check, const char *unit) {
        return check->is_in_motion && check->is_in_motion(check->data, unit);
}

static int check_member(
                const StateCheck *check, const char *directory, const char *entry, Findings *findings) {
        AUTO(member_done) Member member = {};
        int r;

        r = member_read(entry, &member);
        if (r < 0)
                return r == -ENOENT ? 0
                                    : findings_add_file(
                                                      findings, &network_unreadable, directory, entry, NULL);
        if (member_is_alive(&member) || is_in_motion(check, member.unit))
                return 0;
        return findings_add_file(findings, &network_left, directory, entry, NULL);
}

static int check_network(
                const StateCheck *check, const char *directory, const char *entry, Findings *findings) {
        AUTO(network_done) Network network = {};
        int r = network_read(entry, &network, NULL);

        return r >= 0 || r == -ENOENT
                               ? 0
                               : findings_add_file(findings, &network_unreadable, directory, entry, NULL);
}

static int check_all(const StateCheck *check, const char *directory,
                int (*look)(const StateCheck *, const char *, const char *, Findings *),
                Findings *findings) {
        autostrv char **names = NULL;
        int r = net_list(directory, &names);

        for (char **name = names; name && *name && r >= 0; name++)
                r = look(check, directory, *name, findings);
        return r;
}

typedef struct Look {
        const StateCheck *check;
        Findings *findings;
} Look;

/* What is being given back is not there to be found. */
static bool is_of_one_in_motion(const StateCheck *check, const Orphan *orphan) {
        AUTO(member_done) Member member = {};

        return orphan->owner && member_read(orphan->owner, &member) >= 0 && is_in_motion(check, member.unit);
}

static int add_orphan(const Orphan *orphan, void *data) {
        static const FindingKind *const kinds[_ORPHAN_KIND_MAX] = {
                [ORPHAN_LEASE] = &address_left,
                [ORPHAN_FILE] = &file_left,
                [ORPHAN_PLUGINS] = &plugins_left,
                [ORPHAN_BRIDGE] = &bridge_left,
        };
        const Look *look = data;

        if (is_of_one_in_motion(look->check, orphan))
                return 0;
        return findings_add(look->findings, kinds[orphan->kind], orphan->subject,
                        orphan->kind == ORPHAN_PLUGINS ? NULL : orphan->owner ?: orphan->network);
}

int network_check(const StateCheck *check, Findings *findings) {
        Look look = { .check = check, .findings = findings };
        int r;

        r = check_all(check, NET_MEMBERS, check_member, findings);
        if (r >= 0)
                r = check_all(check, NET_NETWORKS, check_network, findings);
        return r < 0 ? r : orphans_visit(add_orphan, &look);
}
