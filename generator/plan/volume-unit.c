/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/model/volume.h"
#include "generator/plan/command.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "lib/comma-list.h"
#include "lib/paths.h"

#define PROGRAM SLIPWAY_LIBEXEC_DIR "/slipway-volume"

/* --- what has to be there before --- */

/* As in systemd's own list: what is mounted over a network. */
static const char *const network_types[] = { "9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "gfs",
        "gfs2", "lustre", "ncp", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb3", "smbfs",
        "sshfs", "zfs", NULL };

static bool is_of_network(const Volume *volume) {
        const char *type = volume->type ? volume->type : "";

        if (strncmp(type, "fuse.", 5) == 0)
                type += 5;
        return value_is_one_of(type, network_types) || comma_list_has(volume->options, "_netdev");
}

/* As systemd-escape --path does it, for the name of a unit. Return: a new string, NULL without memory. */
static char *escape_path(const char *path) {
        char *escaped = malloc(4 * strlen(path) + 2), *to = escaped;

        if (!escaped)
                return NULL;
        for (path += strspn(path, "/"); *path; path++) {
                if (*path == '/') {
                        path += strspn(path, "/") - 1;
                        if (path[1])
                                *to++ = '-';
                } else if (isalnum((unsigned char) *path) || *path == ':' || *path == '_' ||
                                (*path == '.' && to > escaped))
                        *to++ = *path;
                else
                        to += sprintf(to, "\\x%02x", (unsigned char) *path);
        }
        *to = '\0';
        return escaped;
}

/* The path of a link that udev makes, where a blank, a '/' and most other signs are written as "\\x20". */
static char *name_link(const char *directory, const char *tag) {
        char *path = malloc(strlen(directory) + 4 * strlen(tag) + 1), *to = path;

        if (!path)
                return NULL;
        for (to = stpcpy(to, directory); *tag; tag++)
                if (isalnum((unsigned char) *tag) || strchr("#+-.:=@_", *tag) ||
                                (unsigned char) *tag >= 0x80)
                        *to++ = *tag;
                else
                        to += sprintf(to, "\\x%02x", (unsigned char) *tag);
        *to = '\0';
        return path;
}

/* "UUID=…" and the like lead to links that udev makes. Return: a new string, NULL for what is no device. */
static char *find_device(const char *device) {
        static const struct {
                const char *prefix, *directory;
        } tags[] = {
                { "LABEL=", "/dev/disk/by-label/" },
                { "PARTLABEL=", "/dev/disk/by-partlabel/" },
                { "PARTUUID=", "/dev/disk/by-partuuid/" },
                { "UUID=", "/dev/disk/by-uuid/" },
        };

        if (strncmp(device, "/dev/", 5) == 0)
                return strdup(device);
        for (size_t i = 0; i < ELEMENTS(tags); i++)
                if (strncmp(device, tags[i].prefix, strlen(tags[i].prefix)) == 0)
                        return name_link(tags[i].directory, device + strlen(tags[i].prefix));
        return NULL;
}

/* What only systemd knows is left out: a specifier means itself in the escaped name of another unit. */
static void bind_to_device(const Volume *volume, UnitWriter *unit) {
        autofree char *device = NULL, *path = NULL, *escaped = NULL, *name = NULL;

        if (value_is_dynamic(volume->device))
                return;
        device = value_unescape(volume->device);
        path = device ? find_device(device) : NULL;
        if (device && !path)
                return;
        escaped = path ? escape_path(path) : NULL;
        if (!escaped || asprintf(&name, "%s.device", escaped) < 0) {
                unit->error = unit->error < 0 ? unit->error : -ENOMEM;
                return;
        }
        /* systemd-fsck@.service would be more than a volume needs, and less than people expect. */
        unit_set_literal(unit, "BindsTo", name);
        unit_set_literal(unit, "After", name);
}

static void require_device(const Volume *volume, UnitWriter *unit) {
        if (is_of_network(volume)) {
                unit_set(unit, "Wants", "network-online.target remote-fs-pre.target");
                unit_set(unit, "After", "network-online.target remote-fs-pre.target");
        } else if (*volume->device == '/' &&
                        (volume_binds(volume) || strncmp(volume->device, "/dev/", 5) != 0)) {
                if (!strstr(volume->device, "${"))
                        unit_set_words(unit, "RequiresMountsFor", &(UnitWord){ volume->device, true }, 1);
        } else
                bind_to_device(volume, unit);
}

void volume_write_unit(const Volume *volume, UnitWriter *unit) {
        unit_set(unit, "RequiresMountsFor", SLIPWAY_STATE_DIR);
        if (volume->image_service) {
                unit_set(unit, "Requires", volume->image_service);
                unit_set(unit, "After", volume->image_service);
        }
        if (volume->device)
                require_device(volume, unit);
}

/* --- what is done --- */

static void write_up(const Volume *volume, UnitWriter *unit) {
        AUTO(command_done) Command command = {};

        command_add_word(&command, PROGRAM, false);
        command_add_word(&command, "up", false);
        command_add_word(&command, volume->name, true);
        command_add_option(&command, "--image=", volume->image);
        command_add_option(&command, "--type=", volume->type);
        command_add_option(&command, "--device=", volume->device);
        command_add_option(&command, "--options=", volume->options);
        command_add_option(&command, "--uid=", volume->uid ? volume->uid : volume->user);
        command_add_option(&command, "--gid=", volume->gid ? volume->gid : volume->group);
        command_add_switch(&command, "--copy=no", volume->copy == CHOICE_NO);
        command_add_option(&command, "--size=", volume->size);
        command_add_list(&command, "--label=", volume->label);
        command_write(&command, unit, "ExecStart", "");
        /* What has changed in the manifest is changed, or it is said why it cannot be. */
        command_write(&command, unit, "ExecReload", "");
}

void volume_write_service(const Volume *volume, UnitWriter *unit) {
        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "RemainAfterExit", "yes");
        unit_set(unit, "NotifyAccess", "main");
        unit_set(unit, "Slice", "slipway.slice");
        unit_set(unit, "SyslogIdentifier", "%N");
        write_up(volume, unit);
}

void volume_write_stop(const Volume *volume, UnitWriter *unit) {
        unit_set_command(unit, "ExecStop", "",
                        (UnitWord[]){ { PROGRAM, false }, { "down", false }, { volume->name, true } }, 3);
}

void volume_write_info(const Volume *volume, UnitWriter *unit) {
        unit_set_words(unit, "Volume", &(UnitWord){ volume->name, true }, 1);
}
