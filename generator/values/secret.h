/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Secrets: NAME[,type=mount|env][,target=TARGET][,uid=UID][,gid=GID][,mode=MODE]. */

#include "generator/values/value.h"

ValueParse secret_parse;
ValueParse secret_parse_yaml; /* secret|configmap/NAME/KEY[,OPTION=VALUE…],file=PATH */
