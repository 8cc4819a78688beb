/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/signal.h"

#include "lib/signals.h"

int signal_parse(Value *value, char **ret, Fault *fault) {
        char name[16];
        int number;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);

        number = signal_from_name(value->text);
        if (number < 0)
                return value_wrong(fault, value->text, "a signal: a name or number of signal(7)");
        (void) signal_to_name(number, name, sizeof(name));
        return *name ? value_copy(name, ret) : value_copy(value->text, ret);
}
