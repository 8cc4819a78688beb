#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
sh -eu ../debian/1-base.gzip.sh
