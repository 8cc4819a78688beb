/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What there is in a pod, from top to bottom; the API is that of Kubernetes 1.34. */

#include "generator/kube/fields.h"
#include "generator/kube/rows.h"

#define ALONE NOTICED("there is only this machine to run it on")
#define NO_CLUSTER NOTICED("there is no cluster here that it could be about")
#define WINDOWS REFUSED("this is no Windows")

/* clang-format off */
static const char *const pull_policies[]   = { "Always", "IfNotPresent", "Never", NULL };
static const char *const protocols[]       = { "TCP", "UDP", "SCTP", NULL };
static const char *const restart_always[]  = { "Always", NULL };
static const char *const restart_words[]   = { "Always", "OnFailure", "Never", NULL };
static const char *const dns_policies[]    = { "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None", NULL };
static const char *const profile_types[]   = { "RuntimeDefault", "Unconfined", "Localhost", NULL };
static const char *const proc_mounts[]     = { "Default", "Unmasked", NULL };
static const char *const propagations[]    = { "None", "HostToContainer", "Bidirectional", NULL };
static const char *const recursive_words[] = { "Disabled", "IfPossible", "Enabled", NULL };
static const char *const systems[]         = { "linux", NULL };
static const char *const schemes[]         = { "HTTP", "HTTPS", NULL };
static const char *const host_types[]      = { "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket",
                                               "CharDevice", "BlockDevice", NULL };
static const char *const media[]           = { "", "Memory", NULL };
static const char *const group_policies[]  = { "Merge", "Strict", NULL };

/* --- small things that several have --- */

static const Field key_rows[] = {
        { "key",           TEXT, REQUIRED },
        { "name",          TEXT },
        { "optional",      BOOLEAN },
};
TABLE(key);

static const Field item_rows[] = {
        { "key",           TEXT, REQUIRED },
        { "mode",          NUMBER(0, 07777) },
        { "path",          TEXT, REQUIRED },
};
TABLE(item);

static const Field profile_rows[] = {
        { "localhostProfile", TEXT },
        { "type",          ONE_OF(profile_types), REQUIRED },
};
TABLE(profile);

static const Field selinux_rows[] = {
        { "level",         TEXT },
        { "role",          TEXT, REFUSED("the role of a container is always that of its domain") },
        { "type",          TEXT },
        { "user",          TEXT, REFUSED("the SELinux user of a container is always system_u") },
};
TABLE(selinux);

/* --- what a container does at its start and end --- */

static const Field exec_rows[] = {
        { "command",       TEXTS, REQUIRED },
};
TABLE(exec);

static const Field header_rows[] = {
        { "name",          TEXT, REQUIRED },
        { "value",         TEXT, REQUIRED },
};
TABLE(header);

static const Field http_rows[] = {
        { "host",          TEXT },
        { "httpHeaders",   TABLES(header) },
        { "path",          TEXT },
        { "port",          PORT, REQUIRED },
        { "scheme",        ONE_OF(schemes) },
};
TABLE(http);

static const Field socket_rows[] = {
        { "host",          TEXT },
        { "port",          PORT, REQUIRED },
};
TABLE(socket);

static const Field sleep_rows[] = {
        { "seconds",       NUMBER(0, 86400), REQUIRED },
};
TABLE(sleep);

static const Field handler_rows[] = {
        { "exec",          A_TABLE(exec) },
        { "httpGet",       ANY, REFUSED("a request is no command; use exec") },
        { "sleep",         A_TABLE(sleep) },
        { "tcpSocket",     ANY, REFUSED("Kubernetes does not know it any more either; use exec") },
};
TABLE(handler);

static const Field lifecycle_rows[] = {
        { "postStart",     A_TABLE(handler) },
        { "preStop",       A_TABLE(handler) },
        { "stopSignal",    TEXT },
};
TABLE(lifecycle);

static const Field probe_rows[] = {
        { "exec",          A_TABLE(exec) },
        { "failureThreshold", NUMBER(1, 1000000) },
        { "grpc",          ANY, REFUSED("use exec with grpc_health_probe, or tcpSocket") },
        { "httpGet",       A_TABLE(http) },
        { "initialDelaySeconds", NUMBER(0, 86400 * 365) },
        { "periodSeconds", NUMBER(1, 86400 * 365) },
        { "successThreshold", NUMBER(1, 1000000) },
        { "tcpSocket",     A_TABLE(socket) },
        { "terminationGracePeriodSeconds", NUMBER(1, 86400 * 365),
                           REFUSED("a restart takes no longer than a stop, for which it can be set in the pod") },
        { "timeoutSeconds", NUMBER(1, 86400) },
};
TABLE(probe);

/* --- environment --- */

static const Field field_ref_rows[] = {
        { "apiVersion",    TEXT, SILENT },
        { "fieldPath",     TEXT, REQUIRED },
};
TABLE(field_ref);

static const Field resource_ref_rows[] = {
        { "containerName", TEXT },
        { "divisor",       QUANTITY },
        { "resource",      TEXT, REQUIRED },
};
TABLE(resource_ref);

static const Field value_from_rows[] = {
        { "configMapKeyRef", A_TABLE(key) },
        { "fieldRef",      A_TABLE(field_ref) },
        { "fileKeyRef",    ANY, REFUSED("a file of a volume would have to be read before the container is there") },
        { "resourceFieldRef", A_TABLE(resource_ref) },
        { "secretKeyRef",  A_TABLE(key) },
};
TABLE(value_from);

static const Field env_rows[] = {
        { "name",          TEXT, REQUIRED },
        { "value",         TEXT },
        { "valueFrom",     A_TABLE(value_from) },
};
TABLE(env);

static const Field source_rows[] = {
        { "name",          TEXT, REQUIRED },
        { "optional",      BOOLEAN },
};
TABLE(source);

static const Field env_from_rows[] = {
        { "configMapRef",  A_TABLE(source) },
        { "prefix",        TEXT },
        { "secretRef",     A_TABLE(source) },
};
TABLE(env_from);

/* --- containers --- */

static const Field port_rows[] = {
        { "containerPort", NUMBER(1, 65535), REQUIRED },
        { "hostIP",        TEXT },
        { "hostPort",      NUMBER(1, 65535) },
        { "name",          TEXT },
        { "protocol",      ONE_OF(protocols) },
};
TABLE(port);

static const Field resources_rows[] = {
        { "claims",        ANY, REFUSED("nobody allocates devices; use a volume of type hostPath") },
        { "limits",        QUANTITY_MAP },
        { "requests",      QUANTITY_MAP },
};
TABLE(resources);

static const Field capabilities_rows[] = {
        { "add",           TEXTS },
        { "drop",          TEXTS },
};
TABLE(capabilities);

static const Field container_security_rows[] = {
        { "allowPrivilegeEscalation", BOOLEAN },
        { "appArmorProfile", A_TABLE(profile) },
        { "capabilities",  A_TABLE(capabilities) },
        { "privileged",    BOOLEAN, REFUSED("it would take all confinement away; ask for what is needed with "
                           "capabilities, volumes of devices, seccompProfile and hostUsers") },
        { "procMount",     ONE_OF(proc_mounts) },
        { "readOnlyRootFilesystem", BOOLEAN },
        { "runAsGroup",    NUMBER(0, UINT32_MAX - 1) },
        { "runAsNonRoot",  BOOLEAN },
        { "runAsUser",     NUMBER(0, UINT32_MAX - 1) },
        { "seLinuxOptions", A_TABLE(selinux) },
        { "seccompProfile", A_TABLE(profile) },
        { "windowsOptions", ANY, WINDOWS },
};
TABLE(container_security);

static const Field mount_rows[] = {
        { "mountPath",     TEXT, REQUIRED },
        { "mountPropagation", ONE_OF(propagations) },
        { "name",          TEXT, REQUIRED },
        { "readOnly",      BOOLEAN },
        { "recursiveReadOnly", ONE_OF(recursive_words) },
        { "subPath",       TEXT },
        { "subPathExpr",   TEXT },
};
TABLE(mount);

static const Field container_rows[] = {
        { "args",          TEXTS },
        { "command",       TEXTS },
        { "env",           TABLES(env) },
        { "envFrom",       TABLES(env_from) },
        { "image",         TEXT, REQUIRED },
        { "imagePullPolicy", ONE_OF(pull_policies) },
        { "lifecycle",     A_TABLE(lifecycle) },
        { "livenessProbe", A_TABLE(probe) },
        { "name",          TEXT, REQUIRED },
        { "ports",         TABLES(port) },
        { "readinessProbe", A_TABLE(probe) },
        { "resizePolicy",  ANY, SILENT },
        { "resources",     A_TABLE(resources) },
        { "restartPolicy", ONE_OF(restart_always) },
        { "restartPolicyRules", ANY, REFUSED("use restartPolicy of the pod") },
        { "securityContext", A_TABLE(container_security) },
        { "startupProbe",  A_TABLE(probe) },
        { "stdin",         BOOLEAN },
        { "stdinOnce",     BOOLEAN, REFUSED("its standard input stays open for who attaches") },
        { "terminationMessagePath", TEXT, REFUSED("nobody reads it; what a container has to say is in the journal"),
                           UNLESS("/dev/termination-log") },
        { "terminationMessagePolicy", TEXT, SILENT },
        { "tty",           BOOLEAN },
        { "volumeDevices", ANY, REFUSED("use a volume of type hostPath that is a BlockDevice") },
        { "volumeMounts",  TABLES(mount) },
        { "workingDir",    TEXT },
};
TABLE(container);

/* --- volumes --- */

static const Field host_path_rows[] = {
        { "path",          TEXT, REQUIRED },
        { "type",          ONE_OF(host_types) },
};
TABLE(host_path);

static const Field empty_dir_rows[] = {
        { "medium",        ONE_OF(media) },
        { "sizeLimit",     QUANTITY },
};
TABLE(empty_dir);

static const Field config_volume_rows[] = {
        { "defaultMode",   NUMBER(0, 0777) },
        { "items",         TABLES(item) },
        { "name",          TEXT, REQUIRED },
        { "optional",      BOOLEAN },
};
TABLE(config_volume);

static const Field secret_volume_rows[] = {
        { "defaultMode",   NUMBER(0, 0777) },
        { "items",         TABLES(item) },
        { "optional",      BOOLEAN },
        { "secretName",    TEXT, REQUIRED },
};
TABLE(secret_volume);

static const Field claim_ref_rows[] = {
        { "claimName",     TEXT, REQUIRED },
        { "readOnly",      BOOLEAN },
};
TABLE(claim_ref);

static const Field image_volume_rows[] = {
        { "pullPolicy",    ONE_OF(pull_policies) },
        { "reference",     TEXT, REQUIRED },
};
TABLE(image_volume);

#define ELSEWHERE REFUSED("mount it with a .volume file or a .mount unit, and claim or bind that")

static const Field volume_rows[] = {
        { "awsElasticBlockStore", ANY, ELSEWHERE },
        { "azureDisk",     ANY, ELSEWHERE },
        { "azureFile",     ANY, ELSEWHERE },
        { "cephfs",        ANY, ELSEWHERE },
        { "cinder",        ANY, ELSEWHERE },
        { "configMap",     A_TABLE(config_volume) },
        { "csi",           ANY, ELSEWHERE },
        { "downwardAPI",   ANY, REFUSED("use env with fieldRef") },
        { "emptyDir",      A_TABLE(empty_dir) },
        { "ephemeral",     ANY, REFUSED("use emptyDir, or a PersistentVolumeClaim") },
        { "fc",            ANY, ELSEWHERE },
        { "flexVolume",    ANY, ELSEWHERE },
        { "flocker",       ANY, ELSEWHERE },
        { "gcePersistentDisk", ANY, ELSEWHERE },
        { "gitRepo",       ANY, REFUSED("clone it in an init container") },
        { "glusterfs",     ANY, ELSEWHERE },
        { "hostPath",      A_TABLE(host_path) },
        { "image",         A_TABLE(image_volume) },
        { "iscsi",         ANY, ELSEWHERE },
        { "name",          TEXT, REQUIRED },
        { "nfs",           ANY, ELSEWHERE },
        { "persistentVolumeClaim", A_TABLE(claim_ref) },
        { "photonPersistentDisk", ANY, ELSEWHERE },
        { "portworxVolume", ANY, ELSEWHERE },
        { "projected",     ANY, REFUSED("use a volume for each source") },
        { "quobyte",       ANY, ELSEWHERE },
        { "rbd",           ANY, ELSEWHERE },
        { "scaleIO",       ANY, ELSEWHERE },
        { "secret",        A_TABLE(secret_volume) },
        { "storageos",     ANY, ELSEWHERE },
        { "vsphereVolume", ANY, ELSEWHERE },
};
TABLE(volume);

/* --- the pod --- */

static const Field sysctl_rows[] = {
        { "name",          TEXT, REQUIRED },
        { "value",         TEXT, REQUIRED },
};
TABLE(sysctl);

static const Field pod_security_rows[] = {
        { "appArmorProfile", A_TABLE(profile) },
        { "fsGroup",       NUMBER(0, UINT32_MAX - 1) },
        { "fsGroupChangePolicy", TEXT, SILENT },
        { "runAsGroup",    NUMBER(0, UINT32_MAX - 1) },
        { "runAsNonRoot",  BOOLEAN },
        { "runAsUser",     NUMBER(0, UINT32_MAX - 1) },
        { "seLinuxChangePolicy", TEXT, SILENT },
        { "seLinuxOptions", A_TABLE(selinux) },
        { "seccompProfile", A_TABLE(profile) },
        { "supplementalGroups", NUMBERS },
        { "supplementalGroupsPolicy", ONE_OF(group_policies),
                           REFUSED("groups of the image's own files are always looked up"), UNLESS("Merge") },
        { "sysctls",       TABLES(sysctl) },
        { "windowsOptions", ANY, WINDOWS },
};
TABLE(pod_security);

static const Field alias_rows[] = {
        { "hostnames",     TEXTS },
        { "ip",            TEXT, REQUIRED },
};
TABLE(alias);

static const Field dns_option_rows[] = {
        { "name",          TEXT, REQUIRED },
        { "value",         TEXT },
};
TABLE(dns_option);

static const Field dns_rows[] = {
        { "nameservers",   TEXTS },
        { "options",       TABLES(dns_option) },
        { "searches",      TEXTS },
};
TABLE(dns);

static const Field os_rows[] = {
        { "name",          ONE_OF(systems), REQUIRED },
};
TABLE(os);

static const Field pod_rows[] = {
        { "activeDeadlineSeconds", NUMBER(1, INT32_MAX) },
        { "affinity",      ANY, ALONE },
        { "automountServiceAccountToken", BOOLEAN, SILENT },
        { "containers",    TABLES(container), REQUIRED },
        { "dnsConfig",     A_TABLE(dns) },
        { "dnsPolicy",     ONE_OF(dns_policies) },
        { "enableServiceLinks", BOOLEAN, SILENT },
        { "ephemeralContainers", ANY, REFUSED("use 'slipway exec'") },
        { "hostAliases",   TABLES(alias) },
        { "hostIPC",       BOOLEAN, REFUSED("a container's System V objects are always its own or its pod's") },
        { "hostNetwork",   BOOLEAN },
        { "hostPID",       BOOLEAN, REFUSED("processes are shared within a pod at most, with shareProcessNamespace") },
        { "hostUsers",     BOOLEAN },
        { "hostname",      TEXT },
        { "hostnameOverride", TEXT },
        { "imagePullSecrets", ANY, NOTICED("credentials for registries come from where slipway-pull(1) looks for them") },
        { "initContainers", TABLES(container) },
        { "nodeName",      TEXT, ALONE },
        { "nodeSelector",  ANY, ALONE },
        { "os",            A_TABLE(os) },
        { "overhead",      ANY, ALONE },
        { "preemptionPolicy", TEXT, ALONE },
        { "priority",      ANY, ALONE },
        { "priorityClassName", TEXT, ALONE },
        { "readinessGates", ANY, REFUSED("nobody would open them; use readinessProbe") },
        { "resourceClaims", ANY, REFUSED("nobody allocates devices; use a volume of type hostPath") },
        { "resources",     A_TABLE(resources) },
        { "restartPolicy", ONE_OF(restart_words) },
        { "runtimeClassName", TEXT, REFUSED("the runtime is systemd-nspawn") },
        { "schedulerName", TEXT, ALONE, UNLESS("default-scheduler") },
        { "schedulingGates", ANY, REFUSED("nobody would open them") },
        { "securityContext", A_TABLE(pod_security) },
        { "serviceAccount", TEXT, NO_CLUSTER, UNLESS("default") },
        { "serviceAccountName", TEXT, NO_CLUSTER, UNLESS("default") },
        { "setHostnameAsFQDN", BOOLEAN, REFUSED("write the whole name in hostname") },
        { "shareProcessNamespace", BOOLEAN },
        { "subdomain",     TEXT, REFUSED("there is no Service whose domain it could be in") },
        { "terminationGracePeriodSeconds", NUMBER(0, INT32_MAX) },
        { "tolerations",   ANY, ALONE },
        { "topologySpreadConstraints", ANY, ALONE },
        { "volumes",       TABLES(volume) },
};
const FieldTable pod_fields = { pod_rows, ELEMENTS(pod_rows) };
/* clang-format on */
