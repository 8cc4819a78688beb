/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Building an image, by the program of others
 *
 * buildah builds, in a storage of its own that nobody else looks into, and writes the result into a
 * directory; from there it comes into the store as any other image. What is under way is told to the service
 * manager.
 */

#include "lib/fault.h"

typedef struct BuildRequest {
        char *const *names;   /* what the image is called, at least one */
        char *const *options; /* for "buildah build", as they are */
        const char *context;  /* directory or URL */
} BuildRequest;

/**
 * build_request_read() - read a command line: NAME… --context=CONTEXT -- OPTION…
 * @words:      without the name of the program; what is before "--" is sorted so that names come first
 *
 * Return: 0, -EINVAL with a fault.
 */
int build_request_read(char **words, BuildRequest *ret, Fault *fault);

/* Return: 0, -errno with a fault. */
int build_image(const BuildRequest *request, Fault *fault);
