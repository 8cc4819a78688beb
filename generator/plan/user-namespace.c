/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/plan/user-namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/idmap.h"
#include "generator/values/userns.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"

#define SUBID_FILE_MAX (1024 * 1024)

static int set_userns(Container *container, char *text) {
        if (!text)
                return -ENOMEM;
        free(container->userns);
        container->userns = text;
        return 0;
}

/* RemapUsers= in the terms that replaced it. */
static int translate_remap(Container *container, const char **key, Fault *fault) {
        const Remap *remap = &container->remap;
        char *text = NULL;
        int r;

        if (strcmp(remap->users, "auto") == 0) {
                *key = remap->uids ? "RemapUid" : "RemapGid";
                if (remap->uids || remap->gids)
                        return value_refuse(
                                        fault, "systemd-nspawn maps one range of ids only, without holes");
                r = value_printf(&text, "auto%s%s", remap->uid_size ? ":size=" : "",
                                remap->uid_size ? remap->uid_size : "");
                return r < 0 ? r : set_userns(container, text);
        }

        if (strcmp(remap->users, "keep-id") == 0) {
                *key = strv_length(remap->uids) > 1 ? "RemapUid" : "RemapGid";
                if (strv_length(remap->uids) > 1 || strv_length(remap->gids) > 1)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "keep-id takes a single id");
                r = value_printf(&text, "keep-id%s%s%s%s%s", remap->uids || remap->gids ? ":" : "",
                                remap->uids ? "uid=" : "", remap->uids ? remap->uids[0] : "",
                                remap->gids ? (remap->uids ? ",gid=" : "gid=") : "",
                                remap->gids ? remap->gids[0] : "");
                return r < 0 ? r : set_userns(container, text);
        }

        r = strv_extend(&container->uid_map, remap->uids);
        return r < 0 ? r : strv_extend(&container->gid_map, remap->gids);
}

static int resolve_remap(Container *container, const char **key, Fault *fault) {
        const Remap *remap = &container->remap;
        autofree char *checked = NULL;
        int r;

        if (!remap->users) {
                *key = remap->uids ? "RemapUid" : remap->gids ? "RemapGid" : "RemapUidSize";
                if (remap->uids || remap->gids || remap->uid_size)
                        return fault_raise(
                                        fault, FAULT_VALUE, EINVAL, "it says nothing without RemapUsers=");
                return 0;
        }

        *key = "RemapUsers";
        if (container->userns || container->uid_map || container->gid_map || container->sub_uid ||
                        container->sub_gid)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "it is the old way to say UserNS=, UIDMap= and so on, and cannot be beside "
                                "them");

        r = translate_remap(container, key, fault);
        if (r < 0 || !container->userns)
                return r;
        return userns_parse(&(Value){ .text = container->userns }, &checked, fault);
}

/* The range of a name in subuid(5) or subgid(5). */
static int find_sub(const char *path, const char *name, IdRange *ret, Fault *fault) {
        autofree char *text = NULL;
        int r = io_read_file(AT_FDCWD, path, SUBID_FILE_MAX, &text, NULL);

        if (r < 0 && r != -ENOENT)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read %s: %s", path, strerror(-r));

        r = r == -ENOENT ? r : idmap_find_sub(text, name, ret);
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no range for '%s' in %s", name,
                                path);
        if (r == -EOPNOTSUPP)
                return value_refuse(fault,
                                "'%s' has more than one range in %s, and systemd-nspawn maps only one", name,
                                path);
        return r;
}

static int range_of(char *const *maps, const char *sub, const char *path, IdRange *ret, Fault *fault) {
        return maps ? idmap_join(maps, ret, fault) : find_sub(path, sub, ret, fault);
}

int user_namespace_resolve(Container *container, const char **key, Fault *fault) {
        IdRange uids = {}, gids = {};
        bool has_uids, has_gids;
        char *text = NULL;
        int r;

        r = resolve_remap(container, key, fault);
        if (r < 0)
                return r;

        has_uids = container->uid_map || container->sub_uid;
        has_gids = container->gid_map || container->sub_gid;
        if (!has_uids && !has_gids)
                return 0;

        *key = "UserNS";
        if (container->userns)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "it cannot be beside maps of ids");

        if (has_uids) {
                *key = container->uid_map ? "UIDMap" : "SubUIDMap";
                r = range_of(container->uid_map, container->sub_uid, "/etc/subuid", &uids, fault);
                if (r < 0)
                        return r;
        }
        if (has_gids) {
                *key = container->gid_map ? "GIDMap" : "SubGIDMap";
                r = range_of(container->gid_map, container->sub_gid, "/etc/subgid", &gids, fault);
                if (r < 0)
                        return r;
        }

        /* One sort of ids alone stands for both, as in podman. */
        if (has_uids && has_gids && (uids.host != gids.host || uids.count != gids.count))
                return value_refuse(fault, "systemd-nspawn maps users and groups alike, to the same range");
        if (!has_uids)
                uids = gids;

        r = value_printf(&text, "%u:%u", uids.host, uids.count);
        return r < 0 ? r : set_userns(container, text);
}
