/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway volume ls and inspect. */

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/template.h"
#include "cli/verbs.h"
#include "cli/volume-use.h"
#include "cli/volume-verbs.h"
#include "lib/report.h"
#include "lib/strv.h"

/* clang-format off */
static const Field fields[] = {
        { "Name",       "name",       "NAME",    "Names" },
        { "Driver",     "driver",     "DRIVER",  NULL },
        { "Source",     "source",     "SOURCE",  "Device" },
        { "CreatedAt",  "created",    "CREATED", "Created" },
        { "UsedBy",     "used_by",    "USED BY", "Users" },
        { "Mountpoint", "mountpoint", NULL,      NULL },
        { "Labels",     "labels",     NULL,      "Label" },
};
/* clang-format on */

int volume_tell(const char *what, const char *name, int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot %s volume '%.100s'", what, name);
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

int volume_verbs_open(bool make, int *ret, Fault *fault) {
        int r = volume_open_all(VOLUME_DIR, make, ret);

        if (r == -ENOENT && !make)
                return 0;
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot open '" VOLUME_DIR "': %s%s",
                                       strerror(-r), r == -EACCES || r == -EPERM ? "; only root can" : "")
                     : 0;
}

static const char *driver(const Volume *volume) {
        return volume->config.image ? "image" : "local";
}

static void format_time(int64_t seconds, char ret[32]) {
        time_t moment = (time_t) seconds;
        struct tm tm;

        *ret = '\0';
        if (localtime_r(&moment, &tm))
                (void) strftime(ret, 32, "%Y-%m-%d %H:%M", &tm);
}

static json_t *list_to_json(char *const *list) {
        json_t *array = json_array();

        for (; list && *list; list++)
                (void) json_array_append_new(array, json_text(*list));
        return array;
}

static json_t *labels_to_json(char *const *labels) {
        json_t *object = json_object();

        for (; labels && *labels; labels++) {
                autofree char *name = strndup(*labels, strcspn(*labels, "="));
                const char *value = strchr(*labels, '=');

                if (name)
                        (void) json_object_set_new(object, name, json_text(value ? value + 1 : ""));
        }
        return object;
}

static int add_row(Listing *listing, const Volume *volume) {
        autostrv char **users = NULL;
        autofree char *joined = NULL, *labels = NULL;
        char created[32], path[sizeof(VOLUME_DIR) + VOLUME_NAME_MAX + 8];
        int r = volume_users(volume->name, &users);

        if (r < 0)
                return r;
        joined = users ? strv_join(users, ",") : strdup("");
        labels = volume->config.labels ? strv_join(volume->config.labels, ",") : strdup("");
        if (!joined || !labels)
                return -ENOMEM;
        format_time(volume->created, created);
        (void) snprintf(path, sizeof(path), VOLUME_DIR "/%s/data", volume->name);
        listing_text(listing, volume->name, TABLE_PLAIN);
        listing_text(listing, driver(volume), TABLE_PLAIN);
        listing_text(listing, volume->config.image ?: volume->config.device, TABLE_PLAIN);
        listing_value(listing, json_integer(volume->created), created, TABLE_PLAIN);
        listing_value(listing, list_to_json(users), joined, users ? TABLE_GOOD : TABLE_PLAIN);
        listing_text(listing, path, TABLE_FAINT);
        listing_value(listing, labels_to_json(volume->config.labels), labels, TABLE_PLAIN);
        return 0;
}

/* One that is being removed is not there any more. */
static int add_one(Listing *listing, int all, const char *name, Fault *fault) {
        autovolume Volume volume = VOLUME_CLOSED;
        int r = volume_open(all, name, VOLUME_UNLOCKED, &volume, fault);

        if (r == -ENOENT) {
                fault_clear(fault);
                return 0;
        }
        return r < 0 ? r : add_row(listing, &volume);
}

int volume_verb_list(const VolumeCall *call) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        autostrv char **names = NULL;
        int status = VERB_OK, r;
        autofd int all = -1;
        Fault fault = {};

        if (call->n > 0)
                return options_misused(call->verb, "ls takes no arguments");
        r = volume_verbs_open(false, &all, &fault);
        if (r >= 0 && all >= 0)
                r = volume_list(all, &names);
        if (r < 0)
                return volume_tell("list", "", r, &fault);
        for (char **name = names; name && *name; name++) {
                Fault wrong = {};

                r = add_one(listing, all, *name, &wrong);
                if (r < 0)
                        status = volume_tell("read", *name, r, &wrong);
        }
        r = listing_print(listing, &call->style, &fault);
        return r < 0 ? volume_tell("list", "", r, &fault) : status;
}

/* --- all about one --- */

static json_t *id_to_json(uint32_t id) {
        return id == VOLUME_NOBODY ? json_null() : json_integer(id);
}

static json_t *text_or_null(const char *text) {
        return text ? json_text(text) : json_null();
}

static int describe(const Volume *volume, json_t **ret) {
        static const char *const states[_VOLUME_STATE_MAX] = { "fresh", "moving", "ready" };
        const VolumeConfig *config = &volume->config;
        char path[sizeof(VOLUME_DIR) + VOLUME_NAME_MAX + 8];
        autostrv char **users = NULL;
        int mounted = volume_is_mounted(volume), r = volume_users(volume->name, &users);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), VOLUME_DIR "/%s/data", volume->name);
        *ret = json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:s, s:b, s:o, "
                         "s:o}",
                        "name", volume->name, "driver", driver(volume), "mountpoint", path, "created",
                        (json_int_t) volume->created, "unit", text_or_null(config->unit), "image",
                        text_or_null(config->image), "type", text_or_null(config->type), "device",
                        text_or_null(config->device), "options", text_or_null(config->options), "uid",
                        id_to_json(config->uid), "gid", id_to_json(config->gid), "copy", !config->no_copy,
                        "size", (json_int_t) config->size, "state", states[volume->state], "mounted",
                        mounted > 0, "labels", labels_to_json(config->labels), "used_by",
                        list_to_json(users));
        return *ret ? 0 : -ENOMEM;
}

static int add_description(json_t *found, int all, const char *name, Fault *fault) {
        autovolume Volume volume = VOLUME_CLOSED;
        json_t *object = NULL;
        int r = all < 0 ? fault_raise(fault, FAULT_MISSING, ENOENT, "there is no volume '%.200s'", name)
                        : volume_open(all, name, VOLUME_UNLOCKED, &volume, fault);

        if (r >= 0)
                r = describe(&volume, &object);
        return r < 0 ? r : json_array_append_new(found, object) < 0 ? -ENOMEM : 0;
}

static int print_formatted(const json_t *found, const char *format, Fault *fault) {
        autotemplate Template *template = NULL;
        json_t *object;
        size_t i;
        int r = template_parse(format, &template, fault);

        json_array_foreach(found, i, object) {
                TemplateData data = { .shown = object, .raw = object, .is_tame = isatty(STDOUT_FILENO) };

                if (r >= 0)
                        r = template_execute(template, &data, stdout, fault);
                if (r >= 0)
                        (void) fputc('\n', stdout);
        }
        return r;
}

int volume_verb_inspect(const VolumeCall *call) {
        bool is_formatted = call->style.format && strcmp(call->style.format, "json") != 0;
        json_t *found = json_array();
        int status = VERB_OK, r;
        autofd int all = -1;
        Fault fault = {};

        if (call->n == 0)
                status = options_misused(call->verb, "inspect takes names");
        r = volume_verbs_open(false, &all, &fault);
        if (r < 0)
                status = volume_tell("inspect", "", r, &fault);
        for (int i = 0; i < call->n && r >= 0; i++) {
                Fault wrong = {};
                int each = add_description(found, all, call->arguments[i], &wrong);

                if (each < 0)
                        status = volume_tell("inspect", call->arguments[i], each, &wrong);
        }
        if (r >= 0 && call->n > 0) {
                r = is_formatted ? print_formatted(found, call->style.format, &fault)
                                 : json_print(found, stdout);
                if (r < 0)
                        status = volume_tell("inspect", call->arguments[0], r, &fault);
        }
        json_decref(found);
        return status;
}
