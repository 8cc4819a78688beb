#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Kubernetes YAML runs: a Deployment with two replicas, init containers, ConfigMaps, Secrets, probes without a program of
# the image, emptyDir; all of it is started, stopped and restarted by one unit, and a mistake anywhere starts nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

units+=(shop.service job.service)
mkdir -p /etc/slipway /srv/kube
(umask 077 && cat >/etc/slipway/shop.yaml) <<'END'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: stock }
spec: { accessModes: [ ReadWriteMany ], resources: { requests: { storage: 1Mi } } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: conf }
data:
  GREETING: "hello $USER 50%"
  index.html: |
    two
    lines
---
apiVersion: v1
kind: Secret
metadata: { name: db }
data: { password: aHVudGVyMg== }
stringData: { user: "joe, jr" }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      terminationGracePeriodSeconds: 1
      initContainers:
      - name: setup
        image: localhost/busybox
        command: [ sh, -c, "echo $(NAME) >/shared/name; date +%s.%N >>/shared/starts" ]
        env: [ { name: NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } } ]
        volumeMounts: [ { name: shared, mountPath: /shared } ]
      containers:
      - name: web
        image: localhost/busybox
        command: [ sh, -c ]
        args: [ "mkdir /www; cp /conf/index.html /www; hostname >/www/name; sleep 1; exec httpd -f -p 8000 -h /www" ]
        env:
        - { name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }
        envFrom: [ { configMapRef: { name: conf } } ]
        ports: [ { name: http, containerPort: 8000 } ]
        resources: { limits: { memory: 64Mi, cpu: 500m } }
        readinessProbe: { httpGet: { port: http, path: /name }, periodSeconds: 1 }
        livenessProbe: { httpGet: { port: http, path: /name }, periodSeconds: 1, failureThreshold: 2 }
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ ALL ] } }
        volumeMounts:
        - { name: conf, mountPath: /conf }
        - { name: shared, mountPath: /shared, readOnly: true }
      - name: side
        image: localhost/busybox
        command: [ sleep, "1000" ]
        securityContext: { runAsUser: 1000 }
        volumeMounts:
        - { name: shared, mountPath: /shared }
        - { name: secret, mountPath: /secret }
        - { name: host, mountPath: /host }
        - { name: stock, mountPath: /stock }
        - { name: shared, mountPath: /part, subPath: part }
        - { name: fast, mountPath: /fast }
        livenessProbe: { tcpSocket: { port: 8000 } }
      securityContext: { fsGroup: 77 }
      volumes:
      - { name: conf, configMap: { name: conf } }
      - { name: shared, emptyDir: {} }
      - { name: fast, emptyDir: { medium: Memory } }
      - { name: secret, secret: { secretName: db, defaultMode: 0400 } }
      - { name: host, hostPath: { path: /srv/kube/made, type: DirectoryOrCreate } }
      - { name: stock, persistentVolumeClaim: { claimName: stock } }
END
manifest shop.kube <<'END'
[Kube]
Yaml=shop.yaml

[Install]
WantedBy=multi-user.target
END
reload

# The start is over when both are ready, by a probe that needs nothing of the image.
systemctl start shop || fail "shop does not start: $(systemctl --failed --no-legend)"
assert_active shop
for i in 0 1; do
        for unit in shop-$i-pod shop-$i-web shop-$i-side shop-$i-setup; do
                assert_active "$unit"
        done
        assert_equal "$(slipway exec shop-$i-side wget -q -O - http://localhost:8000/name)" "shop-$i" "host name of shop-$i"
        assert_equal "$(slipway exec shop-$i-side cat /shared/name)" "shop-$i" "what the init container has left"
done
assert_equal "$(slipway exec shop-0-side wget -q -O - http://shop-1:8000/)" $'two\nlines' "answer of the other pod"

# ConfigMaps and Secrets.
# shellcheck disable=SC2016
assert_equal "$(slipway exec shop-0-web sh -c 'echo "$GREETING"')" 'hello $USER 50%' "variable from a ConfigMap"
assert_equal "$(slipway exec shop-0-web sh -c 'tr "\0" "\n" </proc/1/environ | grep ^PASSWORD')" PASSWORD=hunter2 "variable from a Secret"
assert_equal "$(slipway exec shop-0-side cat /secret/user)" "joe, jr" "file from a Secret, by its group"
assert_equal "$(slipway exec shop-0-side stat -c '%a %u %g' /secret/password)" "440 0 77" "mode and owner"
assert_equal "$(slipway exec shop-0-side cat /secret/password)" hunter2 "file from base64"
grep -rl hunter2 /run/systemd/generator* /run/slipway 2>/dev/null && fail "the secret is in a file"
assert_lacks "$(systemctl cat 'shop-*' 2>/dev/null)" hunter2 "units"
assert_lacks "$(tr '\0' ' ' </proc/"$(show shop-0-web MainPID)"/cmdline)" hunter2 "command line"

# Limits, confinement, a directory that was made.
assert_equal "$(show shop-0-web MemoryMax)" $((64 << 20)) "MemoryMax="
assert_equal "$(show shop-0-web CPUQuotaPerSecUSec)" 500ms "CPUQuota="
assert_contains "$(cat /proc/"$(payload shop-0-web)"/status)" $'CapBnd:\t0000000000000000' "capabilities"
assert_equal "$(slipway exec shop-0-side id -u)" 1000 "user"
[ -d /srv/kube/made ] || fail "the directory of the host was not made"

# A claim is a volume, which both have.
slipway volume ls | grep -q '^stock ' || fail "there is no volume of the claim"
slipway exec shop-0-side stat /stock >/dev/null || fail "the volume is not mounted"

# What they share is everybody's in the pod, and nobody's on the host.
slipway exec shop-0-side touch /fast/file
for place in /run /var/lib; do
        ! setpriv --reuid=65534 --regid=65534 --clear-groups ls $place/slipway/empty/shop-0/ 2>/dev/null ||
                fail "others come into $place/slipway/empty"
done
[ -e /run/slipway/empty/shop-0/fast/file ] || fail "it is not where it should be"

# One container is restarted: the init container is not, and what they share stays.
before=$(payload shop-0-side)
systemctl restart shop-0-web
assert_equal "$(payload shop-0-side)" "$before" "process of side after a restart of web"
assert_equal "$(slipway exec shop-0-side wc -l </dev/null /shared/starts | awk '{ print $1 }')" 1 "starts of setup"
# One that dies is started again.
systemctl kill --kill-whom=main --signal=KILL shop-1-web
wait_until 20 "web is there again" is_state shop-1-web active

# Liveness: who does not answer any more is replaced.
is_replaced() {
        [ "$(payload shop-0-web)" != "$hanging" ]
}
hanging=$(payload shop-0-web)
kill -STOP "$hanging"
wait_until 30 "an app that hangs is replaced" is_replaced
wait_active shop-0-web

# Single units are changed by drop-ins of systemd, the whole by one of its manifest.
mkdir -p /etc/systemd/system/shop-0-side.service.d /etc/slipway/shop.kube.d
printf '[Service]\nMemoryMax=48M\n' >/etc/systemd/system/shop-0-side.service.d/memory.conf
printf '[Unit]\nDescription=All of the shop\n' >/etc/slipway/shop.kube.d/name.conf
reload
systemctl restart shop-0-side
assert_equal "$(show shop-0-side MemoryMax) $(show shop-1-side MemoryMax)" "$((48 << 20)) infinity" "MemoryMax= by a drop-in"
assert_equal "$(show shop Description)" "All of the shop" "description by a drop-in"
rm -r /etc/systemd/system/shop-0-side.service.d /etc/slipway/shop.kube.d
reload

# Who starts all of it is killed: the unit of the whole fails, containers run on, and the next start finds them.
systemctl stop shop
systemctl start --no-block shop
wait_until 20 "a container runs" is_state shop-0-side active
pkill -KILL -x slipway-kube || fail "all of it has started before it could be killed"
wait_state shop failed
wait_active shop-0-web
before=$(payload shop-0-side)
systemctl reset-failed shop
systemctl start shop || fail "shop does not start after a kill"
assert_equal "$(payload shop-0-side)" "$before" "process of side after a kill and another start"
assert_active shop-1-web

# All of it stops, and nothing is left; nor is what a container has put into the place of a directory followed.
mkdir -m 0755 /srv/kube/precious
slipway exec shop-0-setup true 2>/dev/null && fail "the init container still runs"
slipway exec shop-0-side sh -c 'rmdir /shared/part && ln -s /srv/kube/precious /shared/part' 2>/dev/null ||
        ln -sfn /srv/kube/precious /var/lib/slipway/empty/shop-0/shared/part
systemctl stop shop
assert_equal "$(stat -c %a /srv/kube/precious)" 755 "mode of a directory that a link led to"
for i in 0 1; do
        for unit in shop-$i-pod shop-$i-web shop-$i-side shop-$i-setup; do
                assert_equal "$(show "$unit" ActiveState)" inactive "state of $unit"
        done
done
slipway volume ls | grep -q '^stock ' || fail "the volume of the claim is gone"
[ ! -e /var/lib/slipway/empty/shop-0 ] && [ ! -e /run/slipway/empty/shop-0/fast ] || fail "the directory of the pod is left"
assert_nothing_left

# A mistake anywhere: no pod is there, and the unit says why.
cp /etc/slipway/shop.yaml /srv/kube/shop.yaml
sed -i 's/periodSeconds: 1 }/periodSecond: 1 }/; s/defaultMode: 0400/defaultMode: 9999/' /etc/slipway/shop.yaml
reload
start_fails shop
assert_status shop "there is no field 'periodSecond'; did you mean 'periodSeconds'? (and 1 more)"
assert_equal "$(show shop-0-web LoadState)" not-found "state of a container of a file with mistakes"
assert_contains "$(slipway check 2>&1 || true)" "defaultMode: 9999 is not a number from 0 to 511" "slipway check"
mv /srv/kube/shop.yaml /etc/slipway/shop.yaml

# A volume goes only if that is asked for.
sed -i 's/^Yaml=.*/&\nKubeDownForce=yes/' /etc/slipway/shop.kube
reload
start shop
stop shop
! slipway volume ls | grep -q '^stock ' || fail "the volume of the claim is left"

# What ends takes the unit of the whole along, and fails it if it is to.
cat >/etc/slipway/job.yaml <<'END'
apiVersion: batch/v1
kind: Job
metadata: { name: job }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - { name: good, image: localhost/busybox, command: [ sleep, "1" ] }
      - { name: bad, image: localhost/busybox, command: [ sh, -c, "sleep 0.5; exit 3" ] }
END
has_ended() {
        [[ "$(show job ActiveState)" == @(inactive|failed) ]]
}
for mode in none any all; do
        printf '[Unit]\nWants=basic.target\n[Kube]\nYaml=job.yaml\nExitCodePropagation=%s\n' $mode >/etc/slipway/job.kube
        reload
        systemctl start job || fail "job does not start"
        wait_until 20 "job ends with $mode" has_ended
        state=inactive
        [ $mode != any ] || state=failed
        assert_equal "$(show job ActiveState)" $state "state of job with $mode"
        systemctl reset-failed
done
assert_journal job.service "job-bad.service has failed"

systemctl stop shop job 2>/dev/null || true
rm -f /etc/slipway/shop.* /etc/slipway/job.*
rm -rf /srv/kube
