/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/idmap.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

#define MAPS_MAX 340 /* what the kernel takes */

static int parse_map(const char *text, IdRange *ret) {
        autofree char *copy = strdup(text);
        char *host, *size;
        uint64_t container_id, host_id, count = 1;

        if (!copy)
                return -ENOMEM;
        host = value_cut(copy, ':');
        if (!host)
                return -EINVAL;
        size = value_cut(host, ':');

        if (value_number(copy, 0, UINT32_MAX - 1, &container_id) < 0 ||
                        value_number(host, 0, UINT32_MAX - 1, &host_id) < 0 ||
                        (size && value_number(size, 1, UINT32_MAX - 1, &count) < 0))
                return -EINVAL;
        if (container_id + count > UINT32_MAX || host_id + count > UINT32_MAX)
                return -EINVAL;

        *ret = (IdRange){ (uint32_t) container_id, (uint32_t) host_id, (uint32_t) count };
        return 0;
}

/* "+", "u", "g" before the id of the container, "@" before that of the host: they speak of rootless Podman.
 */
static bool has_flags(const char *text) {
        const char *colon = strchr(text, ':');

        return strspn(text, "+ug") > 0 || (colon && colon[1] == '@');
}

int idmap_parse(Value *value, char **ret, Fault *fault) {
        IdRange range;

        if (has_flags(value->text))
                return value_refuse(fault,
                                "the flags of '%s' refer to the namespace in which rootless podman runs",
                                value->text);
        if (parse_map(value->text, &range) < 0)
                return value_wrong(fault, value->text, "a map of ids: CONTAINER:HOST[:COUNT], all numbers");
        return value_copy(value->text, ret);
}

static int compare_ranges(const void *a, const void *b) {
        uint32_t x = ((const IdRange *) a)->container, y = ((const IdRange *) b)->container;

        return x < y ? -1 : x > y;
}

int idmap_join(char *const *maps, IdRange *ret, Fault *fault) {
        IdRange ranges[MAPS_MAX];
        size_t n = strv_length(maps);
        uint64_t end;

        if (n == 0 || n > MAPS_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there are too many maps of ids");
        for (size_t i = 0; i < n; i++)
                if (parse_map(maps[i], &ranges[i]) < 0)
                        return value_wrong(fault, maps[i], "a map of ids");

        qsort(ranges, n, sizeof(ranges[0]), compare_ranges);
        if (ranges[0].container != 0)
                return value_refuse(fault,
                                "systemd-nspawn can only map a range that begins with id 0, not %u",
                                ranges[0].container);

        end = ranges[0].count;
        for (size_t i = 1; i < n; i++) {
                if (ranges[i].container != end || ranges[i].host != ranges[0].host + end)
                        return value_refuse(fault,
                                        "systemd-nspawn can only map one range, and id %u does not continue "
                                        "it",
                                        ranges[i].container);
                end += ranges[i].count;
        }

        *ret = (IdRange){ 0, ranges[0].host, (uint32_t) end };
        return 0;
}

/* Takes a line "NAME:START:COUNT" to pieces. Return: whether it belongs to @name. */
static bool is_line_of(char *line, const char *name, uint64_t *start, uint64_t *count) {
        char *first = value_cut(line, ':');
        char *second = first ? value_cut(first, ':') : NULL;

        return second && strcmp(line, name) == 0 && value_number(first, 0, UINT32_MAX - 1, start) == 0 &&
               value_number(second, 1, UINT32_MAX - 1, count) == 0;
}

int idmap_find_sub(const char *text, const char *name, IdRange *ret) {
        autofree char *copy = strdup(text);
        char *rest = copy, *line;
        uint64_t start, count;
        bool found = false;

        if (!copy)
                return -ENOMEM;

        while ((line = strsep(&rest, "\n"))) {
                if (!is_line_of(line, name, &start, &count))
                        continue;
                if (found)
                        return -EOPNOTSUPP;
                found = true;
                *ret = (IdRange){ 0, (uint32_t) start, (uint32_t) count };
        }
        return found ? 0 : -ENOENT;
}
