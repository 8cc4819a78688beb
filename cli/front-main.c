/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway, as it is found in PATH: the verbs that have to be fast, and a way to all others. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/front.h"
#include "cli/verbs.h"
#include "lib/report.h"

#define OTHER SLIPWAY_LIBEXEC_DIR "/slipway"

/* What we were called with. */
static char *const *words;

int front_hand_over(Fault *fault) {
        (void) execv(OTHER, words);
        return fault_raise(fault, FAULT_MISSING, errno, "cannot execute '" OTHER "': %s", strerror(errno));
}

int main(int argc, char **argv) {
        const Verb *verb = argc > 1 ? verb_find(argv[1]) : NULL;
        Fault fault = {};
        int status;

        report_init("slipway", REPORT_TERMINAL);
        words = argv;
        if (!verb) {
                (void) front_hand_over(&fault);
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        status = verb->run(argc - 1, argv + 1);
        return fflush(stdout) != 0 && status == VERB_OK ? VERB_FAILED : status;
}
