#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs what was put into /docker-entrypoint.d, then becomes the server.
set -e
for script in /docker-entrypoint.d/*.sh; do
        [ -x "$script" ] || continue
        echo "$0: running $script"
        "$script"
done
echo "$0: ready to start"
exec "$@"
