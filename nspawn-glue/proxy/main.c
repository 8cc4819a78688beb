/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-proxy: passes connections on to a container
 *
 * Started by the socket of a container that publishes its ports on demand. Is nobody, and needs to read one
 * file.
 */

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/listening.h"
#include "lib/report.h"
#include "lib/stop-signal.h"
#include "lib/time-span.h"
#include "nspawn-glue/net/state.h"
#include "nspawn-glue/proxy/again.h"
#include "nspawn-glue/proxy/proxy.h"

/* "300", "0.5", and what else systemd.time(7) has. Return: 0 with milliseconds, or -EINVAL. */
static int parse_seconds(const char *text, uint64_t *ret) {
        uint64_t usec;

        if (time_span_parse(text, &usec) < 0 || usec / 1000 > INT_MAX)
                return -EINVAL;
        *ret = usec / 1000;
        return 0;
}

static const char usage[] =
                "Usage: slipway-proxy [OPTION…] --publish=PORT… NAME\n"
                "\n"
                "Passes connections on to container NAME.\n"
                "Started by the socket of a container on demand, see slipway-proxy(8).\n"
                "\n"
                "      --publish=[ADDRESS:]HOST:CONTAINER[/PROTOCOL]  where a socket leads to\n"
                "      --idle=SECONDS         end when nothing was open for this time (default: never)\n"
                "      --patience=SECONDS     how long an app has to begin to listen (default: 30)\n"
                "      --udp-timeout=SECONDS  how long an answer to a datagram may take (default: 90)\n"
                "      --stay                 do not end when the container does\n"
                "      --again                start again when killed\n"
                "      --help\n"
                "      --version\n";

static const struct option known[] = {
        { "publish", required_argument, NULL, 'p' },
        { "idle", required_argument, NULL, 'i' },
        { "patience", required_argument, NULL, 'P' },
        { "udp-timeout", required_argument, NULL, 'u' },
        { "stay", no_argument, NULL, 's' },
        { "again", no_argument, NULL, 'a' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        {},
};

static int take_option(int c, Proxy *proxy, Fault *fault) {
        uint64_t ms = 0;
        int r = 0;

        switch (c) {
        case 'p':
                return ports_add(&proxy->ports, optarg, fault);
        case 's':
                proxy->stays = true;
                return 0;
        case 'a':
                proxy->again = true;
                return 0;
        case 'i':
        case 'P':
        case 'u':
                r = parse_seconds(optarg, &ms);
                break;
        default:
                return -EINVAL;
        }
        if (r < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no number of seconds", optarg);
        if (c == 'i')
                proxy->idle_ms = ms;
        else if (c == 'P')
                proxy->tcp.patience_ms = proxy->udp.patience_ms = (unsigned) ms;
        else
                proxy->udp.flow_ms = (unsigned) ms;
        return 0;
}

/* Return: 0, 1 when all has been said, -errno. */
static int parse_options(int argc, char **argv, Proxy *proxy, Fault *fault) {
        int c, r = 0;

        while (r >= 0 && (c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
                if (c == 'h')
                        return fputs(usage, stdout) < 0 ? -EIO : 1;
                if (c == 'v')
                        return printf("slipway-proxy %s\n", SLIPWAY_VERSION) < 0 ? -EIO : 1;
                r = take_option(c, proxy, fault);
        }
        if (r < 0)
                return r;
        if (argc - optind != 1 || !network_name_is_valid(argv[optind]))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "wants the name of a container, see --help");
        proxy->target.name = argv[optind];
        return 0;
}

static int run(Proxy *proxy, Fault *fault) {
        int n = listening_count(), r;
        const volatile sig_atomic_t *stop;
        sigset_t unblocked;

        if (n == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there are no sockets: slipway-proxy is started by a socket unit");
        stop = stop_signal_catch(&unblocked);
        /* splice(2) has no flag against it. */
        (void) signal(SIGPIPE, SIG_IGN);
        r = proxy_open(proxy, n, fault);
        return r < 0 ? r : proxy_run(proxy, stop, &unblocked, fault);
}

int main(int argc, char **argv) {
        static Proxy proxy = {
                .loop.fd = -1,
                .target.watch.fd = -1,
                .tcp.patience_ms = PATIENCE_MS,
                .udp.patience_ms = PATIENCE_MS,
                .udp.flow_ms = FLOW_MS,
        };
        int r, status = EXIT_FAILURE;
        Fault fault = {};

        report_init("slipway-proxy", report_choose_sink());
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;
        r = parse_options(argc, argv, &proxy, &fault);
        if (r != 0) {
                if (fault_is_raised(&fault))
                        report_fault(REPORT_ERROR, &fault);
                return r > 0 ? EXIT_SUCCESS : 2;
        }

        report_set_container(proxy.target.name);
        r = proxy.again ? again_watch("slipway-proxy", &status) : 0;
        if (r < 0)
                report_note(REPORT_ERROR, "cannot watch over the process that passes connections on: %s",
                                strerror(-r));
        if (r != 0)
                return status;
        fault_point_choose(proxy.target.name);
        r = run(&proxy, &fault);
        if (r < 0)
                report_fault(REPORT_ERROR, &fault);
        proxy_close(&proxy);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
