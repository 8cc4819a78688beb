/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A pod that is up: namespaces and a few files that its members share
 *
 *     /run/slipway/pods/NAME/net, ipc, uts   namespaces, each mounted on a file
 *     /run/slipway/pods/NAME/pid             the same, where its members share their processes
 *     /run/slipway/pods/NAME/shm             what its members have as /dev/shm
 *     /run/slipway/pods/NAME/pod             the record, JSON
 *
 * No process holds them but that of processes, which ends with its process 1, slipway-pause: they are there
 * until the pod's unit takes them down. Networks and ports of a pod
 * are those of a member of networks (member.h) with the pod's name.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/fault.h"
#include "lib/paths.h"

#define PODS_DIR SLIPWAY_RUNTIME_DIR "/pods"

/* What is shared; the network only where the pod has one of its own, processes only where that is asked for.
 */
typedef enum PodPart {
        POD_NET,
        POD_IPC,
        POD_UTS,
        POD_PID,
        _POD_PART_MAX,
} PodPart;

typedef struct Pod {
        char name[65];
        char unit[256];
        char hostname[65];
        bool has_network;   /* of its own, or nothing but loopback; else it is in the host's */
        bool has_processes; /* that its members share, in a namespace with slipway-pause as process 1 */
        uint64_t shm_size;
        char **labels;                             /* KEY=VALUE */
        char **dns, **dns_options, **dns_searches; /* for resolv.conf, as options of a container */
} Pod;

void pod_done(Pod *pod);

/* "net" */
const char *pod_part_to_string(PodPart part);

/* Return: 0, -ENOENT with a fault that says how to bring it up, -errno. */
int pod_read_record(const char *name, Pod *ret, Fault *fault);
int pod_write(const Pod *pod);

/* A shared namespace. Return: a descriptor, -errno. */
int pod_open(const char *name, PodPart part);

/* The names of all pods that are up, sorted. */
int pod_list(char ***ret);
