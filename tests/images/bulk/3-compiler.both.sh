#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# Headers, and some large files.
apt-get -q update
apt-get -q -y install g++ make libboost-dev libssl-dev
