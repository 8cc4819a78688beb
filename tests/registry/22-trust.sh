#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What skopeo signs is verified, by OpenPGP and by keys of cosign, and what skopeo's policy refuses is refused here. A
# policy that is changed stops an image.
. "$(dirname "$0")/lib.sh"

start_registry plain 5000
push_image localhost:5000/acme/app:1 busybox
push_image localhost:5000/acme/other:1 nginx
empty_store
name=localhost:5000/acme/app:1
digest=$(image_digest $name)
export GNUPGHOME=/tmp/signers
rm -rf $GNUPGHOME /srv/sigs /tmp/good /var/lib/slipway/origins
mkdir -p $GNUPGHOME /etc/containers/registries.d
chmod 700 $GNUPGHOME

# --- keys -------------------------------------------------------------------------------------------------------------

quick_key() {
        gpg --batch --quiet --passphrase '' --quick-generate-key "$1@example.com" ed25519 sign "${2-never}" 2>/dev/null
        gpg --batch --armor --export "$1@example.com" >"/tmp/$1.asc"
}
fingerprint() {
        gpg --batch --with-colons --list-keys "$1@example.com" | awk -F: '/^fpr/ { print tolower($10); exit }'
}
quick_key signer
quick_key stranger
openssl ecparam -genkey -name prime256v1 -noout -out /tmp/cosign.key
openssl pkey -in /tmp/cosign.key -pubout -out /tmp/cosign.pub

# Whether skopeo's policy, with the key and rules that are equal to ours, lets the image in.
skopeo_accepts() {
        skopeo --policy "$1" --registries.d /etc/containers/registries.d copy --src-tls-verify=false "docker://$2" dir:/tmp/copied >/tmp/skopeo 2>&1
}
forget() {
        slipway rmi "$name" >/dev/null 2>&1 || true
        rm -rf /var/lib/slipway/origins
}
sign_by() {
        skopeo --insecure-policy --registries.d /etc/containers/registries.d copy --quiet --sign-by "$1@example.com" --dest-tls-verify=false \
                --src-tls-verify=false "docker://$2" "docker://${3-$2}" >/tmp/skopeo 2>&1 || fail "skopeo cannot sign: $(cat /tmp/skopeo)"
}

cat >/tmp/policy.json <<END
{"default": [{"type": "reject"}], "transports": {"docker": {"localhost:5000/acme":
        [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/tmp/signer.asc"}]}}}
END

# --- OpenPGP, lookaside by file ---------------------------------------------------------------------------------------

echo "default-docker: {lookaside: 'file:///srv/sigs', lookaside-staging: 'file:///srv/sigs', sigstore: 'file:///srv/sigs', sigstore-staging: 'file:///srv/sigs'}" \
        >/etc/containers/registries.d/default.yaml
mkdir -p /srv/sigs
slipway trust add --prefix=localhost:5000/acme --skip-fingerprint-review /tmp/signer.asc >/dev/null
assert_contains "$(slipway trust show $name)" "prefix.d/localhost:5000/acme" "the rule"

pull_fails "$name is not trusted: /etc/slipway/trust/prefix.d/localhost:5000/acme wants a signature by the key $(fingerprint signer), and there is none" $name
! skopeo_accepts /tmp/policy.json $name || fail "skopeo accepts what is not signed"
assert_no_image $name

sign_by stranger $name
pull_fails "is not good: it is by another key" $name
! skopeo_accepts /tmp/policy.json $name || fail "skopeo accepts another key"

sign_by signer $name
skopeo_accepts /tmp/policy.json $name || fail "skopeo refuses what it has signed: $(cat /tmp/skopeo)"
pull $name
assert_equal "$(slipway verify $name)" "$name: signed by $(fingerprint signer), as /etc/slipway/trust/prefix.d/localhost:5000/acme wants" "slipway verify"

# --- an image that was here before its key ------------------------------------------------------------------------------

late=localhost:5000/late/app:1
push_image $late busybox
pull $late
slipway trust add --prefix=localhost:5000/late --skip-fingerprint-review /tmp/signer.asc >/dev/null
pull_fails "$late is not trusted" $late
sign_by signer $late
pull $late
assert_contains "$(slipway verify $late)" "signed by $(fingerprint signer)" "slipway verify of what was signed later"
assert_contains "$(slipway pull $late 2>&1)" "is up to date" "slipway pull of what is trusted"
slipway rmi $late >/dev/null

# What is accepted by another name is not accepted by this one, also when a start has asked a registry that is away.
push_image localhost:5000/late/app:2 python
slipway trust rm --prefix=localhost:5000/late "$(fingerprint signer)" >/dev/null 2>&1
pull localhost:5000/late/app:2
slipway tag localhost:5000/late/app:2 localhost/mine:2 >/dev/null
slipway trust add --prefix=localhost:5000/late --skip-fingerprint-review /tmp/signer.asc >/dev/null
for name in mine:localhost/mine:2 late:localhost:5000/late/app:2; do
        manifest "${name%%:*}.container" <<END
[Container]
Image=${name#*:}
Pull=newer
Entrypoint=sleep
Exec=1000
StopSignal=KILL
END
done
sed -i /^Pull=/d /etc/slipway/mine.container
reload
start mine
systemctl stop plain
start_fails late
assert_contains "$(show late StatusText)" "localhost:5000/late/app:2 is not trusted" "status of what another name is accepted for"
start_registry plain 5000
stop mine
slipway rmi localhost/mine:2 localhost:5000/late/app:2 >/dev/null
name=localhost:5000/acme/app:1
slipway trust rm --prefix=localhost:5000/late "$(fingerprint signer)" >/dev/null

# --- an index: skopeo signs it and all that it names, and one of these is enough -----------------------------------------

multi=localhost:5000/multi/app:1
for one in amd64:busybox s390x:nginx; do
        push_image "localhost:5000/parts:${one%:*}" "${one#*:}"
        skopeo --insecure-policy inspect --tls-verify=false --raw "docker://localhost:5000/parts:${one%:*}" >"/tmp/${one%:*}"
        jq -n --arg hex "$(sha256sum <"/tmp/${one%:*}" | cut -c 1-64)" --argjson size "$(stat -c %s "/tmp/${one%:*}")" --arg machine "${one%:*}" \
                '{mediaType: "application/vnd.oci.image.manifest.v1+json", digest: ("sha256:" + $hex), $size,
                platform: {os: "linux", architecture: $machine}}'
done | jq -s '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' >/tmp/index
put_manifest localhost:5000 parts all application/vnd.oci.image.index.v1+json /tmp/index
slipway trust add --prefix=localhost:5000/multi --skip-fingerprint-review /tmp/signer.asc >/dev/null
skopeo --insecure-policy --registries.d /etc/containers/registries.d copy --all --quiet --sign-by signer@example.com --dest-tls-verify=false \
        --src-tls-verify=false docker://localhost:5000/parts:all docker://$multi >/tmp/skopeo 2>&1 || fail "skopeo cannot sign: $(cat /tmp/skopeo)"
for without in amd64 index none both; do
        mkdir -p /tmp/aside
        for part in amd64 index; do
                [[ $without != "$part" && $without != both ]] || mv "/srv/sigs/multi/app@sha256=$(sha256sum <"/tmp/$part" | cut -c 1-64)" /tmp/aside/
        done
        if [ $without = both ]; then
                pull_fails "$multi is not trusted" $multi
        else
                pull $multi
                assert_contains "$(slipway verify $multi)" "signed by $(fingerprint signer)" "slipway verify of an index, signed without $without"
                slipway rmi $multi >/dev/null
        fi
        find /tmp/aside -mindepth 1 -maxdepth 1 -exec mv {} /srv/sigs/multi/ \;
done

# --- another name -----------------------------------------------------------------------------------------------------

pull $multi
! said=$(slipway tag $multi localhost:5000/acme/given:1 2>&1) || fail "a name that has to be signed is given: $said"
assert_contains "$said" "localhost:5000/acme/given:1 is not trusted" "what is said of a name that has to be signed"
assert_no_image localhost:5000/acme/given:1
slipway tag $multi localhost/given:1 >/dev/null
slipway rmi $multi localhost/given:1 >/dev/null
slipway trust rm --prefix=localhost:5000/multi "$(fingerprint signer)" >/dev/null

# --- the signature of another digest, tag and repository ---------------------------------------------------------------

sigs=/srv/sigs/acme
forget
cp -r "$sigs/app@sha256=${digest#sha256:}" /tmp/good
other=$(image_digest localhost:5000/acme/other:1)
mkdir -p "$sigs/other@sha256=${other#sha256:}"
cp "$sigs/app@sha256=${digest#sha256:}"/* "$sigs/other@sha256=${other#sha256:}/"
pull_fails "it is about another image, $digest" localhost:5000/acme/other:1
! skopeo_accepts /tmp/policy.json localhost:5000/acme/other:1 || fail "skopeo accepts the signature of another image"

push_image localhost:5000/acme/app:2 busybox
pull_fails "it is for the name '$name'" localhost:5000/acme/app:2
! skopeo_accepts /tmp/policy.json localhost:5000/acme/app:2 || fail "skopeo accepts the signature of another tag"

push_image localhost:5000/acme/copy:1 busybox
cp -r "$sigs/app@sha256=${digest#sha256:}" "$sigs/copy@sha256=${digest#sha256:}"
pull_fails "it is for the name '$name'" localhost:5000/acme/copy:1
! skopeo_accepts /tmp/policy.json localhost:5000/acme/copy:1 || fail "skopeo accepts the signature of another repository"

# By digest the tag does not matter, here and there.
pull "localhost:5000/acme/app@$digest"
skopeo_accepts /tmp/policy.json "localhost:5000/acme/app@$digest" || fail "skopeo refuses the digest: $(cat /tmp/skopeo)"
slipway rmi "localhost:5000/acme/app@$digest" >/dev/null

# --- a signature that was changed, a key that has expired ---------------------------------------------------------------

rm -rf "$sigs/app@sha256=${digest#sha256:}"
mkdir -p "$sigs/app@sha256=${digest#sha256:}"
head -c 200 /dev/urandom >"$sigs/app@sha256=${digest#sha256:}/signature-1"
pull_fails "$name is not trusted" $name
! skopeo_accepts /tmp/policy.json $name || fail "skopeo accepts what is no signature"
ln -sf /etc/passwd "$sigs/app@sha256=${digest#sha256:}/signature-1"
pull_fails "cannot look for signatures" $name
rm "$sigs/app@sha256=${digest#sha256:}/signature-1"

# --- lookaside by http ---------------------------------------------------------------------------------------------------

cp -r /tmp/good/* "$sigs/app@sha256=${digest#sha256:}/"
echo "default-docker: {lookaside: 'http://localhost:5100', sigstore: 'http://localhost:5100'}" >/etc/containers/registries.d/default.yaml
mkdir -p /srv/registry/lookaside
service lookaside exec python3 -m http.server --directory /srv/sigs 5100
wait_until 20 "the lookaside listens" listens 5100
forget
pull $name
assert_contains "$(slipway verify $name)" "signed by $(fingerprint signer)" "slipway verify, by http"
skopeo_accepts /tmp/policy.json $name || fail "skopeo refuses what is behind http: $(cat /tmp/skopeo)"

# --- at a start: other keys ----------------------------------------------------------------------------------------------

launch trusted <<END
[Container]
Image=$name
Exec=/bin/sleep infinity
END
assert_active trusted
stop trusted
mv "/etc/slipway/trust/prefix.d/localhost:5000/acme/$(fingerprint signer)" /tmp/was
slipway trust add --prefix=localhost:5000/acme --skip-fingerprint-review /tmp/stranger.asc >/dev/null
sed -i '/^default/d' /etc/containers/registries.d/default.yaml
start trusted
stop trusted
slipway trust rm --prefix=localhost:5000/acme "$(fingerprint stranger)" 2>/dev/null >/dev/null
slipway trust add --prefix=localhost:5000/acme --skip-fingerprint-review /tmp/cosign.pub >/dev/null
start_fails trusted
assert_journal trusted "$name is not trusted"
! said=$(slipway verify $name 2>&1) || fail "slipway verify accepts it: $said"
assert_contains "$said" "is not trusted" "slipway verify"
slipway trust add --prefix=localhost:5000/acme --skip-fingerprint-review /tmp/signer.asc >/dev/null
start trusted
stop trusted

# --- cosign ----------------------------------------------------------------------------------------------------------------

# sign_like_cosign REPOSITORY DIGEST NAME: with openssl, uploaded as an image of OCI below the tag sha256-HEX.sig
blob() {
        local location
        location=$(curl -fsS -X POST -D - -o /dev/null "http://localhost:5000/v2/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^Location: //Ip')
        case $location in /*) location=http://localhost:5000$location ;; esac
        case $location in *\?*) location="$location&" ;; *) location="$location?" ;; esac
        curl -fsS -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$2" "${location}digest=sha256:$(sha256sum <"$2" | cut -c1-64)" >/dev/null
}
sign_like_cosign() {
        local signature
        printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":null}' \
                "$3" "$2" >/tmp/payload
        signature=$(openssl dgst -sha256 -sign /tmp/cosign.key /tmp/payload | base64 -w0)
        echo -n '{"architecture":"","config":{},"os":"","rootfs":{"type":"layers","diff_ids":[]}}' >/tmp/config
        blob "$1" /tmp/payload
        blob "$1" /tmp/config
        jq -n --arg p "sha256:$(sha256sum </tmp/payload | cut -c1-64)" --arg c "sha256:$(sha256sum </tmp/config | cut -c1-64)" \
                --argjson ps "$(stat -c %s /tmp/payload)" --argjson cs "$(stat -c %s /tmp/config)" --arg s "$signature" \
                '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
                  config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $c, size: $cs},
                  layers: [{mediaType: "application/vnd.dev.cosign.simplesigning.v1+json", digest: $p, size: $ps,
                            annotations: {"dev.cosignproject.cosign/signature": $s}}]}' >/tmp/manifest
        put_manifest localhost:5000 "$1" "sha256-${2#sha256:}.sig" application/vnd.oci.image.manifest.v1+json /tmp/manifest
}
slipway trust rm "$(fingerprint signer)" >/dev/null
forget
sign_like_cosign acme/app "$digest" localhost:5000/acme/other
pull_fails "it is for the name 'localhost:5000/acme/other'" $name
sign_like_cosign acme/app "$other" localhost:5000/acme/app
sign_like_cosign acme/app "$digest" localhost:5000/acme/app
pull $name
key=$(openssl pkey -pubin -in /tmp/cosign.pub -outform DER | sha256sum | cut -c1-64)
assert_contains "$(slipway verify $name)" "signed by $key" "slipway verify"

# A bundle as cosign 3 makes it, in a manifest that an index below the tag sha256-HEX tells of.
put_bundle() {
        local payload signature bundle
        printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"%s"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}' \
                "${2#sha256:}" >/tmp/statement
        payload=$(base64 -w0 </tmp/statement)
        { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(stat -c %s /tmp/statement)" && cat /tmp/statement; } >/tmp/signed
        signature=$(openssl dgst -sha256 -sign /tmp/cosign.key /tmp/signed | base64 -w0)
        bundle=application/vnd.dev.sigstore.bundle.v0.3+json
        jq -cn --arg m $bundle --arg p "$payload" --arg s "$signature" '{mediaType: $m, verificationMaterial: {publicKey: {hint: "x"}},
                dsseEnvelope: {payload: $p, payloadType: "application/vnd.in-toto+json", signatures: [{sig: $s}]}}' >/tmp/bundle
        printf '{}' >/tmp/empty
        blob "$1" /tmp/bundle
        blob "$1" /tmp/empty
        jq -cn --arg m $bundle --arg b "sha256:$(sha256sum </tmp/bundle | cut -c1-64)" --argjson s "$(stat -c %s /tmp/bundle)" \
                --arg e "sha256:$(sha256sum </tmp/empty | cut -c1-64)" \
                '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", artifactType: $m,
                  config: {mediaType: "application/vnd.oci.empty.v1+json", digest: $e, size: 2},
                  layers: [{mediaType: $m, digest: $b, size: $s}]}' >/tmp/manifest
        put_manifest localhost:5000 "$1" bundle application/vnd.oci.image.manifest.v1+json /tmp/manifest
        jq -cn --arg m $bundle --arg d "sha256:$(sha256sum </tmp/manifest | cut -c1-64)" --argjson s "$(stat -c %s /tmp/manifest)" \
                '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json",
                  manifests: [{mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $d, size: $s, artifactType: $m}]}' >/tmp/index
        put_manifest localhost:5000 "$1" "sha256-${2#sha256:}" application/vnd.oci.image.index.v1+json /tmp/index
}
put_bundle acme/other "$digest"
pull_fails "and there is none" localhost:5000/acme/other:1
put_bundle acme/other "$other"
pull localhost:5000/acme/other:1
assert_contains "$(slipway verify localhost:5000/acme/other:1)" "signed by $key" "slipway verify of a bundle"

# The same by the same policy, for skopeo and for us. Debian's skopeo has that switched off.
cat >/tmp/policy.json <<END
{"default": [{"type": "reject"}], "transports": {"docker": {"localhost:5000/acme":
        [{"type": "sigstoreSigned", "keyPath": "/tmp/cosign.pub", "signedIdentity": {"type": "matchRepository"}}]}}}
END
printf 'docker:\n  localhost:5000:\n    use-sigstore-attachments: true\n' >/etc/containers/registries.d/default.yaml
skopeo_accepts /tmp/policy.json $name || grep -q 'sigstore disabled' /tmp/skopeo ||
        fail "skopeo refuses what is signed like cosign: $(cat /tmp/skopeo)"
slipway trust rm "$key" >/dev/null 2>&1
install -D /tmp/cosign.pub /etc/slipway/trust/cosign.pub
sed 's,/tmp/cosign.pub,/etc/slipway/trust/cosign.pub,' /tmp/policy.json >/etc/slipway/trust/policy.json
forget
pull $name
assert_contains "$(slipway verify $name)" "policy.json (transport docker, scope 'localhost:5000/acme')" "slipway verify"
sed -i 's,matchRepository,matchRepoDigestOrExact,' /tmp/policy.json /etc/slipway/trust/policy.json
! skopeo_accepts /tmp/policy.json $name || fail "skopeo accepts a signature without a tag"
! slipway verify $name >/dev/null 2>&1 || fail "a signature without a tag is accepted"

# --- an import --------------------------------------------------------------------------------------------------------------

! said=$(slipway import oci:/srv/images/oci:busybox localhost:5000/acme/imported:1 2>&1) || fail "an import gets any name: $said"
assert_contains "$said" "is not trusted" "an import under a name that has to be signed"
assert_no_image localhost:5000/acme/imported:1
assert_clean_store
