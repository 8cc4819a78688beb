/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The config of an image
 *
 * What application/vnd.oci.image.config.v1+json and Docker's equivalent say:
 * how the app is started, and which layers make its root. The digest of the
 * document is the image's id. Lists are NULL when they are absent or empty.
 */

#include <stddef.h>
#include <stdint.h>

#include "image/digest.h"
#include "lib/cleanup.h"

/* What overlayfs can stack, see Documentation/filesystems/overlayfs.rst. */
#define IMAGE_LAYERS_LIMIT 500

/* config.Healthcheck, which is Docker's. Times are in microseconds; 0 is "as by default", here and in
 * retries.
 */
typedef struct ImageHealth {
        char **test; /* "CMD", "CMD-SHELL" or "NONE" first; NULL when the image has no check of its own */
        uint64_t interval, timeout, start_period, start_interval;
        unsigned retries;
} ImageHealth;

typedef struct ImageConfig {
        /* what it is made for */
        char *os, *architecture, *variant;
        char *created, *author; /* NULL when it does not say */

        /* config: how to start it */
        char **entrypoint, **cmd;
        char **env;           /* "KEY=VALUE" */
        char *user;           /* "USER[:GROUP]", names or numbers; NULL or empty is root */
        char *workdir;        /* absolute; NULL is "/" */
        char *stop_signal;    /* a name or a number; NULL is TERM */
        char **volumes;       /* absolute paths */
        char **exposed_ports; /* "80/tcp" */
        char **labels;        /* "KEY=VALUE" */
        char **shell;         /* for the shell form of a health check */
        ImageHealth health;

        /* rootfs: digests of the unpacked layers, base first */
        Digest *diff_ids;
        size_t n_diff_ids;
} ImageConfig;

/**
 * image_config_parse() - read a config document
 * @text:       its bytes, already checked against their digest
 * @size:       how many
 * @ret:        what it says; untouched on failure
 *
 * Types are checked, and so is what has led elsewhere to trouble later: user
 * ids beyond 2^31-1 (they wrap to root in places), relative volumes, names of
 * variables that are empty, times of a health check that are negative.
 *
 * Return: 0, -EINVAL, -EFBIG, -E2BIG (layers) or -ENOMEM.
 */
int image_config_parse(const char *text, size_t size, ImageConfig *ret, Fault *fault);

void image_config_done(ImageConfig *config);
