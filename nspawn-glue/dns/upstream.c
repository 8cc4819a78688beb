/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/dns/upstream.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/socket-address.h"
#include "lib/strv.h"

enum { PORT = 53, FILE_MAX = 64 * 1024 };

static void add(Upstream *upstream, const Address *address, unsigned interface) {
        struct sockaddr_storage *server = &upstream->servers[upstream->n];

        if (upstream->n == SERVERS_MAX)
                return;
        for (size_t i = 0; i < upstream->network->n_subnets; i++)
                if (address_compare(&upstream->network->subnets[i].gateway, address) == 0)
                        return;
        upstream->lengths[upstream->n++] =
                        socket_name(address, upstream->port ? upstream->port : PORT, server);
        if (interface > 0)
                ((struct sockaddr_in6 *) (void *) server)->sin6_scope_id = interface;
}

static bool is_stub(const Address *address) {
        static const uint8_t stubs[][4] = { { 127, 0, 0, 53 }, { 127, 0, 0, 54 } };

        return address->family == AF_INET &&
               (memcmp(address->bytes, stubs[0], sizeof(stubs[0])) == 0 ||
                               memcmp(address->bytes, stubs[1], sizeof(stubs[1])) == 0);
}

/* "nameserver ADDRESS", where an address of a link has "%INTERFACE" behind it. */
static bool take_line(Upstream *upstream, char *line) {
        static const char blanks[] = " \t\r";
        char *state = NULL;
        const char *word = strtok_r(line, blanks, &state);
        char *text, *scope;
        Address address;

        if (!word || strcmp(word, "nameserver") != 0 || !(text = strtok_r(NULL, blanks, &state)))
                return false;
        scope = strchr(text, '%');
        if (scope)
                *scope++ = '\0';
        if (address_parse(text, &address) < 0)
                return false;
        add(upstream, &address, scope && address.family == AF_INET6 ? if_nametoindex(scope) : 0);
        return is_stub(&address);
}

bool upstream_take_text(Upstream *upstream, const char *text) {
        autofree char *copy = strdup(text);
        char *state = NULL;
        bool has_stub = false;

        if (!copy)
                return false;
        for (char *line = strtok_r(copy, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
                has_stub = take_line(upstream, line) || has_stub;
        return has_stub;
}

static bool has_changed(Upstream *upstream) {
        bool changed = false;

        for (size_t i = 0; i < ELEMENTS(upstream->paths); i++) {
                struct stat now = {};

                (void) stat(upstream->paths[i], &now);
                changed = changed || now.st_ino != upstream->seen[i].st_ino ||
                          now.st_size != upstream->seen[i].st_size ||
                          now.st_mtim.tv_sec != upstream->seen[i].st_mtim.tv_sec ||
                          now.st_mtim.tv_nsec != upstream->seen[i].st_mtim.tv_nsec;
                upstream->seen[i] = now;
        }
        return changed;
}

static bool take_file(Upstream *upstream, const char *path) {
        autofree char *text = NULL;

        return io_read_file(AT_FDCWD, path, FILE_MAX, &text, NULL) >= 0 &&
               upstream_take_text(upstream, text);
}

void upstream_refresh(Upstream *upstream) {
        const Network *network = upstream->network;
        Address address;

        if (network->servers ? upstream->n > 0 : !has_changed(upstream))
                return;
        upstream->n = upstream->first = 0;
        for (char *const *server = network->servers; server && *server; server++)
                if (address_parse(*server, &address) >= 0)
                        add(upstream, &address, 0);
        if (network->servers || !take_file(upstream, upstream->paths[0]))
                return;

        /* The stub is what is left where systemd-resolved does not say whom it asks. */
        upstream->n = 0;
        (void) take_file(upstream, upstream->paths[1]);
        if (upstream->n == 0)
                (void) take_file(upstream, upstream->paths[0]);
}
