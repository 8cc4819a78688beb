/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kube/objects.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "lib/io.h"

#define FILE_LIMIT (1u << 20)
#define NAME_LIMIT 253

static bool is_base64(const char *text) {
        size_t digits = 0, ends = 0;

        for (; *text; text++) {
                if (isspace((unsigned char) *text))
                        continue;
                if (*text == '=')
                        ends++;
                else if (ends > 0 || (!isalnum((unsigned char) *text) && *text != '+' && *text != '/'))
                        return false;
                else
                        digits++;
        }
        return ends <= 2 && digits % 4 != 1 && (digits + ends) % 4 == 0;
}

bool kube_is_key(const char *key) {
        if (!*key || strlen(key) > NAME_LIMIT || strcmp(key, ".") == 0 || strcmp(key, "..") == 0)
                return false;
        for (; *key; key++)
                if (!isalnum((unsigned char) *key) && !strchr("-_.", *key))
                        return false;
        return true;
}

/* Data of a ConfigMap or Secret; a value is never repeated. */
static void check_data(const YamlNode *data, bool is_encoded, const char *path, FaultList *faults) {
        for (size_t i = 0; data && data->kind == YAML_MAP && i < data->n; i++) {
                if (!kube_is_key(data->keys[i]->text))
                        (void) kube_fault(faults, path, data->keys[i], FAULT_VALUE,
                                        "'%.100s' is not a key: letters, digits, '-', '_' and '.'",
                                        data->keys[i]->text);
                if (is_encoded && data->items[i]->kind == YAML_TEXT && !is_base64(data->items[i]->text))
                        (void) kube_fault(faults, path, data->items[i], FAULT_VALUE,
                                        "this is not base64, which it has to be here");
        }
}

/* Everybody who can read the file can read it there. */
static void check_secrecy(const KubeObject *object, mode_t mode, FaultList *faults) {
        if (mode & S_IROTH)
                kube_warn(faults, object->path, object->node,
                                "everybody can read this Secret in the file; take that right away with "
                                "'chmod "
                                "o-r'");
}

static void check_name(const KubeObject *object, FaultList *faults) {
        const YamlNode *name = yaml_get(yaml_get(object->node, "metadata"), "name");

        if (!name)
                (void) kube_fault(faults, object->path, object->node, FAULT_VALUE,
                                "there is no field 'metadata.name', which has to be there");
        else if (name->kind == YAML_TEXT && !value_is_name(name->text, NAME_LIMIT))
                (void) kube_fault(faults, object->path, name, FAULT_VALUE,
                                "'%.100s' is not a name: letters, digits, '-', '_' and '.', the first a "
                                "letter or "
                                "digit",
                                name->text);
}

static void check_version(const KubeObject *object, FaultList *faults) {
        const YamlNode *version = yaml_get(object->node, "apiVersion");

        if (version && version->kind == YAML_TEXT && strcmp(version->text, object->kind->version) != 0)
                kube_warn(faults, object->path, version, "it is read as '%s', which %ss belong to",
                                object->kind->version, object->kind->name);
}

static void check_object(const KubeObject *object, mode_t mode, FaultList *faults) {
        const YamlNode *node = object->node;
        bool is_secret = object->kind->kind == KUBE_SECRET, is_map = object->kind->kind == KUBE_CONFIG_MAP;

        fields_check(object->kind->fields, node, object->path, faults);
        check_name(object, faults);
        check_version(object, faults);
        if (!is_secret && !is_map)
                return;
        check_data(yaml_get(node, "data"), is_secret, object->path, faults);
        check_data(yaml_get(node, "stringData"), false, object->path, faults);
        check_data(yaml_get(node, "binaryData"), true, object->path, faults);
        if (is_secret)
                check_secrecy(object, mode, faults);
}

/* Return: NULL when there is nothing to read in it, and that has been told. */
static const KubeKindRow *choose_kind(
                const YamlNode *node, const char *path, bool only_maps, FaultList *faults) {
        const YamlNode *kind = yaml_get(node, "kind");
        const KubeKindRow *row;
        const char *nearest;

        if (node->kind != YAML_MAP || !kind || kind->kind != YAML_TEXT) {
                (void) kube_fault(faults, path, kind ? kind : node, FAULT_VALUE,
                                "there is no field 'kind' that would say what this is");
                return NULL;
        }
        row = kube_kind_find(kind->text);
        if (row && !row->why && only_maps && row->kind != KUBE_CONFIG_MAP) {
                (void) kube_fault(faults, path, kind, FAULT_VALUE,
                                "there can only be ConfigMaps in a file that ConfigMap= names");
                return NULL;
        }
        if (row && !row->why)
                return row;

        nearest = row ? NULL : kube_kind_nearest(kind->text);
        if (row && row->is_noticed)
                kube_warn(faults, path, kind, "a %s makes no difference here, %s", row->name, row->why);
        else if (row)
                (void) kube_fault(faults, path, kind, FAULT_UNSUPPORTED, "%s is not supported, %s",
                                row->name, row->why);
        else
                (void) kube_fault(faults, path, kind, FAULT_UNKNOWN_KEY, "there is no '%.60s'%s%s%s",
                                kind->text, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                                nearest ? "'?" : "");
        return NULL;
}

static void check_twins(const KubeObjects *objects, const KubeObject *object, FaultList *faults) {
        const KubeObject *first = kube_objects_find(objects, object->kind->kind, object->name);

        if (first)
                (void) kube_fault(faults, object->path, object->node, FAULT_CONFLICT,
                                "there is another %s '%.60s', in line %u of '%s'", object->kind->name,
                                object->name, first->node->line, first->path);
}

static int add_object(KubeObjects *objects, const YamlNode *node, const char *path, bool only_maps,
                mode_t mode, FaultList *faults) {
        KubeObject object = { .node = node, .path = path };
        const YamlNode *name;

        object.kind = choose_kind(node, path, only_maps, faults);
        if (!object.kind)
                return 0;
        check_object(&object, mode, faults);
        name = yaml_get(yaml_get(node, "metadata"), "name");
        object.name = name && name->kind == YAML_TEXT ? name->text : "";
        check_twins(objects, &object, faults);

        if (objects->n == objects->room) {
                size_t room = objects->room > 0 ? objects->room * 2 : 8;
                KubeObject *grown = reallocarray(objects->items, room, sizeof(KubeObject));

                if (!grown)
                        return -ENOMEM;
                objects->items = grown;
                objects->room = room;
        }
        objects->items[objects->n++] = object;
        return 0;
}

/* A device or a FIFO must not keep the boot waiting. */
static int read_text(const char *path, char **ret, size_t *ret_size, mode_t *ret_mode) {
        autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EBADF;
        *ret_mode = st.st_mode;
        return io_read_fd(fd, FILE_LIMIT, ret, ret_size);
}

static int tell_unreadable(const char *path, int r, const Place *place, FaultList *faults) {
        if (r == -ENOMEM)
                return r;
        (void) faults_raise(faults, place, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM,
                        "cannot read '%s': %s", path,
                        r == -EBADF   ? "it is neither a file nor a link to one"
                        : r == -EFBIG ? "it is longer than 1 MiB"
                                      : strerror(-r));
        return 0;
}

int kube_objects_read(KubeObjects *objects, const char *path, bool only_maps, const Place *place,
                Arena *arena, FaultList *faults) {
        YamlTree *grown = reallocarray(objects->trees, objects->n_trees + 1, sizeof(YamlTree)), *tree;
        autofree char *text = NULL;
        Fault fault = {};
        mode_t mode = 0;
        size_t size;
        int r;

        path = arena_string(arena, path);
        if (!grown || !path) {
                objects->trees = grown ? grown : objects->trees;
                return -ENOMEM;
        }
        objects->trees = grown;
        r = read_text(path, &text, &size, &mode);
        if (r < 0)
                return tell_unreadable(path, r, place, faults);

        tree = &objects->trees[objects->n_trees++];
        r = yaml_tree_read(text, size, path, tree, &fault);
        if (r < 0 && r != -ENOMEM)
                (void) faults_take(faults, &fault);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        for (size_t i = 0; i < tree->n && r >= 0; i++)
                r = add_object(objects, tree->documents[i], path, only_maps, mode, faults);
        return r;
}

void kube_objects_done(KubeObjects *objects) {
        for (size_t i = 0; i < objects->n_trees; i++)
                yaml_tree_done(&objects->trees[i]);
        free(objects->trees);
        free(objects->items);
        *objects = (KubeObjects){};
}

const KubeObject *kube_objects_find(const KubeObjects *objects, KubeKind kind, const char *name) {
        for (size_t i = 0; i < objects->n; i++)
                if (objects->items[i].kind->kind == kind && strcmp(objects->items[i].name, name) == 0)
                        return &objects->items[i];
        return NULL;
}
