/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "generator/model/image.h"
#include "generator/quadlet/key-load.h"
#include "generator/values/image-name.h"

/* There is no [Slipway] for images; what stands there is told as what it is. */
static const KeySection no_keys = { .name = "Slipway" };

static void check_image(KeyLoad *load, const Image *image) {
        if (!image->image && !load_given(load, "Image"))
                (void) load_fault(load, NULL, FAULT_VALUE, "there is no Image= in [Image]");
        if (!image->image)
                return;

        if (image->tag && !image_name_has_transport(image->image))
                (void) load_fault(load, "ImageTag", FAULT_CONFLICT,
                                "an image from a registry has the name that it is fetched by; ImageTag= is "
                                "for archives");
        if (image->all_tags == CHOICE_YES && image_name_has_transport(image->image))
                (void) load_fault(load, "AllTags", FAULT_CONFLICT, "only a registry has tags to be listed");
        else if (image->all_tags == CHOICE_YES && image_name_has_tag(image->image))
                (void) load_fault(load, "AllTags", FAULT_CONFLICT,
                                "Image= names one of them already; leave its tag or digest out");
}

static void check_variant(KeyLoad *load, const Image *image) {
        if (image->variant && !image->arch)
                (void) load_fault(load, "Variant", FAULT_VALUE,
                                "a variant is one of an architecture: set Arch=");
}

/* A unit can be read by everybody, and so can the arguments of a process. */
static void check_credentials(KeyLoad *load, const Image *image) {
        const Assignment *line = load_given(load, "Creds");
        Place place;

        if (!image->credentials)
                return;
        place = assignment_place(line);
        if (!value_is_dynamic(image->credentials) && !strchr(image->credentials, ':'))
                (void) faults_raise(load->faults, &place, FAULT_VALUE,
                                "it is not NAME:PASSWORD, and nobody could be asked for the password");
        faults_warn(load->faults, &place, FAULT_VALUE,
                        "everybody can read it in the unit; LoadCredential=slipway.auth:FILE in [Service], "
                        "with "
                        "an auth.json(5), is for the pull only");
}

int image_load_keys(const Manifest *manifest, const ManifestSet *all, Image **ret, FaultList *faults) {
        Image *image = image_new();
        KeyLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .model = image,
                .main = &image_section,
        };
        int r;

        if (!image)
                return -ENOMEM;
        r = load_section(&load, &image_section);
        if (r >= 0)
                r = load_section(&load, &no_keys);
        if (r < 0) {
                image_free(image);
                return r;
        }

        check_image(&load, image);
        check_variant(&load, image);
        check_credentials(&load, image);
        load_raise_later(&load);
        *ret = image;
        return 0;
}
