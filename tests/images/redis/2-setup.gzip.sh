#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# The official image has no configuration file and keeps its data in /data.
rm -rf /etc/redis /etc/init.d/redis-server /var/log/redis
install -d -o redis -g redis /data
install -m 755 /mnt/docker-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
