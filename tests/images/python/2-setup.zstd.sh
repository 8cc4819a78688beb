#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
ln -s ../../bin/python3 /usr/local/bin/python
mkdir /app
