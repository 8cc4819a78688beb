#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# As in the official image: a user with a fixed id, and no cluster made by the package.
groupadd --system --gid 999 postgres
useradd --system --gid 999 --uid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres
install -d -o postgres -g postgres /var/lib/postgresql
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
