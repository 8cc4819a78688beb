#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs what was put into /docker-entrypoint.d, listens on $NGINX_PORT instead of 80 if asked to, then becomes the server.
set -e
for script in /docker-entrypoint.d/*.sh; do
        [ -x "$script" ] || continue
        echo "$0: running $script"
        "$script"
done
if [ -n "${NGINX_PORT-}" ]; then
        sed -i "s/80;/$NGINX_PORT;/" /etc/nginx/conf.d/default.conf
fi
echo "$0: ready to start"
exec "$@"
