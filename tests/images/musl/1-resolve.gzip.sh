#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
musl-gcc -O2 -static -std=gnu17 -Wall -Wextra -Werror -o "$LAYER/resolve" resolve.c
