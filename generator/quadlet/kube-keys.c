/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/kube.h"
#include "generator/quadlet/keys.h"
#include "generator/values/kube-word.h"
#include "generator/values/userns.h"
#include "generator/values/word.h"
#include "lib/cleanup.h"

/* clang-format off */
/* A row whose shape does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(Kube, member) \
        + 0 * _Generic(((Kube *) NULL)->member, type: 1)

#define TEXT(member, parser)    KEY_TEXT,    AT(member, char *),  parser, NULL,   NULL
#define CHOICE(member)          KEY_CHOICE,  AT(member, Choice),  NULL,   NULL,   NULL
#define LINES(member, parser)   KEY_LINES,   AT(member, char **), parser, NULL,   NULL
#define WORDS(member, parser)   KEY_WORDS,   AT(member, char **), parser, NULL,   NULL
#define ESCAPED(member, parser) KEY_ESCAPED, AT(member, char **), parser, NULL,   NULL
#define REFUSED(why)            KEY_REFUSED, 0,                   NULL,   NULL,   why,  false
#define OLD_USERNS              REFUSED("it is an old way to say UserNS=")

#define NOW   false

/* Sorted by name, as in strcmp(3). What pods and containers are told in their own words is checked there. */
static const KeyRow kube_keys[] = {
        { "AutoUpdate",           WORDS(auto_update, kube_parse_auto_update),       NOW,   "where newer images come from, of all containers or of one" },
        { "ConfigMap",            ESCAPED(config_map, value_parse_path),            NOW,   "a file with ConfigMaps more" },
        { "ContainersConfModule", REFUSED("there is no containers.conf; its settings are keys of the manifest"),
                                  "a module of containers.conf" },
        { "ExitCodePropagation",  TEXT(propagation, kube_parse_propagation),        NOW,   "which failures of containers make the unit fail" },
        { "GlobalArgs",           REFUSED("there is no podman to pass them to"),
                                  "options of podman itself" },
        { "KubeDownForce",        CHOICE(down_force),                               NOW,   "whether volumes are removed when the unit is stopped" },
        { "LogDriver",            TEXT(log_driver, word_parse_log_driver),          NOW,   "where output goes" },
        { "LogOpt",               WORDS(log_opt, word_parse_log_opt),               NOW,   "how output is marked" },
        { "Network",              LINES(network, value_parse_text),                 NOW,   "the network that pods are in" },
        { "PodmanArgs",           REFUSED("there is no podman to pass them to; what can be told has a key, or a field in the YAML"),
                                  "options of podman kube play" },
        { "PublishPort",          LINES(publish, value_parse_text),                 NOW,   "a port of the host that leads into the pod" },
        { "RemapGid",             OLD_USERNS,                                              "group ids for RemapUsers" },
        { "RemapUid",             OLD_USERNS,                                              "user ids for RemapUsers" },
        { "RemapUidSize",         OLD_USERNS,                                              "how many ids RemapUsers=auto maps" },
        { "RemapUsers",           OLD_USERNS,                                              "an old name of UserNS" },
        { "ServiceName",          TEXT(service, word_parse_service),                NOW,   "the unit, in place of the manifest's name" },
        { "SetWorkingDirectory",  TEXT(working_directory, kube_parse_working_directory), NOW, "where relative paths of the YAML begin" },
        { "UserNS",               TEXT(userns, userns_parse),                       NOW,   "the user namespace of pods" },
        { "Yaml",                 ESCAPED(yaml, value_parse_path),                  NOW,   "the YAML file" },
};
const KeySection kube_section = { "Kube", kube_keys, ELEMENTS(kube_keys) };
/* clang-format on */
