/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-net: networks of the kernel
 *
 * The only program that speaks to the kernel about interfaces, routes and rules. It is executed for each
 * change, and does not stay. See slipway-net(8).
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/kept-unit.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "nspawn-glue/net/attach.h"
#include "nspawn-glue/net/bring.h"
#include "nspawn-glue/net/firewall.h"
#include "nspawn-glue/net/handshake.h"
#include "nspawn-glue/net/pod-make.h"
#include "nspawn-glue/net/restore.h"
#include "nspawn-glue/net/up-options.h"

static const char usage[] = "Usage: slipway-net up NAME [OPTION…]\n"
                            "       slipway-net down NAME [--forget]\n"
                            "       slipway-net pod-up NAME [OPTION…]\n"
                            "       slipway-net pod-down NAME\n"
                            "       slipway-net attach OWNER DESCRIPTOR\n"
                            "       slipway-net detach OWNER\n"
                            "       slipway-net restore\n"
                            "\n"
                            "Makes networks and what containers have of them, for units of Slipway.\n"
                            "See slipway-net(8) for the options.\n";

static int run_up(char *const *argv, Fault *fault) {
        AUTO(network_done) Network network = {};
        int r = up_options_parse(argv, &network, fault);

        return r < 0 ? r : bring_up(&network, fault);
}

static int run_down(char *const *argv, Fault *fault) {
        bool forget = argv[0] && argv[1] && strcmp(argv[1], "--forget") == 0;

        if (!argv[0] || argv[1 + forget])
                return fault_raise(fault, FAULT_VALUE, EINVAL, "it is 'slipway-net down NAME [--forget]'");
        return bring_down(argv[0], forget, fault);
}

static int run_pod_up(char *const *argv, Fault *fault) {
        AUTO(pod_options_done) PodOptions options = {};
        int r = pod_options_parse(argv, &options, fault);

        return r < 0 ? r : pod_make(&options, fault);
}

static int run_pod_down(char *const *argv, Fault *fault) {
        if (!argv[0] || argv[1])
                return fault_raise(fault, FAULT_VALUE, EINVAL, "which pod? 'slipway-net pod-down NAME'");
        return pod_remove(argv[0], fault);
}

/* What goes wrong is told to who waits, and by whom it is told to people. */
static int run_attach(char *const *argv, Fault *fault) {
        int fd;

        if (!argv[0] || !argv[1] || argv[2])
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "it is 'slipway-net attach OWNER DESCRIPTOR'");
        fd = atoi(argv[1]);
        report_set_container(argv[0]);
        return handshake_serve(fd, argv[0]);
}

static int run_detach(char *const *argv, Fault *fault) {
        if (!argv[0] || argv[1])
                return fault_raise(fault, FAULT_VALUE, EINVAL, "whom? 'slipway-net detach OWNER'");
        return attach_forget(argv[0], fault);
}

static int run_restore(char *const *argv, Fault *fault) {
        return restore(fault);
}

static const struct {
        const char *verb, *what;
        int (*run)(char *const *argv, Fault *fault);
        bool is_unit; /* what is wrong is the status of the unit that it is run by */
        void (*begin)(const OwnUnit *unit), (*end)(const OwnUnit *unit); /* whether that has to be kept */
} verbs[] = {
        { "up", "cannot bring up network", run_up, true, kept_unit_add, NULL },
        { "down", "cannot take down network", run_down, true, NULL, kept_unit_remove },
        { "pod-up", "cannot bring up pod", run_pod_up, true, kept_unit_add, NULL },
        { "pod-down", "cannot take down pod", run_pod_down, true, NULL, kept_unit_remove },
        { "attach", "cannot attach", run_attach, false },
        { "detach", "cannot detach", run_detach, false },
        { "restore", "cannot restore the rules", run_restore, true },
};

static int fail(const Fault *fault, bool is_unit) {
        char line[1024];

        report_fault(REPORT_ERROR, fault);
        if (is_unit) {
                (void) report_format(line, sizeof(line), fault);
                (void) notify_status("%s", line);
                /* Who has gone before it was heard belongs to no unit. */
                (void) notify_barrier(5000);
        }
        return EXIT_FAILURE;
}

static int run(size_t verb, char *const *argv, Fault *fault) {
        OwnUnit unit = {};
        int r;

        if (verbs[verb].begin || verbs[verb].end)
                (void) own_unit(&unit);
        if (verbs[verb].begin)
                verbs[verb].begin(&unit);
        r = verbs[verb].run(argv, fault);
        if (r >= 0 && verbs[verb].end)
                verbs[verb].end(&unit);
        return r;
}

int main(int argc, char **argv) {
        Fault fault = {};

        report_init("slipway-net", report_choose_sink());
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;
        fault_point_choose(argc > 2 ? argv[2] : "");
        (void) umask(0022);
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-net %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        for (size_t i = 0; argc > 1 && i < ELEMENTS(verbs); i++) {
                int r;

                if (strcmp(argv[1], verbs[i].verb) != 0)
                        continue;
                r = run(i, argv + 2, &fault);
                if (r >= 0)
                        return EXIT_SUCCESS;
                if (argc > 2)
                        (void) fault_wrap(&fault, r, "%s '%.100s'", verbs[i].what, argv[2]);
                else
                        (void) fault_wrap(&fault, r, "%s", verbs[i].what);
                return fail(&fault, verbs[i].is_unit);
        }
        (void) fputs(usage, stderr);
        return EXIT_FAILURE;
}
