/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/volume.h"
#include "generator/quadlet/keys.h"
#include "generator/values/account.h"
#include "generator/values/env.h"
#include "generator/values/image-name.h"
#include "generator/values/size.h"
#include "generator/values/volume.h"
#include "generator/values/word.h"
#include "lib/cleanup.h"

/* clang-format off */
/* A row whose shape does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(Volume, member) \
        + 0 * _Generic(((Volume *) NULL)->member, type: 1)

#define TEXT(member, parser)    KEY_TEXT,      AT(member, char *),  parser, NULL, NULL, false
#define CHOICE(member)          KEY_CHOICE,    AT(member, Choice),  NULL,   NULL, NULL, false
#define ESCAPED(member, parser) KEY_ESCAPED,   AT(member, char **), parser, NULL, NULL, false
#define ARGUMENTS               KEY_ARGUMENTS, 0,                   NULL,   NULL, NULL, false
#define REFUSED(why)            KEY_REFUSED,   0,                   NULL,   NULL, why,  false

/* Sorted by name, as in strcmp(3). */
static const KeyRow volume_keys[] = {
        { "ContainersConfModule", REFUSED("there is no containers.conf; its settings are keys of the manifest"),
                                  "a module of containers.conf" },
        { "Copy",        CHOICE(copy),                             "whether it begins with what the image has in that place" },
        { "Device",      TEXT(device, value_parse_text),           "what is mounted there" },
        { "Driver",      TEXT(driver, volume_parse_driver),        "what keeps it: local or image" },
        { "GID",         TEXT(gid, account_parse),                 "the group that its root belongs to" },
        { "GlobalArgs",  REFUSED("there is no podman to pass them to"),
                         "options of podman itself" },
        { "Group",       TEXT(group, account_parse),               "the group that its root belongs to" },
        { "Image",       TEXT(image, image_name_parse),            "the image that it shows, with Driver=image" },
        { "Label",       ESCAPED(label, label_parse),              "labels for others to read" },
        { "Options",     TEXT(options, value_parse_text),          "how the device is mounted" },
        { "PodmanArgs",  ARGUMENTS,                                "options of podman volume create that have a meaning here" },
        { "ServiceName", TEXT(service, word_parse_service),        "the unit, in place of the manifest's name" },
        { "Type",        TEXT(type, volume_parse_type),            "the type of the device's file system" },
        { "UID",         TEXT(uid, account_parse),                 "the user that its root belongs to" },
        { "User",        TEXT(user, account_parse),                "the user that its root belongs to" },
        { "VolumeName",  TEXT(name, value_parse_name),             "what the volume is called" },
};
const KeySection volume_section = { "Volume", volume_keys, ELEMENTS(volume_keys) };

static const KeyRow volume_slipway_keys[] = {
        { "Size", TEXT(size, size_parse_bytes), "how much it may hold" },
};
const KeySection volume_slipway_section = { "Slipway", volume_slipway_keys, ELEMENTS(volume_slipway_keys) };
/* clang-format on */
