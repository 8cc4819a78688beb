/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is known of networks while the machine is up
 *
 *     /run/slipway/net/lock             whoever changes anything of this holds it
 *     /run/slipway/net/networks/NAME    a network that is up, see network.h
 *     /run/slipway/net/leases/NAME      who has which of its addresses, see lease.h
 *     /run/slipway/net/members/OWNER    a container or pod in networks, see member.h
 *     /run/slipway/net/hosts/VIEW       what is mounted as /etc/hosts, see hosts.h
 *     /run/slipway/net/resolv/OWNER     the same as /etc/resolv.conf, where that is known late, see resolv.h
 *     /run/slipway/net/cni/OWNER        what plugins of CNI were asked for, see cni.h
 *     /run/slipway/net/cni-netns/OWNER  and in which network namespace
 *     /var/lib/slipway/networks/NAME    the subnets that were chosen for a network, to be chosen again
 *
 * The files are the truth, and what the kernel has is made after them: a process that is killed in between
 * leaves a file that says what has to be undone.
 */

#include <jansson.h>

#include "lib/fault.h"
#include "lib/paths.h"

#define NET_DIR SLIPWAY_RUNTIME_DIR "/net"
#define NET_NETWORKS NET_DIR "/networks"
#define NET_LEASES NET_DIR "/leases"
#define NET_MEMBERS NET_DIR "/members"
#define NET_HOSTS NET_DIR "/hosts"
#define NET_RESOLV NET_DIR "/resolv"
#define NET_CNI NET_DIR "/cni"
#define NET_CNI_NETNS NET_DIR "/cni-netns"
#define NET_CHOSEN SLIPWAY_STATE_DIR "/networks"

#define NET_FILE_MAX (1024 * 1024)

/* The name of a network is that of a file: [a-zA-Z0-9][a-zA-Z0-9_.-]*, this long at most. */
#define NETWORK_NAME_MAX 128

/**
 * net_lock() - wait for the lock, and make the directories
 * @ret:        its descriptor; closing it unlocks
 */
int net_lock(int *ret, Fault *fault);

bool network_name_is_valid(const char *name);

/* Opens a directory of the above; it is there when there was a lock. Return: a descriptor or -errno. */
int net_open(const char *directory);

/* A document of ours. Return: 0, -ENOENT, -EBADMSG for what is none, -errno. */
int net_read(const char *directory, const char *name, json_t **ret);

/* In one step, or not at all. */
int net_write(const char *directory, const char *name, const json_t *document);

/* The names of all that is in a directory of the above, sorted; none when it is not there. */
int net_list(const char *directory, char ***ret);

bool net_has(const char *directory, const char *name);

/* Whether it is there or not. */
void net_remove(const char *directory, const char *name);

/* Fields of a document of ours: what is missing or of another type is "", 0, false. */
const char *net_string(const json_t *object, const char *key);
long long net_number(const json_t *object, const char *key);
bool net_flag(const json_t *object, const char *key);

/* Lists of texts: what is none in a list is passed over. @ret is added to. Return: 0 or -ENOMEM. */
json_t *net_strings_to_json(char *const *list);
int net_strings(const json_t *object, const char *key, char ***ret);
