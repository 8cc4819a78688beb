/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway secret: makes, lists and removes what Secret= speaks of. */

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "cli/secret-input.h"
#include "cli/secret-store.h"
#include "cli/verbs.h"
#include "lib/credentials.h"
#include "lib/report.h"

enum {
        KEY_PLAIN = LISTING_KEYS_END,
        KEY_REPLACE,
        KEY_WITH_KEY,
        KEYS_END,
};

/* clang-format off */
static const Option options[] = {
        { KEY_PLAIN,    "plain",    NULL,  "create: do not encrypt it" },
        { KEY_REPLACE,  "replace",  NULL,  "create: put it in the place of one that is there" },
        { KEY_WITH_KEY, "with-key", "KEY", "create: host, tpm2, host+tpm2, auto" },
        { 'q',          "quiet",    NULL,  "list: print names only" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Name",    "name",    "NAME",    "Names" },
        { "Kind",    "kind",    "KIND",    "Driver" },
        { "Changed", "changed", "CHANGED", "UpdatedAt" },
        { "Path",    "path",    "PATH",    NULL },
};

static const char *const kinds[_SECRET_KIND_MAX] = {
        [SECRET_ENCRYPTED] = "encrypted",
        [SECRET_PLAIN]     = "plain",
};
/* clang-format on */

/* What was said on the command line. */
typedef struct Asked {
        const char *verb; /* for messages: "secret" */
        bool given[KEYS_END - KEY_PLAIN];
        bool is_listing; /* there is an option that says how to list */
        ListingStyle style;
        const char *with_key;
        char **arguments;
        int n;
} Asked;

static bool is_given(const Asked *asked, int key) {
        return asked->given[key - KEY_PLAIN];
}

static int fail(Fault *fault, int r, const char *what) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot %s", what);
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

static int check_name(const char *name, Fault *fault) {
        if (secret_name_is_valid(name))
                return 0;
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "'%s' is not the name of a secret: 1 to %d letters, digits, '_', '.' and '-', the "
                        "first a "
                        "letter or digit",
                        name, SECRET_NAME_MAX);
}

static int store(const char *name, SecretKind kind, bool replace, const SecretText *text, Fault *fault) {
        AUTO(secret_store_close) SecretStore secrets = SECRET_STORE_CLOSED;
        int r;

        r = secret_store_open("", &secrets, fault);
        if (r >= 0)
                r = secret_store_check(&secrets, name, replace, fault);
        return r < 0 ? r : secret_store_put(&secrets, name, kind, text->data, text->size, fault);
}

/* Who finds out that the name is taken only after having typed the secret is not pleased. */
static int check_early(const char *name, bool replace, Fault *fault) {
        AUTO(secret_store_close) SecretStore secrets = SECRET_STORE_CLOSED;
        int r = secret_store_open("", &secrets, fault);

        return r < 0 ? r : secret_store_check(&secrets, name, replace, fault);
}

static int create(const Asked *asked) {
        AUTO(secret_text_done) SecretText text = {}, encrypted = {};
        bool plain = is_given(asked, KEY_PLAIN), replace = is_given(asked, KEY_REPLACE);
        const char *name = asked->arguments[0];
        Fault fault = {};
        int r;

        if (asked->n < 1 || asked->n > 2)
                return options_misused(asked->verb, "create takes a name, and a file or '-'");
        if (plain && asked->with_key)
                return options_misused(asked->verb, "what is plain has no key");

        (void) prctl(PR_SET_DUMPABLE, 0);
        r = check_name(name, &fault);
        if (r >= 0)
                r = check_early(name, replace, &fault);
        if (r >= 0)
                r = secret_read(name, asked->n == 2 ? asked->arguments[1] : "-", &text, &fault);
        if (r >= 0 && !plain)
                r = secret_encrypt(name, asked->with_key ?: "auto", &text, &encrypted, &fault);
        if (r >= 0)
                r = store(name, plain ? SECRET_PLAIN : SECRET_ENCRYPTED, replace, plain ? &text : &encrypted,
                                &fault);
        return r < 0 ? fail(&fault, r, "make the secret") : VERB_OK;
}

static void add_row(Listing *listing, const Secret *secret) {
        char changed[32] = "";
        struct tm tm;

        if (localtime_r(&secret->st.st_mtime, &tm))
                (void) strftime(changed, sizeof(changed), "%Y-%m-%d %H:%M", &tm);
        listing_text(listing, secret->name, TABLE_PLAIN);
        listing_text(listing, kinds[secret->kind], secret->kind == SECRET_PLAIN ? TABLE_FAINT : TABLE_PLAIN);
        listing_value(listing, json_integer(secret->st.st_mtime), changed, TABLE_PLAIN);
        listing_text(listing, secret->path, TABLE_FAINT);
}

static int list(const Asked *asked) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        AUTO(secret_list_done) SecretList secrets = {};
        Fault fault = {};
        int r;

        if (asked->n > 0)
                return options_misused(asked->verb, "list takes no arguments");
        r = secret_list_load("", &secrets, &fault);
        for (size_t i = 0; i < secrets.n; i++)
                add_row(listing, &secrets.items[i]);
        if (r >= 0)
                r = listing_print(listing, &asked->style, &fault);
        return r < 0 ? fail(&fault, r, "list the secrets") : VERB_OK;
}

static int rm(const Asked *asked) {
        AUTO(secret_store_close) SecretStore secrets = SECRET_STORE_CLOSED;
        int r, status = VERB_OK;
        Fault fault = {};

        if (asked->n < 1)
                return options_misused(asked->verb, "rm takes names");
        r = secret_store_open("", &secrets, &fault);
        if (r < 0)
                return fail(&fault, r, "open the store of secrets");
        for (int i = 0; i < asked->n; i++) {
                Fault wrong = {};

                r = check_name(asked->arguments[i], &wrong);
                if (r >= 0)
                        r = secret_store_remove(&secrets, asked->arguments[i], &wrong);
                if (r < 0)
                        status = fail(&wrong, r, "remove the secret");
        }
        return status;
}

static const struct {
        const char *name;
        int (*run)(const Asked *asked);
        bool makes, lists; /* which options it takes */
} actions[] = {
        { "create", create, true, false },
        { "list", list, false, true },
        { "rm", rm, false, false },
};

/* An option that means nothing where it was given. Return: NULL when there is none. */
static const char *find_stray(const Asked *asked, bool makes, bool lists) {
        for (size_t i = 0; i < ELEMENTS(options) && !makes; i++)
                if (options[i].key >= KEY_PLAIN && is_given(asked, options[i].key))
                        return options[i].name;
        return asked->is_listing && !lists ? "json, --format and the like" : NULL;
}

static int act(const Asked *asked, const char *name) {
        for (size_t i = 0; i < ELEMENTS(actions); i++) {
                const char *stray;

                if (strcmp(actions[i].name, name) != 0)
                        continue;
                stray = find_stray(asked, actions[i].makes, actions[i].lists);
                if (stray)
                        return options_misused(asked->verb, "%s has no option --%s", name, stray);
                return actions[i].run(asked);
        }
        return options_misused(asked->verb, "there is no '%s': create, list or rm", name);
}

int verb_secret(int argc, char **argv) {
        Asked asked = { .verb = argv[0] };
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key >= KEY_PLAIN && key < KEYS_END) {
                        asked.given[key - KEY_PLAIN] = true;
                        asked.with_key = key == KEY_WITH_KEY ? optarg : asked.with_key;
                } else if (listing_option(&asked.style, key))
                        asked.is_listing = true;
                else
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (optind == argc)
                return options_misused(argv[0], "one of create, list and rm is needed");
        asked.arguments = argv + optind + 1;
        asked.n = argc - optind - 1;
        return act(&asked, argv[optind]);
}
