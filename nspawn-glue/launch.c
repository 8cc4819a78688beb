/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-nspawn: the launcher
 *
 * Makes ready what a container needs of the host, and becomes systemd-nspawn,
 * whose first process is slipway-init. Needs root in the initial user
 * namespace. What it leaves behind besides is the watcher, until the app runs.
 */

#include "nspawn-glue/launch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "nspawn-glue/clean.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/hint.h"
#include "nspawn-glue/stage.h"
#include "nspawn-glue/stop.h"

static const char usage[] =
                "Usage: slipway-nspawn NAME [OPTION…] [-- COMMAND [ARGUMENT…]]\n"
                "       slipway-nspawn --clean [NAME]\n"
                "       slipway-nspawn --stop NAME\n"
                "       slipway-nspawn --signal=SIGNAL NAME\n"
                "       slipway-nspawn --reload=SIGNAL NAME\n"
                "\n"
                "Starts a container in place of this process, for a unit that slipway-generator made.\n"
                "See slipway-nspawn(8) for the options.\n";

static int open_control(void *run, Fault *fault) {
        Launch *launch = run;
        int init, r;

        r = control_open(&launch->watcher_fd, &init);
        if (r >= 0)
                r = launch_pass(launch, init);
        return r < 0 ? r : 0;
}

#define STAGE(name)                                          \
        static int name##_stage(void *run, Fault *fault) {   \
                return launch_##name((Launch *) run, fault); \
        }
#define UNDO(name)                             \
        static void name##_undo(void *run) {   \
                launch_##name((Launch *) run); \
        }

STAGE(lock)
UNDO(unlock)
STAGE(read_image)
UNDO(close_image)
STAGE(choose_signal)
STAGE(choose_ids)
STAGE(clean_state)
UNDO(remove_state)
STAGE(record)
STAGE(pass_sockets)
STAGE(map_ids)
STAGE(open_workspace)
UNDO(close_workspace)
STAGE(mount_root)
STAGE(choose_hostname)
STAGE(join_pod)
UNDO(leave_pod)
STAGE(choose_network)
UNDO(leave_network)
STAGE(write_mounts)
STAGE(open_credentials)
STAGE(write_secrets)
STAGE(write_limits)
STAGE(write_command)
STAGE(prepare_health)
STAGE(open_console)
STAGE(seal_plan)
STAGE(prepare_nspawn)
STAGE(fork_nspawn)
UNDO(forget_nspawn)
STAGE(start_relay)
STAGE(start_tty)
STAGE(start_watcher)
UNDO(cancel_watcher)

/* In place of this process, or of one that waits where its processes are to be. */
static int execute_stage(void *run, Fault *fault) {
        const Launch *launch = run;

        return launch->inside.fd < 0 ? launch_execute(run, fault) : launch_hand_over(run, fault);
}

/* The workspace is gone when its clones are made: nobody after us shall see it. */
static int leave_workspace_stage(void *run, Fault *fault) {
        launch_close_workspace(run);
        return chdir("/") < 0 ? -errno : 0;
}

/* clang-format off */
static const Stage stages[] = {
        { "lock the container's name",          lock_stage,            unlock_undo },
        { "open the image",                     read_image_stage,      close_image_undo },
        { "choose a stop signal",               choose_signal_stage,   NULL },
        { "choose ids for the container",       choose_ids_stage,      NULL },
        { "make room for the container",        clean_state_stage,     remove_state_undo },
        { "record the container",               record_stage,          NULL },
        { "make a control socket",              open_control,          NULL },
        { "take the unit's sockets",            pass_sockets_stage,    NULL },
        { "map the container's ids",            map_ids_stage,         NULL },
        { "make a place for mounts",            open_workspace_stage,  close_workspace_undo },
        { "choose a host name",                 choose_hostname_stage, NULL },
        { "join the pod",                       join_pod_stage,        leave_pod_undo },
        { "choose a network",                   choose_network_stage,  leave_network_undo },
        { "open the unit's credentials",        open_credentials_stage, NULL },
        { "prepare the command",                write_command_stage,   NULL },
        { "mount the root of the container",    mount_root_stage,      NULL },
        { "prepare mounts",                     write_mounts_stage,    NULL },
        { "prepare secrets",                    write_secrets_stage,   NULL },
        { "prepare limits",                     write_limits_stage,    NULL },
        { "prepare the health check",           prepare_health_stage,  NULL },
        { "open the console",                   open_console_stage,    NULL },
        { "seal the plan",                      seal_plan_stage,       NULL },
        { "put the workspace away",             leave_workspace_stage, NULL },
        { "prepare systemd-nspawn",             prepare_nspawn_stage,  NULL },
        { "enter the processes of the pod",     fork_nspawn_stage,     forget_nspawn_undo },
        { "pass on what the app tells",         start_relay_stage,     NULL },
        { "serve the terminal",                 start_tty_stage,       NULL },
        { "leave a watcher",                    start_watcher_stage,   cancel_watcher_undo },
        { "start the container",                execute_stage,         NULL },
};
/* clang-format on */

/* Only a start that has failed is what the unit's status tells of. */
static int fail(const Options *options, Fault *fault) {
        char line[1024];

        /* When descriptors have run out, to say so takes one. */
        (void) close(STDIN_FILENO);
        hint_add(fault);
        report_fault(REPORT_ERROR, fault);
        if (options->action != ACTION_START)
                return EXIT_LAUNCHER;
        (void) report_format(line, sizeof(line), fault);
        (void) notify_status("%s", line);
        return EXIT_LAUNCHER;
}

static int start(const Options *options, Fault *fault) {
        Launch launch = {
                .options = options,
                .store = STORE_CLOSED,
                .lock_fd = -1,
                .state_fd = -1,
                .layer_map_fd = -1,
                .bind_map_fd = -1,
                .workspace_fd = -1,
                .root_fd = -1,
                .credentials_fd = -1,
                .watcher_fd = -1,
                .tty = { -1, { -1, -1, -1 }, { -1, -1, -1 }, -1 },
                .inside = { 0, -1, -1 },
                .relay_fd = -1,
                .plan_fd = -1,
        };

        return stages_apply(stages, ELEMENTS(stages), &launch, fault);
}

static int stop(const Options *options, Fault *fault) {
        return stop_container(options->name, fault);
}

static int send_signal(const Options *options, Fault *fault) {
        return stop_signal_container(options->name, options->signal, fault);
}

/*
 * For Type=notify-reload: a reload has ended when the app says so, not when it has got its signal. The app
 * says itself that it begins, but perhaps only when this process has ended, which would be too late.
 */
static int reload(const Options *options, Fault *fault) {
        char text[64];
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        (void) snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
                        (unsigned long long) now.tv_sec * 1000000 + (unsigned long long) now.tv_nsec / 1000);
        (void) notify_send(text);
        return send_signal(options, fault);
}

static const struct {
        int (*run)(const Options *options, Fault *fault);
        const char *failure;
} actions[_ACTION_MAX] = {
        [ACTION_START] = { start, "cannot start the container" },
        [ACTION_CLEAN] = { clean_container, "cannot remove what the container has left" },
        [ACTION_STOP] = { stop, "cannot find out how to stop the container" },
        [ACTION_SIGNAL] = { send_signal, "cannot send a signal to the container" },
        [ACTION_RELOAD] = { reload, "cannot reload the container" },
};

static int run(const Options *options, Fault *fault) {
        int r;

        (void) umask(0022);
        r = actions[options->action].run(options, fault);
        if (r >= 0 || (options->action == ACTION_START && fault_is_raised(fault)))
                return r;
        return fault_wrap(fault, r, "%s", actions[options->action].failure);
}

int main(int argc, char **argv) {
        Options options = {};
        Fault fault = {};
        int r;

        report_init("slipway-nspawn", report_choose_sink());

        if (fault_point_asked(argc, argv)) {
                for (size_t i = 0; i < ELEMENTS(stages); i++)
                        fault_point_list("stage:", stages[i].purpose);
                return EXIT_SUCCESS;
        }
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-nspawn %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        argv = launch_copy_words(argv);
        r = options_parse(&options, argv, &fault);
        report_set_container(options.name);
        fault_point_choose(options.name);
        if (r >= 0)
                r = run(&options, &fault);
        r = r < 0 ? fail(&options, &fault) : EXIT_SUCCESS;
        options_done(&options);
        return r;
}
