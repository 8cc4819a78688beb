/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A container in a pod
 *
 * The unit has put us into the pod's network already (NetworkNamespacePath=). What else is shared is entered
 * here, and systemd-nspawn is told to make no namespaces of that kind.
 */

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>

#include "lib/capability.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/net/promise.h"
#include "nspawn-glue/tree.h"

static int enter(const char *pod, PodPart part, int type, Fault *fault) {
        autofd int fd = pod_open(pod, part);

        if (fd < 0)
                return fault_wrap(fault, fd, "cannot open what the members of pod '%s' share", pod);
        return setns(fd, type) < 0 ? fault_wrap(fault, -errno, "cannot enter the pod '%s'", pod) : 0;
}

/* The pod's network belongs to no user namespace of a member's. */
static void warn_of_capabilities(const Launch *launch) {
        static const char *const useless[] = { "net_admin", "net_raw", "all" };

        if (!launch->pod.has_network || launch->userns.mode == USERNS_HOST)
                return;
        for (size_t i = 0; i < ELEMENTS(useless); i++)
                if (strv_find(launch->options->capabilities_add, useless[i]))
                        report_note(REPORT_NOTICE,
                                        "the capability '%s' is worth nothing in the network of a pod for a "
                                        "container with a user namespace of its own; UserNS=host in the "
                                        ".pod manifest, or the container alone in a network, makes it count",
                                        useless[i]);
}

/* Only who owns the namespace may mount its message queues, which the container's root is not. */
static int pass_queues(Launch *launch, Fault *fault) {
        int tree, r;

        r = tree_new("mqueue", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, &tree);
        if (r < 0)
                return fault_wrap(fault, r, "cannot mount the message queues of the pod");
        r = launch_pass(launch, tree);
        if (r >= 0)
                plan_putf(&launch->plan, "queues", "%d", r);
        return r < 0 ? r : 0;
}

static int tell_name(const Launch *launch, Fault *fault) {
        autostrv char **names = NULL;
        int r = strv_append(&names, launch->options->name);

        if (r >= 0)
                r = strv_extend(&names, launch->options->aliases);
        return r < 0 ? r : promise_add_name(launch->options->pod, launch->options->name, names, fault);
}

int launch_join_pod(Launch *launch, Fault *fault) {
        const char *name = launch->options->pod;
        int r;

        if (!name)
                return 0;
        /* Both tell names, and each takes its own back. */
        if (strcmp(name, launch->options->name) == 0)
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "a container cannot be called '%s', as its pod is; set ContainerName= or "
                                "PodName=",
                                name);
        r = pod_read_record(name, &launch->pod, fault);
        if (r < 0)
                return r;
        warn_of_capabilities(launch);
        (void) snprintf(launch->hostname, sizeof(launch->hostname), "%s", launch->pod.hostname);
        r = member_read(name, &launch->member);
        if (r >= 0 || r == -ENOENT)
                r = enter(name, POD_IPC, CLONE_NEWIPC, fault);
        if (r >= 0)
                r = pass_queues(launch, fault);
        if (r >= 0)
                r = enter(name, POD_UTS, CLONE_NEWUTS, fault);
        if (r >= 0)
                r = launch_join_processes(launch, fault);
        if (r >= 0)
                r = tell_name(launch, fault);
        if (r >= 0 && (setenv("SYSTEMD_NSPAWN_SHARE_NS_IPC", "1", 1) < 0 ||
                                      setenv("SYSTEMD_NSPAWN_SHARE_NS_UTS", "1", 1) < 0))
                r = -errno;
        return r;
}

void launch_leave_pod(Launch *launch) {
        if (launch->options->pod)
                promise_remove_name(launch->options->pod, launch->options->name);
        pod_done(&launch->pod);
}

/* /dev/shm: ids are the same in all members, so it needs no map. */
int launch_pass_pod_shm(Launch *launch, Fault *fault) {
        char path[sizeof(PODS_DIR) + sizeof(launch->pod.name) + 8];
        int tree, r;

        (void) snprintf(path, sizeof(path), PODS_DIR "/%s/shm", launch->pod.name);
        r = tree_clone(AT_FDCWD, path, false, &tree);
        if (r < 0)
                return fault_wrap(fault, r, "cannot share /dev/shm of pod '%s'", launch->pod.name);
        r = tree_propagate(tree, MS_PRIVATE, false);
        if (r < 0) {
                (void) close(tree);
                return r;
        }
        r = launch_pass(launch, tree);
        if (r >= 0)
                plan_putf(&launch->plan, "attach", "%d:/dev/shm", r);
        return r < 0 ? r : 0;
}
