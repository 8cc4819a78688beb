/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/cleanup.h"

/* clang-format off */
static const struct {
        const char *machine;            /* of uname(2) */
        const char *architecture, *variant;
} machines[] = {
        { "x86_64",      "amd64",   ""   },
        { "aarch64",     "arm64",   "v8" },
        { "armv8l",      "arm",     "v8" },
        { "armv7l",      "arm",     "v7" },
        { "armv6l",      "arm",     "v6" },
        { "armv5tel",    "arm",     "v5" },
        { "i386",        "386",     ""   },
        { "i686",        "386",     ""   },
        { "loongarch64", "loong64", ""   },
};

/* What an empty variant means. */
static const struct {
        const char *architecture;
        int level;
} plain_levels[] = {
        { "amd64", 1 },
        { "arm64", 8 },
};
/* clang-format on */

static void normalise_machine(const char *machine, Platform *platform) {
        const char *architecture = machine, *variant = "";

        for (size_t i = 0; i < ELEMENTS(machines); i++)
                if (strcmp(machines[i].machine, machine) == 0) {
                        architecture = machines[i].architecture;
                        variant = machines[i].variant;
                }

        (void) snprintf(platform->architecture, sizeof(platform->architecture), "%s", architecture);
        if (platform->variant[0] == '\0')
                (void) snprintf(platform->variant, sizeof(platform->variant), "%s", variant);
}

static int copy_word(char *to, size_t size, const char *from, size_t n) {
        if (n == 0 || n >= size || *from == '.' || *from == '-' ||
                        strspn(from, "abcdefghijklmnopqrstuvwxyz0123456789_.-ABCDEFGHIJKLMNOPQRSTUVWXYZ") <
                                        n)
                return -EINVAL;
        memcpy(to, from, n);
        to[n] = '\0';
        return 0;
}

int platform_parse(const char *text, Platform *ret, Fault *fault) {
        Platform platform = { .os = "linux" };
        const char *slash = strchr(text, '/'), *end;
        char machine[sizeof(platform.architecture)];
        int r = 0;

        if (slash) {
                r = copy_word(platform.os, sizeof(platform.os), text, (size_t) (slash - text));
                text = slash + 1;
        }
        end = strchrnul(text, '/');
        if (r >= 0)
                r = copy_word(machine, sizeof(machine), text, (size_t) (end - text));
        if (r >= 0 && *end)
                r = copy_word(platform.variant, sizeof(platform.variant), end + 1, strlen(end + 1));
        if (r < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.100s' is not a platform, which is OS/ARCHITECTURE[/VARIANT]", text);

        normalise_machine(machine, &platform);
        *ret = platform;
        return 0;
}

void platform_of_machine(Platform *ret) {
        struct utsname uts;
        Platform platform = { .os = "linux" };

        (void) uname(&uts);
        normalise_machine(uts.machine, &platform);
        *ret = platform;
}

/* The number in "v7". Return: -1 when it is none. */
static int level_of(const char *architecture, const char *variant) {
        char *end;
        long level;

        if (*variant == '\0') {
                for (size_t i = 0; i < ELEMENTS(plain_levels); i++)
                        if (strcmp(plain_levels[i].architecture, architecture) == 0)
                                return plain_levels[i].level;
                return 0;
        }
        if (*variant != 'v' || variant[1] < '0' || variant[1] > '9')
                return -1;
        level = strtol(variant + 1, &end, 10);
        return *end == '\0' && level < 100 ? (int) level : -1;
}

int platform_rank(const Platform *wanted, const char *os, const char *architecture, const char *variant) {
        int have, want;

        if (strcmp(wanted->os, os) != 0 || strcmp(wanted->architecture, architecture) != 0)
                return -1;
        if (!variant)
                variant = "";
        if (strcmp(wanted->variant, variant) == 0)
                return 0;

        want = level_of(wanted->architecture, wanted->variant);
        have = level_of(architecture, variant);
        if (want < 0 || have < 0)
                return -1;
        if (wanted->variant[0] == '\0' && strcmp(architecture, "arm") == 0)
                want = 7; /* what "arm" has meant for long */
        return have <= want ? want - have : -1;
}

PlatformText platform_text(const char *os, const char *architecture, const char *variant) {
        PlatformText text;

        (void) snprintf(text.text, sizeof(text.text), "%s/%s%s%s", os, architecture,
                        variant && *variant ? "/" : "", variant ? variant : "");
        return text;
}
