#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# As the image of that name: no root at any time, a port that anybody may have, and files where the user can write.
groupadd --system --gid 101 nginx
useradd --system --gid 101 --uid 101 --home-dir /var/lib/nginx --shell /usr/sbin/nologin nginx
sed -i 's/80;/8080;/' /etc/nginx/conf.d/default.conf
sed -i -e '/^user /d' -e 's,^pid .*,pid /tmp/nginx.pid;,' /etc/nginx/nginx.conf
chown -R nginx: /var/lib/nginx
