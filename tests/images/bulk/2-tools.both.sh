#!/bin/sh -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# Many small files.
apt-get -q update
apt-get -q -y install python3-pip python3-venv python3-docutils python3-pygments perl git mercurial tzdata
