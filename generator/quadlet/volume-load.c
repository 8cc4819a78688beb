/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/model/volume.h"
#include "generator/quadlet/image-reference.h"
#include "generator/quadlet/other-manifest.h"
#include "generator/quadlet/podman-flags.h"
#include "lib/cleanup.h"

/* What an image is, no key can change. */
static void check_image(KeyLoad *load, const Volume *volume) {
        static const char *const others[] = { "Copy", "Device", "GID", "Group", "Options", "Type", "UID",
                "User" };
        bool is_image = volume->driver && strcmp(volume->driver, "image") == 0;

        if (!is_image && load_given(load, "Image"))
                (void) load_fault(load, "Image", FAULT_CONFLICT,
                                "a volume shows an image with Driver=image only");
        if (!is_image)
                return;
        if (!volume->image && !load_given(load, "Image"))
                (void) load_fault(load, "Driver", FAULT_VALUE, "'image' needs Image=");
        for (size_t i = 0; i < ELEMENTS(others); i++)
                if (load_given(load, others[i]))
                        (void) load_fault(load, others[i], FAULT_CONFLICT,
                                        "with Driver=image the volume is the image, as it is; leave it out");
        if (volume->size)
                (void) load_fault(load, "Driver", FAULT_CONFLICT,
                                "with 'image' nothing is written, and Size= has nothing to limit");
}

static void check_device(KeyLoad *load, const Volume *volume) {
        if (load_given(load, "Device"))
                ;
        else if (load_given(load, "Type"))
                (void) load_fault(load, "Type", FAULT_VALUE, "it is the type of a device: set Device=");
        else if (load_given(load, "Options"))
                (void) load_fault(load, "Options", FAULT_VALUE,
                                "they say how a device is mounted: set Device=");
        if (volume->device && volume_binds(volume) && *volume->device != '/' &&
                        !value_begins_dynamic(volume->device))
                (void) load_fault(load, "Device", FAULT_VALUE, "'%s' is not an absolute path to bind",
                                volume->device);
}

static void check_size(KeyLoad *load, const Volume *volume) {
        if (volume->size && volume->device && (!volume->type || strcmp(volume->type, "tmpfs") != 0))
                (void) load_fault(load, "Device", FAULT_CONFLICT,
                                "it is as large as it is: Size= is for a volume without a device, and for a "
                                "tmpfs");
}

/* The older key went to mount(8), the newer one is for whatever is there then. Here both are one. */
static void check_owner(KeyLoad *load, const Volume *volume) {
        if (volume->user && volume->uid && strcmp(volume->user, volume->uid) != 0)
                (void) load_fault(load, "UID", FAULT_CONFLICT, "User= says '%s' already", volume->user);
        if (volume->group && volume->gid && strcmp(volume->group, volume->gid) != 0)
                (void) load_fault(load, "GID", FAULT_CONFLICT, "Group= says '%s' already", volume->group);
}

static int resolve_image(KeyLoad *load, Volume *volume) {
        const Assignment *line = load_given(load, "Image");
        Place place;

        if (!line)
                return 0;
        place = assignment_place(line);
        return image_reference_resolve(load, &place, &volume->image, &volume->image_service);
}

static int load_all(KeyLoad *load, Volume *volume) {
        int r = load_section(load, &volume_section);

        if (r >= 0)
                r = load_section(load, &volume_slipway_section);
        if (r >= 0 && load->has_arguments)
                r = podman_args_apply(load);
        if (r >= 0)
                r = other_default_name(load, &volume->name);
        if (r >= 0)
                r = resolve_image(load, volume);
        if (r < 0)
                return r;
        check_image(load, volume);
        check_device(load, volume);
        check_size(load, volume);
        check_owner(load, volume);
        load_raise_later(load);
        return 0;
}

int volume_load_keys(const Manifest *manifest, const ManifestSet *all, Volume **ret, FaultList *faults) {
        Volume *volume = volume_new();
        KeyLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .model = volume,
                .main = &volume_section,
                .flags = &podman_volume_flags,
        };
        int r;

        if (!volume)
                return -ENOMEM;
        r = load_all(&load, volume);
        if (r < 0) {
                volume_free(volume);
                return r;
        }
        *ret = volume;
        return 0;
}
