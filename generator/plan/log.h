/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a container's output is marked in the journal
 *
 * systemd adds fields to all that the unit logs. What the app writes to /dev/stdout and /dev/stderr by name
 * is logged by another unit, slipway-stdio@NAME.service, which hears of them from the launcher.
 */

#include "generator/model/container.h"
#include "generator/unit/writer.h"

/* SyslogIdentifier= and LogExtraFields=. */
void log_write(const Container *container, UnitWriter *unit);

/**
 * log_fields() - what LogOpt= asks for
 * @ret:        a new list of "NAME=VALUE", unit text
 *
 * Return: 0 or -ENOMEM.
 */
int log_fields(const Container *container, char ***ret);

/**
 * log_tag() - what lines are marked with
 * @ret:        a new string, unit text; NULL when it is the container's name
 *
 * Return: 0 or -ENOMEM.
 */
int log_tag(const Container *container, char **ret);

/* What a label or variable of the container is, NULL when the manifest does not say. */
const char *log_find_value(char *const *list, const char *name, size_t n);
