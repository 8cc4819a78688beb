/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Network configurations of CNI, the Container Network Interface, in the versions 0.1.0 to 1.1.0 of its
 * specification
 *
 * A file NAME.conflist has a list of plugins, NAME.conf and NAME.json have one. Here all of them are lists:
 * {"cniVersion": …, "name": …, "plugins": [{"type": …}, …]}.
 */

#include <jansson.h>

#include "lib/fault.h"

#define CNI_DIRECTORY "/etc/cni/net.d"

/**
 * cni_config_parse() - a configuration as a list
 * @text:       of @size bytes
 *
 * Return: 0; -EINVAL with a fault.
 */
int cni_config_parse(const char *text, size_t size, json_t **ret, Fault *fault);

/**
 * cni_config_find() - the first of a directory's files, in the order of their names, that has a network
 *
 * Return: 0; -ENOENT with a fault that says what there is; -EINVAL with the fault of a file that cannot be
 * read, when no other has it.
 */
int cni_config_find(const char *directory, const char *name, json_t **ret, Fault *fault);

/* @path is the file, @list what cni_config_parse() makes of it. Return: 0 to go on. */
typedef int CniVisit(const char *path, const json_t *list, void *data);

/**
 * cni_config_visit() - all networks that a directory's files have, each once, in the order of the files
 *
 * A file that cannot be read is reported.
 *
 * Return: 0, what @visit has returned if that is not 0, -errno.
 */
int cni_config_visit(const char *directory, CniVisit *visit, void *data, Fault *fault);

/* Whether a list is of that version of the specification, or of a newer one. */
bool cni_config_is_of(const json_t *list, unsigned major, unsigned minor);

/* Whether one of the plugins wants to be told of something: "portMappings", "ips". */
bool cni_config_has(const json_t *list, const char *capability);

/**
 * cni_config_of_plugin() - what a plugin reads
 * @i:          its place in the list
 * @arguments:  what can be told to those that want it, by the name of the capability
 * @result:     of those before it, NULL for none
 * @ret:        a new document
 */
int cni_config_of_plugin(
                const json_t *list, size_t i, const json_t *arguments, const json_t *result, json_t **ret);
