/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

int port_parse_publish(Value *value, char **ret, Fault *fault) {
        char *text;
        Port port;
        int r;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        r = port_parse(value->text, &port, fault);
        if (r < 0)
                return r;
        text = port_to_text(&port);
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

int port_parse_expose(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        PortRange range;
        char *protocol;
        int r;

        if (!copy)
                return -ENOMEM;
        if (value_is_dynamic(value->text)) {
                *ret = TAKE(copy);
                return 0;
        }

        protocol = value_cut(copy, '/');
        if (protocol && strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0)
                return value_wrong(fault, protocol, "a protocol: tcp or udp");

        r = port_range_parse(copy, &range, fault);
        return r < 0 ? r : value_copy(value->text, ret);
}
