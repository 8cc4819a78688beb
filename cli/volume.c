/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway volume: lists, makes and removes what Volume= speaks of. */

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "cli/volume-verbs.h"
#include "lib/report.h"
#include "lib/size.h"
#include "lib/strv.h"

enum {
        KEY_COPY = LISTING_KEYS_END,
        KEY_GID,
        KEY_IGNORE,
        KEY_LABEL,
        KEY_OUTPUT,
        KEY_REPLACE,
        KEY_UID,
        KEYS_END,
};

/* clang-format off */
static const Option options[] = {
        { KEY_COPY,    "copy",    "yes|no",     "create: whether it begins with what the image has" },
        { KEY_GID,     "gid",     "NUMBER",     "create: the group that it belongs to" },
        { KEY_IGNORE,  "ignore",  NULL,         "create: one that is there is fine; rm: one that is not" },
        { KEY_LABEL,   "label",   "NAME=VALUE", "create: a label" },
        { 'o',         "output",  "FILE",       "export: where to write it (default: standard output)" },
        { 'q',         "quiet",   NULL,         "ls: print names only; create, prune: print none" },
        { KEY_REPLACE, "replace", NULL,         "import: put the archive in the place of what is there" },
        { KEY_UID,     "uid",     "NUMBER",     "create: the user that it belongs to" },
        LISTING_OPTIONS,
};

/* Which options an action takes. */
enum {
        OF_LISTING = 1 << 0,
        OF_CREATE = 1 << 1,
        OF_EXPORT = 1 << 2,
        OF_IMPORT = 1 << 3,
        OF_FORMAT = 1 << 4,
        OF_QUIET = 1 << 5,
        OF_IGNORE = 1 << 6,
};

static const struct {
        const char *name;
        int (*run)(const VolumeCall *call);
        unsigned takes;
} actions[] = {
        { "create",  volume_verb_create,  OF_CREATE | OF_QUIET | OF_IGNORE },
        { "export",  volume_verb_export,  OF_EXPORT },
        { "import",  volume_verb_import,  OF_IMPORT },
        { "inspect", volume_verb_inspect, OF_FORMAT },
        { "list",    volume_verb_list,    OF_LISTING | OF_FORMAT | OF_QUIET },
        { "ls",      volume_verb_list,    OF_LISTING | OF_FORMAT | OF_QUIET },
        { "prune",   volume_verb_prune,   OF_QUIET },
        { "rm",      volume_verb_rm,      OF_IGNORE },
};
/* clang-format on */

static unsigned group_of(int key) {
        switch (key) {

        case 'q':
                return OF_QUIET;

        case 'o':
                return OF_EXPORT;

        case KEY_REPLACE:
                return OF_IMPORT;

        case KEY_IGNORE:
                return OF_IGNORE;

        case LISTING_FORMAT:
        case LISTING_JSON:
                return OF_FORMAT;

        default:
                return key >= LISTING_KEYS_END ? OF_CREATE : OF_LISTING;
        }
}

static int take_id(const char *text, uint32_t *ret) {
        unsigned long long number;
        char *end;

        errno = 0;
        number = strtoull(text, &end, 10);
        if (errno != 0 || end == text || *end || *text == '-' || number >= VOLUME_NOBODY)
                return -EINVAL;
        *ret = (uint32_t) number;
        return 0;
}

/* Return: 0, -EINVAL for what is no value of it, -ENOMEM. */
static int take(VolumeCall *call, int key) {
        switch (key) {

        case KEY_COPY:
                call->config.no_copy = strcmp(optarg, "no") == 0;
                return strcmp(optarg, "yes") == 0 || call->config.no_copy ? 0 : -EINVAL;

        case KEY_GID:
                return take_id(optarg, &call->config.gid);

        case KEY_UID:
                return take_id(optarg, &call->config.uid);

        case KEY_LABEL:
                return !*optarg || *optarg == '=' ? -EINVAL : strv_append(&call->config.labels, optarg);

        case KEY_IGNORE:
                call->ignore = true;
                return 0;

        case KEY_REPLACE:
                call->replace = true;
                return 0;

        case 'o':
                call->output = optarg;
                return 0;

        case 'q':
                call->style.quiet = true;
                return 0;

        default:
                (void) listing_option(&call->style, key);
                return 0;
        }
}

static int act(VolumeCall *call, const char *name, unsigned given) {
        for (size_t i = 0; i < ELEMENTS(actions); i++) {
                if (strcmp(actions[i].name, name) != 0)
                        continue;
                if (given & ~actions[i].takes)
                        return options_misused(call->verb,
                                        "%s does not take one of these options; see --help", name);
                return actions[i].run(call);
        }
        return options_misused(call->verb,
                        "there is no '%s': create, export, import, inspect, ls, prune or rm", name);
}

int verb_volume(int argc, char **argv) {
        VolumeCall call = { .verb = argv[0], .config = VOLUME_CONFIG_DEFAULT };
        int key, status = -1, r = 0;
        unsigned given = 0;

        while (r >= 0 && (key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key < 0) {
                        status = key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                        break;
                }
                given |= group_of(key);
                r = take(&call, key);
        }
        if (r < 0)
                status = options_misused(argv[0], "'%.100s' is no value for that option", optarg);
        else if (status < 0 && optind == argc)
                status = options_misused(argv[0],
                                "one of create, export, import, inspect, ls, prune and rm is needed");
        if (status < 0) {
                call.arguments = argv + optind + 1;
                call.n = argc - optind - 1;
                status = act(&call, argv[optind], given);
        }
        strv_free(call.config.labels);
        return status;
}
