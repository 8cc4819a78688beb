/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a volume begins with: what an image has in its place
 *
 * It is copied by the launcher, out of a tree that belongs to strangers and
 * that nobody runs in yet. The place is looked up with that tree as the root
 * of all paths, and below it no link is followed.
 *
 * It happens once in a volume's life. All is copied beside its place first,
 * and moved when it is complete; what has come how far is in volume.json. Who
 * is killed on the way has left nothing that the next one would not remove or
 * go on with. Two at once wait for each other.
 */

#include "nspawn-glue/copy-tree.h"
#include "nspawn-glue/volume/store.h"

/**
 * volume_copy_up() - give a volume what it begins with, if it has not got it yet
 * @root_fd:    the container's tree
 * @target:     where in it the volume goes
 * @owners:     how ids of that tree become those of the volume
 *
 * Where the tree has no directory, or the volume is not empty, nothing is copied, now or later.
 */
int volume_copy_up(Volume *volume, int root_fd, const char *target, const CopyOwners *owners, Fault *fault);

/* The same for an empty directory that nobody will see if this fails. Return: 0 or -errno. */
int volume_copy_once(int to_fd, int root_fd, const char *target, const CopyOwners *owners);

/**
 * volume_fill_begin() - a place for other contents than those of an image
 * @volume:     opened with VOLUME_ALONE
 * @replace:    whether it may have contents; they are gone when the others are there
 * @ret:        an empty directory that looks like the volume's root
 *
 * Return: 0; -ENOTEMPTY without a fault; -EBUSY when it is to be replaced, and something is mounted there;
 * -errno.
 */
int volume_fill_begin(const Volume *volume, bool replace, int *ret);

/* All of it is there: it becomes what is in the volume, whoever is killed from now on. */
int volume_fill_commit(Volume *volume, bool replace, Fault *fault);

void volume_fill_abort(const Volume *volume);
