/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a build is made of. */

#include "generator/values/value.h"

/* Whether it is somewhere else: https://…, http://…, git://… or github.com/…. */
bool build_is_url(const char *text);

ValueParse build_parse_context; /* file, unit, a URL, or a directory, which becomes absolute */
ValueParse build_parse_network; /* host, none, or ns:PATH */
ValueParse build_parse_pull;    /* always, missing, never, newer, or a boolean */
ValueParse build_parse_secret;  /* id=NAME,src=PATH or id=NAME,env=NAME */
ValueParse build_parse_volume;  /* SOURCE:TARGET[:OPTION,…] with a directory of the host */
