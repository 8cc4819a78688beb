/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Configurations of WireGuard: what is handed on is lines that wg(8) knows, and no fault has a key in it. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/wireguard-config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *line) {
        static const char *const begins[] = { "[Interface]", "[Peer]",
                "PrivateKey = ", "ListenPort = ", "FwMark = ", "PublicKey = ", "PresharedKey = ",
                "AllowedIPs = ", "Endpoint = ", "PersistentKeepalive = " };
        bool is_known = !*line;

        for (size_t i = 0; i < ELEMENTS(begins); i++)
                is_known |= strncmp(line, begins[i], strlen(begins[i])) == 0;
        assert(is_known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(wireguard_config_done) WireguardConfig config = {};
        autofree char *text = malloc(size + 1);
        Fault fault = {};
        char *rest, *line;

        memcpy(text, data, size);
        text[size] = '\0';
        if (wireguard_config_parse(text, "wg.conf", &config, &fault) < 0) {
                assert(fault_is_raised(&fault) && !config.text && !config.secrets);
                return 0;
        }
        assert(config.n_addresses > 0 && config.n_addresses <= ELEMENTS(config.addresses));
        assert(config.secrets && !*fault.path);
        for (size_t i = 0; i < config.n_routes; i++)
                assert(config.routes[i].length <= address_bits(&config.routes[i].address));
        for (rest = config.text; (line = strsep(&rest, "\n"));)
                check_line(line);
        return 0;
}
