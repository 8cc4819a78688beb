/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An image to be pulled, whoever asked for it
 *
 * Front ends fill this in, plan/ turns it into a unit. Texts are unit text, as in a Container.
 */

#include "generator/model/container.h"

typedef struct Image {
        char *service;     /* its unit without ".service", if that is not named after the manifest */
        char *image;       /* reference, without "docker://"; or TRANSPORT:… */
        char *tag;         /* what to call it, when it comes from an archive; NULL for its own name */
        Choice all_tags;   /* no */
        char *policy;      /* missing, never, always, newer; NULL is always */
        char *retry;       /* number */
        char *retry_delay; /* Go duration */

        /* Which of those that go by the name; NULL is what suits this machine */
        char *arch, *os, *variant;

        /* How to get there */
        char *auth_file;   /* absolute path */
        char *cert_dir;    /* absolute path */
        char *credentials; /* NAME:PASSWORD */
        Choice tls_verify; /* yes */
} Image;

Image *image_new(void);
void image_free(Image *image);
