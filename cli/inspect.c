/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway inspect: all about containers and images, as JSON or by a template. */

#include <getopt.h>
#include <jansson.h>
#include <string.h>

#include "cli/container.h"
#include "cli/image-rows.h"
#include "cli/inspect-container.h"
#include "cli/manager.h"
#include "cli/options.h"
#include "cli/pager.h"
#include "cli/state.h"
#include "cli/table.h"
#include "cli/template.h"
#include "cli/verbs.h"
#include "lib/report.h"

enum { OPT_NO_PAGER = OPTION_LONG, OPT_TYPE };

/* clang-format off */
static const Option options[] = {
        { 'f',          "format",   "TEMPLATE", "print each by a Go template: '{{.Pid}}'" },
        { OPT_NO_PAGER, "no-pager", NULL,       "do not use a pager" },
        { OPT_TYPE,     "type",     "TYPE",     "only a 'container', or only an 'image', of that name" },
};
/* clang-format on */

typedef struct InspectCall {
        bool containers, images, no_pager;
        const char *format;
        GeneratedUnits units;
        sd_bus *bus;
        json_t *found; /* an array */
} InspectCall;

static int add_container(InspectCall *call, const char *word, Fault *fault) {
        AUTO(generated_unit_done) GeneratedUnit unit = {};
        json_t *object;
        int r = container_find(&call->units, word, &unit, fault);

        if (r >= 0)
                r = inspect_container(&unit, call->bus, &object, fault);
        if (r < 0)
                return r;
        return json_array_append_new(call->found, object) < 0 ? -ENOMEM : 0;
}

static int add_image(InspectCall *call, const char *word, Fault *fault) {
        AUTO(image_row_done) ImageRow row = {};
        AUTO(name_list_done) NameList names = {};
        autostore Store store = STORE_CLOSED;
        Digest id;
        int r;

        r = store_open(state_directory(), &store, fault);
        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, fault);
        if (r >= 0)
                r = store_list_names(&store, &names, fault);
        if (r >= 0)
                r = image_find(&store, word, &id, NULL, fault);
        if (r >= 0)
                r = image_row_load(&store, &id, &names, &row, fault);
        if (r < 0)
                return r;
        return json_array_append_new(call->found, image_row_json(&row, false)) < 0 ? -ENOMEM : 0;
}

/* A container's name goes before an image's, as with docker and podman. */
static int add(InspectCall *call, const char *word, Fault *fault) {
        Fault other = {};
        int r = -ENOENT;

        if (call->containers) {
                r = add_container(call, word, call->images ? &other : fault);
                if (r != -ENOENT || !call->images) {
                        if (r < 0 && call->images)
                                *fault = other;
                        return r;
                }
        }
        other = (Fault){};
        r = add_image(call, word, call->containers ? &other : fault);
        if (r < 0 && call->containers)
                return fault_raise(fault, FAULT_MISSING, -r,
                                "there is neither a container nor an image '%.200s'; see 'slipway list' and "
                                "'slipway "
                                "images'",
                                word);
        return r;
}

static int print_formatted(const InspectCall *call, FILE *stream, Fault *fault) {
        autotemplate Template *template = NULL;
        json_t *object;
        size_t i;
        int r = template_parse(call->format, &template, fault);

        if (r < 0)
                return r;
        json_array_foreach(call->found, i, object) {
                TemplateData data = { .shown = object, .raw = object, .is_tame = isatty(STDOUT_FILENO) };

                r = template_execute(template, &data, stream, fault);
                if (r < 0)
                        return r;
                (void) fputc('\n', stream);
        }
        return 0;
}

static int print(const InspectCall *call, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        int r;

        if (!stream)
                return -ENOMEM;
        r = call->format && strcmp(call->format, "json") != 0 ? print_formatted(call, stream, fault)
                                                              : json_print(call->found, stream);
        if (fclose(stream) != 0 && r >= 0)
                r = -ENOMEM;
        return r < 0 ? r : pager_show(text, size, !call->no_pager);
}

static int tell(const char *text, int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot inspect '%.200s'", text);
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

/* What is there is printed, also when something else is not. */
static int inspect_all(InspectCall *call, char *const *words) {
        int status = VERB_OK, r;
        Fault fault = {};

        if (call->containers) {
                r = containers_read(false, &call->units, &fault);
                if (r < 0)
                        return tell(*words, r, &fault);
                (void) manager_connect(false, &call->bus, NULL);
        }
        for (char *const *word = words; *word; word++) {
                fault = (Fault){};
                r = add(call, *word, &fault);
                if (r < 0)
                        status = tell(*word, r, &fault);
        }
        fault = (Fault){};
        r = print(call, &fault);
        return r < 0 ? tell(*words, r, &fault) : status;
}

static int take_type(InspectCall *call, const char *type) {
        call->containers = strcmp(type, "container") == 0;
        call->images = strcmp(type, "image") == 0;
        return call->containers || call->images ? 0 : -EINVAL;
}

int verb_inspect(int argc, char **argv) {
        InspectCall call = { .containers = true, .images = true };
        int key, status;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'f')
                        call.format = optarg;
                else if (key == OPT_NO_PAGER)
                        call.no_pager = true;
                else if (key != OPT_TYPE)
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                else if (take_type(&call, optarg) < 0)
                        return options_misused(
                                        argv[0], "'%.50s' is neither 'container' nor 'image'", optarg);
        if (optind == argc)
                return options_misused(argv[0], "a container or an image is needed");

        call.found = json_array();
        status = inspect_all(&call, argv + optind);
        json_decref(call.found);
        generated_done(&call.units);
        (void) sd_bus_flush_close_unref(call.bus);
        return status;
}
