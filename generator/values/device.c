/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* clang-format off */
/* Directories full of devices, which DeviceAllow= knows by the name of their driver in /proc/devices. */
static const struct {
        const char *directory, *class;
} classes[] = {
        { "/dev/bus/usb",  "char-usb_device" },
        { "/dev/dma_heap", "char-dma_heap"   },
        { "/dev/dri",      "char-drm"        },
        { "/dev/dvb",      "char-DVB"        },
        { "/dev/input",    "char-input"      },
        { "/dev/snd",      "char-alsa"       },
        { "/dev/vfio",     "char-vfio"       },
};
/* clang-format on */

const char *device_class(const char *directory) {
        size_t n = strlen(directory);

        while (n > 1 && directory[n - 1] == '/')
                n--;

        for (size_t i = 0; i < ELEMENTS(classes); i++)
                if (strlen(classes[i].directory) == n && strncmp(directory, classes[i].directory, n) == 0)
                        return classes[i].class;
        return NULL;
}

/* "r", "rw", "rwm" … each at most once. */
static bool is_permissions(const char *text) {
        size_t n = strlen(text);

        if (n < 1 || n > 3 || strspn(text, "rwm") != n)
                return false;
        for (; *text; text++)
                if (strchr(text + 1, *text))
                        return false;
        return true;
}

/* "vendor.com/class=name": a device that a Container Device Interface file describes. */
static bool is_cdi(const char *text) {
        const char *slash = strchr(text, '/'), *equals = strchr(text, '=');

        return *text != '/' && slash && equals && equals > slash + 1 && equals[1];
}

int device_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        const char *dash, *permissions = "rwm", *target;
        char *host, *second, *third = NULL;

        if (!copy)
                return -ENOMEM;

        dash = *copy == '-' ? "-" : "";
        host = copy + strlen(dash);
        if (is_cdi(host)) {
                value->later = "a device by the name of a CDI file";
                return value_copy(value->text, ret);
        }

        second = value_find_colon(host);
        if (second) {
                *second++ = '\0';
                third = value_find_colon(second);
                if (third)
                        *third++ = '\0';
        }
        if (second && !third && *second != '/' && !value_is_dynamic(second)) {
                third = second;
                second = NULL;
        }
        target = second ? second : host;
        if (third)
                permissions = third;

        if (strncmp(host, "/dev/", 5) != 0 && !value_begins_dynamic(host))
                return value_wrong(fault, host, "a device below /dev");
        if (*host == '$' || value_is_dynamic_part(host, strcspn(host, "%")))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' has a variable, which DeviceAllow= does not expand; use specifiers "
                                "only",
                                host);
        if (*target != '/' && !value_begins_dynamic(target))
                return value_wrong(fault, target, "an absolute path in the container");
        if (!is_permissions(permissions))
                return value_wrong(fault, permissions, "permissions: some of r, w and m");

        return value_printf(ret, "%s%s:%s:%s", dash, host, target, permissions);
}
