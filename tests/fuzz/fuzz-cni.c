/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What plugins of CNI answer, results and errors, and configurations that name them. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/cni-config.h"
#include "nspawn-glue/net/cni-result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each is a word of a line of resolv.conf. */
static void check_words(char *const *words, size_t max) {
        assert(strv_length(words) <= max);
        for (; words && *words; words++)
                assert(**words && !strpbrk(*words, " \t\r\n#;"));
}

static void check_result(const char *text, size_t size) {
        AUTO(json_decrefp) json_t *document = NULL;
        AUTO(cni_result_done) CniResult result = {};
        Fault fault = {};

        if (cni_result_parse(text, size, "eth0", &result, &document, &fault) < 0) {
                assert(fault_is_raised(&fault) && !document && !result.servers);
                return;
        }
        assert(json_is_object(document) && result.n_prefixes <= ELEMENTS(result.prefixes));
        for (size_t i = 0; i < result.n_prefixes; i++)
                assert(result.prefixes[i].length <= address_bits(&result.prefixes[i].address));
        for (size_t i = 0; i < ELEMENTS(result.gateways); i++)
                assert(!address_is_set(&result.gateways[i]) ||
                                (result.gateways[i].family == AF_INET6) == (i == 1));
        check_words(result.servers, CNI_LIST_MAX);
        check_words(result.searches, CNI_LIST_MAX);
        check_words(result.options, CNI_LIST_MAX);
}

static void check_config(const char *text, size_t size) {
        AUTO(json_decrefp) json_t *list = NULL, *told = json_pack("{s:[]}", "portMappings");
        Fault fault = {};

        if (cni_config_parse(text, size, &list, &fault) < 0) {
                assert(fault_is_raised(&fault) && !list);
                return;
        }
        for (size_t i = 0; i < json_array_size(json_object_get(list, "plugins")); i++) {
                AUTO(json_decrefp) json_t *plugin = NULL;

                assert(cni_config_of_plugin(list, i, told, NULL, &plugin) == 0);
                assert(!strchr(json_string_value(json_object_get(plugin, "type")), '/'));
                assert(json_equal(json_object_get(plugin, "name"), json_object_get(list, "name")));
        }
        (void) cni_config_has(list, "portMappings");
        (void) cni_config_is_of(list, 0, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = malloc(size + 1);
        Fault fault = {};

        memcpy(text, data, size);
        text[size] = '\0';
        check_result(text, size);
        check_config(text, size);
        assert(cni_error_raise("plugin", text, size, "", &fault) == -EIO && fault_is_raised(&fault));
        for (const char *c = fault.text; *c; c++)
                assert((unsigned char) *c >= 0x20 && *c != 0x7f);
        return 0;
}
