/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A pod, whoever asked for it
 *
 * What its containers share: a network, the host name, System V IPC, ids, and a slice; and processes, if
 * that is asked for. Front ends fill this in, plan/ turns it into a unit. Texts are unit text, as in a
 * Container, and what a field has the name of is the same there.
 */

#include "generator/model/container.h"

typedef struct Pod {
        char *name;    /* what it is called; never NULL when planned */
        char *service; /* its unit without ".service", if that is not named after the manifest */
        char *slice;   /* that of its containers, a whole name */

        char *exit_policy;  /* stop, continue: whether it ends with its last container; NULL is stop */
        char *stop_timeout; /* of containers that do not say otherwise */

        /* Network */
        char **network, **alias, **publish;
        char *ip, *ip6, *mac;
        char *hostname;
        char **add_host;
        char **dns, **dns_option, **dns_search;
        char **needs;

        /* Ids */
        char *userns;
        char **uid_map, **gid_map;
        char *sub_uid, *sub_gid;
        Remap remap;

        char **volume; /* that all its containers have */
        char *shm_size;
        char *share; /* pid: processes, besides what is always shared; NULL is nothing more */
        char **label;

        char **members; /* units of containers that it starts, without expansions */
} Pod;

Pod *pod_new(void);
void pod_free(Pod *pod);

/* Whether the containers see, and may signal, each other's processes. */
bool pod_shares_processes(const Pod *pod);
