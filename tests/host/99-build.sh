#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Without a program that builds, the unit of a .build file says what to install; with one, what it has made is taken.
. "$(dirname "$0")/lib.sh"

mkdir -p /srv/app
echo "FROM scratch" >/srv/app/Containerfile
manifest app.build <<'END'
[Build]
ImageTag=localhost/built:1
SetWorkingDirectory=/srv/app
[Quadlet]
DefaultDependencies=no
END
manifest app.container <<'END'
[Container]
Image=app.build
Network=none
Exec=sleep 1000
END
reload
start_fails app
assert_status app-build.service "there is no program 'buildah' to build images with: install the package of that name"
assert_equal "$(show app-build.service ActiveState)" failed "state of the build"

# What builds says what it was called with, and gives an image that is there.
mkdir -p /usr/local/bin
cat >/usr/local/bin/buildah <<'END'
#!/bin/sh
echo "called with $*"
for word; do
        case $word in
        --iidfile=*) echo "sha256:$(sha256sum </dev/null | cut -d' ' -f1)" >"${word#*=}" ;;
        oci:*) cp -r /srv/images/oci "${word#oci:}" && jq -c '.manifests |= map(select(.annotations["org.opencontainers.image.ref.name"] == "busybox"))' /srv/images/oci/index.json >"${word#oci:}/index.json" ;;
        esac
done
END
chmod +x /usr/local/bin/buildah
start app
assert_equal "$(tr '\0' ' ' <"/proc/$(payload app)/cmdline")" "sleep 1000 " "command of the container"
assert_journal app-build.service "--tag=localhost/built:1 --layers --network=host -- /srv/app"
assert_contains "$(slipway images)" "localhost/built:1" "images"
[ -z "$(find /var/cache/slipway/build -maxdepth 1 -name 'work-*')" ] || fail "a build has left something behind"
stop app

# Killed in the middle: the unit fails, nobody is left, the store is as it was, and the next build works.
slipway images --quiet | sort >/srv/before
cp /usr/local/bin/buildah /srv/buildah
printf '#!/bin/sh\nexec sleep 31338\n' >/usr/local/bin/buildah
systemctl start --no-block app-build.service
wait_until 10 "it builds" pgrep -x -f 'sleep 31338'
systemctl kill --kill-whom=main --signal=KILL app-build.service
wait_state app-build.service failed
! pgrep -x -f 'sleep 31338' >/dev/null || fail "what builds is left"
slipway images --quiet | sort | cmp - /srv/before || fail "the store has changed"
cp /srv/buildah /usr/local/bin/buildah
systemctl reset-failed app-build.service
start app
[ -z "$(find /var/cache/slipway/build -maxdepth 1 -name 'work-*')" ] || fail "a build that was killed has left something behind"
stop app

# What was killed in the middle is removed by the next one.
mkdir /var/cache/slipway/build/work-killed
printf '#!/bin/sh\nexit 7\n' >/usr/local/bin/buildah
start_fails app
assert_status app-build.service "'buildah build' has failed with status 7"
[ ! -e /var/cache/slipway/build/work-killed ] || fail "what a killed build has left is still there"
rm /usr/local/bin/buildah
