#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# A whiteout for a file, an opaque directory, and the links of the official image: the log is standard output.
rm -rf /etc/nginx/sites-enabled/default /var/www/html /etc/nginx/modules-enabled
mkdir -p /var/www/html /etc/nginx/modules-enabled /docker-entrypoint.d
echo '<h1>Welcome to nginx, in a slipway</h1>' >/var/www/html/index.html
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
cp /mnt/default.conf /etc/nginx/conf.d/default.conf
install -m 755 /mnt/docker-entrypoint.sh /docker-entrypoint.sh
