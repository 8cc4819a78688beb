/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway secret: makes, lists and removes what Secret= speaks of. */

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "cli/options.h"
#include "cli/secret-input.h"
#include "cli/secret-store.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "lib/credentials.h"
#include "lib/report.h"

enum {
        KEY_JSON = OPTION_LONG,
        KEY_PLAIN,
        KEY_REPLACE,
        KEY_WITH_KEY,
};

/* clang-format off */
static const Option options[] = {
        { KEY_JSON,     "json",     NULL,  "list: print JSON" },
        { KEY_PLAIN,    "plain",    NULL,  "create: do not encrypt it" },
        { KEY_REPLACE,  "replace",  NULL,  "create: put it in the place of one that is there" },
        { KEY_WITH_KEY, "with-key", "KEY", "create: host, tpm2, host+tpm2, auto" },
};

static const char *const headers[] = { "NAME", "KIND", "CHANGED", "PATH" };

static const char *const kinds[_SECRET_KIND_MAX] = {
        [SECRET_ENCRYPTED] = "encrypted",
        [SECRET_PLAIN]     = "plain",
};
/* clang-format on */

/* What was said on the command line. */
typedef struct Asked {
        const char *verb; /* for messages: "secret" */
        bool given[KEY_WITH_KEY + 1 - OPTION_LONG];
        const char *with_key;
        char **arguments;
        int n;
} Asked;

static bool is_given(const Asked *asked, int key) {
        return asked->given[key - OPTION_LONG];
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

static int print_table(const SecretList *list) {
        autotable Table *table = table_new(headers, ELEMENTS(headers));

        for (size_t i = 0; i < list->n; i++) {
                const Secret *secret = &list->items[i];
                char changed[32] = "";
                struct tm tm;

                if (localtime_r(&secret->st.st_mtime, &tm))
                        (void) strftime(changed, sizeof(changed), "%Y-%m-%d %H:%M", &tm);
                table_cell(table, secret->name, TABLE_PLAIN);
                table_cell(table, kinds[secret->kind],
                                secret->kind == SECRET_PLAIN ? TABLE_FAINT : TABLE_PLAIN);
                table_cell(table, changed, TABLE_PLAIN);
                table_cell(table, secret->path, TABLE_FAINT);
        }
        return table_print(table, stdout, color_is_wanted(stdout));
}

static int print_json(const SecretList *list) {
        json_t *array = json_array();
        int r = array ? 0 : -ENOMEM;

        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const Secret *secret = &list->items[i];
                json_t *object = json_pack("{s:s, s:s, s:s, s:I}", "name", secret->name, "kind",
                                kinds[secret->kind], "path", secret->path, "changed",
                                (json_int_t) secret->st.st_mtime);

                r = object && json_array_append_new(array, object) >= 0 ? 0 : -ENOMEM;
        }
        if (r >= 0)
                r = json_print(array, stdout);
        json_decref(array);
        return r;
}

static int list(const Asked *asked) {
        AUTO(secret_list_done) SecretList secrets = {};
        Fault fault = {};
        int r;

        if (asked->n > 0)
                return options_misused(asked->verb, "list takes no arguments");
        r = secret_list_load("", &secrets, &fault);
        if (r >= 0)
                r = is_given(asked, KEY_JSON) ? print_json(&secrets) : print_table(&secrets);
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

/* clang-format off */
static const struct {
        const char *name;
        int (*run)(const Asked *asked);
        int options[4]; /* that it takes */
} actions[] = {
        { "create", create, { KEY_PLAIN, KEY_REPLACE, KEY_WITH_KEY } },
        { "list",   list,   { KEY_JSON } },
        { "rm",     rm,     {} },
};
/* clang-format on */

static bool takes(size_t action, int key) {
        for (size_t i = 0; i < ELEMENTS(actions[action].options); i++)
                if (actions[action].options[i] == key)
                        return true;
        return false;
}

static int act(const Asked *asked, const char *name) {
        for (size_t i = 0; i < ELEMENTS(actions); i++) {
                if (strcmp(actions[i].name, name) != 0)
                        continue;
                for (size_t k = 0; k < ELEMENTS(options); k++)
                        if (is_given(asked, options[k].key) && !takes(i, options[k].key))
                                return options_misused(
                                                asked->verb, "%s has no option --%s", name, options[k].name);
                return actions[i].run(asked);
        }
        return options_misused(asked->verb, "there is no '%s': create, list or rm", name);
}

int verb_secret(int argc, char **argv) {
        Asked asked = { .verb = argv[0] };
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                asked.given[key - OPTION_LONG] = true;
                if (key == KEY_WITH_KEY)
                        asked.with_key = optarg;
        }
        if (optind == argc)
                return options_misused(argv[0], "one of create, list and rm is needed");
        asked.arguments = argv + optind + 1;
        asked.n = argc - optind - 1;
        return act(&asked, argv[optind]);
}
