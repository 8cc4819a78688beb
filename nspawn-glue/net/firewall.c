/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/firewall.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/net/docker-rules.h"
#include "nspawn-glue/net/elements.h"
#include "nspawn-glue/net/foreign-chains.h"
#include "nspawn-glue/net/port-batch.h"
#include "nspawn-glue/net/restore.h"

#define RULES SLIPWAY_POLICY_DIR "/nftables/slipway.nft"
#define NFTABLES_LIBRARY "libnftables.so.1"
#define RULES_MAX (256 * 1024)

/* libnftables, and what it needs in turn, is loaded by those who need it: a start or a stop of a container
 * does not, see port-batch.h. */
typedef struct Nft {
        typeof(nft_ctx_new) *ctx_new;
        typeof(nft_ctx_free) *ctx_free;
        typeof(nft_ctx_buffer_output) *buffer_output;
        typeof(nft_ctx_buffer_error) *buffer_error;
        typeof(nft_ctx_get_error_buffer) *get_error;
        typeof(nft_run_cmd_from_buffer) *run;
} Nft;

static int load_library(Nft *ret, Fault *fault) {
        const struct {
                const char *name;
                void *place;
        } functions[] = {
                { "nft_ctx_new", &ret->ctx_new },
                { "nft_ctx_free", &ret->ctx_free },
                { "nft_ctx_buffer_output", &ret->buffer_output },
                { "nft_ctx_buffer_error", &ret->buffer_error },
                { "nft_ctx_get_error_buffer", &ret->get_error },
                { "nft_run_cmd_from_buffer", &ret->run },
        };
        void *library = dlopen(NFTABLES_LIBRARY, RTLD_NOW | RTLD_LOCAL);

        for (size_t i = 0; library && i < ELEMENTS(functions); i++) {
                void *function = dlsym(library, functions[i].name);

                if (!function)
                        library = NULL;
                memcpy(functions[i].place, &function, sizeof(function));
        }
        return library ? 0
                       : fault_raise(fault, FAULT_MISSING, ENOENT, "cannot load '" NFTABLES_LIBRARY "': %s",
                                         dlerror());
}

/* Of what it prints, the first line is what is wrong; the others point at it. */
static int raise_error(const Nft *nft, struct nft_ctx *context, Fault *fault) {
        const char *text = nft->get_error(context);

        return fault_raise(fault, FAULT_SYSTEM, EIO, "the packet filter does not take the rules: %.*s",
                        (int) strcspn(text ? text : "", "\n"), text ? text : "");
}

static int run(const char *commands, Fault *fault) {
        struct nft_ctx *context;
        Nft nft = {};
        int r;

        r = load_library(&nft, fault);
        if (r < 0)
                return r;
        context = nft.ctx_new(NFT_CTX_DEFAULT);
        if (!context)
                return -ENOMEM;
        if (nft.buffer_output(context) != 0 || nft.buffer_error(context) != 0)
                r = -ENOMEM;
        else if (nft.run(context, commands) != 0)
                r = raise_error(&nft, context, fault);
        nft.ctx_free(context);
        return r;
}

static int add_networks(FILE *to) {
        autostrv char **names = NULL;
        int r;

        r = network_list(&names);
        for (char **name = names; name && *name && r >= 0; name++) {
                AUTO(network_done) Network network = {};

                r = network_read(*name, &network, NULL);
                if (r >= 0)
                        elements_of_network(to, "add", &network);
        }
        return r;
}

static int add_member(const Member *member, void *data) {
        elements_of_member(data, "add", member);
        return 0;
}

/* "46": in which families ports are guarded. A record, so that a change is seen at the next start. */
static void format_guard(const ForeignChains *chains, char ret[static 4]) {
        (void) snprintf(ret, 4, "%s%s", foreign_chains_guard(chains, FOREIGN_IPV4) ? "4" : "",
                        foreign_chains_guard(chains, FOREIGN_IPV6) ? "6" : "");
}

static void read_guard(char ret[static 4]) {
        autofree char *text = NULL;

        /* None is no answer yet. */
        (void) strcpy(ret, "?");
        if (io_read_file(AT_FDCWD, NET_DIR "/guard", 3, &text, NULL) >= 0)
                (void) snprintf(ret, 4, "%s", text);
}

static bool is_guarded_so(const ForeignChains *chains) {
        char recorded[4], wanted[4];

        read_guard(recorded);
        format_guard(chains, wanted);
        return strcmp(recorded, wanted) == 0;
}

static int record_guard(const ForeignChains *chains) {
        autofd int dir_fd = net_open(NET_DIR);
        char text[4];

        if (dir_fd < 0)
                return dir_fd;
        format_guard(chains, text);
        return io_replace_file(dir_fd, "guard", text, strlen(text), 0644);
}

static int add_guards(FILE *to, const ForeignChains *chains) {
        if (foreign_chains_guard(chains, FOREIGN_IPV4))
                (void) fputs("add element inet slipway guarded { ipv4 }\n", to);
        if (foreign_chains_guard(chains, FOREIGN_IPV6))
                (void) fputs("add element inet slipway guarded { ipv6 }\n", to);
        return record_guard(chains);
}

/* A table that is there goes with the same step that makes the new one. */
static int write_table(FILE *to, const ForeignChains *chains) {
        autofree char *rules = NULL;
        int r;

        r = io_read_file(AT_FDCWD, RULES, RULES_MAX, &rules, NULL);
        if (r < 0)
                return r;
        (void) fprintf(to, "add table inet slipway\ndelete table inet slipway\n%s\n", rules);
        r = add_networks(to);
        if (r >= 0)
                r = add_guards(to, chains);
        return r < 0 ? r : member_visit(add_member, to);
}

int firewall_is_needed(void) {
        autostrv char **names = NULL;
        int r = network_list(&names);

        if (r >= 0 && !names)
                r = member_list(&names);
        return r < 0 ? r : names != NULL;
}

static int make_table(const ForeignChains *chains, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        int r;

        if (!file)
                return -ENOMEM;
        r = write_table(file, chains);
        if (fclose(file) != 0 && r >= 0)
                r = -ENOMEM;
        if (r >= 0)
                r = run(text, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot make the table 'inet slipway' of '" RULES "'") : 0;
}

/* Who was started before has nobody to pass connections on: his ports are closed to the outside, not open.
 */
static int tell_closed(const Member *member, void *data) {
        if (member->n_ports > 0 && !member->is_proxied)
                report_note(REPORT_WARNING,
                                "the ports that '%s' publishes are closed to other machines until %s is "
                                "restarted: from now on the machine's input chains decide about them",
                                member->owner, *member->unit ? member->unit : "it");
        return 0;
}

static int make_table_and_tell(const ForeignChains *chains, Fault *fault) {
        char before[4], after[4];
        int r;

        read_guard(before);
        r = make_table(chains, fault);
        if (r < 0)
                return r;
        format_guard(chains, after);
        return strspn(after, before) < strlen(after) ? member_visit(tell_closed, NULL) : 0;
}

static int write_docker_rules(FILE *to, const ForeignChains *chains, bool needed) {
        autostrv char **names = NULL;
        int r = 0;

        docker_rules_remove(to, chains, needed);
        if (!needed)
                return 0;
        docker_rules_begin(to, chains);
        r = network_list(&names);
        for (char **name = names; name && *name && r >= 0; name++) {
                AUTO(network_done) Network network = {};

                r = network_read(*name, &network, NULL);
                if (r >= 0)
                        docker_rules_add(to, chains, &network);
        }
        return r;
}

/* A step of its own: what Docker changes at the same time is no reason for a network to fail. */
static void settle_docker(const ForeignChains *chains, bool needed) {
        autofree char *text = NULL;
        Fault fault = {};
        size_t size;
        FILE *file = open_memstream(&text, &size);
        int r = file ? write_docker_rules(file, chains, needed) : -ENOMEM;

        if (file && fclose(file) != 0 && r >= 0)
                r = -ENOMEM;
        if (r >= 0 && *text)
                r = run(text, &fault);
        if (r >= 0)
                return;
        (void) fault_wrap(&fault, r,
                        "cannot set up the chain SLIPWAY in what Docker has of the packet filter, "
                        "so containers may not reach others");
        report_fault(REPORT_WARNING, &fault);
}

int firewall_rebuild(Fault *fault) {
        ForeignChains chains;
        int needed = firewall_is_needed(), r;

        if (needed < 0)
                return needed;
        r = foreign_chains_read(&chains, fault);
        if (r < 0)
                return r;
        r = needed ? make_table_and_tell(&chains, fault)
                   : run("add table inet slipway\ndelete table inet slipway\n", fault);
        if (r >= 0)
                settle_docker(&chains, needed);
        return r;
}

/* Of more ports than are asked for one by one. */
static int change_text(const char *verb, const Member *member) {
        autofree char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);

        if (!file)
                return -ENOMEM;
        elements_of_member(file, verb, member);
        if (fclose(file) != 0)
                return -ENOMEM;
        return size > 0 ? run(text, NULL) : 0;
}

static int publish(const Member *member) {
        int r = port_batch_add(member);

        return r == -E2BIG ? change_text("add", member) : r;
}

/* Rules cannot lead there, see slipway.nft. */
static bool has_loopback6(const Member *member) {
        for (size_t i = 0; i < member->n_ports; i++)
                if (member->ports[i].address.family == AF_INET6 &&
                                address_is_loopback(&member->ports[i].address))
                        return true;
        return false;
}

static int record_proxied(const Member *member) {
        Member proxied = *member;

        proxied.is_proxied = true;
        return member_write(&proxied);
}

/* What another program has flushed is no reason to fail, nor is a port of somebody who is gone. */
int firewall_publish(const Member *member, bool *ret_proxied, Fault *fault) {
        ForeignChains chains;
        int r;

        *ret_proxied = false;
        if (member->n_ports == 0)
                return 0;
        r = foreign_chains_read(&chains, fault);
        if (r < 0)
                return r;
        *ret_proxied = foreign_chains_guard_any(&chains) || has_loopback6(member);
        if (*ret_proxied)
                r = record_proxied(member);
        if (r < 0)
                return r;
        if (is_guarded_so(&chains) && !docker_rules_are_missing(&chains) && publish(member) >= 0)
                return 0;
        r = restore_sweep();
        return r < 0 ? r : firewall_rebuild(fault);
}

int firewall_withdraw(const Member *member) {
        int r = port_batch_delete(member);

        return r == -E2BIG ? change_text("delete", member) : r;
}
