#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
apt-get -q update
apt-get -q -y -o Dpkg::Options::=--force-confold install postgresql-15
rm -rf /usr/lib/postgresql/15/lib/bitcode /usr/share/postgresql/15/man
