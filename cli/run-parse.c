/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/run-parse.h"

#include <errno.h>
#include <string.h>

#include "generator/quadlet/podman-flags.h"
#include "lib/cleanup.h"

typedef struct Parser {
        int argc, at;
        char **argv;
        RunCall *call;
} Parser;

static int take(Parser *parser, const RunFlag *flag, const char *value, Fault *fault) {
        char shown[40];
        int r;

        (void) snprintf(shown, sizeof(shown), "--%s", flag->name);
        fault_locate(fault, &(Place){ .key = shown });
        if (flag->argument && !value) {
                if (parser->at + 1 >= parser->argc)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "a value is missing, see 'slipway run --help'");
                value = parser->argv[++parser->at];
        }
        parser->call->manifest.flag = shown;
        r = run_flag_take(flag, value, &parser->call->switches, &parser->call->manifest, fault);
        parser->call->manifest.flag = NULL;
        if (r < 0 && !fault_is_raised(fault))
                return fault_wrap(fault, r, "cannot take '%s'", value ? value : "yes");
        if (r >= 0)
                fault_locate(fault, &(Place){});
        return r;
}

/* What podman knows and we refuse has a reason. */
static int raise_unknown(const char *name, size_t n, Fault *fault) {
        char shown[64];
        const PodmanFlag *podman;
        const RunFlag *nearest;

        (void) snprintf(shown, sizeof(shown), "--%.*s", (int) n, name);
        podman = podman_flag_find(&podman_run_flags, shown);
        nearest = run_flag_nearest(shown + 2);
        if (podman && podman->refusal)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "'%s' is not supported: %s", shown,
                                podman->refusal);
        if (nearest)
                return fault_raise(fault, FAULT_UNKNOWN_KEY, EINVAL,
                                "there is no option '%s', did you mean '--%s'?", shown, nearest->name);
        return fault_raise(fault, FAULT_UNKNOWN_KEY, EINVAL,
                        "there is no option '%s', see 'slipway run --help'", shown);
}

static int take_long(Parser *parser, const char *word, Fault *fault) {
        size_t n = strcspn(word, "=");
        const RunFlag *flag = run_flag_find(word, n);

        if (strcmp(word, "help") == 0) {
                parser->call->wants_help = true;
                return 0;
        }
        if (!flag)
                return raise_unknown(word, n, fault);
        return take(parser, flag, word[n] ? word + n + 1 : NULL, fault);
}

/* "-it", "-p8080:80", "-e=A=b". */
static int take_letters(Parser *parser, const char *letters, Fault *fault) {
        int r = 0;

        for (; r >= 0 && *letters; letters++) {
                const RunFlag *flag = run_flag_find_letter(*letters);
                const char *value = letters[1] == '=' ? letters + 2 : NULL;

                if (!flag)
                        return fault_raise(fault, FAULT_UNKNOWN_KEY, EINVAL,
                                        "there is no option '-%c', see 'slipway run --help'", *letters);
                if (!value && flag->argument && letters[1])
                        value = letters + 1;
                r = take(parser, flag, value, fault);
                if (value || flag->argument)
                        return r;
        }
        return r;
}

static int parse(Parser *parser, Fault *fault) {
        RunCall *call = parser->call;
        int r = 0;

        for (parser->at = 1; r >= 0 && parser->at < parser->argc && !call->wants_help; parser->at++) {
                const char *word = parser->argv[parser->at];

                if (strcmp(word, "--") == 0) {
                        parser->at++;
                        break;
                }
                if (word[0] != '-' || !word[1])
                        break;
                r = word[1] == '-' ? take_long(parser, word + 2, fault)
                                   : take_letters(parser, word + 1, fault);
        }
        if (r < 0 || call->wants_help)
                return r;
        if (parser->at >= parser->argc)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the name of an image is missing, see 'slipway run --help'");
        call->image = parser->argv[parser->at];
        call->command = parser->argv + parser->at + 1;
        return 0;
}

int run_parse(int argc, char **argv, RunCall *ret, Fault *fault) {
        RunCall call = {};
        Parser parser = { .argc = argc, .argv = argv, .call = &call };
        int r = parse(&parser, fault);

        if (r < 0) {
                run_call_done(&call);
                return r;
        }
        *ret = call;
        return 0;
}

void run_call_done(RunCall *call) {
        run_manifest_done(&call->manifest);
        *call = (RunCall){};
}
