/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway-generator: arguments and exit status; see generate.c for what it does. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/generate.h"
#include "generator/quadlet/keys.h"
#include "lib/fault-point.h"
#include "lib/report.h"

static const char usage[] = "Usage: slipway-generator NORMAL [EARLY LATE]\n"
                            "\n"
                            "Turns container manifests into units below the directory NORMAL.\n"
                            "The service manager runs it; see slipway-generator(8).\n"
                            "\n"
                            "  --list-keys  show what becomes of each key of the sections of manifests\n";

/* $SYSTEMD_SCOPE came with systemd 251. By hand, the directory that we are in has to tell. */
static SearchScope choose_scope(const char *argv0) {
        const char *scope = getenv("SYSTEMD_SCOPE");

        if (scope)
                return strcmp(scope, "user") == 0 ? SEARCH_USER : SEARCH_SYSTEM;
        return strstr(argv0, "user-generators/") ? SEARCH_USER : SEARCH_SYSTEM;
}

static int run(SearchScope scope, const char *directory) {
        AUTO(workspace_close) Workspace workspace;
        autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (fd < 0) {
                report_note(REPORT_ERROR, "cannot open the directory '%s': %s", directory, strerror(errno));
                workspace = (Workspace){};
                return EXIT_FAILURE;
        }

        r = workspace_open(&workspace, scope, NULL);
        if (r >= 0)
                r = generate(&workspace, fd);
        if (r < 0)
                report_note(REPORT_ERROR, "cannot translate the manifests: %s", strerror(-r));
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-generator %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        if (argc == 2 && strcmp(argv[1], "--list-keys") == 0) {
                keys_print(stdout);
                return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }

        fault_point_choose(".slipway-generator");
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;
        report_init("slipway-generator", report_choose_sink());
        if (argc != 2 && argc != 4) {
                report_note(REPORT_ERROR, "one directory or three are needed, see slipway-generator --help");
                return EXIT_FAILURE;
        }
        return run(choose_scope(argv[0]), argv[1]);
}
