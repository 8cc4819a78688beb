#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is done about a container that is unhealthy: nothing by default, else what HealthOnFailure= and WatchdogSec= say.
. "$(dirname "$0")/lib.sh"

# The app is well for as long as its first container runs; a directory of the host remembers.
mkdir -p /srv/health
chmod 700 /srv/health

container() {
        local name=$1
        shift
        rm -rf "/srv/health/$name"
        mkdir "/srv/health/$name"
        launch "$name" < <(
                cat <<END
[Container]
Image=localhost/busybox
Exec=sh -c 'echo begun >>/state/begun; trap "echo told to stop; exit 0" TERM; while :; do sleep 0.1; done'
Volume=/srv/health/$name:/state
HealthCmd=test ! -e /state/ill
HealthInterval=300ms
HealthRetries=2
END
                printf '%s\n' "$@"
        )
}

begun() {
        wc -l <"/srv/health/$1/begun"
}

has_begun() {
        [ "$(begun "$1")" -ge "$2" ]
}

is_result() {
        [ "$(show "$1" Result)" = "$2" ]
}

# restart needs no Restart= in the unit; the app is asked to stop as ever.
container again HealthOnFailure=restart
touch /srv/health/again/ill
wait_until 15 "it is restarted" has_begun again 2
rm /srv/health/again/ill
assert_journal again "HealthOnFailure=restart"
assert_journal again "told to stop"
wait_active again
count=$(begun again)
sleep 1.5
assert_equal "$(begun again)" "$count" "starts of one that is well again"
stop again

# A container that stays ill is restarted until systemd has enough of it.
container hopeless HealthOnFailure=restart "[Unit]" StartLimitIntervalSec=60 StartLimitBurst=3
touch /srv/health/hopeless/ill
wait_until 30 "systemd has enough of it" is_state hopeless failed
assert_equal "$(begun hopeless)" 3 "starts"
assert_equal "$(show hopeless Result)" start-limit-hit "result"

# stop is no failure.
container over HealthOnFailure=stop "[Service]" Restart=always
touch /srv/health/over/ill
wait_state over inactive
assert_equal "$(show over Result)" success "result"
assert_journal over "told to stop"
assert_equal "$(begun over)" 1 "starts"

# kill is one, and Restart= applies.
container dead HealthOnFailure=kill
touch /srv/health/dead/ill
wait_state dead failed
assert_lacks "$(journal dead)" "told to stop" "journal"
assert_status dead "failures in a row, exit status 1"
container phoenix HealthOnFailure=kill "[Service]" Restart=on-failure RestartSec=100ms
touch /srv/health/phoenix/ill
wait_until 15 "it is restarted" has_begun phoenix 2
rm /srv/health/phoenix/ill
wait_active phoenix
stop phoenix

# While it stops, nothing is done about it, though the app takes its time and its check fails.
container leaving HealthOnFailure=restart "[Service]" TimeoutStopSec=20
sed -i 's/exit 0/touch \/state\/ill; sleep 2; exit 0/' /etc/slipway/leaving.container
reload
systemctl restart leaving
rm -f /srv/health/leaving/ill
count=$(begun leaving)
stop leaving
assert_equal "$(show leaving ActiveState)" inactive "state"
sleep 1
assert_equal "$(begun leaving)" "$count" "starts"
assert_equal "$(show leaving ActiveState)" inactive "state"

# The watchdog hears of what is well, longer than it would wait, and no more when it is not.
container dog "[Service]" WatchdogSec=1 Restart=no
sleep 2.5
assert_active dog
touch /srv/health/dog/ill
wait_state dog failed
assert_equal "$(show dog Result)" watchdog "result"
assert_status dog "the container was unhealthy ("

# A startup check that fails too often.
container lazy 'HealthStartupCmd=test -e /state/up || exit 9' HealthStartupInterval=200ms HealthStartupRetries=3
wait_until 15 "it is restarted" has_begun lazy 2
touch /srv/health/lazy/up
is_healthy() {
        [ "$(slipway list --json | jq -r --arg name "$1" '.[] | select(.name == $name) | .health')" = healthy ]
}
wait_until 10 "it is healthy" is_healthy lazy
stop lazy
