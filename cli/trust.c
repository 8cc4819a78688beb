/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway trust: the keys that images have to be signed by. */

#include "image/trust/trust.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/trust-keys.h"
#include "cli/trust-show.h"
#include "cli/verbs.h"
#include "image/trust/places.h"
#include "lib/report.h"

enum { KEY_PREFIX = LISTING_KEYS_END, KEY_ROOT, KEY_SKIP, KEYS_END };

/* clang-format off */
static const Option options[] = {
        { KEY_PREFIX, "prefix",                  "NAME", "add, rm: for images whose whole names begin so" },
        { KEY_ROOT,   "root",                    NULL,   "add, rm: for all images" },
        { KEY_SKIP,   "skip-fingerprint-review", NULL,   "add: do not ask" },
        { 'q',        "quiet",                   NULL,   "list: print fingerprints only" },
        LISTING_OPTIONS,
};
/* clang-format on */

typedef struct Asked {
        const char *verb;
        ListingStyle style;
        bool is_listing;    /* there is an option that says how to list */
        const char *prefix; /* empty for --root, NULL when it was not said */
        bool is_root, skip_review;
        char **arguments;
        int n;
} Asked;

static int fail(Fault *fault, int r, const char *what) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot %s", what);
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

static int check_prefix(const Asked *asked, Fault *fault) {
        const char *prefix = asked->prefix;

        if (asked->is_root || key_prefix_is_valid(prefix))
                return 0;
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "'%.200s' is not what whole names of images begin with, such as docker.io/library "
                        "or "
                        "registry.example.com:5000; see slipway-policy(5)",
                        prefix);
}

static int install(const TrustKeys *keys, const char *prefix, Fault *fault) {
        int r = 0;

        for (size_t i = 0; i < keys->n && r >= 0; i++) {
                r = trust_key_install(&keys->items[i], prefix, fault);
                if (r >= 0)
                        printf("trusted %s for %s\n", keys->items[i].fingerprint,
                                        *prefix ? prefix : "all images");
        }
        return r;
}

static int add(const Asked *asked) {
        autotrustkeys TrustKeys keys = {};
        Fault fault = {};
        int r = 0;

        if (!asked->prefix)
                return options_misused(asked->verb, "add needs --prefix=NAME, or --root");
        if (asked->n < 1)
                return options_misused(asked->verb, "add takes files with keys, or '-'");
        r = check_prefix(asked, &fault);
        for (int i = 0; i < asked->n && r >= 0; i++)
                r = trust_keys_read(asked->arguments[i], &keys, &fault);
        if (r >= 0 && !asked->skip_review)
                r = trust_keys_review(&keys, asked->prefix, &fault);
        if (r >= 0)
                r = install(&keys, asked->prefix, &fault);
        return r < 0 ? fail(&fault, r, "add the key") : VERB_OK;
}

/* Who has taken away the last key may not expect that anything goes now. */
static void tell_of_last(const char *prefix) {
        autokeys KeyFiles files = {};

        if (key_files_load(NULL, &files, NULL) >= 0 && !key_files_have(&files, prefix))
                report_note(REPORT_NOTICE,
                                "%s has no key any more; what is less specific decides now, see slipway "
                                "trust show IMAGE",
                                *prefix ? prefix : "root.d");
}

static int rm(const Asked *asked) {
        int status = VERB_OK;

        if (asked->n < 1)
                return options_misused(asked->verb, "rm takes fingerprints");
        for (int i = 0; i < asked->n; i++) {
                autofree char *path = NULL, *prefix = NULL;
                bool is_mask = false;
                Fault fault = {};
                int r = trust_key_remove(
                                asked->prefix, asked->arguments[i], &path, &is_mask, &prefix, &fault);

                if (r < 0) {
                        status = fail(&fault, r, "remove the key");
                        continue;
                }
                printf("%s %s\n", is_mask ? "masked by" : "removed", path);
                tell_of_last(prefix);
        }
        return status;
}

static int list(const Asked *asked) {
        ListingStyle style = asked->style;
        Fault fault = {};
        int r;

        if (asked->n > 0)
                return options_misused(asked->verb, "list takes no arguments");
        if (style.quiet && !style.format && !style.json) {
                style.format = "{{.Fingerprint}}";
                style.quiet = false;
        }
        r = trust_list(&style, &fault);
        return r < 0 ? fail(&fault, r, "list the keys") : VERB_OK;
}

static int show(const Asked *asked) {
        int status = VERB_OK;

        if (asked->n < 1)
                return options_misused(asked->verb, "show takes names of images");
        for (int i = 0; i < asked->n; i++) {
                Fault fault = {};
                int r = trust_show(asked->arguments[i], asked->style.json, &fault);

                if (r < 0)
                        status = fail(&fault, r, "show the rule");
        }
        return status;
}

static const struct {
        const char *name;
        int (*run)(const Asked *asked);
        bool has_prefix, has_review, has_listing; /* which options it takes */
} actions[] = {
        { "add", add, true, true, false },
        { "list", list, false, false, true },
        { "rm", rm, true, false, false },
        { "show", show, false, false, true },
};

static int act(const Asked *asked, const char *name) {
        for (size_t i = 0; i < ELEMENTS(actions); i++) {
                if (strcmp(actions[i].name, name) != 0)
                        continue;
                if (asked->prefix && !actions[i].has_prefix)
                        return options_misused(asked->verb, "%s has no option --prefix or --root", name);
                if (asked->skip_review && !actions[i].has_review)
                        return options_misused(
                                        asked->verb, "%s has no option --skip-fingerprint-review", name);
                if (asked->is_listing && !actions[i].has_listing)
                        return options_misused(
                                        asked->verb, "%s has no option --json, --format or the like", name);
                return actions[i].run(asked);
        }
        return options_misused(asked->verb, "there is no '%s': add, list, rm or show", name);
}

int verb_trust(int argc, char **argv) {
        Asked asked = { .verb = argv[0] };
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == KEY_PREFIX || key == KEY_ROOT) {
                        if (asked.prefix)
                                return options_misused(argv[0], "one --prefix or --root is enough");
                        asked.is_root = key == KEY_ROOT;
                        asked.prefix = asked.is_root ? "" : optarg;
                } else if (key == KEY_SKIP)
                        asked.skip_review = true;
                else if (listing_option(&asked.style, key))
                        asked.is_listing = true;
                else
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        }
        if (optind == argc)
                return options_misused(argv[0], "one of add, list, rm and show is needed");
        asked.arguments = argv + optind + 1;
        asked.n = argc - optind - 1;
        return act(&asked, argv[optind]);
}
