/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kinds of objects, and what they have besides pods. */

#include <string.h>

#include "generator/kube/fields.h"
#include "generator/kube/rows.h"
#include "lib/nearest.h"

#define CONTROLLER REFUSED("there is no controller that would do so")

/* clang-format off */
static const char *const volume_modes[] = { "Filesystem", NULL };

static const Field meta_rows[] = {
        { "annotations",   TEXT_MAP },
        { "creationTimestamp", ANY, SILENT },
        { "deletionGracePeriodSeconds", ANY, SILENT },
        { "deletionTimestamp", ANY, SILENT },
        { "finalizers",    ANY, SILENT },
        { "generateName",  TEXT, REFUSED("nobody makes names up; use name") },
        { "generation",    ANY, SILENT },
        { "labels",        TEXT_MAP },
        { "managedFields", ANY, SILENT },
        { "name",          TEXT },
        { "namespace",     TEXT },
        { "ownerReferences", ANY, SILENT },
        { "resourceVersion", ANY, SILENT },
        { "selfLink",      ANY, SILENT },
        { "uid",           ANY, SILENT },
};
TABLE(meta);

#define OBJECT_ROWS \
        { "apiVersion",    TEXT, REQUIRED }, \
        { "kind",          TEXT, REQUIRED }, \
        { "metadata",      A_TABLE(meta), REQUIRED }

static const Field template_rows[] = {
        { "metadata",      A_TABLE(meta) },
        { "spec",          FIELD_TABLE, .table = &pod_fields, REQUIRED },
};
TABLE(template);

static const Field pod_object_rows[] = {
        OBJECT_ROWS,
        { "spec",          FIELD_TABLE, .table = &pod_fields, REQUIRED },
        { "status",        ANY, SILENT },
};
TABLE(pod_object);

static const Field deployment_spec_rows[] = {
        { "minReadySeconds", NUMBER(0, INT32_MAX), SILENT },
        { "paused",        BOOLEAN, REFUSED("there is no rollout that could be paused") },
        { "progressDeadlineSeconds", ANY, SILENT },
        { "replicas",      NUMBER(0, 1000) },
        { "revisionHistoryLimit", ANY, SILENT },
        { "selector",      ANY, SILENT },
        { "strategy",      ANY, SILENT },
        { "template",      A_TABLE(template), REQUIRED },
};
TABLE(deployment_spec);

static const Field deployment_rows[] = {
        OBJECT_ROWS,
        { "spec",          A_TABLE(deployment_spec), REQUIRED },
        { "status",        ANY, SILENT },
};
TABLE(deployment);

static const Field daemon_spec_rows[] = {
        { "minReadySeconds", NUMBER(0, INT32_MAX), SILENT },
        { "revisionHistoryLimit", ANY, SILENT },
        { "selector",      ANY, SILENT },
        { "template",      A_TABLE(template), REQUIRED },
        { "updateStrategy", ANY, SILENT },
};
TABLE(daemon_spec);

static const Field daemon_rows[] = {
        OBJECT_ROWS,
        { "spec",          A_TABLE(daemon_spec), REQUIRED },
        { "status",        ANY, SILENT },
};
TABLE(daemon);

static const Field job_spec_rows[] = {
        { "activeDeadlineSeconds", NUMBER(1, INT32_MAX) },
        { "backoffLimit",  NUMBER(0, 1000000) },
        { "backoffLimitPerIndex", ANY, CONTROLLER },
        { "completionMode", TEXT, CONTROLLER, UNLESS("NonIndexed") },
        { "completions",   NUMBER(0, 1000000), REFUSED("it is done once"), UNLESS("1") },
        { "managedBy",     TEXT, CONTROLLER },
        { "manualSelector", BOOLEAN, SILENT },
        { "maxFailedIndexes", ANY, CONTROLLER },
        { "parallelism",   NUMBER(0, 1000000), REFUSED("there is one at a time"), UNLESS("1") },
        { "podFailurePolicy", ANY, CONTROLLER },
        { "podReplacementPolicy", TEXT, SILENT },
        { "selector",      ANY, SILENT },
        { "successPolicy", ANY, CONTROLLER },
        { "suspend",       BOOLEAN, REFUSED("leave it out of [Install] to start it by hand") },
        { "template",      A_TABLE(template), REQUIRED },
        { "ttlSecondsAfterFinished", NUMBER(0, INT32_MAX), SILENT },
};
TABLE(job_spec);

static const Field job_rows[] = {
        OBJECT_ROWS,
        { "spec",          A_TABLE(job_spec), REQUIRED },
        { "status",        ANY, SILENT },
};
TABLE(job);

static const Field config_map_rows[] = {
        OBJECT_ROWS,
        { "binaryData",    TEXT_MAP },
        { "data",          TEXT_MAP },
        { "immutable",     BOOLEAN, SILENT },
};
TABLE(config_map);

static const Field secret_object_rows[] = {
        OBJECT_ROWS,
        { "data",          TEXT_MAP },
        { "immutable",     BOOLEAN, SILENT },
        { "stringData",    TEXT_MAP },
        { "type",          TEXT, SILENT },
};
TABLE(secret_object);

static const Field claim_resources_rows[] = {
        { "limits",        QUANTITY_MAP, SILENT },
        { "requests",      QUANTITY_MAP },
};
TABLE(claim_resources);

static const Field claim_spec_rows[] = {
        { "accessModes",   TEXTS, SILENT },
        { "dataSource",    ANY, REFUSED("nobody would copy it; use 'slipway volume import'") },
        { "dataSourceRef", ANY, REFUSED("nobody would copy it; use 'slipway volume import'") },
        { "resources",     A_TABLE(claim_resources) },
        { "selector",      ANY, SILENT },
        { "storageClassName", TEXT, SILENT },
        { "volumeAttributesClassName", TEXT, SILENT },
        { "volumeMode",    ONE_OF(volume_modes) },
        { "volumeName",    TEXT, REFUSED("the volume is called like the claim") },
};
TABLE(claim_spec);

static const Field claim_rows[] = {
        OBJECT_ROWS,
        { "spec",          A_TABLE(claim_spec) },
        { "status",        ANY, SILENT },
};
TABLE(claim);

#define CLUSTER    "it is about a cluster, and there is none here"
#define NOTICE     .is_noticed = true
#define USE_DEPLOY "use a Deployment or a Pod"

static const KubeKindRow kinds[] = {
        { "ClusterRole",             NULL, NULL, CLUSTER, NOTICE },
        { "ClusterRoleBinding",      NULL, NULL, CLUSTER, NOTICE },
        { "ConfigMap",               "v1", &config_map_table, NULL, KUBE_CONFIG_MAP },
        { "CronJob",                 NULL, NULL, "write a Job, and a .timer unit that starts it" },
        { "CustomResourceDefinition", NULL, NULL, CLUSTER },
        { "DaemonSet",               "apps/v1", &daemon_table, NULL, KUBE_DAEMON_SET },
        { "Deployment",              "apps/v1", &deployment_table, NULL, KUBE_DEPLOYMENT },
        { "HorizontalPodAutoscaler", NULL, NULL, CLUSTER, NOTICE },
        { "Ingress",                 NULL, NULL, "publish ports with hostPort, or run a proxy", NOTICE },
        { "Job",                     "batch/v1", &job_table, NULL, KUBE_JOB },
        { "List",                    NULL, NULL, "write its items as documents of their own, with '---' between them" },
        { "Namespace",               NULL, NULL, CLUSTER, NOTICE },
        { "NetworkPolicy",           NULL, NULL, "use .network files: who is in no common network cannot reach each other" },
        { "PersistentVolume",        NULL, NULL, "write a .volume file" },
        { "PersistentVolumeClaim",   "v1", &claim_table, NULL, KUBE_CLAIM },
        { "Pod",                     "v1", &pod_object_table, NULL, KUBE_POD },
        { "PodDisruptionBudget",     NULL, NULL, CLUSTER, NOTICE },
        { "ReplicaSet",              NULL, NULL, USE_DEPLOY },
        { "ReplicationController",   NULL, NULL, USE_DEPLOY },
        { "Role",                    NULL, NULL, CLUSTER, NOTICE },
        { "RoleBinding",             NULL, NULL, CLUSTER, NOTICE },
        { "Secret",                  "v1", &secret_object_table, NULL, KUBE_SECRET },
        { "Service",                 NULL, NULL, "publish ports with hostPort; containers on one network find a pod by its name", NOTICE },
        { "ServiceAccount",          NULL, NULL, CLUSTER, NOTICE },
        { "StatefulSet",             NULL, NULL, "use a Deployment, or a Pod with a PersistentVolumeClaim" },
        { "StorageClass",            NULL, NULL, CLUSTER, NOTICE },
};
/* clang-format on */

const KubeKindRow *kube_kind_find(const char *name) {
        for (size_t i = 0; i < ELEMENTS(kinds); i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return &kinds[i];
        return NULL;
}

const char *kube_kind_nearest(const char *name) {
        size_t best = nearest_limit(name) + 1;
        const char *found = NULL;

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                size_t distance = nearest_distance(name, kinds[i].name);

                if (distance < best) {
                        best = distance;
                        found = kinds[i].name;
                }
        }
        return found;
}
