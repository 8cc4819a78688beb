#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes a cluster in $PGDATA if there is none, runs the scripts in /docker-entrypoint-initdb.d on it, then becomes the
# server.
set -euo pipefail

if [ "${1:0:1}" = - ]; then
        set -- postgres "$@"
fi

if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
        if [ -z "${POSTGRES_PASSWORD-}" ]; then
                echo "database is uninitialized and superuser password is not specified: set POSTGRES_PASSWORD" >&2
                exit 1
        fi
        initdb --username="${POSTGRES_USER:-postgres}" --auth-local=trust --auth-host=scram-sha-256 \
                --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
        echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"

        pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
        for script in /docker-entrypoint-initdb.d/*.sql; do
                [ ! -f "$script" ] || psql -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -f "$script"
        done
        pg_ctl -D "$PGDATA" -m fast -w stop
        echo 'PostgreSQL init process complete; ready for start up.'
fi

exec "$@"
