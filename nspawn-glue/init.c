/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-init: the first process of a container
 *
 * systemd-nspawn has made the namespaces; this makes the container's world by
 * the launcher's plan, gives up what privileges are left, and becomes the app.
 * It has the rights of the container's own root at most. Of the image it
 * executes nothing but the app, and reads nothing but passwd and group.
 */

#include "nspawn-glue/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fault-point.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/plan.h"

/* As a shell has it: a command that is not there is not the same as one that cannot be executed. */
static int exit_status(const Init *init, const Fault *fault) {
        bool missing = fault->error == ENOENT || fault->error == ENOTDIR;

        return init->tried && missing ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* Whoever is asked to execute the app and comes back has failed. */
static int become_app(Init *init, int control, Fault *fault) {
        int r = FAULT_POINT("init:become the app");

        if (r >= 0)
                r = init_execute(init, fault);

        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot start the app");
        control_fail(control, fault);
        return exit_status(init, fault);
}

static int give_up(int control, int error, Fault *fault) {
        (void) fault_wrap(fault, -error, "cannot start the app");
        control_fail(control, fault);
        return EXIT_LAUNCHER;
}

/*
 * The app waits for a signal until there is nothing left in process 1 that it could make use of. The end of
 * a pipe would not do: that comes as well when process 1 is killed, and the app would begin in a container
 * that is just about to end.
 */
static int stay(Init *init, int control, Fault *fault) {
        sigset_t go;
        pid_t app;
        int r;

        (void) sigemptyset(&go);
        (void) sigaddset(&go, SIGUSR1);
        (void) sigprocmask(SIG_BLOCK, &go, NULL);
        app = fork();
        if (app < 0)
                return give_up(control, errno, fault);
        if (app == 0) {
                while (sigwaitinfo(&go, NULL) < 0)
                        ;
                (void) setsid();
                _exit(become_app(init, control, fault));
        }

        r = FAULT_POINT("init:stay");
        if (r >= 0 && init->rest_fd >= 0 && dup2(init->rest_fd, INIT_REST_FD) < 0)
                r = -errno;
        if (r >= 0)
                r = init_become_reaper();
        if (r < 0)
                return give_up(control, -r, fault);
        (void) close_range(STDERR_FILENO + 1, ~0U, 0);
        (void) kill(app, SIGUSR1);
        r = init_reap(app);
        if (init->rest_fd >= 0)
                init_wait_for_rest();
        return r;
}

int main(int argc, char **argv) {
        Init init = { .root_fd = -1,
                .null_fd = -1,
                .attached_fd = -1,
                .terminal_fd = -1,
                .rest_fd = -1,
                .seccomp_fd = -1,
                .queues_fd = -1,
                .proc_fd = -1 };
        Fault fault = {};
        int control, r;

        if (fault_point_asked(argc, argv)) {
                init_list_fault_points();
                return EXIT_SUCCESS;
        }
        (void) FAULT_POINT("init:begin");

        /* A descriptor that exec keeps has to be a standard one. */
        if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ||
                        control_begin(CONTROL_FD, &control) < 0) {
                (void) fputs("slipway-init is started by slipway-nspawn, in a container\n", stderr);
                return EXIT_LAUNCHER;
        }
        (void) close(CONTROL_FD);

        init.control = control;
        r = init_follow_plan(&init, PLAN_FD, &fault);
        if (r < 0) {
                if (!fault_is_raised(&fault))
                        (void) fault_wrap(&fault, r, "cannot prepare the container");
                control_fail(control, &fault);
                return EXIT_LAUNCHER;
        }

        (void) setsid();
        return init.stays ? stay(&init, control, &fault) : become_app(&init, control, &fault);
}
