/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

#define MANAGER "org.freedesktop.systemd1"

static int take_text(sd_bus_message *message, char *to, size_t size) {
        const char *text;
        int r = sd_bus_message_read(message, "v", "s", &text);

        if (r >= 0)
                (void) snprintf(to, size, "%s", text);
        return r;
}

static int take_id(sd_bus_message *message, char *to) {
        const void *bytes;
        size_t n;
        int r = sd_bus_message_enter_container(message, 'v', "ay");

        if (r >= 0)
                r = sd_bus_message_read_array(message, 'y', &bytes, &n);
        if (r >= 0 && n == sizeof(sd_id128_t))
                (void) sd_id128_to_string(*(const sd_id128_t *) bytes, to);
        return r < 0 ? r : sd_bus_message_exit_container(message);
}

/* One property that has changed. */
static int take_property(sd_bus_message *message, const char *name, UnitReport *report) {
        const struct {
                const char *name;
                char *to;
                size_t size;
        } texts[] = {
                { "ActiveState", report->active, sizeof(report->active) },
                { "Result", report->result, sizeof(report->result) },
                { "StatusText", report->status, sizeof(report->status) },
                { "SubState", report->sub, sizeof(report->sub) },
        };

        for (size_t i = 0; i < ELEMENTS(texts); i++)
                if (strcmp(texts[i].name, name) == 0)
                        return take_text(message, texts[i].to, texts[i].size);
        if (strcmp(name, "ExecMainCode") == 0)
                return sd_bus_message_read(message, "v", "i", &report->code);
        if (strcmp(name, "ExecMainStatus") == 0)
                return sd_bus_message_read(message, "v", "i", &report->exit_status);
        if (strcmp(name, "MainPID") == 0)
                return sd_bus_message_read(message, "v", "u", &report->main_pid);
        if (strcmp(name, "InvocationID") == 0)
                return take_id(message, report->invocation);
        return sd_bus_message_skip(message, "v");
}

static int take_changes(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        UnitWatch *watch = userdata;
        int r = sd_bus_message_skip(message, "s");

        (void) error;
        if (r >= 0)
                r = sd_bus_message_enter_container(message, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
                const char *name;

                r = sd_bus_message_read(message, "s", &name);
                if (r >= 0)
                        r = take_property(message, name, &watch->report);
                if (r >= 0)
                        r = sd_bus_message_exit_container(message);
        }
        watch->report.is_known = true;
        return 0;
}

int unit_watch_open(UnitWatch *watch, sd_bus *bus, const char *unit, Fault *fault) {
        const char *sender = sd_bus_is_bus_client(bus) > 0 ? MANAGER : NULL;
        autofree char *path = NULL;
        int r;

        *watch = (UnitWatch){};
        r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);
        if (r >= 0)
                r = sd_bus_match_signal(bus, &watch->slot, sender, path, "org.freedesktop.DBus.Properties",
                                "PropertiesChanged", take_changes, watch);
        return r < 0 ? fault_wrap(fault, r, "cannot follow '%s'", unit) : 0;
}

bool unit_watch_is_over(const UnitWatch *watch) {
        return strcmp(watch->report.active, "inactive") == 0 || strcmp(watch->report.active, "failed") == 0;
}

void unit_watch_close(UnitWatch *watch) {
        sd_bus_slot_unref(watch->slot);
        *watch = (UnitWatch){};
}
