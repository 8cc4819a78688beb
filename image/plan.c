/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/plan.h"

#include <string.h>

#include "image/hash.h"
#include "image/reference.h"
#include "lib/strv.h"

static int check_platform(const Plan *plan, const PlanRequest *request, Fault *fault) {
        const ImageConfig *config = &plan->parsed;
        const Platform *wanted = request->platform;

        /* Images made by hand may not say. */
        if (!config->os || !config->architecture || !*config->os || !*config->architecture)
                return 0;
        if (platform_rank(wanted, config->os, config->architecture, config->variant) >= 0)
                return 0;
        return fault_raise(fault, FAULT_VALUE, ENOEXEC, "the image is for %s and not for %s%s",
                        platform_text(config->os, config->architecture, config->variant).text,
                        platform_text(wanted->os, wanted->architecture, wanted->variant).text,
                        request->platform_is_given ? "" : "; --platform= takes it all the same");
}

/* The layers get the names by which the store knows them. */
static int name_layers(Plan *plan) {
        const Digest *below = NULL;

        plan->n_layers = plan->parsed.n_diff_ids;
        plan->layers = calloc(plan->n_layers + 1, sizeof(PlanLayer));
        if (!plan->layers)
                return -ENOMEM;

        for (size_t i = 0; i < plan->n_layers; i++) {
                PlanLayer *layer = &plan->layers[i];
                int r;

                layer->size = -1;
                layer->diff_id = plan->parsed.diff_ids[i];
                r = hash_chain_id(below, &layer->diff_id, &layer->chain_id);
                if (r < 0)
                        return r;
                below = &layer->chain_id;
        }
        return 0;
}

int plan_take_config(Plan *plan, char *config, size_t size, const Digest *digest, const PlanRequest *request,
                Fault *fault) {
        int r;

        plan->config = config;
        plan->config_size = size;
        r = hash_bytes(config, size, &plan->id);
        if (r < 0)
                return r;
        if (digest && digest_is_set(digest) && !digest_equal(digest, &plan->id))
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "the config has the digest sha256:%s and not sha256:%s", plan->id.hex,
                                digest->hex);

        r = image_config_parse(config, size, &plan->parsed, fault);
        if (r < 0)
                return r;
        r = check_platform(plan, request, fault);
        return r < 0 ? r : name_layers(plan);
}

int plan_add_name(Plan *plan, const char *name, Fault *fault) {
        autofree char *normal = NULL;
        int r = reference_normalise(name, &normal, fault);

        if (r < 0)
                return fault_wrap(fault, r, "the source has a wrong name for the image");
        return strv_find(plan->names, normal) ? 0 : strv_take(&plan->names, TAKE(normal));
}

int plan_add_digest(Plan *plan, const Digest *digest) {
        Digest *grown = reallocarray(plan->digests, plan->n_digests + 1, sizeof(Digest));

        if (!grown)
                return -ENOMEM;
        plan->digests = grown;
        plan->digests[plan->n_digests++] = *digest;
        return 0;
}

int plan_take_top(Plan *plan, const char *text, size_t size) {
        Digest digest;
        int r = hash_bytes(text, size, &digest);

        if (r < 0)
                return r;
        plan->top = malloc(size + 1);
        if (!plan->top)
                return -ENOMEM;
        memcpy(plan->top, text, size);
        plan->top[size] = '\0';
        plan->top_size = size;
        return plan_add_digest(plan, &digest);
}

void import_plan_done(Plan *plan) {
        for (size_t i = 0; i < plan->n_layers && plan->layers; i++)
                free(plan->layers[i].file);
        free(plan->layers);
        free(plan->config);
        free(plan->manifest);
        free(plan->top);
        free(plan->digests);
        strv_free(plan->names);
        image_config_done(&plan->parsed);
        *plan = (Plan){};
}
