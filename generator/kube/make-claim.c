/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A PersistentVolumeClaim: a volume of that name, as podman's annotations describe it. */

#include <string.h>

#include "generator/kube/make.h"
#include "lib/cleanup.h"

#define PREFIX "volume.podman.io/"

static void add_annotation(Sheet *sheet, const char *name, const YamlNode *value) {
        static const char *const keys[][2] = {
                { "device", "Device" },
                { "driver", "Driver" },
                { "gid", "Group" },
                { "image", "Image" },
                { "mount-options", "Options" },
                { "type", "Type" },
                { "uid", "User" },
        };

        for (size_t i = 0; i < ELEMENTS(keys); i++)
                if (strcmp(name, keys[i][0]) == 0) {
                        sheet_quoted(sheet, "Volume", keys[i][1], value, value->text);
                        return;
                }
        (void) kube_fault(sheet->faults, sheet->path, value, FAULT_UNSUPPORTED, "not supported, %s",
                        strcmp(name, "import-source") == 0 ? "fill the volume with 'slipway volume import'"
                                                           : "there is no such annotation of volumes");
}

void make_claim(KubeMake *make, const KubeObject *object) {
        const YamlNode *meta = yaml_get(object->node, "metadata"),
                       *annotations = yaml_get(meta, "annotations"), *labels = yaml_get(meta, "labels");
        Sheet sheet;

        sheet_begin(&sheet, make->arena, make->manifest, MANIFEST_VOLUME, object->name, object->path,
                        object->node, make->faults);
        sheet_quoted(&sheet, "Volume", "VolumeName", yaml_get(meta, "name"), object->name);
        for (size_t i = 0; i < field_count(annotations); i++)
                if (annotations->items[i]->kind == YAML_TEXT &&
                                strncmp(annotations->keys[i]->text, PREFIX, strlen(PREFIX)) == 0)
                        add_annotation(&sheet, annotations->keys[i]->text + strlen(PREFIX),
                                        annotations->items[i]);
        for (size_t i = 0; i < field_count(labels); i++)
                if (labels->items[i]->kind == YAML_TEXT)
                        sheet_word(&sheet, "Volume", "Label", labels->items[i],
                                        sheet_format(&sheet, "%s=%s", labels->keys[i]->text,
                                                        labels->items[i]->text));
        make_add(make, &sheet);
}
