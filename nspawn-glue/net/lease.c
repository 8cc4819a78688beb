/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/lease.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"

/* How many free ones are remembered: of names that were made up, none comes back. */
enum { FREE_MAX = 2048 };

typedef struct Lease {
        Address address;
        char owner[65];
        bool is_free;
} Lease;

typedef struct LeaseTable {
        Lease *list; /* the free ones in the order in which they came free */
        size_t n, room;
} LeaseTable;

static void table_done(LeaseTable *table) {
        free(table->list);
}

static Lease *table_add(LeaseTable *table) {
        if (table->n == table->room) {
                size_t room = table->room ? 2 * table->room : 64;
                Lease *grown = reallocarray(table->list, room, sizeof(Lease));

                if (!grown)
                        return NULL;
                table->list = grown;
                table->room = room;
        }
        table->list[table->n] = (Lease){};
        return &table->list[table->n++];
}

static int parse_lines(char *text, LeaseTable *table) {
        char *line;

        while ((line = strsep(&text, "\n"))) {
                char *owner = strchr(line, ' ');
                Lease lease = {};
                Lease *added;

                if (!owner)
                        continue;
                *owner++ = '\0';
                lease.is_free = *owner == '~';
                owner += lease.is_free;
                if (address_parse(line, &lease.address) < 0 || !*owner ||
                                strlen(owner) >= sizeof(lease.owner))
                        continue;
                (void) strcpy(lease.owner, owner);
                added = table_add(table);
                if (!added)
                        return -ENOMEM;
                *added = lease;
        }
        return 0;
}

static int table_read(const char *network, LeaseTable *table) {
        autofd int dir_fd = net_open(NET_LEASES);
        autofree char *text = NULL;
        int r;

        if (dir_fd < 0)
                return dir_fd;
        r = io_read_file(dir_fd, network, NET_FILE_MAX, &text, NULL);
        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : parse_lines(text, table);
}

static int table_write(const char *network, const LeaseTable *table) {
        autofd int dir_fd = net_open(NET_LEASES);
        autofree char *text = NULL;
        char address[ADDRESS_TEXT_MAX];
        size_t size = 0;
        FILE *file;

        if (dir_fd < 0)
                return dir_fd;
        file = open_memstream(&text, &size);
        if (!file)
                return -ENOMEM;
        for (size_t i = 0; i < table->n; i++)
                (void) fprintf(file, "%s %s%s\n", address_format(&table->list[i].address, address),
                                table->list[i].is_free ? "~" : "", table->list[i].owner);
        if (fclose(file) != 0)
                return -ENOMEM;
        return io_replace_file(dir_fd, network, text, size, 0644);
}

static Lease *find_address(const LeaseTable *table, const Address *address) {
        for (size_t i = 0; i < table->n; i++)
                if (address_compare(&table->list[i].address, address) == 0)
                        return &table->list[i];
        return NULL;
}

static bool is_in_range(const Subnet *subnet, const Address *address) {
        return address->family == subnet->first.family && address_compare(address, &subnet->first) >= 0 &&
               address_compare(address, &subnet->last) <= 0;
}

/* A gateway may have become one after the address was given away. */
static bool is_for_members(const Subnet *subnet, const Address *address) {
        return is_in_range(subnet, address) && address_compare(address, &subnet->gateway) != 0;
}

/* What it has, or had last; with a fixed address it may have had more than one. */
static Lease *find_own(const LeaseTable *table, const Subnet *subnet, const char *owner) {
        for (size_t i = 0; i < table->n; i++)
                if (strcmp(table->list[i].owner, owner) == 0 &&
                                is_for_members(subnet, &table->list[i].address))
                        return &table->list[i];
        return NULL;
}

/* The one behind the last that was given away first, so that few addresses are tried; then all of them. */
static int find_unused(const LeaseTable *table, const Subnet *subnet, Address *ret) {
        Address next = subnet->first;

        for (size_t i = 0; i < table->n; i++) {
                const Address *used = &table->list[i].address;

                if (is_in_range(subnet, used) && address_compare(used, &next) >= 0)
                        next = address_after(used, 1);
        }
        for (size_t tries = 0; tries <= table->n + 2; tries++) {
                if (!is_in_range(subnet, &next))
                        next = subnet->first;
                if (address_compare(&next, &subnet->gateway) != 0 && !find_address(table, &next)) {
                        *ret = next;
                        return 0;
                }
                next = address_after(&next, 1);
        }
        return -EADDRNOTAVAIL;
}

/* Who has no record never got what was leased for him. */
static bool is_there(const char *owner) {
        char path[sizeof(NET_MEMBERS) + sizeof(((Lease *) NULL)->owner) + 1];

        (void) snprintf(path, sizeof(path), NET_MEMBERS "/%s", owner);
        return access(path, F_OK) >= 0;
}

static Lease *find_longest_free(const LeaseTable *table, const Subnet *subnet) {
        Lease *orphan = NULL;

        for (size_t i = 0; i < table->n; i++) {
                Lease *lease = &table->list[i];

                if (!is_for_members(subnet, &lease->address))
                        continue;
                if (lease->is_free)
                        return lease;
                if (!orphan && !is_there(lease->owner))
                        orphan = lease;
        }
        return orphan;
}

static int raise_in_use(const Network *network, const Address *wanted, const char *owner, Fault *fault) {
        char text[ADDRESS_TEXT_MAX];

        return fault_raise(fault, FAULT_CONFLICT, EADDRINUSE,
                        "the address %s of network '%s' is '%s''s; give this container another, or none",
                        address_format(wanted, text), network->name, owner);
}

static int check_wanted(const Network *network, const Subnet *subnet, const Address *wanted, Fault *fault) {
        char text[ADDRESS_TEXT_MAX], whole[ADDRESS_TEXT_MAX];
        Address first, last;

        subnet_hosts(&subnet->prefix, &first, &last);
        if (wanted->family != first.family || address_compare(wanted, &first) < 0 ||
                        address_compare(wanted, &last) > 0)
                return fault_raise(fault, FAULT_VALUE, EADDRNOTAVAIL,
                                "the address %s is none for a container of network '%s', which has %s",
                                address_format(wanted, text), network->name,
                                prefix_format(&subnet->prefix, whole));
        if (address_compare(wanted, &subnet->gateway) == 0)
                return fault_raise(fault, FAULT_CONFLICT, EADDRINUSE,
                                "the address %s is that of the gateway of network '%s'",
                                address_format(wanted, text), network->name);
        return 0;
}

static int raise_all_taken(const Network *network, const Subnet *subnet, Fault *fault) {
        char text[ADDRESS_TEXT_MAX];

        return fault_raise(fault, FAULT_CONFLICT, EADDRNOTAVAIL,
                        "all addresses of %s in network '%s' are taken; give the network a larger Subnet= "
                        "or another one",
                        prefix_format(&subnet->prefix, text), network->name);
}

/* Return: the row to take, NULL with *@ret_error set. */
static Lease *choose(const Network *network, const Subnet *subnet, LeaseTable *table, const char *owner,
                const Address *wanted, int *ret_error, Fault *fault) {
        Lease *lease = NULL;
        Address unused;

        *ret_error = -ENOMEM;
        if (wanted) {
                *ret_error = check_wanted(network, subnet, wanted, fault);
                if (*ret_error < 0)
                        return NULL;
                lease = find_address(table, wanted);
                if (lease && !lease->is_free && strcmp(lease->owner, owner) != 0 && is_there(lease->owner)) {
                        *ret_error = raise_in_use(network, wanted, lease->owner, fault);
                        return NULL;
                }
                unused = *wanted;
        } else {
                lease = find_own(table, subnet, owner);
                if (!lease && find_unused(table, subnet, &unused) < 0) {
                        lease = find_longest_free(table, subnet);
                        if (!lease)
                                *ret_error = raise_all_taken(network, subnet, fault);
                        return lease;
                }
        }
        if (lease)
                return lease;
        lease = table_add(table);
        if (lease)
                lease->address = unused;
        return lease;
}

int lease_take(const Network *network, const Subnet *subnet, const char *owner, const Address *wanted,
                Address *ret, Fault *fault) {
        AUTO(table_done) LeaseTable table = {};
        Lease *lease;
        int r;

        r = table_read(network->name, &table);
        if (r < 0)
                return r;
        lease = choose(network, subnet, &table, owner, wanted, &r, fault);
        if (!lease)
                return r;
        lease->is_free = false;
        (void) snprintf(lease->owner, sizeof(lease->owner), "%s", owner);
        *ret = lease->address;
        return table_write(network->name, &table);
}

/* Those that come free now go behind all others. */
static bool release(LeaseTable *table, const char *owner, Lease *freed) {
        size_t kept = 0, n_freed = 0;

        for (size_t i = 0; i < table->n; i++) {
                Lease *lease = &table->list[i];

                if (!lease->is_free && strcmp(lease->owner, owner) == 0) {
                        freed[n_freed] = *lease;
                        freed[n_freed++].is_free = true;
                } else
                        table->list[kept++] = *lease;
        }
        for (size_t i = 0; i < n_freed; i++)
                table->list[kept++] = freed[i];
        return n_freed > 0;
}

/* Those that have been free for longest go first. */
static void forget_old(LeaseTable *table) {
        size_t n_free = 0, kept = 0;

        for (size_t i = 0; i < table->n; i++)
                n_free += table->list[i].is_free;
        for (size_t i = 0; i < table->n; i++)
                if (table->list[i].is_free && n_free > FREE_MAX)
                        n_free--;
                else
                        table->list[kept++] = table->list[i];
        table->n = kept;
}

int lease_release(const char *network, const char *owner) {
        AUTO(table_done) LeaseTable table = {};
        autofree Lease *freed = NULL;
        int r;

        r = table_read(network, &table);
        if (r < 0 || table.n == 0)
                return r;
        freed = calloc(table.n, sizeof(Lease));
        if (!freed)
                return -ENOMEM;
        if (!release(&table, owner, freed))
                return 0;
        forget_old(&table);
        return table_write(network, &table);
}

int lease_visit(const char *network, LeaseVisit *visit, void *data) {
        AUTO(table_done) LeaseTable table = {};
        int r = table_read(network, &table);

        for (size_t i = 0; i < table.n && r == 0; i++)
                r = visit(&table.list[i].address, table.list[i].owner, table.list[i].is_free, data);
        return r;
}
