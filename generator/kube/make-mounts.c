/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Volumes of a pod, where a container mounts them
 *
 * Directories that live and die with the pod are made and removed by its unit. Of a ConfigMap or Secret each
 * key is a file of its own, which the launcher brings from the YAML; so nothing of it is written here.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "generator/kube/make.h"
#include "generator/kube/quantity.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"

/* Below the directories that systemd makes for units, /var/lib and /run. */
#define EMPTY "slipway/empty"

typedef struct KubeMount {
        KubeContainer *container;
        const YamlNode *node;   /* of volumeMounts */
        const YamlNode *volume; /* of the pod's volumes */
        const char *target;
        const char *sub; /* "" for the whole */
        bool is_read_only;
} KubeMount;

__attribute__((format(printf, 4, 5))) static void refuse(
                const KubeMount *mount, const YamlNode *node, FaultKind kind, const char *format, ...) {
        char text[300];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        (void) kube_fault(mount->container->pod->make->faults, mount->container->pod->path, node, kind, "%s",
                        text);
}

/* What goes into "SOURCE:TARGET:OPTIONS", or a list with commas. */
static bool is_plain(const KubeMount *mount, const YamlNode *node, const char *path) {
        if (!sheet_check(&mount->container->sheet, node, path))
                return false;
        if (strpbrk(path, ":,")) {
                refuse(mount, node, FAULT_VALUE, "there cannot be a ':' or ',' in a path that is mounted");
                return false;
        }
        return true;
}

/* A way that leads down only. */
static bool is_below(const char *path) {
        while (*path) {
                size_t n = strcspn(path, "/");

                if (n == 0 || (n == 1 && *path == '.') || (n == 2 && strncmp(path, "..", 2) == 0))
                        return false;
                path += n + (path[n] == '/');
        }
        return true;
}

static void add_volume(const KubeMount *mount, const YamlNode *node, const char *source) {
        const char *propagation = field_text(mount->node, "mountPropagation");
        Sheet *sheet = &mount->container->sheet;

        sheet_setf(sheet, "Container", "Volume", node, "%s:%s:%s%s", source,
                        sheet_escape(sheet, mount->target), mount->is_read_only ? "ro" : "rw",
                        !propagation || strcmp(propagation, "None") == 0 ? ""
                        : strcmp(propagation, "HostToContainer") == 0    ? ",rslave"
                                                                         : ",rshared");
}

/* --- hostPath --- */

/* Relative paths begin where [Kube] says. Return: NULL after a fault. */
static const char *host_path(const KubeMount *mount, const YamlNode *path) {
        const KubePod *pod = mount->container->pod;
        const char *from = pod->make->kube->working_directory;
        Sheet *sheet = &mount->container->sheet;

        if (*path->text == '/')
                return path->text;
        if (!from) {
                refuse(mount, path, FAULT_VALUE,
                                "'%.100s' is relative; SetWorkingDirectory= in [Kube] would say to what",
                                path->text);
                return NULL;
        }
        if (strcmp(from, "unit") == 0)
                return sheet_format(sheet, "%s/%s", pod->make->manifest->directory, path->text);
        return sheet_format(sheet, "%.*s/%s", (int) (strrchr(pod->path, '/') - pod->path), pod->path,
                        path->text);
}

/* What has to be there, or is made if it is not. */
static void add_type(const KubeMount *mount, const YamlNode *node, const char *path, const char *type) {
        Sheet *sheet = &mount->container->sheet;
        const char *quoted = sheet_quote(sheet, path);

        if (strcmp(type, "DirectoryOrCreate") == 0)
                sheet_setf(sheet, "Service", "ExecStartPre", node, "/bin/mkdir -p -- %s", quoted);
        else if (strcmp(type, "FileOrCreate") == 0)
                sheet_setf(sheet, "Service", "ExecStartPre", node,
                                "/bin/sh -c \"[ -e \\\"$$1\\\" ] || : >\\\"$$1\\\"\" sh %s", quoted);
        else if (strcmp(type, "Directory") == 0)
                sheet_setf(sheet, "Unit", "AssertPathIsDirectory", node, "%s", sheet_escape(sheet, path));
        else if (*type)
                sheet_setf(sheet, "Unit", "AssertPathExists", node, "%s", sheet_escape(sheet, path));
}

static void mount_host(const KubeMount *mount, const YamlNode *source) {
        const YamlNode *path = yaml_get(source, "path"), *type = yaml_get(source, "type");
        bool is_device = type &&
                         (strcmp(type->text, "CharDevice") == 0 || strcmp(type->text, "BlockDevice") == 0);
        Sheet *sheet = &mount->container->sheet;
        const char *host;

        /* Podman's way to write a volume. */
        if (!strchr(path->text, '/')) {
                if (value_is_name(path->text, 255))
                        add_volume(mount, path, path->text);
                else
                        refuse(mount, path, FAULT_VALUE,
                                        "'%.100s' is neither a path nor the name of a volume", path->text);
                return;
        }
        if (!is_plain(mount, path, path->text) || !(host = host_path(mount, path)))
                return;
        if (type)
                add_type(mount, type, host, type->text);
        if (*mount->sub)
                host = sheet_format(sheet, "%s/%s", host, mount->sub);
        if (is_device)
                sheet_setf(sheet, "Container", "AddDevice", path, "\"%s:%s:%s\"", sheet_escape(sheet, host),
                                sheet_escape(sheet, mount->target), mount->is_read_only ? "r" : "rwm");
        else if (is_plain(mount, path, host))
                add_volume(mount, path, sheet_escape(sheet, host));
}

/* --- emptyDir --- */

static size_t count_mounts(const KubePod *pod, const char *volume) {
        const char *const lists[] = { "initContainers", "containers" };
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTS(lists); i++) {
                const YamlNode *containers = yaml_get(pod->spec, lists[i]);

                for (size_t k = 0; k < field_count(containers); k++) {
                        const YamlNode *mounts = yaml_get(containers->items[k], "volumeMounts");

                        for (size_t m = 0; m < field_count(mounts); m++)
                                n += strcmp(field_text(mounts->items[m], "name"), volume) == 0;
                }
        }
        return n;
}

/* A limit is one of a file system in memory, which is the container's. */
static bool mount_limited(const KubeMount *mount, const YamlNode *limit) {
        Sheet *sheet = &mount->container->sheet;
        int64_t size = 0;

        (void) quantity_parse(limit->text, &size);
        if (*mount->sub || count_mounts(mount->container->pod, field_text(mount->volume, "name")) > 1) {
                refuse(mount, limit, FAULT_UNSUPPORTED,
                                "not supported, a volume in memory that is mounted more than once has no "
                                "limit of its own; limit the memory of the pod");
                return true;
        }
        sheet_setf(sheet, "Container", "Tmpfs", limit, "%s:%s,size=%lld,mode=1777,notmpcopyup",
                        sheet_escape(sheet, mount->target), mount->is_read_only ? "ro" : "rw",
                        (long long) (size / 1000 + (size % 1000 > 0)));
        return true;
}

/*
 * systemd makes the directory, and sets its mode, whenever it executes something for the unit. What is in it
 * belongs to containers, and may be a link meanwhile: so that is made once, before there are any.
 */
static void make_empty(KubePod *pod, const KubeMount *mount, bool in_memory, const char *directory,
                const char *path) {
        Sheet *sheet = &pod->sheet;

        if (!pod->has_empty)
                sheet_setf(sheet, "Service", "ExecStartPre", pod->spec,
                                "-/bin/rm -rf --one-file-system -- /var/lib/" EMPTY "/%s", pod->name);
        pod->has_empty = true;
        if (!sheet_has(sheet, directory))
                sheet_set(sheet, "Service", in_memory ? "RuntimeDirectory" : "StateDirectory", mount->volume,
                                directory);
        if (*mount->sub)
                sheet_setf(sheet, "Service", "ExecStartPre", mount->node, "/bin/mkdir -p -m 0777 -- %s",
                                path);
}

static void mount_empty(const KubeMount *mount, const YamlNode *source) {
        const char *medium = field_text(source, "medium"), *name = field_text(mount->volume, "name");
        const YamlNode *limit = yaml_get(source, "sizeLimit");
        bool in_memory = medium && strcmp(medium, "Memory") == 0;
        KubePod *pod = mount->container->pod;
        const char *directory, *path;

        if (in_memory && limit && mount_limited(mount, limit))
                return;
        if (limit)
                kube_warn(pod->make->faults, pod->path, limit,
                                "it makes no difference, what containers write is not counted");
        directory = sheet_format(&mount->container->sheet, EMPTY "/%s/%s", pod->name, name);
        path = sheet_format(&mount->container->sheet, "%s/%s%s%s", in_memory ? "/run" : "/var/lib",
                        directory, *mount->sub ? "/" : "", mount->sub);
        if (strpbrk(path, " \"'\\%$") || !is_plain(mount, mount->node, path)) {
                refuse(mount, mount->node, FAULT_VALUE, "'%.100s' cannot be a part of a volume", mount->sub);
                return;
        }
        make_empty(pod, mount, in_memory, directory, path);
        add_volume(mount, mount->node, path);
}

/* --- ConfigMaps and Secrets --- */

const char *make_yaml_secret(Sheet *sheet, const KubeObject *object, const char *key, const char *options) {
        return sheet_format(sheet, "%s/%s/%s,%s,file=%s",
                        object->kind->kind == KUBE_SECRET ? "secret" : "configmap", object->name, key,
                        options, object->path);
}

/* Where a file of the volume is in the container; NULL when it is not in the part that is mounted. */
static const char *file_target(const KubeMount *mount, const char *path) {
        size_t n = strlen(mount->sub);

        if (n == 0)
                return sheet_format(&mount->container->sheet, "%s/%s", mount->target, path);
        if (strcmp(path, mount->sub) == 0)
                return mount->target;
        if (strncmp(path, mount->sub, n) != 0 || path[n] != '/')
                return NULL;
        return sheet_format(&mount->container->sheet, "%s%s", mount->target, path + n);
}

/* Files belong to fsGroup, which may read them whatever the mode says. Return: whether it is one of the
 * mount. */
static bool add_file(const KubeMount *mount, const YamlNode *node, const KubeObject *object, const char *key,
                const char *path, int64_t mode) {
        const YamlNode *group =
                        yaml_get(yaml_get(mount->container->pod->spec, "securityContext"), "fsGroup");
        const char *target = file_target(mount, path), *options;
        const char *host_secret = field_text(yaml_get(mount->volume, "secret"), "secretName");
        Sheet *sheet = &mount->container->sheet;

        if (!target)
                return false;
        if (strchr(target, ',') || !is_below(path)) {
                refuse(mount, node, FAULT_VALUE, "'%.100s' cannot be the path of a file in a volume", path);
                return true;
        }
        options = sheet_format(sheet, "target=%s,mode=%03llo%s", target,
                        (unsigned long long) (group ? mode | 0040 : mode),
                        group ? sheet_format(sheet, ",gid=%lld", (long long) group->integer) : "");
        if (object)
                sheet_word(sheet, "Slipway", "YamlSecret", node,
                                make_yaml_secret(sheet, object, key, options));
        else
                sheet_word(sheet, "Container", "Secret", node,
                                sheet_format(sheet, "%s.%s,%s", host_secret, key, options));
        return true;
}

static bool add_items(const KubeMount *mount, const YamlNode *items, const KubeObject *object,
                const YamlNode *source, bool *ret_any) {
        int64_t mode = field_number(source, "defaultMode", 0644);
        bool is_optional = field_is_true(source, "optional");

        for (size_t i = 0; i < field_count(items); i++) {
                const char *key = field_text(items->items[i], "key");
                bool is_there = !object || yaml_get(yaml_get(object->node, "data"), key) ||
                                yaml_get(yaml_get(object->node, "stringData"), key) ||
                                yaml_get(yaml_get(object->node, "binaryData"), key);

                if (!is_there && !is_optional)
                        refuse(mount, items->items[i], FAULT_MISSING,
                                        "there is no key '%.80s' in %s '%.80s'", key, object->kind->name,
                                        object->name);
                else if (is_there)
                        *ret_any |= add_file(mount, items->items[i], object, key,
                                        field_text(items->items[i], "path"),
                                        field_number(items->items[i], "mode", mode));
        }
        return field_count(items) > 0;
}

static void add_keys(
                const KubeMount *mount, const KubeObject *object, const YamlNode *source, bool *ret_any) {
        static const char *const maps[] = { "data", "stringData", "binaryData" };

        for (size_t i = 0; i < ELEMENTS(maps); i++) {
                const YamlNode *map = yaml_get(object->node, maps[i]);

                for (size_t k = 0; k < field_count(map); k++) {
                        const char *key = map->keys[k]->text;

                        /* What stringData says, data says no more. */
                        if (map->items[k]->kind != YAML_TEXT ||
                                        (i == 0 && yaml_get(yaml_get(object->node, "stringData"), key)))
                                continue;
                        *ret_any |= add_file(mount, mount->node, object, key, key,
                                        field_number(source, "defaultMode", 0644));
                }
        }
}

static void mount_data(const KubeMount *mount, const YamlNode *source, KubeKind kind) {
        const char *name = field_text(source, kind == KUBE_SECRET ? "secretName" : "name");
        const KubeObject *object = kube_objects_find(mount->container->pod->make->objects, kind, name);
        const YamlNode *items = yaml_get(source, "items");
        bool is_optional = field_is_true(source, "optional"), is_any = false;

        if (!object && is_optional)
                return;
        if (!object && kind == KUBE_SECRET && field_count(items) == 0) {
                refuse(mount, source, FAULT_MISSING,
                                "there is no Secret '%.80s'; one that 'slipway secret' keeps needs 'items', "
                                "which say what there is in it",
                                name);
                return;
        }
        if (!object && kind != KUBE_SECRET) {
                refuse(mount, source, FAULT_MISSING, "there is no ConfigMap '%.80s'", name);
                return;
        }
        if (!add_items(mount, items, object, source, &is_any) && object)
                add_keys(mount, object, source, &is_any);
        if (*mount->sub && !is_any)
                refuse(mount, mount->node, FAULT_MISSING, "there is no file '%.100s' in the volume",
                                mount->sub);
}

/* --- others --- */

static void mount_claim(KubeMount *mount, const YamlNode *source) {
        const YamlNode *claim = yaml_get(source, "claimName");
        KubeMake *make = mount->container->pod->make;
        Sheet *sheet = &mount->container->sheet;
        const char *name = claim->text;

        if (!value_is_name(name, 255)) {
                refuse(mount, claim, FAULT_VALUE, "'%.100s' cannot be the name of a volume", name);
                return;
        }
        mount->is_read_only |= field_is_true(source, "readOnly");
        if (kube_objects_find(make->objects, KUBE_CLAIM, name) ||
                        manifest_find(make->set, sheet_format(sheet, "%s.volume", name)))
                name = sheet_format(sheet, "%s.volume", name);
        if (*mount->sub)
                sheet_word(sheet, "Container", "Mount", mount->node,
                                sheet_format(sheet, "type=volume,source=%s,destination=%s,subpath=%s%s",
                                                name, mount->target, mount->sub,
                                                mount->is_read_only ? ",ro" : ""));
        else
                add_volume(mount, claim, name);
}

static void mount_image(const KubeMount *mount, const YamlNode *source) {
        const YamlNode *reference = yaml_get(source, "reference");
        Sheet *sheet = &mount->container->sheet;

        if (is_plain(mount, reference, mount->target) && sheet_check(sheet, reference, reference->text))
                sheet_word(sheet, "Container", "Mount", reference,
                                sheet_format(sheet, "type=image,source=%s,destination=%s%s%s",
                                                reference->text, mount->target,
                                                *mount->sub ? ",subpath=" : "", mount->sub));
}

static void mount_volume(KubeMount *mount) {
        const YamlNode *volume = mount->volume, *source;

        if ((source = yaml_get(volume, "hostPath")))
                mount_host(mount, source);
        else if ((source = yaml_get(volume, "configMap")))
                mount_data(mount, source, KUBE_CONFIG_MAP);
        else if ((source = yaml_get(volume, "secret")))
                mount_data(mount, source, KUBE_SECRET);
        else if ((source = yaml_get(volume, "persistentVolumeClaim")))
                mount_claim(mount, source);
        else if ((source = yaml_get(volume, "image")))
                mount_image(mount, source);
        else
                mount_empty(mount, yaml_get(volume, "emptyDir"));
}

static void add_mount(KubeContainer *container, const YamlNode *node) {
        const YamlNode *volumes = yaml_get(container->pod->spec, "volumes"),
                       *target = yaml_get(node, "mountPath"), *sub = yaml_get(node, "subPath"),
                       *expression = yaml_get(node, "subPathExpr");
        const char *name = field_text(node, "name");
        KubeMount mount = { .container = container, .node = node, .target = target->text, .sub = "" };

        mount.is_read_only = field_is_true(node, "readOnly");
        for (size_t i = 0; i < field_count(volumes); i++)
                if (strcmp(field_text(volumes->items[i], "name"), name) == 0)
                        mount.volume = volumes->items[i];
        if (sub || expression)
                mount.sub = sub ? sub->text : variables_expand(container, expression, expression->text);

        if (!mount.volume)
                refuse(&mount, yaml_get(node, "name"), FAULT_MISSING, "the pod has no volume '%.80s'", name);
        else if (!is_below(mount.sub))
                refuse(&mount, sub ? sub : expression, FAULT_VALUE, "'%.100s' does not lead into the volume",
                                mount.sub);
        else if (is_plain(&mount, target, target->text) && is_plain(&mount, sub ? sub : node, mount.sub))
                mount_volume(&mount);
}

/* Two volumes of one name, and a volume of two sorts. */
static void check_volumes(const KubeContainer *container) {
        const YamlNode *volumes = yaml_get(container->pod->spec, "volumes");
        KubeMount mount = { .container = (KubeContainer *) container };

        for (size_t i = 0; i < field_count(volumes); i++) {
                const char *name = field_text(volumes->items[i], "name");

                if (!value_is_name(name, 63))
                        refuse(&mount, volumes->items[i], FAULT_VALUE,
                                        "'%.100s' is not the name of a volume", name);
                if (volumes->items[i]->n > 2)
                        refuse(&mount, volumes->items[i], FAULT_CONFLICT,
                                        "it is to be of more than one sort");
                for (size_t k = 0; k < i; k++)
                        if (strcmp(field_text(volumes->items[k], "name"), name) == 0)
                                refuse(&mount, volumes->items[i], FAULT_CONFLICT,
                                                "there is another volume '%.60s' in this pod", name);
        }
}

void make_mounts(KubeContainer *container) {
        const YamlNode *mounts = yaml_get(container->node, "volumeMounts");

        if (container->pod->checked_volumes++ == 0)
                check_volumes(container);
        for (size_t i = 0; i < field_count(mounts); i++)
                add_mount(container, mounts->items[i]);
}
