/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Documents for images that come without: a manifest, and the config of a root file system. */

#include <string.h>

#include "image/doc.h"
#include "image/importer.h"
#include "image/manifest.h"

static json_t *descriptor(const char *media_type, const Digest *digest, int64_t size) {
        char text[DIGEST_HEX + 8];

        (void) snprintf(text, sizeof(text), "sha256:%s", digest->hex);
        return json_pack("{ss ss sI}", "mediaType", media_type, "digest", text, "size", (json_int_t) size);
}

int import_make_manifest(Importer *importer, Fault *fault) {
        Plan *plan = &importer->plan;
        autojson json_t *manifest = NULL;
        json_t *layers = json_array();

        for (size_t i = 0; i < plan->n_layers && layers; i++) {
                const LayerInfo *info = &importer->work[i].info;

                if (json_array_append_new(layers,
                                    descriptor(MEDIA_OCI_LAYER, &info->diff_id, info->archive_size)) < 0)
                        return -ENOMEM;
        }

        manifest = json_pack("{si ss so so}", "schemaVersion", 2, "mediaType", MEDIA_OCI_MANIFEST, "config",
                        descriptor(MEDIA_OCI_CONFIG, &plan->id, (int64_t) plan->config_size), "layers",
                        layers);
        if (!manifest)
                return -ENOMEM;
        plan->manifest = json_dumps(manifest, JSON_COMPACT);
        if (!plan->manifest)
                return -ENOMEM;
        plan->manifest_size = strlen(plan->manifest);
        return 0;
}
