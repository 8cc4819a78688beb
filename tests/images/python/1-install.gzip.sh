#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
apt-get -q update
apt-get -q -y install python3
