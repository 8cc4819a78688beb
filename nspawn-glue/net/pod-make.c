/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/pod-make.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/own-unit.h"
#include "lib/remove-tree.h"
#include "lib/strv.h"
#include "nspawn-glue/files.h"
#include "nspawn-glue/net/attach.h"
#include "nspawn-glue/net/kernel.h"
#include "nspawn-glue/net/pause-start.h"
#include "nspawn-glue/net/pod.h"
#include "nspawn-glue/net/promise.h"
#include "nspawn-glue/net/proxy-start.h"
#include "nspawn-glue/net/request.h"

/* That of processes is made with the first of them. */
static const int flags[_POD_PART_MAX] = {
        [POD_NET] = CLONE_NEWNET,
        [POD_IPC] = CLONE_NEWIPC,
        [POD_UTS] = CLONE_NEWUTS,
};

static void path_of(const char *pod, const char *name, char ret[static 256]) {
        (void) snprintf(ret, 256, PODS_DIR "/%s%s%s", pod, *name ? "/" : "", name);
}

static void unmount_all(const char *pod) {
        char path[256];

        for (PodPart part = 0; part < _POD_PART_MAX; part++) {
                path_of(pod, pod_part_to_string(part), path);
                while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) >= 0)
                        ;
        }
        path_of(pod, "shm", path);
        while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) >= 0)
                ;
}

/* A container's of the same name is not ours to take back. */
static int forget_member(const char *name, Fault *fault) {
        AUTO(member_done) Member member = {};

        if (member_read(name, &member) >= 0 && !member.is_pod)
                return 0;
        return attach_forget(name, fault);
}

int pod_remove(const char *name, Fault *fault) {
        autofd int pods = -1;
        int r;

        if (!network_name_is_valid(name) || strlen(name) > 64)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no name of a pod", name);
        r = forget_member(name, fault);
        unmount_all(name);
        pods = open(PODS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (pods < 0)
                return errno == ENOENT ? r : -errno;
        if (r >= 0)
                r = FAULT_POINT("pod:remove files");
        return r < 0 ? r : remove_tree(pods, name);
}

/* A namespace lives as long as it is mounted somewhere. */
static int pin(const char *pod, PodPart part, pid_t pid) {
        char path[256], own[64];
        autofd int fd = -1;

        path_of(pod, pod_part_to_string(part), path);
        (void) snprintf(own, sizeof(own), "/proc/%d/ns/%s", (int) pid, pod_part_to_string(part));
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
        if (fd < 0 || mount(own, path, NULL, MS_BIND, NULL) < 0)
                return -errno;
        return 0;
}

static int make_shm(const Pod *pod) {
        char path[256], options[64];

        path_of(pod->name, "shm", path);
        (void) snprintf(options, sizeof(options), "mode=1777,size=%llu", (unsigned long long) pod->shm_size);
        if (mkdir(path, 0755) < 0 ||
                        mount("shm", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
                return -errno;
        return 0;
}

/* For apps without a capability in here: their user namespaces are others. */
static void open_low_ports(void) {
        (void) kernel_set("0", "ipv4/ip_unprivileged_port_start");
        (void) kernel_set("0\t2147483647", "ipv4/ping_group_range");
}

/* The promise comes first, and with the host's network there is none to be made. */
static int join_networks(const PodOptions *options, const Pod *pod, Member *ret, Reservation *reservation,
                Fault *fault) {
        autofree char *lines = NULL;
        char gateway[ADDRESS_TEXT_MAX] = "";
        PromiseRequest request = {
                .owner = pod->name,
                .is_pod = true,
                .unit = pod->unit,
                .hostname = pod->hostname,
                .networks = options->networks,
                .aliases = options->aliases,
                .ip = options->ip,
                .ip6 = options->ip6,
                .publish = options->publish,
        };
        Address address = {};
        int r;

        if (promise_gateway(options->networks, &address, NULL) >= 0)
                (void) address_format(&address, gateway);
        r = files_host_entries(options->hosts, gateway, &lines, fault);
        if (r < 0)
                return r;
        request.hosts = lines;
        return promise_make(&request, ret, reservation, fault);
}

static bool is_one(const PodOptions *options, const char *word) {
        return options->networks && strcmp(options->networks[0], word) == 0;
}

/* Own namespaces, and in that of networks what was promised. */
static int make_namespaces(const Pod *pod, Member *member, const Reservation *reservation, Fault *fault) {
        autofd int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), own = -1;
        bool proxied;
        int r = 0;

        if (before < 0)
                return -errno;
        for (PodPart part = 0; part < _POD_PART_MAX && r >= 0; part++) {
                if (part == POD_PID || (part == POD_NET && !pod->has_network))
                        continue;
                if (unshare(flags[part]) < 0)
                        return fault_wrap(fault, -errno, "cannot make a namespace (%s)",
                                        pod_part_to_string(part));
                r = pin(pod->name, part, getpid());
        }
        if (r >= 0 && sethostname(pod->hostname, strlen(pod->hostname)) < 0)
                r = -errno;
        if (r < 0 || !pod->has_network)
                return r;

        own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (own < 0)
                return -errno;
        open_low_ports();
        if (setns(before, CLONE_NEWNET) < 0)
                return -errno;
        r = FAULT_POINT("pod:attach");
        if (r >= 0)
                r = attach_prepare(member, &proxied, fault);
        if (r >= 0)
                r = attach_make(member, own, &proxied, fault);
        if (r >= 0 && proxied)
                r = proxy_leave(member, reservation->fds, reservation->n, fault);
        return r;
}

/* The kernel tells everybody in there of the network of process 1, so that is the pod's. */
static int make_processes(const Pod *pod, pid_t *ret_pid, Fault *fault) {
        autofd int net = -1, fd = -1;
        int r;

        if (pod->has_network && (net = pod_open(pod->name, POD_NET)) < 0)
                return net;
        r = pause_start(net, ret_pid, &fd, fault);
        if (r < 0)
                return r;
        r = pin(pod->name, POD_PID, *ret_pid);
        if (r >= 0)
                r = FAULT_POINT("pod:processes");
        if (r < 0)
                (void) pidfd_send_signal(fd, SIGKILL, NULL, 0);
        return r;
}

static int make(const PodOptions *options, Pod *pod, Fault *fault) {
        AUTO(reservation_done) Reservation reservation = {};
        AUTO(member_done) Member member = {};
        pid_t first = 0;
        char path[256];
        int r;

        path_of(pod->name, "", path);
        r = io_mkdir_p(path, 0755);
        if (r >= 0 && pod->has_network && options->networks && !is_one(options, "none"))
                r = join_networks(options, pod, &member, &reservation, fault);
        if (r >= 0)
                r = FAULT_POINT("pod:namespaces");
        if (r >= 0)
                r = make_namespaces(pod, &member, &reservation, fault);
        if (r >= 0)
                r = make_shm(pod);
        if (r >= 0 && pod->has_processes)
                r = make_processes(pod, &first, fault);
        if (r >= 0)
                r = pod_write(pod);
        if (r >= 0 && pod->has_processes)
                r = pause_hand_over(first, fault);
        /* A process 1 that nobody sees to would be there for ever. */
        if (r < 0 && first > 0)
                (void) kill(first, SIGKILL);
        return r;
}

int pod_make(const PodOptions *options, Fault *fault) {
        Pod pod = { .has_network = !is_one(options, "host"),
                .shm_size = options->shm_size,
                .has_processes = options->share_processes };
        OwnUnit unit = {};
        int r;

        (void) own_unit(&unit);
        (void) snprintf(pod.name, sizeof(pod.name), "%s", options->name);
        (void) snprintf(pod.unit, sizeof(pod.unit), "%s", unit.name);
        if (options->hostname && (strlen(options->hostname) >= sizeof(pod.hostname) ||
                                                 !alias_is_valid(options->hostname)))
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "'%.100s' is no host name", options->hostname);
        if (options->hostname)
                (void) strcpy(pod.hostname, options->hostname);
        else
                files_hostname(options->name, pod.hostname, sizeof(pod.hostname));
        /* Borrowed: it is written, and that is all. */
        pod.labels = options->labels;
        pod.dns = options->dns;
        pod.dns_options = options->dns_options;
        pod.dns_searches = options->dns_searches;

        r = pod_remove(options->name, fault);
        if (r < 0)
                return r;
        r = make(options, &pod, fault);
        if (r < 0)
                (void) pod_remove(options->name, NULL);
        return r;
}
