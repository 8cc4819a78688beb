/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway import: from an archive or a directory into the store. */

#include "image/import.h"

#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "cli/image-event.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "image/change.h"
#include "image/trust/trust.h"
#include "lib/report.h"
#include "lib/size.h"
#include "lib/strv.h"

enum {
        KEY_CMD = OPTION_LONG,
        KEY_ENTRYPOINT,
        KEY_ENV,
        KEY_EXPOSE,
        KEY_LABEL,
        KEY_MAX_ENTRIES,
        KEY_MAX_SIZE,
        KEY_PLATFORM,
        KEY_STOP_SIGNAL,
        KEY_USER,
        KEY_VOLUME,
        KEY_WORKDIR,
};

/* clang-format off */
static const Option options[] = {
        { 'n',             "name",        "NAME",   "name the image so; may be given again" },
        { 'q',             "quiet",       NULL,     "print the image id and nothing else" },
        { KEY_PLATFORM,    "platform",    "OS/ARCH[/VARIANT]", "which image of several to take, and take it on any machine" },
        { KEY_MAX_SIZE,    "max-size",    "SIZE",   "how much content the image may have, 256G by default" },
        { KEY_MAX_ENTRIES, "max-entries", "NUMBER", "how many files the image may have, 1000000 by default" },
        { KEY_ENTRYPOINT,  "entrypoint",  "WORD",   "root file system: a word of the entrypoint; may be given again" },
        { KEY_CMD,         "cmd",         "WORD",   "root file system: a word of the command; may be given again" },
        { KEY_ENV,         "env",         "KEY=VALUE", "root file system: a variable; may be given again" },
        { KEY_USER,        "user",        "USER[:GROUP]", "root file system: who runs it" },
        { KEY_WORKDIR,     "workdir",     "DIRECTORY", "root file system: where it runs" },
        { KEY_STOP_SIGNAL, "stop-signal", "SIGNAL", "root file system: what stops it" },
        { KEY_LABEL,       "label",       "KEY=VALUE", "root file system: a label; may be given again" },
        { KEY_EXPOSE,      "expose",      "PORT[/PROTOCOL]", "root file system: a port it listens on; may be given again" },
        { KEY_VOLUME,      "volume",      "DIRECTORY", "root file system: where it keeps data; may be given again" },
};
/* clang-format on */

/* What the command line says. */
typedef struct ImportOptions {
        char **names;
        ImageConfig process;
        bool has_process;
        bool quiet;
        Platform platform;
        bool platform_is_given;
        UnpackBudget budget;
} ImportOptions;

static void import_options_done(ImportOptions *o) {
        strv_free(o->names);
        image_config_done(&o->process);
}

static int set_text(char **field, const char *text) {
        free(*field);
        *field = strdup(text);
        return *field ? 0 : -ENOMEM;
}

/* "80" is "80/tcp". */
static int add_port(char ***list, const char *text) {
        return strchr(text, '/') ? strv_append(list, text) : strv_appendf(list, "%s/tcp", text);
}

static int set_process(ImportOptions *o, int key, const char *text) {
        ImageConfig *process = &o->process;

        o->has_process = true;
        switch (key) {
        case KEY_CMD:
                return strv_append(&process->cmd, text);
        case KEY_ENTRYPOINT:
                return strv_append(&process->entrypoint, text);
        case KEY_ENV:
                return strv_append(&process->env, text);
        case KEY_EXPOSE:
                return add_port(&process->exposed_ports, text);
        case KEY_LABEL:
                return strv_append(&process->labels, text);
        case KEY_VOLUME:
                return strv_append(&process->volumes, text);
        case KEY_USER:
                return set_text(&process->user, text);
        case KEY_WORKDIR:
                return set_text(&process->workdir, text);
        default:
                return set_text(&process->stop_signal, text);
        }
}

static int set_number(uint64_t *ret, const char *name, const char *text, Fault *fault) {
        if (size_from_text(text, ret) < 0 || *ret == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "--%s=%s: not a size, such as 500M or 2G",
                                name, text);
        return 0;
}

static int set_option(ImportOptions *o, int key, Fault *fault) {
        switch (key) {
        case 'n':
                return strv_append(&o->names, optarg);
        case 'q':
                o->quiet = true;
                return 0;
        case KEY_PLATFORM:
                o->platform_is_given = true;
                return platform_parse(optarg, &o->platform, fault);
        case KEY_MAX_SIZE:
                return set_number(&o->budget.bytes, "max-size", optarg, fault);
        case KEY_MAX_ENTRIES:
                return set_number(&o->budget.entries, "max-entries", optarg, fault);
        default:
                return set_process(o, key, optarg);
        }
}

/* One line that is overwritten, ten times a second, for a person only. */
typedef struct Progress {
        struct timespec last;
        bool wanted, shown;
        uint64_t bytes[IMAGE_LAYERS_LIMIT], sum; /* several layers are under way at once */
} Progress;

/* Who interrupts an import gets the room back that it took so far, and does not wait for the next one to do
 * that. */
static volatile sig_atomic_t interrupted = 0;

static void on_signal(int signal_number) {
        interrupted = signal_number;
}

static void catch_signals(void) {
        const struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int) SA_RESETHAND };

        (void) sigaction(SIGINT, &action, NULL);
        (void) sigaction(SIGTERM, &action, NULL);
        (void) sigaction(SIGHUP, &action, NULL);
}

static bool show_progress(void *data, size_t layer, size_t n_layers, uint64_t bytes) {
        Progress *progress = data;
        struct timespec now;

        if (interrupted)
                return false;
        if (!progress->wanted)
                return true;
        if (layer < ELEMENTS(progress->bytes)) {
                progress->sum += bytes - progress->bytes[layer];
                progress->bytes[layer] = bytes;
        }

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - progress->last.tv_sec) * 1000 + (now.tv_nsec - progress->last.tv_nsec) / 1000000 <
                        100)
                return true;
        progress->last = now;
        progress->shown = true;
        fprintf(stderr, "\r%zu layer%s: %ju MiB \033[K", n_layers, n_layers == 1 ? "" : "s",
                        (uintmax_t) (progress->sum >> 20));
        (void) fflush(stderr);
        return true;
}

static void clear_progress(const Progress *progress) {
        if (progress->shown)
                fputs("\r\033[K", stderr);
}

static void tell_result(const ImportResult *result, bool quiet) {
        for (size_t i = 0; result->names && result->names[i]; i++)
                image_event(MESSAGE_IMAGE_IMPORTED, result->names[i], &result->id);
        if (!result->names)
                image_event(MESSAGE_IMAGE_IMPORTED, NULL, &result->id);
        printf("sha256:%s\n", result->id.hex);
        if (quiet)
                return;

        for (size_t i = 0; result->names && result->names[i]; i++)
                printf("%s\n", result->names[i]);
        if (strv_length(result->names) == 0)
                report_note(REPORT_NOTICE, "the image has no name; give it one with --name=");
        if (result->devices > 0)
                report_note(REPORT_NOTICE, "%u device nodes were left out: a container has its own /dev",
                                result->devices);
        if (result->attributes > 0)
                report_note(REPORT_NOTICE,
                                "%u extended attributes were left out, which are the host's to set",
                                result->attributes);
}

static int run_import(const char *source, ImportOptions *o, Fault *fault) {
        AUTO(import_result_done) ImportResult result = {};
        autostore Store store = STORE_CLOSED;
        AUTO(trust_verdicts_done) TrustVerdicts verdicts = {};
        Progress progress = { .wanted = !o->quiet && isatty(STDERR_FILENO) };
        ImportRequest request = {
                .source = source,
                .names = o->names,
                .platform = o->platform,
                .platform_is_given = o->platform_is_given,
                .budget = o->budget,
                .process = o->has_process ? &o->process : NULL,
                .progress = show_progress,
                .progress_data = &progress,
                .decide = trust_import_decide,
                .record = trust_import_record,
                .decide_data = &verdicts,
        };
        int r;

        r = store_create(state_directory(), &store, fault);
        if (r < 0)
                return r;
        catch_signals();
        r = image_import(&store, &request, &result, fault);
        clear_progress(&progress);
        if (r < 0)
                return fault_wrap(fault, r, "cannot import '%.200s'", source);
        tell_result(&result, o->quiet);
        return 0;
}

static int failed(int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot import");
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

int verb_import(int argc, char **argv) {
        AUTO(import_options_done)
        ImportOptions o = {
                .budget = { UNPACK_ENTRIES_DEFAULT, UNPACK_BYTES_DEFAULT },
        };
        Fault fault = {};
        int key, r;

        platform_of_machine(&o.platform);
        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                r = set_option(&o, key, &fault);
                if (r < 0)
                        return failed(r, &fault);
        }

        if (argc - optind < 1 || argc - optind > 2)
                return options_misused(argv[0], "one source is needed, and one name may follow");
        if (o.has_process && !import_is_rootfs(argv[optind]))
                return options_misused(argv[0],
                                "'%s' brings its own config, so nothing about how to run it can be set",
                                argv[optind]);
        if (argc - optind == 2 && (r = strv_append(&o.names, argv[optind + 1])) < 0)
                return failed(r, &fault);

        r = run_import(argv[optind], &o, &fault);
        return r < 0 ? failed(r, &fault) : VERB_OK;
}
