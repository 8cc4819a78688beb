/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where translating a manifest meets the meaning of its keys
 *
 * translate.c knows files, names, [Unit], [Service], [Install] and [Quadlet],
 * and writes sections and what is the same in every unit. What the main
 * section and [Slipway] mean is the front end's business, and so is what
 * becomes of it. A unit is written in this order:
 *
 *     [Unit]      Description= Documentation= SourcePath=   (translate.c)
 *                 container_write_unit()                    RequiresMountsFor= Wants= After= …
 *                 the user's [Unit], references translated  (translate.c)
 *     [Service]   container_write_service()                 everything from Type= to ExecStopPost=
 *                 container_write_stop()                    ExecStop=; after the user's, if there is one
 *                 the user's [Service], so that it wins     (translate.c)
 *     [X-Slipway] Kind=container                            (translate.c)
 *                 container_write_info()                    Container= Image=
 *
 * Nothing else is shared.
 */

#include "generator/faults.h"
#include "generator/quadlet/manifest.h"
#include "generator/unit/writer.h"

typedef struct Container Container;

/**
 * container_load() - understand a .container file
 * @manifest:   the file; free of syntax errors
 * @all:        every manifest there is, for references like Network=x.network
 * @ret:        the container, also when some of its keys were faulty
 * @faults:     each key that is unknown, wrong or cannot be honoured, and warnings
 *
 * Reads [Container] and [Slipway] to the end, whatever is wrong in between. Text is
 * copied or borrowed from @manifest, which lives longer.
 *
 * Return: 0, or a negative errno only for lack of memory; @faults says whether there is a unit.
 */
int container_load(const Manifest *manifest, const ManifestSet *all, Container **ret, FaultList *faults);

/* Called only for a container without errors, in this order. Failures stick to the writer. */
void container_write_unit(const Container *container, UnitWriter *unit);
void container_write_service(const Container *container, UnitWriter *unit);
void container_write_stop(const Container *container, UnitWriter *unit);
void container_write_info(const Container *container, UnitWriter *unit);

/* The container's name in slipway-stdio@NAME.service, unit text; NULL when nothing is logged for it. */
const char *container_logged_name(const Container *container);

void container_free(Container *container);
