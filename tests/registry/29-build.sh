#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# .build units: buildah builds, the store has the result, and containers run it.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
push_image localhost:5000/own/busybox:1
empty_store

# The host's own files are an overlay, on which buildah cannot stack another.
mkdir -p /var/cache/slipway
mount -t tmpfs -o mode=755 tmpfs /var/cache/slipway

# --- from nothing, and no network is needed
mkdir -p /srv/nothing
cp /bin/true /srv/nothing/program
cat >/srv/nothing/Containerfile <<'END'
FROM scratch
COPY program /bin/program
CMD ["/bin/program"]
END
manifest nothing.build <<'END'
[Build]
ImageTag=localhost/nothing:1
ImageTag=localhost/nothing:latest
Label=made=here
SetWorkingDirectory=/srv/nothing
END
reload
start nothing-build.service
assert_equal "$(show nothing-build.service ActiveState) $(show nothing-build.service Result)" "inactive success" "state when it is built"
assert_contains "$(slipway images)" "localhost/nothing:1" "images"
assert_contains "$(slipway images)" "localhost/nothing:latest" "images"
assert_contains "$(slipway inspect localhost/nothing:1)" '"made"' "labels of the image"
[ -z "$(find /var/cache/slipway/build -maxdepth 1 -name 'work-*')" ] || fail "a build has left something behind"
assert_clean_store

# --- without root in /etc/passwd buildah would say something about a number
cp /etc/passwd /srv/passwd
sed -i /^root:/d /etc/passwd
status=0
systemctl start nothing-build.service 2>/dev/null || status=$?
said=$(show nothing-build.service StatusText)
cp /srv/passwd /etc/passwd
[ "$status" != 0 ] || fail "an image is built for nobody"
assert_contains "$said" "cannot build 'localhost/nothing:1': there is no user with the id 0 on this machine" "status without root"

# --- with a command that is run, from an image of a registry, for a container that requires it
mkdir -p /srv/app
cat >/srv/app/Containerfile <<'END'
FROM localhost:5000/own/busybox:1
ARG word
ENV word=$word
RUN echo "$word" >/greeting
END
manifest app.build <<'END'
[Build]
ImageTag=localhost/app:1
File=/srv/app/Containerfile
BuildArg=word=hello
TLSVerify=no
END
manifest app.container <<'END'
[Container]
Image=app.build
Network=none
Exec=sleep 1000
END
reload
start app
assert_equal "$(inside app cat /greeting)" hello "what the build has written"
tr '\0' '\n' <"/proc/$(payload app)/environ" | grep -qx word=hello || fail "the app has not the image's variable"
stop app

# --- a change is built when the container starts again
sed -i 's/hello/bye/' /etc/slipway/app.build
reload
start app
assert_equal "$(inside app cat /greeting)" bye "what the next build has written"
stop app

# --- what is only in our own store, and is built before by another manifest
mkdir -p /srv/base /srv/top
cat >/srv/base/Containerfile <<'END'
FROM localhost:5000/own/busybox:1
RUN echo base >/base
END
cat >/srv/top/Containerfile <<'END'
ARG tag=1
FROM localhost/base:${tag}
COPY --from=localhost/nothing /bin/program /program
RUN cat /base >/top
END
manifest base.build <<'END'
[Build]
ImageTag=localhost/base:1
SetWorkingDirectory=/srv/base
TLSVerify=no
END
manifest top.build <<'END'
[Unit]
Requires=base.build
After=base.build
[Build]
ImageTag=localhost/top:1
SetWorkingDirectory=/srv/top
END
manifest top.container <<'END'
[Container]
Image=top.build
Network=none
Exec=sleep 1000
END
reload
start top
assert_equal "$(inside top cat /top) $(inside top ls /program)" "base /program" "what was built from what is here"
stop top
sed -i 's/base >/other >/' /srv/base/Containerfile
start top
assert_equal "$(inside top cat /top)" other "what was built from what is here now"
stop top
cursor=$(journalctl --quiet --lines=0 --show-cursor | sed -n 's/^-- cursor: //p')
start top
stop top
assert_contains "$(journalctl --output=cat --after-cursor="$cursor" --unit=top-build)" "Using cache" "what a build says in which nothing is new"
[ -z "$(find /var/cache/slipway/build -maxdepth 1 -name 'work-*')" ] || fail "a build has left something behind"
assert_lacks "$(buildah --root=/var/cache/slipway/build/storage --runroot=/run/slipway/build images)" work- "names of what buildah keeps"

# --- what cannot be built fails, says why, and who needs it is not started
cat >/srv/app/Broken <<'END'
FROM localhost:5000/own/busybox:1
RUN false
END
manifest broken.build <<'END'
[Build]
ImageTag=localhost/broken:1
SetWorkingDirectory=/srv/app
File=Broken
TLSVerify=no
PodmanArgs=--isolation=chroot
END
manifest victim.container <<'END'
[Container]
Image=broken.build
Network=none
END
reload
start_fails victim
assert_equal "$(show broken-build.service ActiveState)" failed "state of the build"
assert_status broken-build.service "cannot build 'localhost/broken:1': 'buildah build' has failed with status"
[ -z "$(find /var/cache/slipway/build -maxdepth 1 -name 'work-*')" ] || fail "a failed build has left something behind"
assert_no_image localhost/broken:1
