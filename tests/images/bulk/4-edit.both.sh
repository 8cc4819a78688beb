#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a last step of a build does: files go, directories are replaced, some are written again.
find /usr/lib/python3 -name '*.py' | sort | awk 'NR % 10 == 0' | xargs rm
find /usr/include/boost -name '*.hpp' | sort | awk 'NR % 20 == 0' | while read -r file; do echo '/* edited */' >>"$file"; done
rm -rf /usr/share/perl5/Debconf /usr/share/zoneinfo/America
mkdir /usr/share/zoneinfo/America
echo here >/usr/share/zoneinfo/America/here
find /var/lib/dpkg/info -name '*.md5sums' | sort | awk 'NR % 2 == 0' | xargs rm
