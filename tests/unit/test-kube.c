/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kubernetes YAML to manifests: what becomes of fields, and what is said about those that are wrong. */

#include "generator/generate.h"
#include "generator/kube/expand.h"
#include "generator/load.h"
#include "lib/report.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

/* All that there is, with the faults of a.kube. */
typedef struct World {
        Arena *arena;
        Search search;
        ManifestSet set;
        FaultList faults;
        const Manifest *kube;
} World;

static void world_open(World *world, const char *kube, const char *yaml) {
        char root[PATH_MAX];
        char *roots[] = { root, NULL };

        *world = (World){ .arena = arena_new() };
        tree_file("a.kube", kube);
        tree_file("a.yaml", yaml);
        ck_assert_int_eq(chmod(tree_path("a.yaml"), 0600), 0);
        (void) snprintf(root, sizeof(root), "%s", tree);
        ck_assert_int_eq(search_run(&world->search, world->arena, roots, SEARCH_SYSTEM, &world->faults), 0);
        ck_assert_int_eq(manifests_load(&world->set, &world->search, world->arena), 0);
        ck_assert_int_eq(kube_expand(&world->set), 0);
        world->kube = manifest_find(&world->set, "a.kube");
}

static void world_close(World *world) {
        manifests_done(&world->set);
        search_done(&world->search);
        faults_done(&world->faults);
        arena_free(world->arena);
}

/* All lines of a manifest, as "Section.Key=Value". */
static const char *lines_of(const World *world, const char *name) {
        const Manifest *manifest = manifest_find(&world->set, name);
        static char text[65536];
        size_t n = 0;

        ck_assert_msg(manifest != NULL, "there is no %s", name);
        text[0] = '\0';
        for (size_t i = 0; i < manifest->n_assignments; i++)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%s.%s=%s\n",
                                manifest->assignments[i].section, manifest->assignments[i].key,
                                manifest->assignments[i].value);
        return text;
}

static const char *faults_of(const World *world) {
        static char text[65536];
        size_t n = 0;

        text[0] = '\0';
        for (size_t i = 0; i < world->kube->faults.n_entries; i++) {
                Fault fault = world->kube->faults.entries[i].fault;
                const char *name = strrchr(fault.path, '/');

                memmove(fault.path, name ? name + 1 : fault.path, strlen(name ? name + 1 : fault.path) + 1);
                n += report_format(text + n, sizeof(text) - n, &fault);
                n += (size_t) snprintf(text + n, sizeof(text) - n, "\n");
        }
        return text;
}

static void assert_line(const World *world, const char *name, const char *line) {
        const char *lines = lines_of(world, name), *found = strstr(lines, line);
        size_t n = strlen(line);

        while (found && ((found > lines && found[-1] != '\n') || found[n] != '\n'))
                found = strstr(found + 1, line);
        ck_assert_msg(found != NULL, "%s has no '%s', but:\n%s%s", name, line, lines, faults_of(world));
}

#define KUBE "[Kube]\nYaml=a.yaml\n"
#define POD                                                                                                \
        "apiVersion: v1\nkind: Pod\nmetadata: { name: p, labels: { l: \"1\" }, annotations: { a: \"x y\" " \
        "} }\nspec:\n"
#define ONE POD "  containers:\n  - name: c\n    image: i:1\n"

/* Fields of a container, and lines that they become; "" is for none. */
/* clang-format off */
static const struct {
        const char *fields, *lines[4];
} container_rows[] = {
        { "", { "Container.ContainerName=\"p-c\"", "Container.Pod=p.pod", "Container.Image=\"i:1\"", "Unit.PartOf=a.service" } },
        { "", { "Container.Label=\"l=1\"", "Container.Annotation=\"a=x y\"", "Service.Restart=always", "Container.StopTimeout=30" } },
        { "    imagePullPolicy: Always\n", { "Container.Pull=always" } },
        { "    imagePullPolicy: IfNotPresent\n", { "Container.Pull=missing" } },
        { "    command: [ /bin/sh, -c ]\n    args: [ \"echo \\\"$HOME\\\"\\n\", \"50%\" ]\n",
          { "Container.Entrypoint=[\"/bin/sh\", \"-c\"]", "Container.Exec=\"echo \\\"$$HOME\\\"\\x0a\" \"50%%\"" } },
        { "    args: [ \"$(A)-$$(A)-$(B)\" ]\n    env: [ { name: A, value: one } ]\n",
          { "Container.Exec=\"one-$$(A)-$$(B)\"", "Container.Environment=\"A=one\"" } },
        { "    env:\n    - { name: A, value: \"1\" }\n    - { name: B, value: \"$(A)2\" }\n    - { name: A, value: \"3\" }\n",
          { "Container.Environment=\"A=3\"", "Container.Environment=\"B=12\"" } },
        { "    env:\n    - { name: A, valueFrom: { fieldRef: { fieldPath: metadata.name } } }\n"
          "    - { name: B, valueFrom: { fieldRef: { fieldPath: \"metadata.labels['l']\" } } }\n"
          "    - { name: C, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }\n"
          "    - { name: D, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }\n",
          { "Container.Environment=\"A=p\"", "Container.Environment=\"B=1\"", "Container.Environment=\"C=%H\"",
            "Container.Environment=\"D=default\"" } },
        { "    resources: { limits: { cpu: 1500m, memory: 1.5Gi }, requests: { cpu: 0.25, memory: 64M } }\n",
          { "Service.CPUQuota=150%", "Container.Memory=1610612736", "Service.CPUWeight=25", "Service.MemoryLow=64000000" } },
        { "    resources: { limits: { cpu: 1m } }\n    env:\n"
          "    - { name: A, valueFrom: { resourceFieldRef: { resource: limits.cpu, divisor: 1m } } }\n",
          { "Service.CPUQuota=0.1%", "Container.Environment=\"A=1\"" } },
        { "    securityContext:\n      runAsUser: 5\n      runAsGroup: 6\n      allowPrivilegeEscalation: false\n"
          "      readOnlyRootFilesystem: true\n",
          { "Container.User=5:6", "Container.NoNewPrivileges=yes", "Container.ReadOnly=yes", "Container.ReadOnlyTmpfs=no" } },
        { "    securityContext:\n      capabilities: { add: [ NET_ADMIN ], drop: [ all ] }\n      procMount: Unmasked\n"
          "      seccompProfile: { type: Localhost, localhostProfile: a.json }\n",
          { "Container.AddCapability=\"NET_ADMIN\"", "Container.DropCapability=\"all\"", "Container.Unmask=ALL",
            "Container.SeccompProfile=\"/var/lib/kubelet/seccomp/a.json\"" } },
        { "    securityContext: { seccompProfile: { type: Unconfined }, seLinuxOptions: { level: \"s0:c1\", type: spc_t } }\n",
          { "Container.SeccompProfile=unconfined", "Container.SecurityLabelLevel=\"s0:c1\"", "Container.SecurityLabelDisable=yes" } },
        { "    livenessProbe: { exec: { command: [ a, \"b c\" ] }, periodSeconds: 5, initialDelaySeconds: 7 }\n",
          { "Container.HealthCmd=[\"CMD\", \"a\", \"b c\"]", "Container.HealthInterval=5s", "Container.HealthStartPeriod=7s",
            "Container.HealthOnFailure=restart" } },
        { "    livenessProbe: { exec: { command: [ a ] } }\n",
          { "Container.HealthInterval=10s", "Container.HealthTimeout=1s", "Container.HealthRetries=3" } },
        { "    readinessProbe: { exec: { command: [ a ] } }\n",
          { "Container.HealthCmd=[\"CMD\", \"a\"]", "Container.HealthOnFailure=none", "Container.Notify=healthy",
            "Service.TimeoutStartSec=infinity" } },
        { "    livenessProbe: { exec: { command: [ a ] } }\n    readinessProbe: { exec: { command: [ b ] } }\n",
          { "Container.HealthCmd=[\"CMD\", \"a\"]", "Container.HealthStartupCmd=[\"CMD\", \"b\"]", "Container.Notify=healthy" } },
        { "    livenessProbe: { exec: { command: [ a ] } }\n    startupProbe: { exec: { command: [ b ] }, failureThreshold: 30 }\n",
          { "Container.HealthStartupCmd=[\"CMD\", \"b\"]", "Container.HealthStartupRetries=30", "Container.Notify=healthy" } },
        { "    ports: [ { name: web, containerPort: 80 } ]\n    livenessProbe: { httpGet: { port: web, path: /ok, "
          "httpHeaders: [ { name: Host, value: x } ] } }\n",
          { "Container.HealthCmd=[\"CMD\", \"slipway:http\", \"80\", \"/ok\", \"\", \"Host: x\"]" } },
        { "    livenessProbe: { tcpSocket: { port: 5432, host: 127.0.0.1 } }\n",
          { "Container.HealthCmd=[\"CMD\", \"slipway:tcp\", \"5432\", \"127.0.0.1\"]" } },
        { "    lifecycle: { postStart: { exec: { command: [ a, \"$(b)\" ] } }, preStop: { sleep: { seconds: 3 } }, stopSignal: SIGQUIT }\n",
          { "Service.ExecStartPost=\"/usr/bin/slipway\" \"exec\" \"p-c\" \"a\" \"$$(b)\"", "Service.ExecStop=-/bin/sleep 3",
            "Container.StopSignal=\"SIGQUIT\"" } },
        { "    workingDir: /a b\n    tty: true\n    stdin: true\n", { "Container.WorkingDir=\"/a b\"", "Slipway.Console=terminal" } },
        { "    stdin: true\n    tty: false\n", { "Slipway.Console=interactive" } },
        { "    terminationMessagePath: /dev/termination-log\n    terminationMessagePolicy: File\n", { "Container.Image=\"i:1\"" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, hostPath: { path: /h } } ]\n",
          { "Container.Volume=/h:/m:rw" } },
        { "    volumeMounts: [ { name: v, mountPath: /m, subPath: a/b, readOnly: true, mountPropagation: HostToContainer } ]\n"
          "  volumes: [ { name: v, hostPath: { path: /h, type: Directory } } ]\n",
          { "Container.Volume=/h/a/b:/m:ro,rslave", "Unit.AssertPathIsDirectory=/h" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, hostPath: { path: /h$%, type: DirectoryOrCreate } } ]\n",
          { "Container.Volume=/h$$%%:/m:rw", "Service.ExecStartPre=/bin/mkdir -p -- \"/h$$%%\"" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, hostPath: { path: data } } ]\n",
          { "Container.Volume=data:/m:rw" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, hostPath: { path: /dev/x, type: CharDevice } } ]\n",
          { "Container.AddDevice=\"/dev/x:/m:rwm\"", "Unit.AssertPathExists=/dev/x" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, emptyDir: {} } ]\n",
          { "Container.Volume=/var/lib/slipway/empty/p/v:/m:rw" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, emptyDir: { medium: Memory, sizeLimit: 1Mi } } ]\n",
          { "Container.Tmpfs=/m:rw,size=1048576,mode=1777,notmpcopyup" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, persistentVolumeClaim: { claimName: d, readOnly: true } } ]\n",
          { "Container.Volume=d:/m:ro" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, image: { reference: x:1 } } ]\n",
          { "Container.Mount=\"type=image,source=x:1,destination=/m\"" } },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, secret: { secretName: s, items: [ { key: k, path: f } ] } } ]\n",
          { "Container.Secret=\"s.k,target=/m/f,mode=644\"" } },
        { "    env: [ { name: A, valueFrom: { secretKeyRef: { name: s, key: k } } } ]\n",
          { "Container.Secret=\"s.k,type=env,target=A\"" } },
};

/* Fields of a pod, a manifest, and lines that it has then. */
static const struct {
        const char *fields, *name, *lines[4];
} pod_rows[] = {
        { "", "p.pod", { "Pod.PodName=\"p\"", "Pod.Label=\"l=1\"", "Unit.PartOf=a.service" } },
        { "    ports: [ { containerPort: 80, hostPort: 8080 }, { containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 127.0.0.1 },"
          " { containerPort: 81 }, { containerPort: 82, hostPort: 82, hostIP: \"::1\" } ]\n", "p.pod",
          { "Pod.PublishPort=8080:80/tcp", "Pod.PublishPort=127.0.0.1:53:53/udp", "Pod.PublishPort=[::1]:82:82/tcp" } },
        { "  hostNetwork: true\n", "p.pod", { "Pod.Network=host" } },
        { "  hostname: h\n  hostUsers: true\n  hostAliases: [ { ip: 10.0.0.1, hostnames: [ a, b ] } ]\n", "p.pod",
          { "Pod.HostName=\"h\"", "Pod.UserNS=host", "Pod.AddHost=a:10.0.0.1", "Pod.AddHost=b:10.0.0.1" } },
        { "  dnsConfig: { nameservers: [ 1.1.1.1 ], searches: [ x.y ], options: [ { name: ndots, value: \"2\" }, { name: edns0 } ] }\n", "p.pod",
          { "Pod.DNS=1.1.1.1", "Pod.DNSSearch=x.y", "Pod.DNSOption=ndots:2", "Pod.DNSOption=edns0" } },
        { "    volumeMounts: [ { name: v, mountPath: /m }, { name: w, mountPath: /n } ]\n"
          "  volumes: [ { name: v, emptyDir: {} }, { name: w, emptyDir: { medium: Memory } } ]\n", "p.pod",
          { "Service.StateDirectory=slipway/empty/p/v", "Service.RuntimeDirectory=slipway/empty/p/w",
            "Service.ExecStopPost=-/bin/rm -rf --one-file-system -- /var/lib/slipway/empty/p" } },
        { "    volumeMounts: [ { name: v, mountPath: /m, subPath: a/b } ]\n  volumes: [ { name: v, emptyDir: {} } ]\n", "p.pod",
          { "Service.ExecStartPre=-/bin/rm -rf --one-file-system -- /var/lib/slipway/empty/p", "Service.StateDirectory=slipway/empty/p/v",
            "Service.ExecStartPre=/bin/mkdir -p -m 0777 -- /var/lib/slipway/empty/p/v/a/b" } },
        { "  resources: { limits: { memory: 1G, cpu: 2 } }\n", "p.pod", { "Service.MemoryMax=1000000000", "Service.CPUQuota=200%" } },
        { "  terminationGracePeriodSeconds: 5\n  restartPolicy: OnFailure\n", "p-c.container",
          { "Container.StopTimeout=5", "Service.Restart=on-failure", "Unit.OnFailure=slipway-kube-ended@a.service" } },
        { "  restartPolicy: Never\n  activeDeadlineSeconds: 60\n", "p-c.container",
          { "Unit.OnSuccess=slipway-kube-ended@a.service", "Service.RuntimeMaxSec=60" } },
        { "  securityContext: { runAsUser: 7, supplementalGroups: [ 8 ], fsGroup: 9, sysctls: [ { name: net.core.somaxconn, value: \"9\" } ] }\n",
          "p-c.container", { "Container.User=7", "Container.GroupAdd=8", "Container.GroupAdd=9", "Container.Sysctl=\"net.core.somaxconn=9\"" } },
        { "  initContainers:\n  - { name: one, image: x }\n  - { name: side, image: x, restartPolicy: Always }\n", "p-c.container",
          { "Unit.Requires=p-side.service", "Unit.After=p-side.service" } },
        { "  initContainers:\n  - { name: one, image: x }\n  - { name: side, image: x, restartPolicy: Always }\n", "p-side.container",
          { "Unit.Requires=p-one.service", "Service.Restart=always", "Container.Pull=newer" } },
        { "  initContainers:\n  - { name: one, image: x }\n", "p-one.container",
          { "Service.Type=oneshot", "Service.RemainAfterExit=yes" } },
        { "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: d, labels: { q: r }, annotations: { volume.podman.io/uid: \"7\", x: \"y\" } }\n"
          "spec: { accessModes: [ ReadWriteOnce ], resources: { requests: { storage: 1Gi } } }\n", "d.volume",
          { "Volume.VolumeName=\"d\"", "Volume.User=\"7\"", "Volume.Label=\"q=r\"" } },
        { "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: w }\nspec: { replicas: 2, template: { metadata: { labels: { t: u } }, spec: { "
          "containers: [ { name: c, image: x } ] } } }\n", "w-1-c.container",
          { "Container.Pod=w-1.pod", "Container.Label=\"t=u\"" } },
        { "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: w }\nspec: { template: { spec: { containers: [ { name: c, image: x } ] } } }\n",
          "w-c.container", { "Container.Pod=w.pod" } },
        { "---\napiVersion: batch/v1\nkind: Job\nmetadata: { name: w }\nspec: { backoffLimit: 2, activeDeadlineSeconds: 9, template: { spec: { "
          "restartPolicy: OnFailure, containers: [ { name: c, image: x } ] } } }\n", "w-c.container",
          { "Service.Restart=on-failure", "Unit.StartLimitBurst=3", "Service.RuntimeMaxSec=9" } },
};

/* What follows ONE, and the beginning of the only fault. */
static const struct {
        const char *fields, *fault;
} bad_rows[] = {
        { "    lifecycle: { postStart: { httpGet: { port: 80 } } }\n",
          "a.yaml:8:40: spec.containers[0].lifecycle.postStart.httpGet: not supported, a request is no command; use exec\n" },
        { "    imgae: x\n", "a.yaml:8:5: spec.containers[0]: there is no field 'imgae'; did you mean 'image'?\n" },
        { "    ports: [ { containerPort: \"80\" } ]\n", "a.yaml:8:31: spec.containers[0].ports[0].containerPort: this is a text, and has to be a number\n" },
        { "    ports: [ { containerPort: 70000 } ]\n", "a.yaml:8:31: spec.containers[0].ports[0].containerPort: 70000 is not a number from 1 to 65535\n" },
        { "    ports: [ { hostPort: 80 } ]\n", "a.yaml:8:14: spec.containers[0].ports[0]: there is no field 'containerPort', which has to be there\n" },
        { "    env: [ { name: A, value: 8080 } ]\n", "a.yaml:8:30: spec.containers[0].env[0].value: this is a number, and has to be a text: put it in quotes\n" },
        { "    env: [ { name: A, value: yes } ]\n", "a.yaml:8:30: spec.containers[0].env[0].value: this is a boolean, and has to be a text: put it in quotes\n" },
        { "    imagePullPolicy: always\n", "a.yaml:8:22: spec.containers[0].imagePullPolicy: 'always' is not one of Always, IfNotPresent, Never\n" },
        { "    resources: { limits: { memory: 1x } }\n", "a.yaml:8:36: spec.containers[0].resources.limits.memory: '1x' is not a quantity" },
        { "    resources: { limits: { hugepages-2Mi: 1Gi } }\n", "a.yaml:8:43: spec.containers[0].resources.limits.hugepages-2Mi: not supported, " },
        { "    args: x\n", "a.yaml:8:11: spec.containers[0].args: this is a text, and has to be a list\n" },
        { "    securityContext: { privileged: true }\n", "a.yaml:8:36: spec.containers[0].securityContext.privileged: not supported, it would take all confinement away" },
        { "    securityContext: { runAsNonRoot: true, runAsUser: 0 }\n", "a.yaml:8:55: spec.containers[0].securityContext.runAsUser: runAsNonRoot says" },
        { "    securityContext: { runAsGroup: 5 }\n", "a.yaml:8:36: spec.containers[0].securityContext.runAsGroup: it needs runAsUser\n" },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n", "a.yaml:8:29: spec.containers[0].volumeMounts[0].name: the pod has no volume 'v'\n" },
        { "    volumeMounts: [ { name: v, mountPath: /m, subPath: ../x } ]\n  volumes: [ { name: v, hostPath: { path: /h } } ]\n",
          "a.yaml:8:56: spec.containers[0].volumeMounts[0].subPath: '../x' does not lead into the volume\n" },
        { "    volumeMounts: [ { name: v, mountPath: \"/m:x\" } ]\n  volumes: [ { name: v, hostPath: { path: /h } } ]\n",
          "a.yaml:8:43: spec.containers[0].volumeMounts[0].mountPath: there cannot be a ':'" },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, hostPath: { path: a/b } } ]\n",
          "a.yaml:9:43: spec.volumes[0].hostPath.path: 'a/b' is relative; SetWorkingDirectory=" },
        { "    volumeMounts: [ { name: v, mountPath: /m } ]\n  volumes: [ { name: v, configMap: { name: x } } ]\n",
          "a.yaml:9:36: spec.volumes[0].configMap: there is no ConfigMap 'x'\n" },
        { "  volumes: [ { name: v, nfs: { server: x } } ]\n", "a.yaml:8:30: spec.volumes[0].nfs: not supported, mount it with a .volume file" },
        { "    env: [ { name: A, valueFrom: { secretKeyRef: { name: s, key: k } } } ]\n    args: [ $(A) ]\n",
          "a.yaml:9:13: spec.containers[0].args[0]: not supported, '$(A)' is only known when the container starts" },
        { "    env: [ { name: A, valueFrom: { fieldRef: { fieldPath: status.podIP } } } ]\n",
          "a.yaml:8:59: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: not supported, 'status.podIP' is not known" },
        { "    envFrom: [ { configMapRef: { name: nope } } ]\n", "a.yaml:8:32: spec.containers[0].envFrom[0].configMapRef: there is no ConfigMap 'nope'\n" },
        { "    livenessProbe: { grpc: { port: 5 } }\n", "a.yaml:8:28: spec.containers[0].livenessProbe.grpc: not supported, " },
        { "    livenessProbe: { httpGet: { port: web } }\n", "a.yaml:8:39: spec.containers[0].livenessProbe.httpGet.port: the container has no port 'web'\n" },
        { "    livenessProbe: { periodSeconds: 5 }\n", "a.yaml:8:20: spec.containers[0].livenessProbe: it says not how to probe" },
        { "  hostPID: true\n", "a.yaml:8:12: spec.hostPID: not supported, processes are shared within a pod at most" },
        { "  - { name: c, image: x }\n", "a.yaml:8:13: spec.containers[1].name: there is another container 'c' in this pod\n" },
        { "  - { name: \"../x\", image: x }\n", "a.yaml:8:13: spec.containers[1].name: '../x' is not a name" },
        { "---\nkind: Pdo\n", "a.yaml:9:7: kind: there is no 'Pdo'; did you mean 'Pod'?\n" },
        { "---\nkind: StatefulSet\n", "a.yaml:9:7: kind: StatefulSet is not supported, use a Deployment" },
        { "---\na: 1\n", "a.yaml:9:1: there is no field 'kind' that would say what this is\n" },
        { "---\nkind: Pod\napiVersion: v1\nmetadata: { name: p }\nspec: { containers: [ { name: q, image: x } ] }\n",
          "a.yaml:9:1: there is another Pod 'p', in line 1 of '" },
        { "---\nkind: Pod\napiVersion: v1\nmetadata: { name: \"a\\nb\" }\nspec: { containers: [ { name: q, image: x } ] }\n",
          "a.yaml:11:19: metadata.name: 'a?b' is not a name" },
        { "---\nkind: Secret\napiVersion: v1\nmetadata: { name: s }\ndata: { k: \"not base64!\" }\n",
          "a.yaml:12:12: data.k: this is not base64, which it has to be here\n" },
        { "---\nkind: Secret\napiVersion: v1\nmetadata: { name: s }\nstringData: { \"a/b\": \"x\" }\n", "a.yaml:12:15: 'a/b' is not a key" },
        { "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: { name: w }\nspec: { replicas: 2, template: { spec: { containers: "
          "[ { name: c, image: x, ports: [ { containerPort: 1, hostPort: 1 } ] } ] } } }\n",
          "a.yaml:12:116: spec.template.spec.containers[0].ports[0].hostPort: there are several replicas" },
        { "---\nkind: Job\napiVersion: batch/v1\nmetadata: { name: w }\nspec: { template: { spec: { containers: [ { name: c, image: x } ] } } }\n",
          "a.yaml:12:27: spec.template.spec: the restartPolicy of a Job has to be OnFailure or Never\n" },
        { "a: b: c\n", "a.yaml:8:5: this is not YAML: " },
};
/* clang-format on */

START_TEST(a_field_of_a_container_becomes_lines)
{
        char yaml[4096];
        World world;

        (void) snprintf(yaml, sizeof(yaml), "%s%s", ONE, container_rows[_i].fields);
        world_open(&world, KUBE, yaml);
        ck_assert_str_eq(faults_of(&world), "");
        for (size_t i = 0; i < 4 && container_rows[_i].lines[i]; i++)
                assert_line(&world, "p-c.container", container_rows[_i].lines[i]);
        world_close(&world);
}
END_TEST

START_TEST(a_field_of_a_pod_becomes_lines)
{
        char yaml[4096];
        World world;

        (void) snprintf(yaml, sizeof(yaml), "%s%s", ONE, pod_rows[_i].fields);
        world_open(&world, KUBE, yaml);
        ck_assert_str_eq(faults_of(&world), "");
        for (size_t i = 0; i < 4 && pod_rows[_i].lines[i]; i++)
                assert_line(&world, pod_rows[_i].name, pod_rows[_i].lines[i]);
        world_close(&world);
}
END_TEST

START_TEST(what_is_wrong_is_told_with_place_and_path)
{
        char yaml[4096];
        World world;

        (void) snprintf(yaml, sizeof(yaml), "%s%s", ONE, bad_rows[_i].fields);
        world_open(&world, KUBE, yaml);
        ck_assert_msg(strncmp(faults_of(&world), bad_rows[_i].fault, strlen(bad_rows[_i].fault)) == 0,
                        "%s says:\n%s", bad_rows[_i].fields, faults_of(&world));
        ck_assert_ptr_null(manifest_find(&world.set, "p.pod"));
        world_close(&world);
}
END_TEST

START_TEST(a_mistake_in_one_object_does_not_hide_those_of_the_next)
{
        static const char yaml[] =
                        ONE "    volumeMounts: [ { name: one, mountPath: /m } ]\n"
                            "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: { name: w }\n"
                            "spec: { replicas: 2, template: { spec: { containers: [ { name: c, image: x,\n"
                            "  volumeMounts: [ { name: other, mountPath: /m } ] } ] } } }\n";
        World world;

        world_open(&world, KUBE, yaml);
        ck_assert_ptr_nonnull(strstr(faults_of(&world), "the pod has no volume 'one'"));
        ck_assert_ptr_nonnull(strstr(faults_of(&world), "the pod has no volume 'other'"));
        ck_assert_uint_eq(world.kube->faults.n_errors, 2);
        world_close(&world);
}
END_TEST

#define MAPS                                                                                          \
        "---\nkind: ConfigMap\napiVersion: v1\nmetadata: { name: m }\ndata: { A: one, b.txt: two }\n" \
        "binaryData: { c: AAEC }\n---\nkind: Secret\napiVersion: v1\nmetadata: { name: s }\n"         \
        "data: { P: cHc= }\nstringData: { Q: hunter2 }\n"

static void assert_absent(const World *world, const char *text) {
        for (size_t i = 0; i < world->set.n_manifests; i++)
                for (size_t k = 0; k < world->set.manifests[i]->n_assignments; k++)
                        ck_assert_msg(!strstr(world->set.manifests[i]->assignments[k].value, text),
                                        "%s is in a line", text);
}

START_TEST(a_secret_is_never_in_a_line)
{
        static const char yaml[] = ONE
                        "    envFrom: [ { configMapRef: { name: m } }, { secretRef: { name: s }, prefix: X_ "
                        "} ]\n"
                        "    env: [ { name: Z, valueFrom: { secretKeyRef: { name: s, key: Q } } },\n"
                        "           { name: YY, valueFrom: { configMapKeyRef: { name: m, key: b.txt } } } "
                        "]\n"
                        "    volumeMounts: [ { name: v, mountPath: /s }, { name: w, mountPath: /f, subPath: "
                        "b.txt } ]\n"
                        "  securityContext: { fsGroup: 0115 }\n"
                        "  volumes: [ { name: v, secret: { secretName: s, defaultMode: 0400 } }, { name: w, "
                        "configMap: { name: m } } ]\n" MAPS;
        char line[PATH_MAX + 128];
        World world;

        world_open(&world, KUBE, yaml);
        ck_assert_str_eq(faults_of(&world), "");
        assert_absent(&world, "hunter2");
        assert_absent(&world, "cHc=");
        assert_line(&world, "p-c.container", "Container.Environment=\"A=one\"");
        assert_line(&world, "p-c.container", "Container.Environment=\"YY=two\"");
        (void) snprintf(line, sizeof(line),
                        "Slipway.YamlSecret=\"secret/s/P,type=env,target=X_P,file=%s/a.yaml\"", tree);
        assert_line(&world, "p-c.container", line);
        (void) snprintf(line, sizeof(line),
                        "Slipway.YamlSecret=\"secret/s/Q,type=env,target=Z,file=%s/a.yaml\"", tree);
        assert_line(&world, "p-c.container", line);
        (void) snprintf(line, sizeof(line),
                        "Slipway.YamlSecret=\"secret/s/Q,target=/s/Q,mode=440,gid=77,file=%s/a.yaml\"",
                        tree);
        assert_line(&world, "p-c.container", line);
        (void) snprintf(line, sizeof(line),
                        "Slipway.YamlSecret=\"configmap/m/b.txt,target=/f,mode=644,gid=77,file=%s/a.yaml\"",
                        tree);
        assert_line(&world, "p-c.container", line);
        world_close(&world);
}
END_TEST

START_TEST(a_secret_that_everybody_can_read_is_warned_of)
{
        World world;

        tree_file("a.kube", KUBE);
        world_open(&world, "[Kube]\nYaml=b.yaml\n", "");
        world_close(&world);
        tree_file("b.yaml", ONE MAPS);
        ck_assert_int_eq(chmod(tree_path("b.yaml"), 0644), 0);
        world_open(&world, "[Kube]\nYaml=b.yaml\n", "");
        ck_assert_str_eq(faults_of(&world), "b.yaml:15:1: everybody can read this Secret in the file; take "
                                            "that right away with 'chmod "
                                            "o-r'\n");
        world_close(&world);
}
END_TEST

START_TEST(keys_of_kube_are_for_all_pods)
{
        static const char kube[] =
                        "[Kube]\nYaml=a.yaml\nNetwork=x.network\nNetwork=\nNetwork=y.network:ip=10.0.0.2\n"
                        "PublishPort=9090:80\nUserNS=host\nLogDriver=none\nAutoUpdate=registry c/local\n"
                        "SetWorkingDirectory=unit\n";
        static const char yaml[] = ONE "    ports: [ { containerPort: 80, hostPort: 8080 } ]\n"
                                       "    volumeMounts: [ { name: v, mountPath: /m } ]\n"
                                       "  - { name: d, image: x }\n"
                                       "  volumes: [ { name: v, hostPath: { path: ./b } } ]\n";
        char line[PATH_MAX + 64];
        World world;

        world_open(&world, kube, yaml);
        ck_assert_str_eq(faults_of(&world), "");
        assert_line(&world, "p.pod", "Pod.Network=y.network:ip=10.0.0.2");
        assert_line(&world, "p.pod", "Pod.PublishPort=9090:80");
        assert_line(&world, "p.pod", "Pod.UserNS=host");
        ck_assert_ptr_null(strstr(lines_of(&world, "p.pod"), "x.network"));
        ck_assert_ptr_null(strstr(lines_of(&world, "p.pod"), "8080"));
        assert_line(&world, "p-c.container", "Container.LogDriver=none");
        assert_line(&world, "p-c.container", "Container.AutoUpdate=local");
        assert_line(&world, "p-d.container", "Container.AutoUpdate=registry");
        (void) snprintf(line, sizeof(line), "Container.Volume=%s/./b:/m:rw", tree);
        assert_line(&world, "p-c.container", line);
        world_close(&world);
}
END_TEST

START_TEST(a_name_that_is_taken_is_told)
{
        World world;

        tree_file("p.pod", "[Pod]\n");
        world_open(&world, KUBE, ONE);
        ck_assert_msg(strncmp(faults_of(&world), "a.yaml:1:1: there is a 'p.pod' already, of '", 44) == 0,
                        "%s", faults_of(&world));
        world_close(&world);
}
END_TEST

START_TEST(a_name_of_ten_thousand_bytes_is_only_a_fault)
{
        char yaml[21000], name[10001];
        World world;

        memset(name, 'a', sizeof(name) - 1);
        name[10000] = '\0';
        (void) snprintf(yaml, sizeof(yaml), POD "  containers:\n  - name: %s\n    image: %s\n", name, name);
        world_open(&world, KUBE, yaml);
        ck_assert_msg(strstr(faults_of(&world), "is not a name") != NULL, "%s", faults_of(&world));
        world_close(&world);
}
END_TEST

START_TEST(files_that_cannot_be_read_are_told)
{
        World world;

        world_open(&world, "[Kube]\nYaml=b.yaml\nConfigMap=a.yaml\n", ONE);
        ck_assert_ptr_nonnull(strstr(faults_of(&world), "a.kube:2:6: Yaml=: cannot read '"));
        ck_assert_ptr_nonnull(strstr(
                        faults_of(&world), "a.yaml:2:7: kind: there can only be ConfigMaps in a file"));
        world_close(&world);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("kube");
        TCase *tcase = tcase_create("kube");

        tcase_add_checked_fixture(tcase, tree_make, tree_remove);
        tcase_add_loop_test(tcase, a_field_of_a_container_becomes_lines, 0, ELEMENTS(container_rows));
        tcase_add_loop_test(tcase, a_field_of_a_pod_becomes_lines, 0, ELEMENTS(pod_rows));
        tcase_add_loop_test(tcase, what_is_wrong_is_told_with_place_and_path, 0, ELEMENTS(bad_rows));
        tcase_add_test(tcase, a_mistake_in_one_object_does_not_hide_those_of_the_next);
        tcase_add_test(tcase, a_secret_is_never_in_a_line);
        tcase_add_test(tcase, a_secret_that_everybody_can_read_is_warned_of);
        tcase_add_test(tcase, keys_of_kube_are_for_all_pods);
        tcase_add_test(tcase, a_name_that_is_taken_is_told);
        tcase_add_test(tcase, a_name_of_ten_thousand_bytes_is_only_a_fault);
        tcase_add_test(tcase, files_that_cannot_be_read_are_told);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
