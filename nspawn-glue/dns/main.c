/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-dns: answers DNS queries in a network of containers
 *
 * Started by slipway-dns@NETWORK.socket, ends when nobody asks. Is nobody, and needs to read two files.
 */

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/listening.h"
#include "lib/report.h"
#include "lib/stop-signal.h"
#include "nspawn-glue/dns/serve.h"
#include "nspawn-glue/dns/socket-unit.h"

typedef enum Verb {
        VERB_SERVE,
        VERB_START,
        VERB_STOP,
} Verb;

typedef struct Options {
        Verb verb;
        const char *resolv_conf, *network;
        unsigned idle_s, port;
} Options;

static int serve(const Options *options, Fault *fault) {
        static Server server;
        static char hosts[PATH_MAX];
        int r = network_read(options->network, &server.network, fault);
        int n = listening_count();
        const volatile sig_atomic_t *stop;
        sigset_t unblocked;

        if (r < 0)
                return r;
        if (n == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there are no sockets to answer on: slipway-dns is started by "
                                "slipway-dns@%s.socket",
                                options->network);
        (void) snprintf(hosts, sizeof(hosts), NET_HOSTS "/%s", options->network);
        server.names.path = hosts;
        server.upstream = (Upstream){
                .paths = { options->resolv_conf, "/run/systemd/resolve/resolv.conf" },
                .port = (uint16_t) options->port,
                .network = &server.network,
        };
        server.responder = (Responder){ .network = &server.network, .names = &server.names };
        (void) getrandom(&server.responder.random, sizeof(server.responder.random), 0);
        server.forwards.upstream = &server.upstream;

        r = loop_open(&server.loop);
        for (int i = 0; r >= 0 && i < n; i++)
                r = serve_add(&server, LISTENING_FIRST + i, fault);
        if (r < 0)
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot wait for queries");
        stop = stop_signal_catch(&unblocked);
        return serve_run(&server, options->idle_s * 1000, stop, &unblocked, fault);
}

static int run(const Options *options, Fault *fault) {
        AUTO(network_done) Network network = {};
        int r;

        if (options->verb == VERB_SERVE)
                return serve(options, fault);
        if (options->verb == VERB_STOP)
                return dns_socket_stop(options->network, fault);
        r = network_read(options->network, &network, fault);
        return r < 0 ? r : dns_socket_start(&network, fault);
}

static int number(const char *text, unsigned long max, unsigned *ret) {
        char *end;
        unsigned long n = strtoul(text, &end, 10);

        if (*text < '0' || *text > '9' || *end || n > max)
                return -EINVAL;
        *ret = (unsigned) n;
        return 0;
}

static const char usage[] =
                "Usage: slipway-dns [OPTION…] NETWORK\n"
                "\n"
                "Answers DNS queries for the names of a network of containers.\n"
                "Started by slipway-dns@NETWORK.socket, see slipway-dns(8).\n"
                "\n"
                "      --start             have that socket listen on the gateways of the network\n"
                "      --stop              have it listen no more\n"
                "      --idle=SECONDS      end after this time without a query; 0: never (default: 10)\n"
                "      --resolv-conf=FILE  where the host's servers are\n"
                "      --port=PORT         the port of these servers (default: 53)\n"
                "      --help\n"
                "      --version\n";

/* Return: 0, 1 when all has been said, -EINVAL. */
static int parse_options(int argc, char **argv, Options *options) {
        static const struct option known[] = {
                { "start", no_argument, NULL, 's' },
                { "stop", no_argument, NULL, 'S' },
                { "idle", required_argument, NULL, 'i' },
                { "resolv-conf", required_argument, NULL, 'c' },
                { "port", required_argument, NULL, 'p' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'v' },
                {},
        };
        int c, r = 0;

        while (r >= 0 && (c = getopt_long(argc, argv, "", known, NULL)) >= 0)
                switch (c) {
                case 's':
                        options->verb = VERB_START;
                        break;
                case 'S':
                        options->verb = VERB_STOP;
                        break;
                case 'i':
                        r = number(optarg, INT_MAX / 1000, &options->idle_s);
                        break;
                case 'c':
                        options->resolv_conf = optarg;
                        break;
                case 'p':
                        r = number(optarg, UINT16_MAX, &options->port);
                        break;
                case 'h':
                        return fputs(usage, stdout) < 0 ? -EIO : 1;
                case 'v':
                        return printf("slipway-dns %s\n", SLIPWAY_VERSION) < 0 ? -EIO : 1;
                default:
                        return -EINVAL;
                }
        if (r < 0 || argc - optind != 1) {
                report_note(REPORT_ERROR, "wants the name of a network and sound numbers, see --help");
                return -EINVAL;
        }
        options->network = argv[optind];
        return 0;
}

int main(int argc, char **argv) {
        Options options = { .resolv_conf = "/etc/resolv.conf", .idle_s = 10 };
        Fault fault = {};
        int r;

        report_init("slipway-dns", report_choose_sink());
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;
        r = parse_options(argc, argv, &options);
        if (r != 0)
                return r > 0 ? EXIT_SUCCESS : 2;

        fault_point_choose(".dns");
        if (run(&options, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
