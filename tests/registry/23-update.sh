#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway update: a newer image is run, one that does not do is taken back and not tried again.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
store_images=/tmp/variants
rm -rf $store_images
skopeo_quiet copy oci:/srv/images/oci:busybox oci:$store_images:base

# variant NAME JQ: busybox with another configuration, pushed as localhost:5000/app:NAME
variant() {
        python3 - "$store_images" "$1" "$2" <<'END'
import hashlib, json, pathlib, subprocess, sys
layout, name, change = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
blobs = layout / "blobs/sha256"
def put(data):
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"digest": "sha256:" + digest, "size": len(data)}
index = json.loads((layout / "index.json").read_text())
base = next(m for m in index["manifests"] if m["annotations"]["org.opencontainers.image.ref.name"] == "base")
manifest = json.loads((blobs / base["digest"][7:]).read_text())
config = (blobs / manifest["config"]["digest"][7:]).read_bytes()
config = subprocess.run(["jq", "-c", change], input=config, capture_output=True, check=True).stdout
manifest["config"] |= put(config)
entry = dict(base, annotations={"org.opencontainers.image.ref.name": name}, **put(json.dumps(manifest).encode()))
index["manifests"] = [m for m in index["manifests"] if m["annotations"]["org.opencontainers.image.ref.name"] != name] + [entry]
(layout / "index.json").write_text(json.dumps(index))
END
        publish "$1"
}

# What app:latest is from now on.
publish() {
        skopeo_quiet copy --dest-tls-verify=false oci:$store_images:"$1" docker://localhost:5000/app:latest
}

version() {
        tr '\0' '\n' <"/proc/$(payload "$1")/environ" | sed -n 's/^VERSION=//p'
}

updated() {
        slipway update "${@:2}" --format '{{.Container}} {{.Updated}}' 2>/tmp/words | sed -n "s/^$1 //p" || true
}

variant one '.config.Entrypoint = null | .config.Cmd = ["sleep", "1000"] | .config.Env += ["VERSION=1"]'
for name in web app; do
        manifest $name.container <<'END'
[Container]
Image=localhost:5000/app:latest
AutoUpdate=registry
END
done
manifest other.container <<'END'
[Container]
Image=localhost:5000/app:latest
END
reload
start web
start app
start other
assert_equal "$(version web)" 1 "version at first"

# --- nothing is new: one request, and no restart
pid=$(payload web)
forget_requests upstream
assert_equal "$(updated web)" false "when nothing is new"
assert_equal "$(payload web)" "$pid" "process of the container"
assert_equal "$(requests upstream | grep -c '/manifests/')" 1 "requests of manifests for two containers: $(requests upstream)"
assert_equal "$(requests upstream | grep -c '/blobs/' || true)" 0 "requests of blobs: $(requests upstream)"

# --- something is new
variant two '.config.Entrypoint = null | .config.Cmd = ["sleep", "1000"] | .config.Env += ["VERSION=2"]'
assert_equal "$(updated web --dry-run)" pending "what a dry run says"
assert_equal "$(payload web)" "$pid" "process of the container after a dry run"
slipway update --json >/tmp/json || fail "the update fails"
assert_equal "$(jq -r '[.[] | .updated] | join(" ")' /tmp/json)" "true true" "what the update says"
assert_equal "$(version web) $(version app) $(version other)" "2 2 1" "versions after the update"
assert_journal web "Updated web to image"
good=$(slipway inspect localhost:5000/app:latest | jq -r '.[0].Id // .[0].id')

# --- what is new does not do
variant bad '.config.Entrypoint = ["/bin/nothing"] | .config.Env += ["VERSION=3"]'
! slipway update >/tmp/table 2>/tmp/words || fail "an update that was taken back is no failure"
assert_contains "$(cat /tmp/table)" "rolled back" "the table"
assert_contains "$(cat /tmp/words)" "/bin/nothing" "the reason"
assert_active web
assert_active app
assert_equal "$(version web) $(version app)" "2 2" "versions after the roll-back"
assert_equal "$(slipway inspect localhost:5000/app:latest | jq -r '.[0].Id // .[0].id')" "$good" "what the name leads to"
assert_journal web "Took web back to image"
ls /var/lib/slipway/update/*app* >/dev/null || fail "nothing is remembered"

# --- it is not tried again, not even fetched
pid=$(payload web)
forget_requests upstream
assert_equal "$(updated web)" false "the second time"
assert_equal "$(payload web)" "$pid" "process of the container, the second time"
assert_equal "$(requests upstream | grep -c '/blobs/' || true)" 0 "requests of blobs, the second time"

# --- a start that asks the registry does not bring it back, either
sed -i 's/^AutoUpdate/Pull=newer\nAutoUpdate/' /etc/slipway/app.container
reload
systemctl restart app || fail "a start that asks the registry fails: $(journal app)"
assert_equal "$(version app)" 2 "version after a start that asks the registry"
assert_equal "$(slipway inspect localhost:5000/app:latest | jq -r '.[0].Id // .[0].id')" "$good" "what the name leads to after that start"

# --- another index leads to the same image: the name does not stay with it
skopeo --insecure-policy inspect --tls-verify=false --raw docker://localhost:5000/app:latest >/tmp/bad-manifest
jq -n --arg hex "$(sha256sum </tmp/bad-manifest | cut -c 1-64)" --argjson size "$(stat -c %s /tmp/bad-manifest)" '{schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json", manifests: [{mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: ("sha256:" + $hex), $size, platform: {os: "linux", architecture: "amd64"}}]}' >/tmp/index
put_manifest localhost:5000 app latest application/vnd.oci.image.index.v1+json /tmp/index
assert_equal "$(updated web)" false "when an index leads to what did not do: $(cat /tmp/words)"
assert_equal "$(slipway inspect localhost:5000/app:latest | jq -r '.[0].Id // .[0].id')" "$good" "what the name leads to after another index"

# --- until the registry has something else
variant four '.config.Entrypoint = null | .config.Cmd = ["sleep", "1000"] | .config.Env += ["VERSION=4"]'
assert_equal "$(updated app)" true "with something else: $(cat /tmp/words)"
assert_equal "$(version web) $(version app)" "4 4" "versions at last"
! ls /var/lib/slipway/update/*app* 2>/dev/null || fail "what was remembered stays"

# --- one whose manifest has gone holds up nobody
manifest aside.container <<'END'
[Container]
Image=localhost:5000/app:latest
AutoUpdate=registry
END
reload
start aside
rm /etc/slipway/aside.container
variant five '.config.Entrypoint = null | .config.Cmd = ["sleep", "1000"] | .config.Env += ["VERSION=5"]'
reload
assert_equal "$(updated web)" true "beside one whose manifest has gone: $(cat /tmp/words)"
assert_equal "$(version web) $(version app)" "5 5" "versions beside one whose manifest has gone"
systemctl kill --signal=KILL aside 2>/dev/null || true
publish four
slipway update >/dev/null 2>&1 || true

# --- without rolling back
publish bad
! slipway update --rollback=no >/tmp/table 2>/dev/null || fail "an update that has failed is no failure"
assert_contains "$(cat /tmp/table)" "failed" "the table without roll-back"
assert_equal "$(show web ActiveState)" failed "state without roll-back"

# --- local: the name decides, and nobody is asked
publish four
slipway pull -q localhost:5000/app:latest >/dev/null
slipway tag localhost:5000/app:latest localhost/mine:1 >/dev/null
manifest mine.container <<'END'
[Container]
Image=localhost/mine:1
AutoUpdate=local
END
reload
stop web
stop app
start mine
forget_requests upstream
assert_equal "$(updated mine)" false "local, nothing new"
publish two
slipway pull -q localhost:5000/app:latest >/dev/null
slipway tag localhost:5000/app:latest localhost/mine:1 >/dev/null
assert_equal "$(updated mine)" true "local, tagged anew: $(cat /tmp/words)"
assert_equal "$(version mine)" 2 "version of the local one"

# --- the unit does the same, in its sandbox
publish four
start web
slipway tag localhost/mine:1 localhost:5000/app:latest >/dev/null
systemctl restart web
assert_equal "$(version web)" 2 "version before the unit"
systemctl start slipway-update.service || fail "slipway-update.service fails: $(journal slipway-update.service)"
assert_equal "$(version web)" 4 "version after the unit: $(journal slipway-update.service)"
systemctl cat slipway-update.timer | grep -q '^OnCalendar=daily' || fail "the timer is not daily"

# And takes back what does not do, though somebody's pull was killed and has left files of other users.
left=$store/tmp/0123456789abcdef
mkdir -p "$left/layer-$(printf %064d 1)/fs/private"
touch "$left/layer-$(printf %064d 1)/fs/private/file"
chown -R 1000:1000 "$left/layer-$(printf %064d 1)/fs"
chmod 700 "$left/layer-$(printf %064d 1)/fs/private"
publish bad
! systemctl start slipway-update.service 2>/dev/null || fail "slipway-update.service does not tell of an update that was taken back"
assert_active web
assert_equal "$(version web)" 4 "version after a roll-back by the unit: $(journal slipway-update.service)"
assert_contains "$(journal slipway-update.service)" "Took web back" "the unit's journal"
rm -rf "$left"
