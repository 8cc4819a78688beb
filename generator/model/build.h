/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An image to be built, whoever asked for it
 *
 * Front ends fill this in, plan/ turns it into a unit. Texts are unit text, as in a Container. Most are for
 * the program that builds, and mean what buildah-build(1) says.
 */

#include "generator/model/container.h"

typedef struct Build {
        char *service; /* its unit without ".service", if that is not named after the manifest */
        char **tags;   /* what the image is called; the first is what others mean */

        char *context; /* directory or URL of what goes into the image; "file" and "unit" until it is known
                        */
        char *file;    /* what says how: absolute, or below a context that is a URL; NULL: the usual one */
        char *ignore_file;
        char *target; /* the stage to build */

        char *arch, *variant;
        char **annotations, **labels;
        char **build_args, **environment;
        char **dns, **dns_options, **dns_searches;
        char **networks; /* host, none, ns:PATH */
        char **groups, **secrets, **volumes;
        Choice force_rm;

        /* Images that it begins with */
        char *auth_file, *pull, *retry, *retry_delay;
        Choice tls_verify;

        char **passed;        /* further options, as they are */
        bool without_network; /* it need not wait for the network */
} Build;

Build *build_new(void);
void build_free(Build *build);
