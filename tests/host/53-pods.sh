#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers of a pod share a network, a host name, IPC and /dev/shm, and a slice with limits for all of them; they are
# started and stopped with it, and one of them alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

manifest app.pod <<'END'
[Pod]
HostName=stack
PublishPort=8085:80
AddHost=mainland:192.0.2.7
DNS=192.0.2.53

[Service]
MemoryMax=200M
TasksMax=300

[Install]
WantedBy=multi-user.target
END
manifest web.container <<'END'
[Container]
Image=localhost/busybox
Pod=app.pod
Exec=sh -c "mkdir /www; hostname >/www/index.html; echo shared >/dev/shm/note; exec httpd -f -p 80 -h /www"
END
manifest side.container <<'END'
[Container]
Image=localhost/busybox
Pod=app.pod
Exec=sleep 1000
END
manifest later.container <<'END'
[Container]
Image=localhost/busybox
Pod=app.pod
StartWithPod=no
Exec=sleep 1000
END
manifest stranger.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
units+=(app-pod.service web.service side.service later.service)
reload

# One is enough to start the pod, and that starts the others.
systemctl start web stranger
wait_active side
assert_active app-pod
assert_equal "$(show later ActiveState)" inactive "state of later, which does not start with its pod"
for namespace in net ipc uts; do
        assert_equal "$(readlink "/proc/$(payload web)/ns/$namespace")" "$(readlink "/proc/$(payload side)/ns/$namespace")" "$namespace namespace"
done
for namespace in pid mnt user; do
        [ "$(readlink "/proc/$(payload web)/ns/$namespace")" != "$(readlink "/proc/$(payload side)/ns/$namespace")" ] ||
                fail "$namespace namespace is shared"
done
assert_equal "$(slipway exec side cat /dev/shm/note)" shared "what the other has put into /dev/shm"
assert_equal "$(slipway exec side hostname)" stack "host name"
assert_equal "$(slipway exec side wget -q -O - http://localhost/)" stack "the other's answer on loopback"
assert_equal "$(fetch http://127.0.0.1:8085/)" stack "the published port"
assert_contains "$(slipway exec side cat /etc/hosts)" mainland "/etc/hosts"
assert_contains "$(slipway exec side cat /etc/resolv.conf)" 192.0.2.53 "/etc/resolv.conf"
for name in systemd-app stack web side; do
        assert_equal "$(ask stranger "http://$name/")" stack "answer at '$name'"
done

# Limits of the whole are its slice's.
assert_equal "$(show web Slice)" "$(show side Slice)" "slice"
assert_equal "$(show "$(show web Slice)" MemoryMax)" $((200 << 20)) "MemoryMax= of the slice"
assert_equal "$(show "$(show web Slice)" TasksMax)" 300 "TasksMax= of the slice"

# One of them is restarted, and the others do not notice.
before=$(payload side)
systemctl restart web
assert_equal "$(payload side)" "$before" "process of side after a restart of web"
wait_until 10 "web answers again" fetch http://127.0.0.1:8085/
assert_equal "$(fetch http://127.0.0.1:8085/)" stack "the published port after a restart of web"
systemctl kill --kill-whom=main --signal=KILL web
wait_state web failed
assert_equal "$(payload side)" "$before" "process of side after the end of web"
assert_lacks "$(slipway exec side grep -v '^#' /etc/hosts)" "web #" "/etc/hosts after the end of web"
systemctl reset-failed web
systemctl start web later
assert_equal "$(readlink "/proc/$(payload later)/ns/net")" "$(readlink "/proc/$(payload side)/ns/net")" "network of later"

# The last one takes the pod along.
systemctl stop web later
assert_active app-pod
systemctl stop side
wait_state app-pod inactive
[ ! -e /run/slipway/pods/systemd-app ] || fail "there is something left of the pod"
assert_lacks "$(cat /proc/self/mountinfo)" /run/slipway/pods "mounts"
assert_equal "$(fetch http://127.0.0.1:8085/)" "" "the published port of a pod that is gone"

# It starts and stops all of them.
systemctl start app-pod
wait_active web
wait_active side
systemctl stop app-pod
assert_equal "$(show web ActiveState)" inactive "state of web after its pod was stopped"

# ExitPolicy=continue: it stays.
sed -i '/^\[Pod\]/aExitPolicy=continue' /etc/slipway/app.pod
reload
systemctl start app-pod
wait_active web
wait_active side
systemctl stop web side
sleep 0.5
assert_active app-pod
systemctl stop app-pod

# Who makes it or takes it away is killed, wherever it is: the next start makes it anew.
before=$(slipway fsck --quick 2>&1)
for delay in 0 0.005 0.01 0.02 0.03; do
        for verb in start stop; do
                [ $verb = start ] || systemctl start app-pod || fail "the pod does not start after a kill"
                systemctl $verb --no-block app-pod
                sleep $delay
                pkill -KILL -x slipway-net || true
                wait_until 20 "no job is left" eval '[ -z "$(systemctl list-jobs --no-legend)" ]'
                systemctl reset-failed 2>/dev/null || true
        done
done
systemctl start app-pod || fail "the pod does not start after kills"
wait_active web
systemctl stop app-pod web side
assert_equal "$(slipway fsck --quick 2>&1)" "$before" "what fsck says after kills"
[ ! -e /run/slipway/pods/systemd-app ] || fail "there is something left of the pod after kills"

# A pod that is wrong is told at its members, which do not run without it.
sed -i 's/^HostName=.*/HostName=-wrong-/' /etc/slipway/app.pod
reload
start_fails web
assert_contains "$(systemctl status --no-pager web app-pod 2>&1 || true)" app.pod "what the status tells"

# Of a template each instance is a pod of its own, and containers of an instance are in that.
manifest 'stack@.pod' <<'END'
[Pod]
HostName=stack-%i
END
for name in one two; do
        manifest "$name@.container" <<'END'
[Container]
Image=localhost/busybox
Pod=stack@%i.pod
Exec=sleep 1000
StopSignal=KILL
END
done
sed -i 's/^Pod=.*/Pod=stack@.pod/' /etc/slipway/two@.container
manifest fixed.container <<'END'
[Container]
Image=localhost/busybox
Pod=stack@b.pod
Exec=sleep 1000
StopSignal=KILL
END
reload
units+=(stack-pod@a.service stack-pod@b.service one@a.service one@b.service two@a.service)
systemctl start one@a two@a one@b fixed || fail "containers of pods of a template do not start"
for pair in 'one@a two@a' 'one@b fixed'; do
        assert_equal "$(readlink "/proc/$(payload "${pair% *}")/ns/net")" "$(readlink "/proc/$(payload "${pair#* }")/ns/net")" "network of $pair"
done
[ "$(readlink "/proc/$(payload one@a)/ns/net")" != "$(readlink "/proc/$(payload one@b)/ns/net")" ] || fail "two instances are one pod"
assert_equal "$(inside one@a hostname)" stack-a "host name of an instance"
assert_equal "$(slipway pod ls --quiet | grep stack | tr '\n' ' ')" "systemd-stack-a systemd-stack-b " "pods of a template"
systemctl stop stack-pod@b
assert_equal "$(show fixed ActiveState)" inactive "state of a container whose pod was stopped"
assert_active one@a
systemctl stop one@a two@a
wait_state stack-pod@a inactive

# Two pods cannot have one port, and which has it is told.
sed -i 's/^HostName=.*/HostName=one/' /etc/slipway/app.pod
sed 's/^HostName=.*/HostName=two/' /etc/slipway/app.pod >/etc/slipway/two.pod
reload
units+=(two-pod.service)
systemctl start app-pod
start_fails two-pod
assert_status two-pod "published by 'systemd-app'"
systemctl stop app-pod stranger
assert_nothing_left
