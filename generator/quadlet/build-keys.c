/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/build.h"
#include "generator/quadlet/keys.h"
#include "generator/quadlet/podman-flags.h"
#include "generator/values/build.h"
#include "generator/values/duration.h"
#include "generator/values/env.h"
#include "generator/values/host-entry.h"
#include "generator/values/image-name.h"
#include "generator/values/word.h"
#include "lib/cleanup.h"

/* clang-format off */
/* A row whose shape does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(Build, member) \
        + 0 * _Generic(((Build *) NULL)->member, type: 1)

#define TEXT(member, parser)    KEY_TEXT,      AT(member, char *),  parser, NULL, NULL, false
#define CHOICE(member)          KEY_CHOICE,    AT(member, Choice),  NULL,   NULL, NULL, false
#define LINES(member, parser)   KEY_LINES,     AT(member, char **), parser, NULL, NULL, false
#define ESCAPED(member, parser) KEY_ESCAPED,   AT(member, char **), parser, NULL, NULL, false
#define ARGUMENTS               KEY_ARGUMENTS, 0,                   NULL,   NULL, NULL, false
#define REFUSED(why)            KEY_REFUSED,   0,                   NULL,   NULL, why,  false

/* Sorted by name, as in strcmp(3). */
static const KeyRow build_keys[] = {
        { "Annotation",           ESCAPED(annotations, label_parse),              "notes in the manner of OCI" },
        { "Arch",                 TEXT(arch, word_parse_platform),                "the architecture" },
        { "AuthFile",             TEXT(auth_file, value_parse_absolute_path),     "a file of credentials" },
        { "BuildArg",             ESCAPED(build_args, env_parse),                 "variables of the build" },
        { "ContainersConfModule", REFUSED("there is no containers.conf; its settings are keys of the manifest"),
                                  "a module of containers.conf" },
        { "DNS",                  LINES(dns, dns_parse),                          "a name server" },
        { "DNSOption",            LINES(dns_options, dns_option_parse),           "an option of resolv.conf" },
        { "DNSSearch",            LINES(dns_searches, dns_search_parse),          "a domain to search" },
        { "Environment",          ESCAPED(environment, env_parse),                "variables of the image" },
        { "File",                 TEXT(file, value_parse_text),                   "what says how it is built" },
        { "ForceRM",              CHOICE(force_rm),                               "whether what a failed build leaves is removed" },
        { "GlobalArgs",           REFUSED("there is no podman to pass them to"),
                                  "options of podman itself" },
        { "GroupAdd",             LINES(groups, word_parse_group),                "a group more" },
        { "IgnoreFile",           TEXT(ignore_file, value_parse_path),            "what says what is left out" },
        { "ImageTag",             LINES(tags, image_name_parse_tag),              "what the image is called" },
        { "Label",                ESCAPED(labels, label_parse),                   "labels for others to read" },
        { "Network",              LINES(networks, build_parse_network),           "the network of the build" },
        { "PodmanArgs",           ARGUMENTS,                                      "options of podman build" },
        { "Pull",                 TEXT(pull, build_parse_pull),                   "when to fetch what it begins with" },
        { "Retry",                TEXT(retry, value_parse_count),                 "how often a pull is repeated" },
        { "RetryDelay",           TEXT(retry_delay, duration_parse),              "how long to wait before a pull is repeated" },
        { "Secret",               ESCAPED(secrets, build_parse_secret),           "secrets" },
        { "ServiceName",          TEXT(service, word_parse_service),              "the unit, in place of the manifest's name" },
        { "SetWorkingDirectory",  TEXT(context, build_parse_context),             "where the files are that go into it" },
        { "TLSVerify",            CHOICE(tls_verify),                             "whether registries have to prove who they are" },
        { "Target",               TEXT(target, value_parse_text),                 "the stage to build" },
        { "Variant",              TEXT(variant, word_parse_platform),             "the variant of the architecture" },
        { "Volume",               LINES(volumes, build_parse_volume),             "a directory of the host" },
};
const KeySection build_section = { "Build", build_keys, ELEMENTS(build_keys) };

/* What is passed on as it is, by options of podman only. */
static const KeyRow build_podman_keys[] = {
        { "Passed",               LINES(passed, value_parse_text),                "options for who builds" },
};
const KeySection build_podman_section = { "Build", build_podman_keys, ELEMENTS(build_podman_keys) };
/* clang-format on */
