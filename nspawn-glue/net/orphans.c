/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/orphans.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/net/alive.h"
#include "nspawn-glue/net/hosts.h"
#include "nspawn-glue/net/lease.h"
#include "nspawn-glue/net/member.h"

#define INTERFACES "/sys/class/net"

typedef struct Look {
        OrphanVisit *visit;
        void *data;
        const char *network; /* whose leases are looked at */
} Look;

/* --- leases --- */

static int look_at_lease(const Address *address, const char *owner, bool is_free, void *data) {
        const Look *look = data;
        char subject[PATH_MAX];

        if (is_free || net_has(NET_MEMBERS, owner))
                return 0;
        (void) snprintf(subject, sizeof(subject), NET_LEASES "/%s", look->network);
        return look->visit(&(Orphan){ ORPHAN_LEASE, subject, look->network, owner }, look->data);
}

static int look_at_leases(const Look *look, const char *directory, const char *name) {
        Look here = *look;
        int r;

        here.network = name;
        r = lease_visit(name, look_at_lease, &here);
        return r == -EBADMSG ? 0 : r;
}

/* --- files that are mounted --- */

/* Whether a network that a view shows is down. Those of CNI are never up. */
static bool shows_what_is_down(const char *view) {
        autostrv char **networks = NULL;

        if (hosts_networks(view, &networks) < 0)
                return false;
        for (char **name = networks; name && *name; name++)
                if (!network_is_cni(*name) && network_name_is_valid(*name) && !net_has(NET_NETWORKS, *name))
                        return true;
        return false;
}

static int look_at_view(const Look *look, const char *directory, const char *name) {
        char subject[PATH_MAX];

        if (*name == '~' ? net_has(NET_MEMBERS, name + 1) : !shows_what_is_down(name))
                return 0;
        (void) snprintf(subject, sizeof(subject), "%s/%s", directory, name);
        return look->visit(&(Orphan){ .kind = ORPHAN_FILE, .subject = subject }, look->data);
}

static int look_at_resolv(const Look *look, const char *directory, const char *name) {
        char subject[PATH_MAX];

        if (net_has(NET_MEMBERS, name))
                return 0;
        (void) snprintf(subject, sizeof(subject), "%s/%s", directory, name);
        return look->visit(&(Orphan){ .kind = ORPHAN_FILE, .subject = subject }, look->data);
}

/* --- what plugins have made --- */

static int look_at_plugins(const Look *look, const char *directory, const char *name) {
        AUTO(member_done) Member member = {};
        char subject[PATH_MAX];

        if (!network_name_is_valid(name))
                return 0;
        if (member_read(name, &member) < 0)
                (void) snprintf(member.owner, sizeof(member.owner), "%.64s", name);
        if (member_is_alive(&member))
                return 0;
        (void) snprintf(subject, sizeof(subject), "%s/%s", directory, name);
        return look->visit(
                        &(Orphan){ .kind = ORPHAN_PLUGINS, .subject = subject, .owner = name }, look->data);
}

/* --- bridges --- */

/* Of a record that cannot be read nobody knows which one it has. */
static bool has_bridge(const char *network, const char *interface) {
        AUTO(network_done) Network record = {};
        int r = network_read(network, &record, NULL);

        return r == -ENOENT ? false
                            : r < 0 || (record.driver == DRIVER_BRIDGE &&
                                                       strcmp(record.interface, interface) == 0);
}

static int look_at_interface(const Look *look, const char *directory, const char *name) {
        autofree char *alias = NULL;
        char path[PATH_MAX];
        const char *network;

        (void) snprintf(path, sizeof(path), "%s/%s/bridge", directory, name);
        if (access(path, F_OK) < 0)
                return 0;
        (void) snprintf(path, sizeof(path), "%s/%s/ifalias", directory, name);
        if (io_read_file(AT_FDCWD, path, PATH_MAX, &alias, NULL) < 0 ||
                        strncmp(alias, NETWORK_ALIAS, strlen(NETWORK_ALIAS)) != 0)
                return 0;
        alias[strcspn(alias, "\n")] = '\0';
        network = alias + strlen(NETWORK_ALIAS);
        if (!network_name_is_valid(network) || has_bridge(network, name))
                return 0;
        return look->visit(
                        &(Orphan){ .kind = ORPHAN_BRIDGE, .subject = name, .network = network }, look->data);
}

/* --- all of it --- */

static int look_into(const Look *look, const char *directory,
                int (*at)(const Look *look, const char *directory, const char *name)) {
        autoclosedir DIR *dir = opendir(directory);
        struct dirent *entry;
        int r = 0;

        while (r == 0 && dir && (entry = readdir(dir)))
                if (entry->d_name[0] != '.')
                        r = at(look, directory, entry->d_name);
        return r;
}

int orphans_visit(OrphanVisit *visit, void *data) {
        static const struct {
                const char *directory;
                int (*at)(const Look *look, const char *directory, const char *name);
        } places[] = {
                { NET_LEASES, look_at_leases },
                { NET_HOSTS, look_at_view },
                { NET_RESOLV, look_at_resolv },
                { NET_CNI, look_at_plugins },
                { NET_CNI_NETNS, look_at_plugins },
                { INTERFACES, look_at_interface },
        };
        const Look look = { .visit = visit, .data = data };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(places) && r == 0; i++)
                r = look_into(&look, places[i].directory, places[i].at);
        return r;
}
