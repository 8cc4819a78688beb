/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/foreign.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
const ForeignVerb foreign_verbs[] = {
        { "auto-update", "'slipway update' brings newer images to containers with AutoUpdate=" },
        { "build", "buildah and others build images; 'slipway import containers-storage:IMAGE' brings them" },
        { "commit", "'slipway export NAME | slipway import - IMAGE' makes an image of a container's files" },
        { "compose", "compose files are not read; each service is a manifest, see slipway.container(5)" },
        { "container", "say the verb alone, as in 'slipway list'" },
        { "create", "'slipway run --print-manifest' prints a manifest, which 'slipway start' starts" },
        { "generate", "'slipway cat' shows the unit of a manifest" },
        { "healthcheck", "'slipway list' and 'slipway inspect' show health" },
        { "history", "'slipway inspect IMAGE' shows the layers of an image" },
        { "image", "say 'slipway images', 'slipway pull', 'slipway rmi', 'slipway gc' or 'slipway inspect'" },
        { "info", "'slipway fsck' looks whether all is well, 'slipway --version' shows the version" },
        { "init", "--init is an option of 'slipway run'" },
        { "load", "'slipway import docker-archive:FILE' or 'slipway import oci-archive:FILE' brings images" },
        { "login", "'skopeo login --authfile=/etc/slipway/auth.json' writes what 'slipway pull' reads, see slipway-registries(5)" },
        { "logout", "'skopeo logout --authfile=/etc/slipway/auth.json' forgets what 'slipway pull' reads, see slipway-registries(5)" },
        { "ls", "'slipway list' lists containers, 'slipway images' images" },
        { "manifest", "skopeo works on indexes of images; 'slipway check' reads manifests of containers" },
        { "mount", "'slipway cp' and 'slipway export' reach the files of a container" },
        { "port", "ports are published by -p of 'slipway run', or PublishPort= in a manifest" },
        { "ps", "'slipway list' lists containers" },
        { "quadlet", "manifests are files in /etc/slipway; 'slipway check' reads them, 'slipway cat' shows their units" },
        { "rename", "a container is called after its manifest; rename that, then 'systemctl daemon-reload'" },
        { "search", "skopeo and the web search registries" },
        { "system", "'slipway df' shows sizes, 'slipway gc' removes what nobody needs, 'slipway fsck' looks for what is broken" },
        { "untag", "'slipway rmi NAME' removes a name, and the image with its last one" },
        { "version", "'slipway --version' shows it" },
};
/* clang-format on */
const size_t n_foreign_verbs = sizeof(foreign_verbs) / sizeof(foreign_verbs[0]);

static int compare_name(const void *name, const void *verb) {
        return strcmp(name, ((const ForeignVerb *) verb)->name);
}

const ForeignVerb *foreign_verb_find(const char *name) {
        return bsearch(name, foreign_verbs, n_foreign_verbs, sizeof(ForeignVerb), compare_name);
}
