/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/firewall.h"

#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/net/elements.h"

#define RULES SLIPWAY_POLICY_DIR "/nftables/slipway.nft"
#define RULES_MAX (256 * 1024)

/* Of what it prints, the first line is what is wrong; the others point at it. */
static int raise_error(struct nft_ctx *context, Fault *fault) {
        const char *text = nft_ctx_get_error_buffer(context);

        return fault_raise(fault, FAULT_SYSTEM, EIO, "the packet filter does not take the rules: %.*s",
                        (int) strcspn(text ? text : "", "\n"), text ? text : "");
}

static int run(const char *commands, Fault *fault) {
        struct nft_ctx *context = nft_ctx_new(NFT_CTX_DEFAULT);
        int r = 0;

        if (!context)
                return -ENOMEM;
        if (nft_ctx_buffer_output(context) != 0 || nft_ctx_buffer_error(context) != 0)
                r = -ENOMEM;
        else if (nft_run_cmd_from_buffer(context, commands) != 0)
                r = raise_error(context, fault);
        nft_ctx_free(context);
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

/* A table that is there goes with the same step that makes the new one. */
static int write_table(FILE *to) {
        autofree char *rules = NULL;
        int r;

        r = io_read_file(AT_FDCWD, RULES, RULES_MAX, &rules, NULL);
        if (r < 0)
                return r;
        (void) fprintf(to, "add table inet slipway\ndelete table inet slipway\n%s\n", rules);
        r = add_networks(to);
        return r < 0 ? r : member_visit(add_member, to);
}

int firewall_rebuild(Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        int r;

        if (!file)
                return -ENOMEM;
        r = write_table(file);
        if (fclose(file) != 0 && r >= 0)
                r = -ENOMEM;
        if (r >= 0)
                r = run(text, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot make the table 'inet slipway' of '" RULES "'") : 0;
}

static int change(const char *verb, const Member *member) {
        autofree char *text = NULL;
        size_t size;
        FILE *file;

        if (member->n_ports == 0)
                return 0;
        file = open_memstream(&text, &size);
        if (!file)
                return -ENOMEM;
        elements_of_member(file, verb, member);
        if (fclose(file) != 0)
                return -ENOMEM;
        return size > 0 ? run(text, NULL) : 0;
}

/* What another program has flushed, or what is there already, is no reason to fail. */
int firewall_publish(const Member *member, Fault *fault) {
        return change("add", member) < 0 ? firewall_rebuild(fault) : 0;
}

int firewall_withdraw(const Member *member) {
        return change("delete", member);
}

int firewall_remove(Fault *fault) {
        return run("add table inet slipway\ndelete table inet slipway\n", fault);
}
