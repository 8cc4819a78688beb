#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# The smallest Debian that apt-get can add to, without what a container has no use for.
mmdebstrap --quiet --mode=root --variant=minbase --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$LAYER.tree" ${SLIPWAY_TEST_MIRROR:+"$SLIPWAY_TEST_MIRROR"}
rmdir "$LAYER"
mv "$LAYER.tree" "$LAYER"
cd "$LAYER"
rm -rf dev/* etc/resolv.conf etc/hostname etc/machine-id var/log/*.log var/log/apt/* var/cache/apt/*.bin
: >etc/resolv.conf
# No package may start a service.
printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
printf 'path-exclude=/usr/share/%s/*\n' doc man locale >etc/dpkg/dpkg.cfg.d/docker
printf 'Apt::Install-Recommends "false";\nApt::Sandbox::User "root";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' >etc/apt/apt.conf.d/docker
