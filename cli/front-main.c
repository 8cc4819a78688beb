/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway, as it is found in PATH: the verbs that have to be fast, and a way to all others. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/elsewhere.h"
#include "cli/front.h"
#include "cli/verbs.h"
#include "lib/cleanup.h"
#include "lib/report.h"

#define OTHER SLIPWAY_LIBEXEC_DIR "/slipway"

#define NAME(name) #name,
static const char *const of_images[] = { VERBS_ELSEWHERE(NAME) };

/* What we were called with. */
static char *const *words;

/* Without a detour. */
static const char *find_program(const char *verb) {
        for (size_t i = 0; verb && i < ELEMENTS(of_images); i++)
                if (strcmp(of_images[i], verb) == 0)
                        return OTHER "-images";
        return OTHER;
}

int front_hand_over(Fault *fault) {
        const char *program = find_program(words[0] ? words[1] : NULL);

        (void) execv(program, words);
        return fault_raise(fault, FAULT_MISSING, errno,
                        "cannot execute '%s': %s; it is a part of Slipway, which has to be installed again",
                        program, strerror(errno));
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
