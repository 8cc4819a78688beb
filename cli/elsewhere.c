/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What slipway has in the place of the verbs of slipway-images. */

#include "cli/elsewhere.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/pull-import.h"
#include "cli/verbs.h"
#include "cli/volume-verbs.h"
#include "lib/report.h"

#define PROGRAM SLIPWAY_LIBEXEC_DIR "/slipway-images"

int elsewhere_go(Fault *fault) {
        (void) execv(PROGRAM, elsewhere_words);
        return fault_raise(fault, FAULT_MISSING, errno,
                        "cannot execute '" PROGRAM
                        "': %s; it is a part of Slipway, which has to be installed again",
                        strerror(errno));
}

static int go(void) {
        Fault fault = {};

        (void) elsewhere_go(&fault);
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}

#define ELSEWHERE(name)                          \
        int verb_##name(int argc, char **argv) { \
                return go();                     \
        }
VERBS_ELSEWHERE(ELSEWHERE)

int pull_import(const PullOptions *options, const char *name, bool quiet, const char *source, Fault *fault) {
        return elsewhere_go(fault);
}

int volume_verb_export(const VolumeCall *call) {
        return go();
}

int volume_verb_import(const VolumeCall *call) {
        return go();
}
