#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
install -d -o postgres -g postgres -m 2777 /var/run/postgresql
install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data
mkdir /docker-entrypoint-initdb.d
install -m 755 /mnt/docker-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
rm -rf /var/lib/postgresql/15 /etc/init.d/postgresql
