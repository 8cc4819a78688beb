/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads records of networks and members. What is taken is written and read as the same again, and puts
 * nothing into the rules but what belongs there. */

#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/net/elements.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_same(json_t *one, json_t *two) {
        assert(one && two && json_equal(one, two));
        json_decref(one);
        json_decref(two);
}

static void check_rules(const Network *network, const Member *member) {
        static const char allowed[] =
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/\" {}\n";
        char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);

        assert(file);
        if (network)
                elements_of_network(file, "add", network);
        if (member)
                elements_of_member(file, "add", member);
        (void) fclose(file);
        assert(strspn(text, allowed) == size);
        for (const char *line = text; *line; line = strchr(line, '\n') + 1)
                assert(strncmp(line, "add element inet slipway ", 25) == 0);
        free(text);
}

static void check_network(const json_t *document) {
        AUTO(network_done) Network one = {}, two = {};
        const char *name = net_string(document, "name");
        json_t *written;

        if (!network_name_is_valid(name) || network_from_json(document, name, &one) < 0)
                return;
        assert(one.n_subnets <= SUBNETS_MAX && one.n_routes <= ROUTES_MAX);
        check_rules(&one, NULL);
        written = network_to_json(&one);
        assert(written && network_from_json(written, name, &two) == 0);
        assert_same(written, network_to_json(&two));
}

static void check_member(const json_t *document) {
        AUTO(member_done) Member one = {}, two = {};
        const char *owner = net_string(document, "owner");
        size_t n = 0;
        json_t *written;

        if (!network_name_is_valid(owner) || member_from_json(document, owner, &one) < 0)
                return;
        for (size_t i = 0; i < one.n_ports; i++) {
                assert(one.ports[i].host + one.ports[i].count <= UINT16_MAX + 1);
                n += one.ports[i].count;
        }
        if (n < 10000)
                check_rules(NULL, &one);
        written = member_to_json(&one);
        assert(written && member_from_json(written, owner, &two) == 0);
        assert_same(written, member_to_json(&two));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        json_t *document;

        if (size > 65536)
                return 0;
        document = json_loadb((const char *) data, size, JSON_REJECT_DUPLICATES, NULL);
        if (json_is_object(document)) {
                check_network(document);
                check_member(document);
        }
        json_decref(document);
        return 0;
}
