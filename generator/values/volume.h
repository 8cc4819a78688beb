/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Volumes: SOURCE:TARGET[:OPTION,…], and what keys of a .volume file take. */

#include "generator/values/value.h"

/* With the source made absolute, if it is a path. A TARGET alone is a volume without a name. */
ValueParse volume_parse;

typedef enum VolumeSort {
        VOLUME_BIND,  /* a directory or file of the host */
        VOLUME_NAMED, /* a volume of Slipway's, with a name or without */
} VolumeSort;

/* The part after the second colon alone, for Mount=. */
int volume_check_options(const char *options, VolumeSort sort, Fault *fault);

/* "x.volume", which is the file name of a manifest. */
bool volume_name_is_unit(const char *text);

ValueParse volume_parse_name;   /* what a volume is called */
ValueParse volume_parse_driver; /* local, image */
ValueParse volume_parse_type;   /* of a file system */
