/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/size.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "generator/model/container.h"
#include "lib/size.h"

#define LEAST_MEMORY (6 * 1024 * 1024) /* as for podman */

#define A_SIZE "a size: a number of bytes, or with b, k, m, g or t"

int size_parse_limit(Value *value, int64_t *ret, Fault *fault) {
        uint64_t bytes;

        if (size_from_text(value->text, &bytes) < 0 || bytes > INT64_MAX)
                return value_wrong(fault, value->text, A_SIZE);
        if (bytes > 0 && bytes < LEAST_MEMORY)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is less than 6m, with which no container starts%s", value->text,
                                isdigit((unsigned char) value->text[strlen(value->text) - 1])
                                                ? "; a number alone is bytes"
                                                : "");
        *ret = bytes > 0 ? (int64_t) bytes : CONTAINER_UNLIMITED;
        return 0;
}

int size_parse_swap(Value *value, int64_t *ret, Fault *fault) {
        if (strcmp(value->text, "-1") != 0)
                return size_parse_limit(value, ret, fault);
        *ret = CONTAINER_UNLIMITED;
        return 0;
}

int size_parse_bytes(Value *value, char **ret, Fault *fault) {
        uint64_t bytes;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (size_from_text(value->text, &bytes) < 0)
                return value_wrong(fault, value->text, A_SIZE);
        return value_printf(ret, "%llu", (unsigned long long) bytes);
}
