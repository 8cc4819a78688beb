/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where what a manifest names is on the host
 *
 * A container that may write to a directory of the host can put a link there.
 * Another manifest that names a place below would be led by it to anywhere on
 * the host. So a directory is marked when a container gets it for writing, and
 * below a mark no link is followed. A mark is an attribute that only root of
 * the host can see, and stays.
 */

#include "lib/fault.h"

/*
 * Opens an absolute path of the host with O_PATH, links followed where nobody else can have made them.
 * Return: 0, -errno. A fault is raised only for a link that is not followed.
 */
int source_open(const char *path, int *ret, Fault *fault);

/* A container is about to get this directory for writing. File systems without attributes are not marked. */
void source_mark(int fd);
