/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/docker-rules.h"

#include <inttypes.h>

static const char *const words[_FOREIGN_MAX] = { [FOREIGN_IPV4] = "ip", [FOREIGN_IPV6] = "ip6" };

/* With ufw the policy is the administrator's as well. */
bool docker_rules_are_wanted(const ForeignFamily *family) {
        return family->docker.is_there && family->forward_drops && !family->has_ufw;
}

bool docker_rules_are_missing(const ForeignChains *chains) {
        bool is_missing = false;

        for (int i = 0; i < _FOREIGN_MAX; i++) {
                const DockerChains *docker = &chains->families[i].docker;

                is_missing |= docker_rules_are_wanted(&chains->families[i]) &&
                              !(docker->has_ours && docker->n_jumps > 0);
        }
        return is_missing;
}

static void delete_jumps(FILE *to, const char *word, const DockerChains *docker) {
        for (size_t i = 0; i < docker->n_jumps; i++)
                (void) fprintf(to, "delete rule %s filter FORWARD handle %" PRIu64 "\n", word,
                                docker->jumps[i]);
}

/* Each rule is one that iptables can read; and ours is the last one again. */
void docker_rules_begin(FILE *to, const ForeignChains *chains) {
        for (int i = 0; i < _FOREIGN_MAX; i++) {
                if (!docker_rules_are_wanted(&chains->families[i]))
                        continue;
                (void) fprintf(to, "add chain %s filter SLIPWAY\nflush chain %s filter SLIPWAY\n", words[i],
                                words[i]);
                delete_jumps(to, words[i], &chains->families[i].docker);
                (void) fprintf(to, "add rule %s filter FORWARD counter jump SLIPWAY comment \"slipway\"\n",
                                words[i]);
        }
}

static void put_rule(FILE *to, const char *word, const char *direction, const char *interface,
                const char *verdict) {
        (void) fprintf(to, "add rule %s filter SLIPWAY %s \"%s\" counter %s comment \"slipway\"\n", word,
                        direction, interface, verdict);
}

void docker_rules_add(FILE *to, const ForeignChains *chains, const Network *network) {
        for (int i = 0; i < _FOREIGN_MAX && network->driver == DRIVER_BRIDGE; i++) {
                if (!docker_rules_are_wanted(&chains->families[i]))
                        continue;
                put_rule(to, words[i], "oifname", network->interface, "accept");
                /* What Docker publishes, and what is answered, it has accepted; the rest it keeps from its
                 * own bridges, too. */
                if (chains->families[i].docker.has_isolation)
                        put_rule(to, words[i], "iifname", network->interface,
                                        "jump DOCKER-ISOLATION-STAGE-2");
                put_rule(to, words[i], "iifname", network->interface, "accept");
        }
}

void docker_rules_remove(FILE *to, const ForeignChains *chains, bool wanted) {
        for (int i = 0; i < _FOREIGN_MAX; i++) {
                const DockerChains *docker = &chains->families[i].docker;

                if (!docker->has_ours || (wanted && docker_rules_are_wanted(&chains->families[i])))
                        continue;
                delete_jumps(to, words[i], docker);
                (void) fprintf(to, "flush chain %s filter SLIPWAY\ndelete chain %s filter SLIPWAY\n",
                                words[i], words[i]);
        }
}
