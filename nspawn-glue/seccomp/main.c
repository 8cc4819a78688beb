/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-seccomp: compiles a seccomp profile
 *
 * Reads one file, writes one file, and needs no privileges. The launcher runs it when the
 * cache has no program yet, see cache.h.
 */

#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <string.h>

#include "lib/io.h"
#include "lib/report.h"
#include "nspawn-glue/seccomp/cache.h"
#include "nspawn-glue/seccomp/compile.h"

enum { LONGEST_PROFILE = 1 << 20 };

typedef struct Call {
        const char *profile;
        int profile_fd; /* -1: open the profile by its name */
        uint64_t capabilities;
        const char *output;
        int output_fd; /* -1: @output is a path */
} Call;

static const char usage[] =
                "Usage: slipway-seccomp [--profile=PATH] [--profile-fd=FD] [--capabilities=HEX]\n"
                "                       {--output=PATH | --output-fd=FD}\n"
                "\n"
                "Compiles a seccomp profile in Docker's format to a BPF program.\n"
                "\n"
                "  --profile=PATH      the profile (default " SECCOMP_DEFAULT_PROFILE ")\n"
                "  --profile-fd=FD     read it from here; --profile= is only its name then\n"
                "  --capabilities=HEX  the container's bounding set, as in /proc/PID/status\n"
                "  --output=PATH       put the program in place there, whole or not at all\n"
                "  --output-fd=FD      write it to this descriptor\n"
                "  --help, --version\n"
                "\n"
                "See slipway-seccomp(8).\n";

enum { PROFILE = 1, PROFILE_FD, CAPABILITIES, OUTPUT, OUTPUT_FD, HELP, VERSION };

static const struct option options[] = {
        { "profile", required_argument, NULL, PROFILE },
        { "profile-fd", required_argument, NULL, PROFILE_FD },
        { "capabilities", required_argument, NULL, CAPABILITIES },
        { "output", required_argument, NULL, OUTPUT },
        { "output-fd", required_argument, NULL, OUTPUT_FD },
        { "help", no_argument, NULL, HELP },
        { "version", no_argument, NULL, VERSION },
        {},
};

static int parse_fd(const char *text, int *ret) {
        char *end;
        long n = strtol(text, &end, 10);

        if (end == text || *end || n < 0 || n > 1 << 20)
                return -EINVAL;
        *ret = (int) n;
        return 0;
}

static int parse_hex(const char *text, uint64_t *ret) {
        size_t n = strspn(text, "0123456789abcdefABCDEF");

        if (n == 0 || n > 16 || text[n])
                return -EINVAL;
        *ret = strtoull(text, NULL, 16);
        return 0;
}

/* Return: 0, 1 when there is nothing left to do, -EINVAL. */
static int parse(int argc, char **argv, Call *call) {
        int r = 0, key;

        while (r == 0 && (key = getopt_long(argc, argv, "", options, NULL)) != -1)
                switch (key) {

                case PROFILE:
                        call->profile = optarg;
                        break;

                case PROFILE_FD:
                        r = parse_fd(optarg, &call->profile_fd);
                        break;

                case CAPABILITIES:
                        r = parse_hex(optarg, &call->capabilities);
                        break;

                case OUTPUT:
                        call->output = optarg;
                        break;

                case OUTPUT_FD:
                        r = parse_fd(optarg, &call->output_fd);
                        break;

                case HELP:
                        return fputs(usage, stdout) < 0 ? -EIO : 1;

                case VERSION:
                        return printf("slipway-seccomp %s\n", SLIPWAY_VERSION) < 0 ? -EIO : 1;

                default:
                        return -EINVAL; /* getopt_long() has said why */
                }

        if (r < 0)
                report_note(REPORT_ERROR, "cannot read '%s', see --help", argv[optind - 1]);
        else if (optind < argc || (call->output != NULL) == (call->output_fd >= 0)) {
                report_note(REPORT_ERROR, "not called as it should be, see --help");
                return -EINVAL;
        }
        return r;
}

static int write_program(const Call *call, const SeccompProgram *program, Fault *fault) {
        size_t size = program->n * sizeof(*program->code);
        autofree char *directory = NULL, *name = NULL;
        autofd int dir_fd = -1;
        int r;

        if (call->output_fd >= 0) {
                r = io_write_all(call->output_fd, program->code, size);
                return r < 0 ? fault_wrap(fault, r, "cannot write the program") : 0;
        }

        directory = strdup(call->output);
        name = strdup(call->output);
        if (!directory || !name)
                return fault_wrap(fault, -ENOMEM, "cannot write '%s'", call->output);
        dir_fd = open(dirname(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = dir_fd < 0 ? -errno : io_replace_file(dir_fd, basename(name), program->code, size, 0600);
        return r < 0 ? fault_wrap(fault, r, "cannot write '%s'", call->output) : 0;
}

static int run(const Call *call, Fault *fault) {
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        AUTO(seccomp_program_done) SeccompProgram program = {};
        SeccompTarget target;
        autofree char *text = NULL;
        size_t size;
        int r;

        r = call->profile_fd >= 0 ? io_read_fd(call->profile_fd, LONGEST_PROFILE, &text, &size)
                                  : io_read_file(AT_FDCWD, call->profile, LONGEST_PROFILE, &text, &size);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read '%s'", call->profile);
        r = seccomp_profile_read(text, size, call->profile, &profile, fault);
        if (r < 0)
                return r;
        r = seccomp_target_of_system(call->capabilities, &target);
        if (r < 0)
                return fault_wrap(fault, r, "cannot tell which system this is");
        r = seccomp_compile(&profile, &target, &program, fault);
        if (r < 0)
                return r;
        return write_program(call, &program, fault);
}

int main(int argc, char **argv) {
        Call call = { .profile = SECCOMP_DEFAULT_PROFILE, .profile_fd = -1, .output_fd = -1 };
        Fault fault = {};
        int r;

        report_init("slipway-seccomp", report_choose_sink());

        r = parse(argc, argv, &call);
        if (r != 0)
                return r < 0 ? 2 : EXIT_SUCCESS;

        if (run(&call, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
