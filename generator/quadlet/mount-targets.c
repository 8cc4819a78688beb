/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/quadlet/container-load.h"
#include "lib/strv.h"

/* A place in the container that something is mounted on, as a part of a longer text. */
typedef struct Target {
        const char *at;
        size_t n;
} Target;

static Target make_target(const char *at, const char *end) {
        Target target = { .at = at, .n = strcspn(at, end) };

        while (target.n > 1 && target.at[target.n - 1] == '/')
                target.n--;
        return target;
}

static Target target_of_volume(const char *text) {
        const char *colon = value_find_colon((char *) text);

        return make_target(colon ? colon + 1 : text, ":");
}

static Target target_of_mount(const char *text) {
        const char *name = strstr(text, ",destination=");

        return make_target(name ? name + strlen(",destination=") : "", ",");
}

static Target target_of_tmpfs(const char *text) {
        return make_target(text, ":");
}

/* An environment variable has a target, too, which is no path. */
static Target target_of_secret(const char *text) {
        const char *name = strstr(text, ",target=/");

        return make_target(name && !strstr(text, ",type=env") ? name + strlen(",target=") : "", ",");
}

/* Keys that mount something, and how they say where. */
/* clang-format off */
static const struct {
        size_t field;
        Target (*target_of)(const char *text);
} mounting[] = {
        { offsetof(Container, volume), target_of_volume },
        { offsetof(Container, mount),  target_of_mount  },
        { offsetof(Container, tmpfs),  target_of_tmpfs  },
        { offsetof(Container, secret), target_of_secret },
        { offsetof(Container, yaml_secret), target_of_secret },
};
/* clang-format on */

static bool is_same(Target a, Target b) {
        return *a.at == '/' && a.n == b.n && memcmp(a.at, b.at, a.n) == 0 &&
               !value_is_dynamic_part(a.at, a.n);
}

/* How often something is mounted on @target. */
static size_t count(const Container *container, Target target) {
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTS(mounting); i++) {
                char *const *list = *(char **const *) ((const char *) container + mounting[i].field);

                for (; list && *list; list++)
                        n += is_same(target, mounting[i].target_of(*list));
        }
        return n;
}

bool mount_targets_have(const Container *container, const char *volume) {
        return count(container, target_of_volume(volume)) > 0;
}

bool mount_targets_are_same(const char *volume, const char *other) {
        return is_same(target_of_volume(volume), target_of_volume(other));
}

void mount_targets_check(KeyLoad *load, const KeyRow *row, const Place *place) {
        for (size_t i = 0; i < ELEMENTS(mounting); i++) {
                char *const *list;
                Target target;

                if (row->field != mounting[i].field)
                        continue;
                list = *(char **const *) ((const char *) load->container + row->field);
                target = mounting[i].target_of(list[strv_length(list) - 1]);
                if (count(load->container, target) > 1)
                        (void) faults_raise(load->faults, place, FAULT_CONFLICT,
                                        "there is another mount on '%.*s'", (int) target.n, target.at);
        }
}
