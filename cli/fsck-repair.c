/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/fsck-repair.h"

#include <string.h>

#include "cli/pull-client.h"
#include "cli/state.h"
#include "image/aside.h"
#include "image/list.h"
#include "image/lookup.h"
#include "image/origin.h"
#include "image/remove.h"
#include "lib/strv.h"

/* An image that can be had again. */
typedef struct Source {
        char *reference; /* "REGISTRY/PATH@sha256:HEX" */
        char *platform;
} Source;

static void source_done(Source *source) {
        free(source->reference);
        free(source->platform);
        *source = (Source){};
}

/* Return: 1 with a source, 0 when the image did not come from a registry, -errno. */
static int find_source(Store *store, const NameList *names, const Digest *id, Source *ret, Fault *fault) {
        for (size_t i = 0; i < names->n; i++) {
                AUTO(reference_done) Reference reference = {};
                autoorigin Origin origin = {};
                int r;

                if (!digest_equal(&names->items[i].id, id))
                        continue;
                r = origin_read(store, names->items[i].name, id, &origin, fault);
                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return r;
                if (strcmp(origin.transport, "docker") != 0 || !digest_is_set(&origin.top))
                        continue;
                r = reference_parse(names->items[i].name, &reference, fault);
                if (r < 0)
                        return r;
                reference.digest = origin.top;
                r = reference_format(&reference, &ret->reference);
                ret->platform = TAKE(origin.platform);
                return r < 0 ? r : 1;
        }
        return 0;
}

static bool has_layer(Store *store, const Digest *id, const Digest *chain_id) {
        autoimage Image image = {};

        if (image_load(store, id, &image, NULL) < 0)
                return false;
        for (size_t i = 0; i < image.n_layers; i++)
                if (digest_equal(&image.layers[i], chain_id))
                        return true;
        return false;
}

/* Of all images with that layer, or of the one that is wanted, the first that a registry has. */
static int find_any(Store *store, const Digest *chain_id, const Digest *wanted, Source *ret, Fault *fault) {
        AUTO(name_list_done) NameList names = {};
        AUTO(id_list_done) IdList images = {};
        int r;

        if ((r = store_list_names(store, &names, fault)) < 0 ||
                        (r = store_list_images(store, &images, fault)) < 0)
                return r;
        for (size_t i = 0; i < images.n && r == 0; i++)
                if (wanted ? digest_equal(&images.items[i], wanted)
                           : has_layer(store, &images.items[i], chain_id))
                        r = find_source(store, &names, &images.items[i], ret, fault);
        if (r != 0)
                return r;
        return fault_raise(fault, FAULT_MISSING, ENOENT,
                        "no registry is known that it came from; remove the image with 'slipway rmi --force "
                        "ID', and import it again");
}

static bool is_named(Store *store, const char *name) {
        Digest id;

        return image_find(store, name, &id, NULL, NULL) >= 0;
}

/* The name with the digest is only for this, unless it was there before. */
static int pull(Store *store, const Source *source, bool was_named, Fault *fault) {
        AUTO(removal_done) Removal removal = {};
        autofree char *name = NULL;
        PullOptions options = { .policy = PULL_ALWAYS };
        PullClient client;
        Digest id;
        int r;

        platform_of_machine(&options.platform);
        options.platform_is_given = source->platform != NULL;
        if (source->platform && (r = platform_parse(source->platform, &options.platform, fault)) < 0)
                return r;
        r = pull_client_open(&client, &options, fault);
        if (r < 0)
                return r;
        r = pull_client_pull(&client, source->reference, &name, &id, fault);
        pull_client_close(&client);
        if (r >= 0 && !was_named)
                (void) image_remove(store, source->reference, false, &removal, NULL);
        return r < 0 ? r : 0;
}

static int repair(const Digest *chain_id, const Digest *image, Fault *fault) {
        AUTO(source_done) Source source = {};
        autostore Store store = STORE_CLOSED;
        bool was_named;
        int r;

        if ((r = store_create(state_directory(), &store, fault)) < 0 ||
                        (r = store_lock(&store, STORE_EXCLUSIVE, fault)) < 0 ||
                        (r = find_any(&store, chain_id, image, &source, fault)) < 0)
                return r;
        was_named = is_named(&store, source.reference);
        r = chain_id ? layer_mark(&store, chain_id) : 0;
        store_unlock(&store);
        if (r < 0)
                return store_failed(&store, r, "mark the layer", fault);
        return pull(&store, &source, was_named, fault);
}

static int last_digest(const char *path, Digest *ret) {
        const char *slash = strrchr(path, '/');

        return digest_from_hex(slash ? slash + 1 : path, ret);
}

int fsck_repair_layer(const char *path, Fault *fault) {
        Digest chain_id;
        int r = last_digest(path, &chain_id);

        return r < 0 ? r : repair(&chain_id, NULL, fault);
}

int fsck_repair_image(const char *path, Fault *fault) {
        Digest id;
        int r = last_digest(path, &id);

        return r < 0 ? r : repair(NULL, &id, fault);
}
