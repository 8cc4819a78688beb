# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What scenarios about registries are written with, beside host/lib.sh. Debian's docker-registry runs in the private
# host, as do a server that gives tokens and a gateway on which things go wrong; all of them have names below .test,
# an address that is not loopback, and certificates of a CA of their own.
#
#   start_registry NAME PORT [--tls] [--auth=basic|token]   at NAME.test:PORT; plain ones are at localhost:PORT, too
#   start_gateway NAME PORT REGISTRY-PORT [--tls]           another way to it, at NAME.test:PORT
#   rules NAME <<<'[…]'                                     what goes wrong on it, see ./gateway
#   push_image localhost:PORT/REPOSITORY:TAG [IMAGE]        of /srv/images/oci; busybox if none is named
#
# Users are alice with password "secret", who may do everything, and bob with password "hunter2", who may read
# team/…; everybody may read public/… where tokens are given, and nobody elsewhere.

# shellcheck source=../host/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../host/lib.sh"

registry_tools=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
registry_base=/srv/registry
registry_services=()
store=/var/lib/slipway

# --- names and certificates -------------------------------------------------------------------------------------------

# The CA that hosts have to be told about, once.
make_ca() {
        local dir=$registry_base/ca
        [ ! -e "$dir/ca.pem" ] || return 0
        mkdir -p "$dir"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=Tests CA" \
                -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
}

# make_certificate FILE NAME: FILE.pem and FILE.key, for a server or a client.
make_certificate() {
        make_ca
        mkdir -p "$(dirname "$1")"
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
        openssl x509 -req -in "$1.csr" -CA $registry_base/ca/ca.pem -CAkey $registry_base/ca/ca.key -CAcreateserial -days 30 \
                -extfile <(echo "subjectAltName=DNS:$2,DNS:localhost,IP:127.0.0.1") -out "$1.pem" 2>/dev/null
}

# What a name leads to is this host, but no program can know that: the address is one for documentation. The host has
# no list of names at first.
know_name() {
        ip address replace 192.0.2.1/32 dev lo
        grep -qw localhost /etc/hosts 2>/dev/null || echo "127.0.0.1 localhost" >>/etc/hosts
        grep -qw "$1.test" /etc/hosts || echo "192.0.2.1 $1.test" >>/etc/hosts
}

# Has everybody on the host trust the CA for a registry: trust_ca HOST:PORT
trust_ca() {
        make_ca
        mkdir -p "/etc/containers/certs.d/$1"
        cp $registry_base/ca/ca.pem "/etc/containers/certs.d/$1/ca.crt"
}

# --- services ---------------------------------------------------------------------------------------------------------

# service NAME TYPE COMMAND…: a transient one, its output in $registry_base/NAME/log.
service() {
        local name=$1 type=$2
        shift 2
        registry_services+=("$name.service")
        systemctl reset-failed "$name.service" 2>/dev/null || true
        systemd-run --quiet --collect --unit="$name" --service-type="$type" -p NotifyAccess=all -p TimeoutStopSec=1 \
                -p "StandardOutput=append:$registry_base/$name/log" -p "StandardError=append:$registry_base/$name/errors" -- "$@"
}

listens() {
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start_registry() {
        local name=$1 port=$2 dir=$registry_base/$1 option tls='' auth=''
        for option in "${@:3}"; do
                case $option in
                --tls) tls=yes ;;
                --auth=*) auth=${option#*=} ;;
                *) fail "start_registry: no such option: $option" ;;
                esac
        done
        mkdir -p "$dir/data"
        know_name "$name"
        {
                printf 'version: 0.1\nlog: {level: warn}\nstorage:\n  filesystem: {rootdirectory: %s/data}\n' "$dir"
                printf '  delete: {enabled: true}\n  redirect: {disable: true}\n'
                printf 'http:\n  addr: 0.0.0.0:%s\n  relativeurls: true\n  secret: tests\n' "$port"
                if [ -n "$tls" ]; then
                        make_certificate "$dir/server" "$name.test"
                        trust_ca "$name.test:$port"
                        printf '  tls: {certificate: %s/server.pem, key: %s/server.key}\n' "$dir" "$dir"
                fi
                case $auth in
                basic)
                        htpasswd -Bbn -C 4 alice secret >"$dir/htpasswd"
                        htpasswd -Bbn -C 4 bob hunter2 >>"$dir/htpasswd"
                        printf 'auth:\n  htpasswd: {realm: tests, path: %s/htpasswd}\n' "$dir"
                        ;;
                token)
                        start_token_server
                        printf 'auth:\n  token: {realm: "https://tokens.test:5999/token", service: %s, issuer: slipway-tests, ' "$name"
                        printf 'rootcertbundle: %s/tokens/cert.pem}\n' $registry_base
                        ;;
                esac
        } >"$dir/config.yml"
        service "$name" exec docker-registry serve "$dir/config.yml"
        wait_until 20 "registry $name listens" listens "$port"
}

# One for all registries, at tokens.test:5999. Its directory has the files that ./token-server tells of.
start_token_server() {
        local dir=$registry_base/tokens
        ! systemctl --quiet is-active tokens || return 0
        mkdir -p "$dir"
        know_name tokens
        make_certificate "$dir/server" tokens.test
        trust_ca tokens.test:5999
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=tokens" -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
        printf '%s\n' 'alice:secret:.*:pull,push,delete,*' 'bob:hunter2:team/.*:pull' ':-:public/.*:pull' >"$dir/users"
        service tokens notify "$registry_tools/token-server" 5999 "$dir" "$dir/server.pem" "$dir/server.key"
}

start_gateway() {
        local name=$1 port=$2 upstream=http://127.0.0.1:$3 dir=$registry_base/$1
        local -a certificate=()
        ! grep -q '^  tls:' "$registry_base"/*/config.yml 2>/dev/null || ! gateway_to_tls "$3" || upstream=https://127.0.0.1:$3
        mkdir -p "$dir"
        know_name "$name"
        if [ "${4-}" = --tls ]; then
                make_certificate "$dir/server" "$name.test"
                trust_ca "$name.test:$port"
                certificate=("$dir/server.pem" "$dir/server.key")
        fi
        rm -f "$dir/requests"
        echo '[]' >"$dir/rules"
        service "$name" notify "$registry_tools/gateway" "$port" "$upstream" "$dir/rules" "$dir/requests" "${certificate[@]}"
}

# Whether the registry at a port speaks TLS.
gateway_to_tls() {
        grep -lx "  addr: 0.0.0.0:$1" "$registry_base"/*/config.yml | xargs grep -q '^  tls:'
}

rules() {
        cat >"$registry_base/$1/.rules"
        jq empty "$registry_base/$1/.rules" || fail "the rules of $1 are no JSON"
        mv "$registry_base/$1/.rules" "$registry_base/$1/rules"
}

# --- images in a registry ---------------------------------------------------------------------------------------------

skopeo_quiet() {
        skopeo --insecure-policy "$@" >/tmp/skopeo 2>&1 || { cat /tmp/skopeo; return 1; }
}

# push_image HOST:PORT/REPOSITORY:TAG [IMAGE [SKOPEO-OPTION…]]
push_image() {
        skopeo_quiet copy --dest-tls-verify=false --dest-creds=alice:secret "${@:3}" "oci:/srv/images/oci:${2-busybox}" "docker://$1"
}

# Digest that a name leads to: image_digest HOST:PORT/REPOSITORY:TAG
image_digest() {
        skopeo --insecure-policy inspect --tls-verify=false --creds=alice:secret --raw "docker://$1" | sha256sum | sed 's/^/sha256:/; s/ .*//'
}

# Its layers, as digests, base first.
image_layers() {
        skopeo --insecure-policy inspect --tls-verify=false --creds=alice:secret --raw "docker://$1" | jq -r '.layers[].digest'
}

# The file in which a registry keeps a blob: blob_file REGISTRY DIGEST
blob_file() {
        local hex=${2#sha256:}
        echo "$registry_base/$1/data/docker/registry/v2/blobs/sha256/${hex:0:2}/$hex/data"
}

# flip_blob REGISTRY DIGEST [POSITION]: one bit of it is another one from now on.
flip_blob() {
        local file
        file=$(blob_file "$1" "$2")
        python3 - "$file" "${3:-100}" <<'END'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte ^ 1]))
END
}

remove_blob() {
        rm "$(blob_file "$1" "$2")"
}

# put_manifest HOST:PORT REPOSITORY TAG TYPE FILE: as it is, over plain HTTP and without credentials.
put_manifest() {
        curl --fail --silent --show-error --request PUT --header "Content-Type: $4" --data-binary "@$5" "http://$1/v2/$2/manifests/$3" ||
                fail "the registry does not take the manifest"
}

# --- what was asked for -----------------------------------------------------------------------------------------------

# Requests to a registry so far, one a line: METHOD PATH STATUS BYTES
requests() {
        sed -nE 's/^[^"]*"([A-Z]+) ([^ ]+) HTTP[^"]*" ([0-9]+) ([0-9]+).*/\1 \2 \3 \4/p' "$registry_base/$1/log"
}

forget_requests() {
        : >"$registry_base/$1/log"
        : >"$registry_base/$1/requests" 2>/dev/null || true
}

# Bytes of a blob that a gateway has sent: sent GATEWAY DIGEST
sent() {
        jq -s --arg path "/blobs/$2" 'map(select(.method == "GET" and (.path | contains($path))) | .sent) | add // 0' "$registry_base/$1/requests"
}

# How often a gateway was asked for what has a text in its path: asked GATEWAY TEXT [METHOD]
asked() {
        jq -s --arg path "$2" --arg method "${3:-GET}" 'map(select(.method == $method and (.path | contains($path)))) | length' "$registry_base/$1/requests"
}

# Processes of slipway-fetch that serve somebody, one a line.
fetchers() {
        local main
        main=$(systemctl show --value --property=MainPID slipway-fetch.service)
        [ "$main" = 0 ] || pgrep --parent "$main" || true
}

# --- pulling ----------------------------------------------------------------------------------------------------------

# pull OPTION… REFERENCE: what it says is in $said.
pull() {
        said=$(slipway pull "$@" 2>&1) || fail "slipway pull $* fails: $said"
}

# pull_fails TEXT OPTION… REFERENCE: and says so, in these words.
pull_fails() {
        local text=$1
        shift
        ! said=$(timeout "${patience:-60}" slipway pull "$@" 2>&1) || fail "slipway pull $* succeeds, and should not: $said"
        assert_contains "$said" "$text" "what slipway pull $* says"
}

# Nothing is left of what did not come to its end, and all that is there is whole.
assert_clean_store() {
        local found
        local draft
        # Layers that are finished wait there for the next attempt.
        for draft in "$store"/tmp/*; do
                [ "${1-}" = draft ] || [ ! -e "$draft" ] || compgen -G "$draft/layer-*/layer.json" >/dev/null ||
                        fail "there is a draft in the store: $draft"
        done
        found=$(slipway fsck 2>&1) || fail "slipway fsck finds: $found"
}

assert_no_image() {
        ! slipway inspect "$1" >/dev/null 2>&1 || fail "there is an image $1, and should not be"
}

# As if nothing had ever been pulled.
empty_store() {
        slipway images --json | jq -r '.[].id' | xargs -r slipway rmi --force >/dev/null
        assert_equal "$(find $store/layers -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" 0 "layers in an empty store"
        find /var/lib/private/slipway-fetch /var/lib/slipway-fetch -mindepth 1 -delete 2>/dev/null || true
}

# --- the end ----------------------------------------------------------------------------------------------------------

finish_registry() {
        local status=$?
        trap - EXIT
        set +e
        if [ $status != 0 ] && [ $status != 77 ]; then
                journalctl --quiet --no-pager --since="@$started" --lines=40 -u slipway-fetch -u 'slipway-store@*' -u 'slipway-pull@*' 2>/dev/null
                for name in "${registry_services[@]%.service}"; do
                        echo "--- $name"
                        tail -n 4 "$registry_base/$name/errors" "$registry_base/$name/requests" 2>/dev/null
                done
        fi
        [ ${#registry_services[@]} = 0 ] || systemctl kill --signal=KILL "${registry_services[@]}" 2>/dev/null
        [ ${#registry_services[@]} = 0 ] || systemctl stop "${registry_services[@]}" 2>/dev/null
        rm -rf $registry_base /etc/containers/certs.d/*
        (exit $status)
        finish
}
trap finish_registry EXIT
