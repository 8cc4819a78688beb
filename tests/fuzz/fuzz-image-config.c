/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Configs of images: what is refused leaves nothing behind, and says why. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "image/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(image_config_done) ImageConfig config = {};
        Fault fault = {};

        if (image_config_parse((const char *) data, size, &config, &fault) < 0) {
                assert(fault_is_raised(&fault));
                assert(!config.os && !config.diff_ids);
                return 0;
        }

        assert(config.n_diff_ids <= IMAGE_LAYERS_LIMIT);
        for (size_t i = 0; i < config.n_diff_ids; i++)
                assert(digest_is_hex(config.diff_ids[i].hex, DIGEST_HEX));
        for (size_t i = 0; config.env && config.env[i]; i++)
                assert(strchr(config.env[i], '=') > config.env[i]);
        assert(!config.health.test || config.health.test[0]);
        assert(config.health.interval <= INT64_MAX / 1000 && config.health.retries <= INT32_MAX);
        return 0;
}
