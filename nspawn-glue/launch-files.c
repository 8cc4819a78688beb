/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>

#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/files.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/net/hosts.h"
#include "nspawn-glue/net/resolv.h"
#include "nspawn-glue/tree.h"

#define HOST_FILE_MAX (1024 * 1024)

/* What is made in the container's tree stays there. */
static bool is_lasting(const Launch *launch) {
        return launch->options->rootfs && !launch->options->rootfs_overlay;
}

/* A file of the workspace, which belongs to the container's root, to be mounted on @target. */
static int pass_file(Launch *launch, const char *name, const void *text, size_t size, const char *target) {
        uint32_t owner = launch->userns.mode == USERNS_HOST ? 0 : launch->userns.base;
        autofd int fd = openat(launch->workspace_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        int tree, r;

        if (fd < 0)
                return -errno;
        r = io_write_all(fd, text, size);
        if (r >= 0 && owner != 0 && fchown(fd, owner, owner) < 0)
                r = -errno;
        if (r >= 0)
                r = tree_clone(launch->workspace_fd, name, false, &tree);
        if (r < 0)
                return r;
        r = tree_propagate(tree, MS_PRIVATE, false);
        if (r < 0) {
                (void) close(tree);
                return r;
        }

        r = launch_pass(launch, tree);
        if (r < 0)
                return r;
        plan_putf(&launch->plan, is_lasting(launch) ? "attach-lasting" : "attach-file", "%d:%s", r, target);
        return 0;
}

/* The host's file, or an empty text when it has none. */
static int read_host(const char *path, char **ret, size_t *ret_size) {
        int r = io_read_file(AT_FDCWD, path, HOST_FILE_MAX, ret, ret_size);

        if (r != -ENOENT)
                return r;
        *ret = strdup("");
        *ret_size = 0;
        return *ret ? 0 : -ENOMEM;
}

/* A file of networks, which is kept current. Nobody in them may change it. */
static int pass_view(Launch *launch, int view, const char *target) {
        int tree, r;

        r = tree_clone(view, "", false, &tree);
        if (r < 0)
                return r;
        r = tree_propagate(tree, MS_PRIVATE, false);
        if (r >= 0)
                r = tree_set(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID, 0, false);
        if (r < 0) {
                (void) close(tree);
                return r;
        }
        r = launch_pass(launch, tree);
        if (r >= 0)
                plan_putf(&launch->plan, is_lasting(launch) ? "attach-lasting" : "attach-file", "%d:%s", r,
                                target);
        return r < 0 ? r : 0;
}

static bool is_in_host_network(const Launch *launch) {
        return launch->options->pod ? !launch->pod.has_network
                                    : options_network(launch->options) == NETWORK_HOST;
}

static int write_hosts(Launch *launch, Fault *fault) {
        autofree char *base = NULL, *text = NULL;
        autofd int view = -1;
        size_t size;
        int r = 0;

        if (*launch->member.view) {
                view = hosts_open_view(launch->member.view);
                return view < 0 ? view : pass_view(launch, view, "/etc/hosts");
        }
        if (is_in_host_network(launch))
                r = read_host("/etc/hosts", &base, &size);
        if (r >= 0)
                r = files_hosts(base, launch->hostname, launch->options->hosts, &text, fault);
        return r < 0 ? r : pass_file(launch, "hosts", text, strlen(text), "/etc/hosts");
}

static int write_hostname(Launch *launch, Fault *fault) {
        char text[sizeof(launch->hostname) + 1];
        int n = snprintf(text, sizeof(text), "%s\n", launch->hostname);

        return pass_file(launch, "hostname", text, (size_t) n, "/etc/hostname");
}

/* Servers that the host itself asks. The stub of systemd-resolved listens on the host's loopback; behind it
 * are those that can be reached from elsewhere. */
static int read_servers(Launch *launch, char **ret) {
        autofree char *text = NULL;
        size_t size;
        int r;

        r = read_host("/etc/resolv.conf", &text, &size);
        if (r >= 0 && strstr(text, "nameserver 127.0.0.53")) {
                free(TAKE(text));
                r = read_host("/run/systemd/resolve/resolv.conf", &text, &size);
        }
        return r < 0 ? r : files_reachable_resolv(text, ret);
}

/* What is asked for is the container's own, or that of the pod that it is in. */
typedef struct ResolvWish {
        char *const *servers, *const *searches, *const *options;
} ResolvWish;

static ResolvWish resolv_wish(const Launch *launch) {
        const Options *options = launch->options;

        if (options->pod)
                return (ResolvWish){ launch->pod.dns, launch->pod.dns_searches, launch->pod.dns_options };
        return (ResolvWish){ options->dns, options->dns_searches, options->dns_options };
}

/* What nobody has asked for networks may say, and some of them only later. */
static int pass_late(Launch *launch, const ResolvWish *wish, const char *text) {
        const ResolvOpen open = {
                .servers = !wish->servers,
                .searches = !wish->searches,
                .options = !wish->options,
        };
        autofd int fd = resolv_make(launch->options->name, &open, text);

        return fd < 0 ? fd : pass_view(launch, fd, "/etc/resolv.conf");
}

static int format_resolv(Launch *launch, const ResolvWish *wish, char **ret) {
        autofree char *base = NULL;
        autostrv char **servers = NULL, **searches = NULL, **options = NULL;
        size_t size;
        int r = 0;

        if (is_in_host_network(launch))
                r = read_host("/etc/resolv.conf", &base, &size);
        else if (launch->member.n_attachments > 0)
                r = read_servers(launch, &base);
        if (r >= 0)
                r = resolv_collect(&launch->member, &servers, &searches, &options);
        return r < 0 ? r
                     : files_resolv(base, wish->servers ? wish->servers : servers,
                                       wish->searches ? wish->searches : searches,
                                       wish->options ? wish->options : options, ret);
}

static int write_resolv(Launch *launch, Fault *fault) {
        ResolvWish wish = resolv_wish(launch);
        autofree char *text = NULL;
        int r;

        if (wish.servers && strcmp(wish.servers[0], "none") == 0)
                return 0;
        r = format_resolv(launch, &wish, &text);
        if (r < 0)
                return r;
        /* A pod's is known by now. */
        if (!launch->options->pod && member_is_late(&launch->member))
                return pass_late(launch, &wish, text);
        return pass_file(launch, "resolv.conf", text, strlen(text), "/etc/resolv.conf");
}

static bool zone_is_valid(const char *zone) {
        return *zone && *zone != '/' && !strstr(zone, "..") && strlen(zone) < 200;
}

/* The host knows the rules of all zones; an image often knows none. */
static int write_timezone(Launch *launch, Fault *fault) {
        const char *zone = launch->options->timezone;
        autofree char *rules = NULL;
        char path[256] = "/etc/localtime";
        size_t size;
        int r;

        if (!zone || !*zone)
                return 0;
        if (strcmp(zone, "local") != 0) {
                if (!zone_is_valid(zone))
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no time zone", zone);
                (void) snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
        }
        r = io_read_file(AT_FDCWD, path, HOST_FILE_MAX, &rules, &size);
        if (r == -ENOENT && strcmp(zone, "local") == 0)
                return 0;
        if (r < 0)
                return fault_raise(fault, FAULT_MISSING, -r, "cannot read the time zone '%s' from '%s': %s",
                                zone, path, strerror(-r));
        return pass_file(launch, "localtime", rules, size, "/etc/localtime");
}

int launch_write_files(Launch *launch, const MountList *mounts, Fault *fault) {
        static const struct {
                const char *target;
                int (*write)(Launch *launch, Fault *fault);
        } files[] = {
                { "/etc/hosts", write_hosts },
                { "/etc/hostname", write_hostname },
                { "/etc/resolv.conf", write_resolv },
                { "/etc/localtime", write_timezone },
        };

        for (size_t i = 0; i < ELEMENTS(files); i++) {
                int r;

                /* Who binds one, has it. */
                if (mount_list_has(mounts, files[i].target))
                        continue;
                r = files[i].write(launch, fault);
                if (r < 0)
                        return fault_wrap(fault, r, "cannot write %s", files[i].target);
        }
        return 0;
}

int launch_choose_hostname(Launch *launch, Fault *fault) {
        const char *wanted = launch->options->hostname;

        /* Not its own to set. */
        if (launch->options->pod)
                return 0;
        if (wanted && *wanted) {
                if (strlen(wanted) >= sizeof(launch->hostname) || strpbrk(wanted, " \t\n/"))
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no host name", wanted);
                (void) snprintf(launch->hostname, sizeof(launch->hostname), "%s", wanted);
        } else
                files_hostname(launch->options->name, launch->hostname, sizeof(launch->hostname));

        plan_put(&launch->plan, "hostname", launch->hostname);
        return 0;
}
