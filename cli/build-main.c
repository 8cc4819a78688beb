/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway-build: what the unit of a .build file starts. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/build.h"
#include "lib/notify.h"
#include "lib/report.h"

static const char usage[] =
                "Usage: slipway-build NAME… --context=CONTEXT [-- OPTION…]\n"
                "\n"
                "Builds an image with buildah, whose options are those behind \"--\", and takes it\n"
                "into the store. See slipway-build(8).\n";

static int failed(const Fault *fault, int status) {
        char line[1024];

        (void) report_format(line, sizeof(line), fault);
        (void) notify_status("%s", line);
        report_fault(REPORT_ERROR, fault);
        return status;
}

int main(int argc, char **argv) {
        BuildRequest request;
        Fault fault = {};

        report_init("slipway-build", report_choose_sink());
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-build %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (build_request_read(argv + 1, &request, &fault) < 0)
                return failed(&fault, EX_USAGE);
        if (build_image(&request, &fault) < 0)
                return failed(&fault, EXIT_FAILURE);
        return EXIT_SUCCESS;
}
