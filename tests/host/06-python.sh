#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An interpreter with the app in a bind: the way of a small service. It is given words with blanks and quotes.
. "$(dirname "$0")/lib.sh"

mkdir -p /srv/app
cat >/srv/app/main.py <<'END'
import json, os, sys, time
print(json.dumps({"args": sys.argv[1:], "cwd": os.getcwd(), "mode": os.environ.get("MODE"), "pid": os.getpid()}))
time.sleep(1000)
END
launch python <<'END'
[Container]
Image=localhost/python
Volume=/srv/app:/app:ro
Environment="MODE=calm sea"
Exec=python3 main.py "two words" 'a "quote"' 100%% $$HOME
END

line=$(entry python '"args"' | jq -r .MESSAGE)
assert_equal "$(jq -c .args <<<"$line")" '["two words","a \"quote\"","100%","$HOME"]' "arguments"
assert_equal "$(jq -r .cwd <<<"$line")" /app "working directory"
assert_equal "$(jq -r .mode <<<"$line")" "calm sea" "environment"
assert_equal "$(jq -r .pid <<<"$line")" 1 "process id"
