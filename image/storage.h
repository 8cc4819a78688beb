/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The storage of podman, buildah and CRI-O, to import from
 *
 * It keeps documents as they came, and layers unpacked, with a recipe of its
 * own (tar-split, JSON) to write their archives again. Here it is a source
 * like any other, whose files are:
 *
 *      manifest        of the image that was asked for
 *      HEX             its config, by digest
 *      layer/ID        the archive of a layer
 *
 * Nothing of it is changed. Its lock files are locked as readers lock them, so
 * that podman does not remove what is being read. What comes out is verified
 * by who imports it, as from a stranger.
 */

#include "image/plan.h"

#define STORAGE_ROOT "/var/lib/containers/storage"

/* @root: "[DRIVER@]GRAPHROOT[+RUNROOT][:OPTIONS]", or empty for the usual place. */
int source_new_storage(const char *root, Source **ret, Fault *fault);

/* For table in image/import.c. The request's tag is the name, id, or start of an id of the image. */
int plan_storage(Source *source, const PlanRequest *request, Plan *plan, Fault *fault);

/**
 * storage_archive() - the archive of a layer by a recipe as tar-split writes it
 * @recipe:     its lines, uncompressed; taken, also on failure
 * @root_fd:    where the files are; taken, also on failure
 */
Stream *storage_archive(Stream *recipe, int root_fd);
