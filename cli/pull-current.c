/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pull-current.h"

#include <string.h>

#include "cli/state.h"
#include "image/aside.h"
#include "image/lookup.h"
#include "image/origin.h"
#include "image/trust/check.h"

/* Whether all of it is there, and not only its name, and it is for the platform. */
static bool is_whole(Store *store, const Digest *id, const Platform *platform) {
        autoimage Image image = {};
        const ImageConfig *config = &image.config;
        Fault fault = {};

        if (image_load(store, id, &image, &fault) < 0)
                return false;
        for (size_t i = 0; i < image.n_layers; i++)
                if (access(image.paths[i], F_OK) < 0 || layer_is_marked(store, &image.layers[i]))
                        return false;
        return !config->os || !config->architecture ||
               platform_rank(platform, config->os, config->architecture, config->variant) >= 0;
}

/* A name with tag and digest is two names, of which the digest decides. */
static bool tag_agrees(Store *store, const RegistryPlan *plan, const Digest *id) {
        Reference reference = plan->reference;
        autofree char *name = NULL;
        Fault fault = {};
        Digest other;

        if (!reference.tag || !digest_is_set(&reference.digest))
                return true;
        reference.digest = (Digest){};
        return reference_format(&reference, &name) >= 0 &&
               image_find(store, name, &other, NULL, &fault) >= 0 && digest_equal(id, &other);
}

static bool is_for(const Origin *origin, const Platform *platform) {
        PlatformText text = platform_text(platform->os, platform->architecture, platform->variant);

        return !origin->platform || strcmp(origin->platform, text.text) == 0;
}

/*
 * An image without an origin was imported, and one whose origin cannot be read will get a new one: nobody
 * knows what the registry had.
 */
static void read_origin(
                Store *store, const RegistryPlan *plan, const Platform *platform, PullCurrent *current) {
        autoorigin Origin origin = {};
        Fault fault = {};

        if (origin_read(store, plan->name, &current->id, &origin, &fault) < 0)
                return;
        if (!is_for(&origin, platform))
                current->is_here = false;
        else if (digest_is_set(&origin.top)) {
                current->top = origin.top;
                current->top_is_known = true;
        }
}

int pull_current_read(const RegistryPlan *plan, const Platform *platform, PullCurrent *ret, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        PullCurrent current = {};
        Fault distrust = {};
        int r = store_open(state_directory(), &store, fault);

        *ret = current;
        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, fault);
        if (r == -ENOENT) {
                fault_clear(fault);
                return 0;
        }
        if (r < 0)
                return r;
        r = image_find(&store, plan->name, &current.id, NULL, fault);
        if (r == -ENOENT) {
                fault_clear(fault);
                return 0;
        }
        if (r < 0)
                return r;
        if (is_whole(&store, &current.id, platform) && tag_agrees(&store, plan, &current.id)) {
                current.is_here = true;
                read_origin(&store, plan, platform, &current);
                current.is_trusted = trust_check(&store, &current.id, plan->name, &distrust) == 0;
        }
        *ret = current;
        return 0;
}
