#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A web server as its image has it: log by way of /dev/stdout, SIGQUIT to stop, port 80 on the host's network.
. "$(dirname "$0")/lib.sh"

# The host's network is the host's: a container's root has no right to its low ports, unless all have.
sysctl -qw net.ipv4.ip_unprivileged_port_start=80

launch web <<'END'
[Container]
Image=localhost/nginx
Network=host
END

wait_until 10 "nginx answers" curl -fsS http://localhost/
assert_contains "$(curl -fsS http://localhost/)" "Welcome to nginx, in a slipway" "the page"
assert_journal web "GET / HTTP/1.1"
assert_journal web "ready to start"

# What goes to /dev/stderr has the priority of an error.
curl -s http://localhost/missing >/dev/null
error=$(entry web "/missing\" failed")
assert_equal "$(jq -r .PRIORITY <<<"$error")" 3 "priority of /dev/stderr"
assert_equal "$(jq -r .CONTAINER_NAME <<<"$error")" web "CONTAINER_NAME of a line by /dev/stderr"

# SIGQUIT lets nginx finish its work: it ends by itself, and well.
stop web
assert_equal "$(show web Result)" success "result"
assert_equal "$(show web ExecMainStatus)" 0 "exit status"
! curl -fs http://localhost/ >/dev/null || fail "nginx still answers"
