#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A database that runs as a user from its first process on, makes its cluster at the first start, and keeps it. Its
# password is a secret.
. "$(dirname "$0")/lib.sh"

mkdir -p /srv/postgresql/data /srv/postgresql/init
chown 999:999 /srv/postgresql/data
echo 'create table ships (name text); insert into ships values (current_setting($$server_version_num$$));' \
        >/srv/postgresql/init/ships.sql

printf %s "tiller-$RANDOM$RANDOM" >/tmp/password
slipway secret create --replace postgresql-password /tmp/password

launch postgresql <<'END'
[Container]
Image=localhost/postgresql
Secret=postgresql-password,type=env,target=POSTGRES_PASSWORD
Secret=postgresql-password,uid=999,gid=999,mode=0400
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

# By network it wants the password: that of the secret, and no other.
by_network() {
        inside postgresql env PGPASSWORD="$1" psql -h 127.0.0.1 -U postgres -Atc "select 'let in'" 2>&1 || true
}
assert_equal "$(by_network "$(cat /tmp/password)")" "let in" "who has the password"
assert_contains "$(by_network wrong)" "password authentication failed" "who has another"
assert_equal "$(inside postgresql cat /run/secrets/postgresql-password)" "$(cat /tmp/password)" "the file of the secret"
assert_lacks "$(systemctl show postgresql)$(journal postgresql)" "$(cat /tmp/password)" "what others see"

# SIGINT is a fast and orderly shutdown.
stop postgresql
assert_equal "$(show postgresql Result)" success "result"
assert_journal postgresql "database system is shut down"
assert_equal "$(stat -c %u /srv/postgresql/data/PG_VERSION)" 999 "owner of the cluster, on the host"

start postgresql
wait_until 30 "postgresql answers" query "select 1"
assert_equal "$(query "select count(*) from ships")" 2 "rows after a restart"
assert_lacks "$(journal postgresql)" "was not properly shut down" "journal"
