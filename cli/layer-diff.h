/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a container has changed in its image
 *
 * Read from the writable layer, in the form that overlayfs gives it: what is there was added or changed, a
 * character device 0:0 is something removed, and a directory with trusted.overlay.opaque hides what was
 * below it.
 */

#include <stddef.h>

typedef struct LayerChange {
        char kind;  /* 'A'dded, 'C'hanged, 'D'eleted */
        char *path; /* absolute, as the container has it */
} LayerChange;

typedef struct LayerChanges {
        LayerChange *list; /* by path */
        size_t n, room;
} LayerChanges;

/**
 * layer_diff() - compare the writable layer with those below
 * @upper:      the writable layer
 * @lower:      the layers below, base first
 * @n_lower:    how many
 * @hidden:     absolute paths that are left out, because something is mounted there; NULL-terminated, or
 * NULL
 *
 * Return: 0 or -errno.
 */
int layer_diff(const char *upper, char *const *lower, size_t n_lower, char *const *hidden,
                LayerChanges *ret);

void layer_changes_done(LayerChanges *changes);
