/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which images of this machine alone a build may begin with
 *
 * They are called "localhost/…", which no registry is asked for. The instructions are not understood, that
 * is buildah's business: any word in them that could be such a name is taken for one, with what is known of
 * ARG. A name too many costs the time of writing an image.
 */

#include "lib/fault.h"

/**
 * build_bases_find() - names in the text of a Containerfile
 * @options:    of "buildah build", of which --build-arg= is read
 * @ret:        as they are written there, each once; NULL for none
 *
 * Return: 0 or -ENOMEM.
 */
int build_bases_find(const char *text, char *const *options, char ***ret);
