/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A volume to be kept, whoever asked for it
 *
 * Front ends fill this in, plan/ turns it into a unit. Texts are unit text, as in a Container.
 */

#include "generator/model/container.h"

typedef struct Volume {
        char *service;       /* its unit without ".service", if that is not named after the manifest */
        char *name;          /* what it is called among volumes */
        char *driver;        /* local, image; NULL is local */
        char *image;         /* reference of the image that it shows, for the driver "image" */
        char *image_service; /* the unit that brings it, NULL without one */

        /* What is mounted there; without a device it is a directory of Slipway's own */
        char *type;    /* of file system; "none" and "bind" for a directory of the host */
        char *device;  /* as mount(8) takes it */
        char *options; /* the same, with commas */

        /* Whose its root is: a name or a number; "user" and "group" are the older spelling */
        char *user, *group, *uid, *gid;

        Choice copy;  /* yes: at first use it gets what the image has in that place */
        char **label; /* KEY=VALUE */
        char *size;   /* how much it may have: a size, in bytes */
} Volume;

Volume *volume_new(void);
void volume_free(Volume *volume);

/* Whether the device is a directory of the host. */
bool volume_binds(const Volume *volume);
