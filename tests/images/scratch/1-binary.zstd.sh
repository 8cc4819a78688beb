#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
gcc -O2 -static -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$LAYER/app" app.c
