/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* References to images: [REGISTRY/]NAME[:TAG][@DIGEST]. */

#include "generator/values/value.h"

/* Without "docker://". Lets "x.image" pass; knows "x.build", and transports that are not registries. */
ValueParse image_name_parse;

/* The name of an image, and nothing else. */
ValueParse image_name_parse_tag;

/* What an image can be brought from: its name, or TRANSPORT:… */
ValueParse image_name_parse_source;

/* "oci-archive:…" and the like. */
bool image_name_has_transport(const char *text);

/* Whether it says which registry it is from. */
bool image_name_is_qualified(const char *text);

/* Whether there is a tag or a digest. */
bool image_name_has_tag(const char *text);

/* "x.image", which is the file name of a manifest. */
bool image_name_is_unit(const char *text);
