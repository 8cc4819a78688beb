#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# One static program with many names, all of them hard links, and no /usr: like the official image.
download=$(mktemp -d)
(cd "$download" && apt-get -q -o APT::Sandbox::User=root download busybox-static && dpkg-deb -x ./*.deb tree)
cd "$LAYER"
mkdir -p bin etc home root tmp var/www dev proc sys
chmod 1777 tmp
chmod 700 root
cp "$download"/tree/bin/busybox bin/busybox
for applet in $(bin/busybox --list); do
        [ "$applet" = busybox ] || ln bin/busybox "bin/$applet"
done
cat >etc/passwd <<PASSWD
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
PASSWD
cat >etc/group <<GROUP
root:x:0:
daemon:x:1:
tty:x:5:
disk:x:6:
audio:x:29:www-data
www-data:x:33:
operator:x:37:
nogroup:x:65534:
GROUP
rm -rf "$download"
