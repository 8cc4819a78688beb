#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A database that runs as a user from its first process on, makes its cluster at the first start, and keeps it.
. "$(dirname "$0")/lib.sh"

mkdir -p /srv/postgresql/data /srv/postgresql/init
chown 999:999 /srv/postgresql/data
echo 'create table ships (name text); insert into ships values (current_setting($$server_version_num$$));' \
        >/srv/postgresql/init/ships.sql

launch postgresql <<'END'
[Container]
Image=localhost/postgresql
Environment=POSTGRES_PASSWORD=tiller
Volume=/srv/postgresql/data:/var/lib/postgresql/data
Volume=/srv/postgresql/init:/docker-entrypoint-initdb.d:ro
ShmSize=128m

[Service]
TimeoutStartSec=120
END

query() {
        inside postgresql psql -h /var/run/postgresql -U postgres -Atc "$1"
}

wait_until 60 "the cluster has been made" has_logged postgresql "PostgreSQL init process complete"
wait_until 30 "postgresql answers" query "select 1"
assert_contains "$(query 'select name from ships')" 15 "row of the init script"
assert_equal "$(inside postgresql awk '/^Uid:/ { print $2 }' /proc/1/status)" 999 "user of postgres"
query "insert into ships values ('second')" >/dev/null

# SIGINT is a fast and orderly shutdown.
stop postgresql
assert_equal "$(show postgresql Result)" success "result"
assert_journal postgresql "database system is shut down"
assert_equal "$(stat -c %u /srv/postgresql/data/PG_VERSION)" 999 "owner of the cluster, on the host"

start postgresql
wait_until 30 "postgresql answers" query "select 1"
assert_equal "$(query "select count(*) from ships")" 2 "rows after a restart"
assert_lacks "$(journal postgresql)" "was not properly shut down" "journal"
