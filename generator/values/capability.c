/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/capability.h"

#include "lib/capability.h"

int capability_parse(Value *value, char **ret, Fault *fault) {
        int number;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (capability_is_all(value->text))
                return value_copy("all", ret);

        number = capability_from_name(value->text);
        if (number < 0)
                return value_wrong(fault, value->text, "a capability of capabilities(7), or 'all'");
        return value_copy(capability_to_name(number), ret);
}
