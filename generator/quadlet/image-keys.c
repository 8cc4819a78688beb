/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/image.h"
#include "generator/quadlet/keys.h"
#include "generator/values/duration.h"
#include "generator/values/image-name.h"
#include "generator/values/word.h"
#include "lib/cleanup.h"

/* clang-format off */
/* A row whose shape does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(Image, member) \
        + 0 * _Generic(((Image *) NULL)->member, type: 1)

#define TEXT(member, parser)    KEY_TEXT,    AT(member, char *),  parser, NULL,   NULL, false
#define CHOICE(member)          KEY_CHOICE,  AT(member, Choice),  NULL,   NULL,   NULL, false
#define REFUSED(why)            KEY_REFUSED, 0,                   NULL,   NULL,   why,  false

/* Sorted by name, as in strcmp(3). */
static const KeyRow image_keys[] = {
        { "AllTags",              CHOICE(all_tags),                            "whether all tags of the name are fetched" },
        { "Arch",                 TEXT(arch, word_parse_platform),             "the architecture" },
        { "AuthFile",             TEXT(auth_file, value_parse_absolute_path),  "a file of credentials" },
        { "CertDir",              TEXT(cert_dir, value_parse_absolute_path),   "a directory of certificates" },
        { "ContainersConfModule", REFUSED("there is no containers.conf; its settings are keys of the manifest"),
                                  "a module of containers.conf" },
        { "Creds",                TEXT(credentials, value_parse_text),         "name and password" },
        { "DecryptionKey",        REFUSED("images are not decrypted; decrypt the image with 'skopeo copy --decryption-key' and import it with 'slipway import'"),
                                  "a key to decrypt the image" },
        { "GlobalArgs",           REFUSED("there is no podman to pass them to"),
                                  "options of podman itself" },
        { "Image",                TEXT(image, image_name_parse_source),        "the image to fetch" },
        { "ImageTag",             TEXT(tag, image_name_parse_tag),             "what the image is called, if it comes from an archive" },
        { "OS",                   TEXT(os, word_parse_platform),               "the operating system" },
        { "PodmanArgs",           REFUSED("there is no podman to pass them to; what a pull can be told has a key of its own"),
                                  "options of podman image pull" },
        { "Policy",               TEXT(policy, word_parse_pull),               "when to fetch the image" },
        { "Retry",                TEXT(retry, value_parse_count),              "how often a pull is repeated" },
        { "RetryDelay",           TEXT(retry_delay, duration_parse),           "how long to wait before a pull is repeated" },
        { "ServiceName",          TEXT(service, word_parse_service),           "the unit, in place of the manifest's name" },
        { "TLSVerify",            CHOICE(tls_verify),                          "whether the registry has to prove who it is" },
        { "Variant",              TEXT(variant, word_parse_platform),          "the variant of the architecture" },
};
const KeySection image_section = { "Image", image_keys, ELEMENTS(image_keys) };
/* clang-format on */
