/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway verify: whether images in the store still satisfy the policy of trust. */

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/state.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "image/lookup.h"
#include "image/reference.h"
#include "image/trust/trust.h"
#include "lib/report.h"

enum { KEY_IMAGE = OPTION_LONG, KEY_JSON, KEY_RENEW };

/* clang-format off */
static const Option options[] = {
        { KEY_IMAGE, "image", "ID", "with --renew: which image it is, whatever the name leads to" },
        { KEY_JSON,  "json",  NULL, "print JSON" },
        { KEY_RENEW, "renew", NULL, "for the launcher: say nothing but what is wrong" },
};
/* clang-format on */

typedef struct Asked {
        const char *image; /* NULL for the one that the name leads to */
        bool json, quiet;
        json_t *rows;
} Asked;

static int find(Store *store, const Asked *asked, const char *text, Digest *ret_id, char **ret_name,
                Fault *fault) {
        const char *id = asked->image;

        if (!id)
                return image_find(store, text, ret_id, ret_name, fault);
        if (strncmp(id, "sha256:", 7) == 0)
                id += 7;
        if (digest_from_hex(id, ret_id) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.80s' is not the id of an image",
                                asked->image);
        return text ? reference_normalise(text, ret_name, fault) : 0;
}

static int add_row(const Asked *asked, const char *name, const Digest *id, const TrustVerdict *verdict,
                const Fault *fault) {
        json_t *row = json_pack("{s:o*, s:o, s:b, s:o*, s:o*, s:o*}", "name", name ? json_text(name) : NULL,
                        "id", json_sprintf("sha256:%s", id->hex), "trusted", !fault_is_raised(fault), "rule",
                        verdict->rule ? json_text(verdict->rule) : NULL, "key",
                        verdict->key ? json_text(verdict->key) : NULL, "reason",
                        fault_is_raised(fault) ? json_text(fault->text) : NULL);

        return json_array_append_new(asked->rows, row) < 0 ? -ENOMEM : 0;
}

static void print(const char *text, const TrustVerdict *verdict) {
        if (verdict->key)
                printf("%s: signed by %s, as %s wants\n", text, verdict->key, verdict->rule);
        else
                printf("%s: no signature is wanted by %s\n", text, verdict->rule);
}

static int verify_one(Store *store, const TrustPolicy *policy, const Asked *asked, const char *text) {
        autoverdict TrustVerdict verdict = {};
        autofree char *name = NULL;
        Fault fault = {};
        Digest id = {};
        int r = find(store, asked, text, &id, &name, &fault);

        if (r >= 0)
                r = trust_renew(policy, store, &id, name, &verdict, &fault);
        if (r < 0 && !fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot verify '%.200s'", text ?: asked->image);
        if (r < 0)
                report_fault(REPORT_ERROR, &fault);
        if (asked->json && digest_is_set(&id) && add_row(asked, name, &id, &verdict, &fault) < 0)
                return VERB_FAILED;
        if (r >= 0 && !asked->quiet && !asked->json)
                print(name ?: text ?: asked->image, &verdict);
        return r < 0 ? VERB_FAILED : VERB_OK;
}

static int verify_all(const Asked *asked, int n, char **texts) {
        autotrust TrustPolicy *policy = NULL;
        autostore Store store = STORE_CLOSED;
        int status = VERB_OK, r;
        Fault fault = {};

        r = trust_load(NULL, &policy, &fault);
        if (r >= 0)
                r = store_open(state_directory(), &store, &fault);
        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, &fault);
        if (r < 0) {
                if (!fault_is_raised(&fault))
                        (void) fault_wrap(&fault, r, "cannot verify images");
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        if (n == 0)
                return verify_one(&store, policy, asked, NULL);
        for (int i = 0; i < n; i++)
                if (verify_one(&store, policy, asked, texts[i]) != VERB_OK)
                        status = VERB_FAILED;
        return status;
}

int verb_verify(int argc, char **argv) {
        Asked asked = {};
        int key, status;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                switch (key) {
                case KEY_IMAGE:
                        asked.image = optarg;
                        break;
                case KEY_JSON:
                        asked.json = true;
                        break;
                case KEY_RENEW:
                        asked.quiet = true;
                        break;
                default:
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                }
        if (asked.image && (!asked.quiet || argc - optind > 1))
                return options_misused(argv[0], "--image is for --renew, with at most one name");
        if (optind == argc && !asked.image)
                return options_misused(argv[0], "an image is needed");

        asked.rows = asked.json ? json_array() : NULL;
        status = verify_all(&asked, argc - optind, argv + optind);
        if (asked.json && json_print(asked.rows, stdout) < 0)
                status = VERB_FAILED;
        json_decref(asked.rows);
        return status;
}
