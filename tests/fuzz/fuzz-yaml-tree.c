/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* YAML as strangers write it: a tree of limited size whose nodes have places and paths, or a fault. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/yaml-tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const YamlNode *node, unsigned depth) {
        size_t weight = 1;
        char path[128];

        assert(depth <= YAML_DEPTH_MAX + 1);
        assert(node->line > 0 && node->column > 0);
        yaml_path(node, path, sizeof(path));
        if (node->kind != YAML_LIST && node->kind != YAML_MAP)
                assert(node->text && node->n == 0);
        for (size_t i = 0; i < node->n; i++) {
                if (node->kind == YAML_MAP)
                        assert(yaml_get(node, node->keys[i]->text) || node->items[i]->kind == YAML_NULL);
                weight += walk(node->items[i], depth + 1);
        }
        assert(node->weight == weight);
        return weight;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(yaml_tree_done) YamlTree tree = {};
        Fault fault = {};

        if (yaml_tree_read((const char *) data, size, "x.yaml", &tree, &fault) < 0) {
                assert(fault_is_raised(&fault));
                return 0;
        }
        for (size_t i = 0; i < tree.n; i++)
                if (tree.documents[i]->weight < 2000)
                        assert(walk(tree.documents[i], 0) <= YAML_NODES_MAX);
        return 0;
}
