/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Secrets of a container as credentials of its unit, see lib/credentials.h. */

#include "generator/model/container.h"
#include "generator/unit/writer.h"

void credentials_write(const Container *container, UnitWriter *unit);
