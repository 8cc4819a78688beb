/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the words in which networks, ports and addresses are asked for: one a line, and all lines as the
 * command line of slipway-net. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/port.h"
#include "lib/strv.h"
#include "nspawn-glue/net/pod-options.h"
#include "nspawn-glue/net/request.h"
#include "nspawn-glue/net/up-options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(const char *word) {
        AUTO(network_request_done) NetworkRequest request = {};
        Fault fault = {};

        if (network_request_parse(word, &request, &fault) < 0) {
                assert(fault_is_raised(&fault));
                return;
        }
        assert(network_name_is_valid(request.network) || network_is_cni(request.network));
        assert(!*request.interface || interface_name_is_valid(request.interface));
        assert(!address_is_set(&request.fixed[0]) || request.fixed[0].family == AF_INET);
        assert(!address_is_set(&request.fixed[1]) || request.fixed[1].family == AF_INET6);
        for (char **alias = request.aliases; alias && *alias; alias++)
                assert(alias_is_valid(*alias) && !strpbrk(*alias, " \t\n#"));
}

static void check_address(const char *word) {
        char text[ADDRESS_TEXT_MAX];
        Address address, again;
        Prefix prefix;

        if (address_parse(word, &address) >= 0) {
                assert(address_parse(address_format(&address, text), &again) >= 0);
                assert(address_compare(&address, &again) == 0);
        }
        if (prefix_parse(word, &prefix) >= 0) {
                Prefix whole = prefix_network(&prefix);
                Address first, last = prefix_last(&prefix);

                assert(prefix_contains(&prefix, &whole.address) && prefix_contains(&prefix, &last));
                assert(address_compare(&whole.address, &last) <= 0);
                subnet_hosts(&prefix, &first, &last);
                assert(prefix_contains(&prefix, &first) && prefix_contains(&prefix, &last));
                assert(address_compare(&first, &last) <= 0);
        }
}

static void check_port(const char *word) {
        Port port, again;
        autofree char *text = NULL;

        if (port_parse(word, &port, NULL) < 0)
                return;
        text = port_to_text(&port);
        assert(text && port_parse(text, &again, NULL) >= 0);
        assert(memcmp(&port.host, &again.host, sizeof(port.host)) == 0 &&
                        memcmp(&port.container, &again.container, sizeof(port.container)) == 0 &&
                        strcmp(port.protocol, again.protocol) == 0);
}

static void check_up(char *const *words) {
        AUTO(network_done) Network network = {};

        if (up_options_parse(words, &network, NULL) < 0)
                return;
        assert(network_name_is_valid(network.name));
        assert(!*network.interface || interface_name_is_valid(network.interface));
        for (size_t i = 0; i < network.n_subnets; i++) {
                const Subnet *subnet = &network.subnets[i];

                assert(!address_is_set(&subnet->gateway) ||
                                prefix_contains(&subnet->prefix, &subnet->gateway));
                assert(!address_is_set(&subnet->first) || prefix_contains(&subnet->prefix, &subnet->first));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(pod_options_done) PodOptions pod = {};
        autostrv char **words = NULL;
        autofree char *copy = NULL;
        char *rest, *word;

        if (size > 65536)
                return 0;
        copy = rest = strndup((const char *) data, size);
        while (rest && (word = strsep(&rest, "\n"))) {
                check_request(word);
                check_address(word);
                check_port(word);
                if (strv_append(&words, word) < 0)
                        return 0;
        }
        if (!words)
                return 0;
        check_up(words);
        (void) pod_options_parse(words, &pod, NULL);
        return 0;
}
