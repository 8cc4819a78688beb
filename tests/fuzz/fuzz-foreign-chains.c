/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages of the kernel's about chains and rules, one after the other: what is written for Docker names
 * nothing but what was checked. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/net/docker-rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(ForeignChains *chains, struct nlmsghdr *header) {
        ChainMessage chain;
        RuleMessage rule;

        if (chain_message_read(header, &chain) >= 0) {
                assert(strlen(chain.table) < sizeof(chain.table) && strlen(chain.name) < sizeof(chain.name));
                foreign_chains_take_chain(chains, &chain);
        }
        if (rule_message_read(header, &rule) >= 0) {
                assert(rule.end < _RULE_END_MAX && (!*rule.target || rule.end == RULE_JUMPS || *rule.chain));
                foreign_chains_take_rule(chains, &rule);
        }
}

/* Each with its own memory: what is read beyond its end is seen. */
static void take_all(ForeignChains *chains, const uint8_t *data, size_t size) {
        while (size >= sizeof(struct nlmsghdr)) {
                struct nlmsghdr header, *message;
                size_t n;

                memcpy(&header, data, sizeof(header));
                n = header.nlmsg_len < sizeof(header) ? sizeof(header) : header.nlmsg_len;
                if (n > size)
                        n = size;
                message = malloc(n);
                memcpy(message, data, n);
                message->nlmsg_len = (uint32_t) n;
                take(chains, message);
                free(message);
                n = n + 3 < size ? (n + 3) & ~(size_t) 3 : size;
                data += n;
                size -= n;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Network network = { .driver = DRIVER_BRIDGE, .interface = "sw-test" };
        ForeignChains chains = {};
        autofree char *text = NULL;
        size_t n;
        FILE *file;

        take_all(&chains, data, size);
        foreign_chains_conclude(&chains);
        for (int i = 0; i < _FOREIGN_MAX; i++) {
                const ForeignFamily *one = &chains.families[i];

                assert(one->docker.n_jumps <= DOCKER_JUMPS_MAX);
                assert(!one->opens_ports || one->filters_input);
                assert(!foreign_chains_guard(&chains, i) || one->filters_input);
        }
        file = open_memstream(&text, &n);
        assert(file);
        docker_rules_remove(file, &chains, true);
        docker_rules_begin(file, &chains);
        docker_rules_add(file, &chains, &network);
        (void) fclose(file);
        assert(n == 0 || strstr(text, " filter "));
        return 0;
}
