/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Replays the seeds of a fuzz target
 *
 * Stands in for libFuzzer's main(), so that every build, also one by gcc,
 * runs each parser over its corpus as an ordinary test. Speaks TAP: a file is
 * a test, and one that brings the parser down is the last one named.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"

#define SEED_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_seed(const struct dirent *entry) {
        return entry->d_name[0] != '.';
}

static int replay(int directory, const char *name, int number) {
        autofree char *text = NULL;
        autofree uint8_t *data = NULL;
        size_t size = 0;

        if (io_read_file(directory, name, SEED_MAX, &text, &size) < 0) {
                printf("not ok %d - %s cannot be read\n", number, name);
                return -1;
        }

        /* The NUL that io_read_file() adds would hide a parser that reads one byte too far. */
        data = malloc(size > 0 ? size : 1);
        if (!data)
                return -1;
        memcpy(data, text, size);

        printf("# %s\n", name);
        (void) fflush(stdout);
        (void) LLVMFuzzerTestOneInput(data, size);
        printf("ok %d - %s\n", number, name);

        return 0;
}

int main(int argc, char **argv) {
        struct dirent **entries = NULL;
        bool failed = false;
        autofd int directory = -1;
        int n;

        if (argc != 2) {
                fprintf(stderr, "usage: replay-TARGET CORPUS-DIRECTORY\n");
                return EXIT_FAILURE;
        }

        directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        n = scandir(argv[1], &entries, is_seed, alphasort);
        if (directory < 0 || n <= 0) {
                printf("1..1\nnot ok 1 - there are no seeds in %s\n", argv[1]);
                return EXIT_FAILURE;
        }

        printf("1..%d\n", n);
        for (int i = 0; i < n; i++) {
                if (replay(directory, entries[i]->d_name, i + 1) < 0)
                        failed = true;
                free(entries[i]);
        }
        free(entries);

        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
