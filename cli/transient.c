/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/transient.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/job.h"
#include "cli/properties.h"
#include "lib/cleanup.h"

static int append_streams(sd_bus_message *message, const TransientStreams *streams) {
        static const char *const names[] = {
                "StandardInputFileDescriptor",
                "StandardOutputFileDescriptor",
                "StandardErrorFileDescriptor",
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTS(names); i++)
                if (streams->fds[i] >= 0)
                        r = sd_bus_message_append(message, "(sv)", names[i], "h", streams->fds[i]);
        return r;
}

/* NAME, MODE, properties, and no further units. */
static int fill(sd_bus_message *message, const char *name, const Directives *directives,
                const TransientStreams *streams, Fault *fault) {
        int r = sd_bus_message_append(message, "ss", name, "fail");

        if (r >= 0)
                r = sd_bus_message_open_container(message, 'a', "(sv)");
        if (r >= 0)
                r = properties_append(message, directives, name, fault);
        if (r >= 0 && streams)
                r = append_streams(message, streams);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? r : sd_bus_message_append(message, "a(sa(sv))", 0);
}

static int make_call(sd_bus *bus, const char *name, const char *text, const TransientStreams *streams,
                sd_bus_message **ret, Fault *fault) {
        AUTO(directives_done) Directives directives = {};
        AUTO(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = directives_read(text, &directives);

        if (r >= 0)
                r = sd_bus_message_new_method_call(bus, &call, "org.freedesktop.systemd1",
                                "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                "StartTransientUnit");
        if (r >= 0)
                r = fill(call, name, &directives, streams, fault);
        if (r < 0)
                return fault_is_raised(fault) ? r
                                              : fault_wrap(fault, r, "cannot describe the unit to systemd");
        *ret = TAKE(call);
        return 0;
}

int transient_check(sd_bus *bus, const char *name, const char *text, Fault *fault) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *call = NULL;

        return make_call(bus, name, text, NULL, &call, fault);
}

int transient_start(sd_bus *bus, const char *name, const char *text, const TransientStreams *streams,
                char **ret_job, Fault *fault) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *job;
        int r = make_call(bus, name, text, streams, &call, fault);

        if (r < 0)
                return r;
        r = sd_bus_call(bus, call, 0, &error, &reply);
        if (r < 0 && sd_bus_error_has_name(&error, "org.freedesktop.systemd1.UnitExists")) {
                sd_bus_error_free(&error);
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "there is a unit '%s' already; choose another --name, or --unit", name);
        }
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &job);
        if (r < 0)
                return manager_fault(&error, r, "start the container", fault);
        *ret_job = strdup(job);
        return *ret_job ? 0 : -ENOMEM;
}
