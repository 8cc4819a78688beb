#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers of a pod with --share=+pid see and signal each other's processes; what of the host is among them is closed
# to them; orphans are taken in, and whoever is killed leaves nothing behind.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"
. "$(dirname "$0")/faults-lib.sh"

manifest app.pod <<'END'
[Pod]
PodmanArgs=--share=+pid
END
manifest one.container <<'END'
[Container]
Image=localhost/busybox
Pod=app.pod
HealthCmd=pidof httpd
HealthInterval=100ms
Exec=sh -c "echo one has begun; trap 'echo one has heard' USR1; httpd -p 80; while :; do sleep 4321 & wait $$!; done"
END
manifest two.container <<'END'
[Container]
Image=localhost/busybox
Pod=app.pod
User=1234
Exec=sleep 1234
END
# It leaves a process to nobody.
manifest three.container <<'END'
[Container]
Image=localhost/busybox
Pod=app.pod
Exec=sh -c "(setsid sleep 3333 &); exec sleep 333"
END
manifest bare.container <<'END'
[Container]
Image=localhost/busybox
Pod=app.pod
RunInit=no
Exec=sleep 2345
END
manifest alone.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
units+=(app-pod.service one.service two.service three.service bare.service)
reload

space_of() {
        readlink "/proc/$1/ns/pid"
}

# The number, as the host has it, of the process with these words. The words may not be in another's.
number_of() {
        pgrep -f -x "$1"
}

gone() {
        ! number_of "$1" >/dev/null
}

# What has begun as the app, below an init.
app_of() {
        awk '{ print $1 }' "/proc/$(payload "$1")/task/$(payload "$1")/children"
}

# Whoever has just ended is a zombie until its parent looks: only who stays one is in the way.
no_zombie() {
        slipway exec one sh -c '! grep -q "^State:.Z" /proc/[0-9]*/status' 2>/dev/null
}

# The number in there, and its parent's.
inside_number() {
        awk '/^NSpid:/ { print $NF }' "/proc/$1/status"
}

parent() {
        awk '/^PPid:/ { print $2 }' "/proc/$1/status"
}

refused() {
        local container=$1
        shift
        ! slipway exec "$container" sh -c "$*" >/dev/null 2>&1 || fail "$container may do this: $*"
}

systemctl start app-pod
for name in one two three bare; do
        wait_active "$name"
done
start alone
assert_equal "$(show app-pod Type)" notify "type of the pod's unit"
first=$(show app-pod MainPID)
assert_equal "$(cat "/proc/$first/comm")" slipway-pause "main process of the pod's unit"
for name in one two three bare; do
        assert_equal "$(space_of "$(payload "$name")")" "$(space_of "$first")" "process namespace of $name"
        assert_equal "$(cat "/proc/$(show "$name" MainPID)/comm")" systemd-nspawn "main process of $name"
        assert_equal "$(parent "$(show "$name" MainPID)")" 1 "parent of the main process of $name"
done
[ "$(space_of "$(payload alone)")" != "$(space_of "$first")" ] || fail "a container alone is in the pod"
[ "$(space_of 1)" != "$(space_of "$first")" ] || fail "the pod has the processes of the host"

# Who is asked about one says nothing of the others.
assert_contains "$(slipway exec one ps)" "sleep 1234" "what one sees"
assert_contains "$(slipway exec two ps)" "sleep 333" "what two sees"
assert_contains "$(slipway exec one cat /proc/1/comm)" slipway-pause "process 1 in the pod"
assert_contains "$(slipway top one)" httpd "processes of one"
assert_lacks "$(slipway top one)" "sleep 1234" "processes of one"
assert_lacks "$(slipway top one)" systemd-nspawn "processes of one"
assert_equal "$(slipway pod inspect systemd-app | jq '.[0].shared_processes')" true "what the pod shares"
assert_journal one "one has begun"
wait_until 10 "one is healthy" sh -c "slipway inspect one | grep -q '\"healthy\"'"

# Signals, within the rights: root's of one are root's of three, those of two are another's.
slipway exec three kill -USR1 "$(inside_number "$(app_of one)")"
assert_journal one "one has heard"
refused one kill -USR1 "$(inside_number "$(app_of two)")"
slipway exec --user=1234 one kill -TERM "$(inside_number "$(app_of two)")"
wait_state two inactive
start two

# Orphans: to systemd-nspawn, or to an init; nobody stays a zombie.
assert_equal "$(parent "$(number_of 'sleep 3333')")" "$(payload three)" "parent of an orphan where there is an init"
assert_equal "$(payload bare)" "$(number_of 'sleep 2345')" "first process where there is no init"
slipway exec bare sh -c '(sleep 0.4 &); (setsid sleep 2222 &)'
wait_until 5 "there is an orphan" number_of 'sleep 2222'
sleep 0.5
[ "$(parent "$(number_of 'sleep 2222')")" != 1 ] || fail "an orphan has left the pod"
wait_until 5 "nobody in the pod stays a zombie" no_zombie

# --- what of the host is in there is closed --------------------------------------------------------------------------

below_proc() {
        slipway exec "$1" awk '$2 ~ "^/proc" { print $2, $3, $4 }' /proc/mounts | sed 's/,uid=.*//'
}

nspawn=$(inside_number "$(show one MainPID)")
closed() {
        local container=$1 number file
        # What is refused is there, and would be found in another place.
        assert_equal "$(slipway exec "$container" cat "/proc/$nspawn/comm")" systemd-nspawn "process $nspawn in the pod"
        slipway exec "$container" sh -c 'cat /proc/self/environ | grep -q . && ls -L /proc/self/root && readlink /proc/self/root &&
                ls /proc/self/fd && cat /proc/self/maps | grep -q .' >/dev/null || fail "$container cannot read its own /proc"
        for number in "$nspawn" 1; do
                for file in environ maps mem auxv syscall stack io; do
                        refused "$container" "cat /proc/$number/$file | grep -q ."
                done
                for file in root cwd exe ns/mnt ns/net fd/0; do
                        refused "$container" "ls -L /proc/$number/$file && readlink /proc/$number/$file"
                done
                # The host's root may list them in there, as he owns the directory, and no more.
                refused "$container" "for i in /proc/$number/fd/* /proc/$number/fdinfo/*; do
                        readlink \$i && exit; (: <\$i) && exit; done; exit 1"
                refused "$container" "ls /proc/$number/root/"
                refused "$container" "echo x >/proc/$number/mem"
                assert_lacks "$(slipway exec "$container" cat "/proc/$number/mountinfo")" /var/lib "mounts that $container sees"
                assert_lacks "$(slipway exec "$container" cat "/proc/$number/mountinfo")" /srv "mounts that $container sees"
                assert_equal "$(slipway exec "$container" cat "/proc/$number/net/dev" | grep -c :)" \
                        "$(slipway exec "$container" cat /proc/self/net/dev | grep -c :)" "interfaces that $container sees"
        done
        # Process 1 hears the service manager and nobody else.
        slipway exec "$container" sh -c 'for i in 1 2 9 15 19; do kill -$i 1; done' 2>/dev/null || true
        assert_equal "$(show app-pod MainPID)" "$first" "process 1 of the pod"
        wait_until 5 "process 1 sleeps, and is not stopped" grep -q '^State:.S' "/proc/$first/status"
        refused "$container" 'echo 1 >/proc/sys/kernel/panic'
        refused "$container" 'echo h >/proc/sysrq-trigger'
        refused "$container" 'mount -t proc proc /mnt'
        assert_equal "$(below_proc "$container")" "$(below_proc alone)" "mounts below /proc"
}
closed three
for number in 1 "$nspawn"; do
        for signal in 9 15 19; do
                refused three "kill -$signal $number"
        done
done
assert_equal "$(awk '/^Cap(Prm|Eff|Inh|Amb):/ { sum += strtonum("0x" $2) } END { print sum + 0 }' "/proc/$first/status" 2>/dev/null ||
        grep -cE '^Cap(Prm|Eff|Inh|Amb):[[:space:]]*0*[1-9a-f]' "/proc/$first/status" || true)" 0 "capabilities of process 1"
assert_equal "$(awk '/^(NoNewPrivs|Seccomp):/ { print $2 }' "/proc/$first/status" | xargs)" "1 2" "confinement of process 1"

# --- one ends, the others do not notice ------------------------------------------------------------------------------

others=$(payload one)
unmoved() {
        assert_equal "$(payload one)" "$others" "process of one after $1"
        assert_equal "$(show app-pod MainPID)" "$first" "process 1 after $1"
}

systemctl restart bare
unmoved "a restart of bare"
gone 'sleep 2222' || fail "what bare has left behind is there after its restart"

# An app that knows no signal ends by it all the same: it is not process 1.
for name in two bare; do
        before=$SECONDS
        stop "$name"
        [ $((SECONDS - before)) -lt 5 ] || fail "a stop of $name took as long as if nobody had heard it"
        assert_lacks "$(journal "$name")" "cannot arrive" "what the stop of $name has said"
        assert_equal "$(show "$name" Result)" success "result of $name"
        start "$name"
done

# The first process of a container: what it has left goes as well.
for victim in init nspawn; do
        for name in two bare; do
                systemctl restart "$name"
                slipway exec "$name" sh -c '(setsid sh -c "setsid sleep 2223 & sleep 2222" &)'
                wait_until 5 "$name has left something behind" number_of 'sleep 2223'
                case $victim in
                init) kill -KILL "$(payload "$name")" ;;
                nspawn) kill -KILL "$(show "$name" MainPID)" ;;
                esac
                wait_state "$name" failed
                for words in "$([ $name = two ] && echo sleep 1234 || echo sleep 2345)" 'sleep 2222' 'sleep 2223'; do
                        gone "$words" || fail "'$words' is there after $victim of $name was killed"
                done
                unmoved "$victim of $name was killed"
                wait_until 5 "nobody stays a zombie after $victim of $name was killed" no_zombie
                systemctl reset-failed "$name"
        done
done
kill -KILL "$(payload three)"
wait_state three failed
gone 'sleep 3333' || fail "an orphan is there after its init was killed"
systemctl reset-failed three

# All of them once more.
start two
start three
start bare

# Before systemd-nspawn is executed, others in the pod see no more of it; and a launcher that is stopped leaves nobody.
if [ -x /srv/faulty/nspawn-glue/slipway-nspawn ]; then
        places=([nspawn-glue/slipway-nspawn]=$libexec/slipway-nspawn)
        replace_programs
        echo 'launch:wait in the pod=stop' >"$choices/two"
        stop two
        systemctl start --no-block two
        waiting() {
                slipway exec one sh -c 'grep -l "^slipway-nspawn$" /proc/[0-9]*/comm 2>/dev/null' | grep .
        }
        wait_until 10 "the launcher of two waits in the pod" waiting
        number=$(waiting | cut -d/ -f3)
        assert_equal "$(slipway exec one cat "/proc/$number/cmdline" | tr -d '\0')" $libexec/slipway-nspawn "words of a launcher"
        assert_lacks "$(slipway exec one cat "/proc/$number/mountinfo")" /var/lib "mounts of a launcher"
        assert_lacks "$(slipway exec one cat "/proc/$number/mountinfo")" /srv "mounts of a launcher"
        systemctl kill --kill-whom=main --signal=KILL two
        wait_state two failed
        nobody() {
                ! waiting
        }
        wait_until 5 "there is nobody who waits" nobody
        restore_programs
        systemctl reset-failed two
        start two
fi

# Process 1 of the pod: the kernel ends all of them, and the units tell.
kill -KILL "$first"
wait_state app-pod failed
for name in one two three bare; do
        wait_until 10 "$name has ended" sh -c "[ \"\$(systemctl show --value --property MainPID $name)\" = 0 ]"
done
for words in 'sleep 1234' 'sleep 333' 'sleep 3333' 'sleep 4321'; do
        gone "$words" || fail "'$words' is there after process 1 was killed"
done
[ ! -e /run/slipway/pods/systemd-app ] || fail "there is something left of the pod"
systemctl reset-failed
systemctl start one
wait_active two
wait_active three
stop app-pod
for name in one two three bare; do
        is_state "$name" inactive || is_state "$name" failed || fail "$name runs after the pod was stopped"
done
assert_equal "$(show app-pod Result)" success "result of the pod"
assert_lacks "$(cat /proc/self/mountinfo)" /run/slipway/pods "mounts"
gone /usr/libexec/slipway/slipway-pause || fail "process 1 of a pod that has stopped is there"

# --- user namespaces -------------------------------------------------------------------------------------------------

rm /etc/slipway/two.container
for mode in UserNS=auto:size=60000 UserNS=keep-id UserNS=keep-id:uid=200,gid=200 UIDMap=0:500000:65536 UserNS=host; do
        printf '[Pod]\nPodmanArgs=--share=ipc,net,uts,pid\n%s\n' "$mode" >/etc/slipway/app.pod
        reload
        systemctl start one
        wait_active three
        assert_contains "$(slipway exec one ps)" "sleep 333" "what one sees with $mode"
        assert_contains "$(slipway exec three ps)" "httpd" "what three sees with $mode"
        [ "$mode" = UserNS=host ] || stop app-pod
done

# The app's terminal, and its last words.
stop app-pod
printf '[Pod]\nPodmanArgs=--share=+pid\n' >/etc/slipway/app.pod
for init in yes no; do
        # Nobody waits for the last words of an app without an init to be read.
        a_while=$([ $init = yes ] || echo 'sleep 0.3;')
        manifest line.container <<END
[Container]
Image=localhost/busybox
Pod=app.pod
RunInit=$init
Exec=sh -c "cat; echo the last words; $a_while exit 3"

[Slipway]
Console=interactive
END
        reload
        start line
        echo typed | timeout 20 slipway attach line >/tmp/out 2>/tmp/err || true
        assert_contains "$(cat /tmp/out)" typed "what came back with RunInit=$init"
        assert_contains "$(cat /tmp/out)" "the last words" "what came in the end with RunInit=$init"
        wait_state line failed
        assert_equal "$(show line ExecMainStatus)" 3 "status of the app with RunInit=$init"
        systemctl reset-failed line
done
rm /etc/slipway/line.container
stop app-pod
printf '[Pod]\nPodmanArgs=--share=+pid\nUserNS=host\n' >/etc/slipway/app.pod
reload
start app-pod
wait_active one
wait_active three

# Root of the host in there cannot look into what is of the host, either.
first=$(show app-pod MainPID)
nspawn=$(inside_number "$(show one MainPID)")
closed one
closed three

# But it could with this capability: so the three do not go together, whoever asks for it.
mkdir -p /run/systemd/system/one.service.d
systemctl stop one
printf '[Service]\nExecStart=\n%s\n' "$(systemctl cat one | grep ^ExecStart= | sed 's/ -- / --cap-add=sys_ptrace -- /')" \
        >/run/systemd/system/one.service.d/more.conf
reload
start_fails one
assert_status one "power over systemd-nspawn"
rm -r /run/systemd/system/one.service.d
systemctl reset-failed one
stop app-pod

# --- Kubernetes ------------------------------------------------------------------------------------------------------

cat >/etc/slipway/net.yaml <<'END'
apiVersion: v1
kind: Pod
metadata: {name: shared}
spec:
  shareProcessNamespace: true
  containers:
  - {name: left, image: localhost/busybox, command: [sleep, "5551"]}
  - {name: right, image: localhost/busybox, command: [sleep, "5552"]}
END
printf '[Kube]\nYaml=net.yaml\n' >/etc/slipway/net.kube
units+=(net.service)
reload
start net
wait_until 10 "left sees right" sh -c "slipway exec shared-left ps | grep -q 'sleep 5552'"
stop net
stop alone
wait_until 10 "all processes are gone" gone /usr/libexec/slipway/slipway-pause
assert_nothing_left
