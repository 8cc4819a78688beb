/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Ports: what PublishPort= and ExposeHostPort= take. */

#include "generator/values/value.h"
#include "lib/port.h"

ValueParse port_parse_publish; /* as port_parse(), gives back port_to_text() */
ValueParse port_parse_expose;  /* PORT[-PORT][/tcp|/udp] */
