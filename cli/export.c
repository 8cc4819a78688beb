/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway export: the tree of a container as an archive. */

#include <getopt.h>
#include <signal.h>
#include <string.h>

#include "cli/archive-output.h"
#include "cli/borrow.h"
#include "cli/options.h"
#include "cli/target.h"
#include "cli/tree-send.h"
#include "cli/verbs.h"
#include "lib/report.h"

/* clang-format off */
static const Option options[] = {
        { 'o', "output", "FILE", "where to write it (default: standard output)" },
};
/* clang-format on */

static int send_root(int root_fd, int fd, void *data, unsigned *left_out, Fault *fault) {
        return tree_send(
                        &(TreeSend){ .top_fd = root_fd, .as = ".", .one_mount = true }, fd, left_out, fault);
}

static int export(const char *name, const char *output, unsigned *left_out, Fault *fault) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        Borrow borrow;
        int fd = -1, r;

        r = target_open(name, &running, fault);
        if (r >= 0)
                r = archive_output_open(output, &fd, fault);
        if (r < 0)
                return r;
        r = borrow_start(&running, fd, send_root, NULL, &borrow, fault);
        if (r >= 0)
                r = borrow_finish(&borrow, left_out, fault);
        if (r < 0)
                archive_output_remove(output);
        return r == -EPIPE ? fault_raise(fault, FAULT_SYSTEM, EPIPE, "nobody reads the archive any more")
                           : r;
}

int verb_export(int argc, char **argv) {
        const char *output = NULL;
        unsigned left_out = 0;
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'o')
                        output = optarg;
                else
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (argc - optind != 1)
                return options_misused(argv[0], "the name of one container is needed");

        (void) signal(SIGPIPE, SIG_IGN);
        r = export(argv[optind], output, &left_out, &fault);
        if (r >= 0)
                return left_out > 0 ? VERB_FAILED : VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot export '%.100s'", argv[optind]);
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
