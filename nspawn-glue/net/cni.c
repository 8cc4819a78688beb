/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/cni.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/net/cni-config.h"
#include "nspawn-glue/net/cni-result.h"
#include "nspawn-glue/net/cni-run.h"
#include "nspawn-glue/net/request.h"

/* Other runtimes may use the same networks. */
#define ID_PREFIX "slipway-"

static int enter_machine(Fault *fault) {
        autofd int fd = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
        struct stat own, its;

        if (fd < 0 || fstat(fd, &its) < 0 || stat("/proc/self/ns/mnt", &own) < 0)
                return fault_wrap(fault, -errno, "cannot open the mount namespace of the service manager");
        if (own.st_dev == its.st_dev && own.st_ino == its.st_ino)
                return 0;
        return setns(fd, CLONE_NEWNS) < 0
                               ? fault_wrap(fault, -errno,
                                                 "cannot enter the mount namespace of the service manager")
                               : 0;
}

/* --- the record --- */

/* Of configurations some are for root only. */
static int write_record(const char *owner, const json_t *record) {
        autofd int dir_fd = -1;
        autofree char *text = json_dumps(record, JSON_COMPACT);
        int r;

        r = io_mkdir_p(NET_CNI, 0700);
        if (r < 0)
                return r;
        dir_fd = net_open(NET_CNI);
        if (dir_fd < 0)
                return dir_fd;
        return text ? io_replace_file(dir_fd, owner, text, strlen(text), 0600) : -ENOMEM;
}

bool cni_has(const char *owner) {
        return net_has(NET_CNI, owner);
}

/* --- the namespace --- */

static void path_of_netns(const char *owner, char ret[static 256]) {
        (void) snprintf(ret, 256, NET_CNI_NETNS "/%s", owner);
}

static bool is_pinned(const char *path) {
        struct statfs fs;

        return statfs(path, &fs) >= 0 && fs.f_type == NSFS_MAGIC;
}

static int pin(const char *owner, int namespace_fd, Fault *fault) {
        char path[256], source[64];
        autofd int fd = -1;
        int r;

        path_of_netns(owner, path);
        if (is_pinned(path))
                return 0;
        r = io_mkdir_p(NET_CNI_NETNS, 0755);
        if (r < 0)
                return r;
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
        (void) snprintf(source, sizeof(source), "/proc/self/fd/%d", namespace_fd);
        if (fd < 0 || mount(source, path, NULL, MS_BIND, NULL) < 0)
                return fault_wrap(fault, -errno, "cannot keep the network namespace in '%s'", path);
        return 0;
}

static void unpin(const char *owner) {
        char path[256];

        path_of_netns(owner, path);
        while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) >= 0)
                ;
        (void) unlink(path);
}

/* --- what is told to plugins --- */

static json_t *ports_to_json(const Member *member) {
        json_t *list = json_array();

        for (size_t i = 0; i < member->n_ports; i++) {
                const MemberPort *port = &member->ports[i];
                char text[ADDRESS_TEXT_MAX] = "";

                if (address_is_set(&port->address))
                        (void) address_format(&port->address, text);
                for (int k = 0; k < port->count; k++) {
                        json_t *entry = json_pack("{s:i, s:i, s:s}", "hostPort", port->host + k,
                                        "containerPort", port->container + k, "protocol", port->protocol);

                        if (*text)
                                (void) json_object_set_new(entry, "hostIP", json_string(text));
                        (void) json_array_append_new(list, entry);
                }
        }
        return list;
}

static json_t *addresses_to_json(const Attachment *attachment) {
        json_t *list = json_array();
        char text[ADDRESS_TEXT_MAX];

        for (size_t i = 0; i < ELEMENTS(attachment->wanted); i++)
                if (address_is_set(&attachment->wanted[i]))
                        (void) json_array_append_new(
                                        list, json_string(address_format(&attachment->wanted[i], text)));
        return list;
}

/* For those that say that they want to know. */
static json_t *make_arguments(const Member *member, const Attachment *attachment) {
        json_t *all = json_object(), *addresses = addresses_to_json(attachment);
        char mac[MAC_TEXT_MAX];

        if (attachment->maps_ports)
                (void) json_object_set_new(all, "portMappings", ports_to_json(member));
        if (json_array_size(addresses) > 0)
                (void) json_object_set(all, "ips", addresses);
        json_decref(addresses);
        if (*mac_format(attachment->mac, mac))
                (void) json_object_set_new(all, "mac", json_string(mac));
        if (attachment->names)
                (void) json_object_set_new(all, "aliases",
                                json_pack("{s:o}", attachment->network + strlen(NETWORK_CNI),
                                                net_strings_to_json(attachment->names)));
        return all;
}

/* For those that only know the older way. */
static void format_arguments(const Attachment *attachment, char *ret, size_t size) {
        char address[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];
        size_t n = (size_t) snprintf(ret, size, "IgnoreUnknown=1");

        if (address_is_set(&attachment->wanted[0]))
                n += (size_t) snprintf(ret + n, size - n, ";IP=%s",
                                address_format(&attachment->wanted[0], address));
        if (*mac_format(attachment->mac, mac))
                (void) snprintf(ret + n, size - n, ";MAC=%s", mac);
}

/* --- one interface --- */

static void fill_call(const char *command, const char *owner, const json_t *entry, const char *netns,
                char id[static 128], CniCall *ret) {
        (void) snprintf(id, 128, ID_PREFIX "%s", owner);
        *ret = (CniCall){
                .command = command,
                .container = id,
                .netns = netns,
                .interface = net_string(entry, "interface"),
                .arguments = net_string(entry, "arguments"),
        };
}

static int run_one(const char *command, const char *owner, const json_t *entry, size_t i,
                const json_t *result, char **ret, size_t *ret_size, Fault *fault) {
        const json_t *list = json_object_get(entry, "configuration");
        AUTO(json_decrefp) json_t *config = NULL;
        char id[128], netns[256];
        CniCall call;
        int r;

        r = cni_config_of_plugin(list, i, json_object_get(entry, "told"), result, &config);
        if (r < 0)
                return r;
        path_of_netns(owner, netns);
        fill_call(command, owner, entry, is_pinned(netns) ? netns : "", id, &call);
        return cni_run(net_string(config, "type"), &call, config, ret, ret_size, fault);
}

/* Each plugin reads what the one before it has answered. */
static int run_add(const char *owner, json_t *entry, CniResult *ret, Fault *fault) {
        const char *interface = net_string(entry, "interface");
        const json_t *list = json_object_get(entry, "configuration");
        size_t n = json_array_size(json_object_get(list, "plugins"));
        AUTO(json_decrefp) json_t *result = NULL;

        for (size_t i = 0; i < n; i++) {
                autofree char *text = NULL;
                json_t *document = NULL;
                size_t size;
                int r;

                r = FAULT_POINT("cni:add");
                if (r >= 0)
                        r = run_one("ADD", owner, entry, i, result, &text, &size, fault);
                if (r < 0)
                        return r;
                cni_result_done(ret);
                *ret = (CniResult){};
                r = cni_result_parse(text, size, interface, ret, &document, fault);
                if (r < 0)
                        return fault_wrap(fault, r,
                                        "cannot read what plugin %zu of the network has answered", i + 1);
                json_decref(result);
                result = document;
        }
        return json_object_set(entry, "result", result) < 0 ? -ENOMEM : 0;
}

static int run_del(const char *owner, const json_t *entry) {
        const json_t *list = json_object_get(entry, "configuration");
        const json_t *result = cni_config_is_of(list, 0, 4) ? json_object_get(entry, "result") : NULL;
        int r = 0;

        for (size_t i = json_array_size(json_object_get(list, "plugins")); i-- > 0;) {
                autofree char *text = NULL;
                Fault fault = {};
                size_t size;
                int q;

                q = FAULT_POINT("cni:del");
                if (q >= 0)
                        q = run_one("DEL", owner, entry, i, result, &text, &size, &fault);
                /* One that is not there has done nothing, unless all went well then. */
                if (q >= 0 || (q == -ENOENT && !json_object_get(entry, "result")))
                        continue;
                (void) fault_wrap(&fault, q, "cannot take back what network '%s' has given to '%s'",
                                net_string(entry, "network"), owner);
                report_fault(REPORT_WARNING, &fault);
                r = -EIO;
        }
        return r;
}

static bool has_address(const CniResult *result, const Address *wanted) {
        for (size_t i = 0; i < result->n_prefixes; i++)
                if (address_compare(&result->prefixes[i].address, wanted) == 0)
                        return true;
        return false;
}

/* A plugin may not know what a fixed address is, or not have been able to give it. */
static int check_wanted(const CniResult *result, const Attachment *attachment, Fault *fault) {
        char text[ADDRESS_TEXT_MAX];

        for (size_t i = 0; i < ELEMENTS(attachment->wanted); i++)
                if (address_is_set(&attachment->wanted[i]) && !has_address(result, &attachment->wanted[i]))
                        return fault_raise(fault, FAULT_UNSUPPORTED, EADDRNOTAVAIL,
                                        "the plugins of network '%s' have not given the address %s",
                                        attachment->network, address_format(&attachment->wanted[i], text));
        return 0;
}

/*
 * What an owner of the same name got before the machine went down without notice is in the books of some
 * plugins still: they refuse to give it twice, so it is given back first.
 */
static int add_or_renew(const char *owner, json_t *entry, const Attachment *attachment, CniResult *result,
                Fault *fault) {
        Fault first = {};
        int r;

        r = run_add(owner, entry, result, &first);
        if (r == -EIO) {
                (void) run_del(owner, entry);
                fault_clear(&first);
                r = run_add(owner, entry, result, &first);
        }
        if (r >= 0)
                r = check_wanted(result, attachment, &first);
        if (r < 0) {
                (void) run_del(owner, entry);
                if (fault)
                        *fault = first;
        }
        return r;
}

static void take_result(Attachment *attachment, CniResult *result) {
        static const uint8_t none[6];

        memcpy(attachment->prefixes, result->prefixes, sizeof(attachment->prefixes));
        attachment->n_prefixes = result->n_prefixes;
        memcpy(attachment->gateways, result->gateways, sizeof(attachment->gateways));
        if (memcmp(result->mac, none, sizeof(none)) != 0)
                memcpy(attachment->mac, result->mac, sizeof(attachment->mac));
        attachment->servers = TAKE(result->servers);
        attachment->searches = TAKE(result->searches);
        attachment->options = TAKE(result->options);
}

/* What is there of other interfaces of the owner stays, and this one is behind them. */
static int open_record(const char *owner, json_t **ret) {
        int r = net_read(NET_CNI, owner, ret);

        if (r >= 0 && !json_is_array(json_object_get(*ret, "attachments"))) {
                json_decref(TAKE(*ret));
                r = -ENOENT;
        }
        if (r == -ENOENT) {
                *ret = json_pack("{s:s, s:[]}", "owner", owner, "attachments");
                r = *ret ? 0 : -ENOMEM;
        }
        return r;
}

static int begin_record(const Member *member, const Attachment *attachment, json_t *list,
                json_t **ret_record, json_t **ret_entry) {
        char arguments[128];
        json_t *entry;
        int r;

        format_arguments(attachment, arguments, sizeof(arguments));
        r = open_record(member->owner, ret_record);
        if (r < 0)
                return r;
        entry = json_pack("{s:s, s:s, s:s, s:O, s:o}", "network", attachment->network, "interface",
                        attachment->interface, "arguments", arguments, "configuration", list, "told",
                        make_arguments(member, attachment));
        if (!entry || json_array_append_new(json_object_get(*ret_record, "attachments"), entry) < 0)
                return -ENOMEM;
        *ret_entry = entry;
        return write_record(member->owner, *ret_record);
}

int cni_add(Member *member, size_t position, int namespace_fd, Fault *fault) {
        Attachment *attachment = &member->attachments[position];
        AUTO(json_decrefp) json_t *list = NULL, *record = NULL;
        AUTO(cni_result_done) CniResult result = {};
        json_t *entry = NULL;
        int r;

        r = enter_machine(fault);
        if (r >= 0)
                r = cni_config_find(CNI_DIRECTORY, attachment->network + strlen(NETWORK_CNI), &list, fault);
        if (r < 0)
                return r;
        attachment->maps_ports =
                        position == 0 && member->n_ports > 0 && cni_config_has(list, "portMappings");
        r = pin(member->owner, namespace_fd, fault);
        if (r >= 0)
                r = begin_record(member, attachment, list, &record, &entry);
        if (r >= 0)
                r = add_or_renew(member->owner, entry, attachment, &result, fault);
        if (r >= 0)
                r = write_record(member->owner, record);
        if (r >= 0)
                take_result(attachment, &result);
        return r;
}

void cni_forget(const char *owner) {
        unpin(owner);
        net_remove(NET_CNI, owner);
}

int cni_remove(const char *owner) {
        AUTO(json_decrefp) json_t *record = NULL;
        const json_t *attachments;
        Fault fault = {};
        int r;

        if (!cni_has(owner))
                return 0;
        r = enter_machine(&fault);
        if (r < 0) {
                report_fault(REPORT_WARNING, &fault);
                return r;
        }
        /* Written in one step by us: one that cannot be read is none. */
        (void) net_read(NET_CNI, owner, &record);
        attachments = json_object_get(record, "attachments");
        for (size_t i = json_array_size(attachments); i-- > 0;)
                if (run_del(owner, json_array_get(attachments, i)) < 0)
                        r = -EIO;
        unpin(owner);
        (void) FAULT_POINT("cni:remove the record");
        if (r >= 0)
                net_remove(NET_CNI, owner);
        return r;
}
