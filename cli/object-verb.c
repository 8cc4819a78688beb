/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/object-verb.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/pager.h"
#include "cli/template.h"
#include "cli/verbs.h"
#include "lib/cleanup.h"
#include "lib/report.h"

static int run(const ObjectCall *call, const ObjectAction *action) {
        Fault fault = {};
        int r = action->run(call, &fault);

        if (r >= 0)
                return VERB_OK;
        if (r == -EALREADY && !fault_is_raised(&fault))
                return VERB_FAILED;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot do '%s %s'", call->what, action->name);
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}

static int tell_actions(const ObjectCall *call, const char *verb) {
        char text[256] = "";
        size_t n = 0;

        for (size_t i = 0; i < call->n_actions && n < sizeof(text); i++)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%s%s", i > 0 ? ", " : "",
                                call->actions[i].name);
        if (call->action)
                return options_misused(verb, "there is no '%.50s': %s", call->action, text);
        return options_misused(verb, "one of %s is needed", text);
}

int object_verb(ObjectCall *call, int argc, char **argv) {
        int n = argc - optind - 1;

        if (n < 0)
                return tell_actions(call, argv[0]);
        call->action = argv[optind];
        call->words = argv + optind + 1;
        for (size_t i = 0; i < call->n_actions; i++) {
                const ObjectAction *action = &call->actions[i];

                if (strcmp(action->name, call->action) != 0)
                        continue;
                if (call->force && !(action->flags & OBJECT_FORCES))
                        return options_misused(argv[0], "%s has no option --force", action->name);
                if (call->is_listing && !(action->flags & OBJECT_LISTS))
                        return options_misused(argv[0], "%s has no option --json, --format and the like",
                                        action->name);
                if ((n > 0) != ((action->flags & OBJECT_WORDS) != 0))
                        return options_misused(argv[0],
                                        n > 0 ? "%s takes no names" : "%s needs the name of a %s",
                                        action->name, call->what);
                return run(call, action);
        }
        return tell_actions(call, argv[0]);
}

static int print_formatted(const json_t *list, const char *format, FILE *stream, Fault *fault) {
        autotemplate Template *template = NULL;
        json_t *object;
        size_t i;
        int r = template_parse(format, &template, fault);

        json_array_foreach(list, i, object) {
                TemplateData data = { .shown = object, .raw = object, .is_tame = isatty(STDOUT_FILENO) };

                if (r >= 0)
                        r = template_execute(template, &data, stream, fault);
                if (r >= 0)
                        (void) fputc('\n', stream);
        }
        return r;
}

int object_print(const json_t *list, const ListingStyle *style, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        int r;

        if (!stream)
                return -ENOMEM;
        r = style->format && strcmp(style->format, "json") != 0
                            ? print_formatted(list, style->format, stream, fault)
                            : json_print(list, stream);
        if (fclose(stream) != 0 && r >= 0)
                r = -ENOMEM;
        return r < 0 ? r : pager_show(text, size, !style->no_pager);
}

int object_inspect(const ObjectCall *call, ObjectInspect *inspect, const void *data, Fault *fault) {
        json_t *found = json_array();
        int r = found ? 0 : -ENOMEM, q = 0;

        for (char *const *word = call->words; *word && r >= 0; word++) {
                Fault one = {};

                r = inspect(data, *word, found, &one);
                if (r == -ENOENT) {
                        report_fault(REPORT_ERROR, &one);
                        q = -EALREADY; /* is told already */
                        r = 0;
                } else if (r < 0)
                        *fault = one;
        }
        if (r >= 0)
                r = object_print(found, &call->style, fault);
        json_decref(found);
        return r < 0 ? r : q;
}
