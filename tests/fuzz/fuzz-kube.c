/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Kubernetes YAML as strangers write it, all the way to units
 *
 * Whatever is in the file, there is a unit of the .kube file; and with a fault there is no other. No line of
 * a unit comes from a line of the YAML.
 */

#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "generator/generate.h"
#include "generator/kube/expand.h"
#include "generator/load.h"
#include "generator/translate.h"

#define DIRECTORY "/tmp/slipway-fuzz-kube"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_yaml(const uint8_t *data, size_t size) {
        FILE *file;

        (void) mkdir(DIRECTORY, 0700);
        file = fopen(DIRECTORY "/x.yaml", "we");
        assert(file);
        (void) fchmod(fileno(file), 0600);
        assert(fwrite(data, 1, size, file) == size);
        assert(fclose(file) == 0);
}

/* Sections are ours, and what begins a line is a directive. */
static void check_unit(const char *text) {
        for (; *text; text = strchr(text, '\n') + 1) {
                assert(strchr(text, '\n'));
                if (*text == '\n' || *text == '#' || *text == '[')
                        continue;
                assert(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz6") > 0);
                assert(text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz6")] == '=');
        }
}

static void translate_all(ManifestSet *set, Arena *arena) {
        AUTO(unit_done) UnitWriter unit = {};
        bool is_whole = true;
        InstallPlan install;

        for (size_t i = 0; i < set->n_manifests; i++)
                if (!set->manifests[i]->is_masked) {
                        int r = translate_manifest(
                                        set->manifests[i], set, SEARCH_SYSTEM, arena, &unit, &install);

                        is_whole = is_whole && r > 0;
                        assert(r >= 0);
                        check_unit(unit.text);
                }
        for (size_t i = 0; i < set->n_manifests && !is_whole; i++)
                assert(set->manifests[i]->is_masked || !set->manifests[i]->parent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(arena_freep) Arena *arena = arena_new();
        ManifestSet set = { .arena = arena };
        Manifest *kube = NULL;

        write_yaml(data, size);
        assert(manifests_load_text(&set, "x.kube", DIRECTORY, "[Kube]\nYaml=x.yaml\n", &kube) == 0);
        assert(kube_expand(&set) == 0);
        assert(kube_settle(&set, SEARCH_SYSTEM) == 0);
        translate_all(&set, arena);
        manifests_done(&set);
        return 0;
}
