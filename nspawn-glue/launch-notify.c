/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/paths.h"
#include "lib/report.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/notify-relay.h"
#include "nspawn-glue/tree.h"

#define RELAY SLIPWAY_LIBEXEC_DIR "/slipway-notify"

/*
 * A socket beside the files of the workspace. Everybody in the container may write to it. The service
 * manager's own is not handed in: see notify-filter.h for what could be said there.
 */
static int open_relay(Launch *launch) {
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = WORKSPACE "/notify" };
        autofd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ||
                        fchmodat(launch->workspace_fd, "notify", 0666, 0) < 0)
                return -errno;
        launch->relay_fd = TAKE_FD(fd);
        return 0;
}

static int pass_socket(Launch *launch, int dir_fd, const char *path, const char *target) {
        int fd, r;

        r = tree_clone(dir_fd, path, false, &fd);
        if (r < 0)
                return r;
        r = tree_propagate(fd, MS_PRIVATE, false);
        if (r < 0) {
                (void) close(fd);
                return r;
        }
        r = launch_pass(launch, fd);
        if (r >= 0)
                plan_putf(&launch->plan, "attach-file", "%d:%s", r, target);
        return r;
}

/* The app has no business with the process that the manager takes for it: without WATCHDOG_PID= any may. */
static void write_watchdog(Launch *launch) {
        const char *watchdog = getenv("WATCHDOG_USEC");

        if (watchdog && *watchdog)
                plan_putf(&launch->plan, "env", "WATCHDOG_USEC=%s", watchdog);
}

/* In /dev, which is ours, whatever the root is; unless the manifest has put something else there. */
int launch_write_notify(Launch *launch, const MountList *mounts, Fault *fault) {
        const char *manager = getenv("NOTIFY_SOCKET");
        const char *target = mount_list_has(mounts, "/dev") ? "/run/notify.sock" : "/dev/notify.sock";
        int r;

        if (launch->options->notify != NOTIFY_YES)
                return 0;
        if (!manager || (*manager != '/' && *manager != '@')) {
                report_note(REPORT_WARNING,
                                "there is no service manager that the app could tell that it is ready");
                return 0;
        }

        r = open_relay(launch);
        if (r >= 0)
                r = pass_socket(launch, launch->workspace_fd, "notify", target);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make a socket for what the app tells");
        plan_putf(&launch->plan, "env", "NOTIFY_SOCKET=%s", target);
        write_watchdog(launch);
        return 0;
}

static void become_relay(int nspawn, int socket_fd) {
        /* Out of the way first, each may be where the other is to be. */
        socket_fd = fcntl(socket_fd, F_DUPFD_CLOEXEC, RELAY_SOCKET_FD + 1);
        if (socket_fd < 0 || dup2(nspawn, RELAY_NSPAWN_FD) < 0 || dup2(socket_fd, RELAY_SOCKET_FD) < 0)
                _exit(EXIT_FAILURE);
        (void) close_range(RELAY_SOCKET_FD + 1, ~0U, 0);
        (void) execl(RELAY, RELAY, (char *) NULL);
        _exit(EXIT_FAILURE);
}

/* A watchdog that nobody feeds is no mistake of the container's, which will pay for it. */
static void warn_of_watchdog(const Launch *launch) {
        const char *watchdog = getenv("WATCHDOG_USEC");

        if (watchdog && *watchdog && launch->options->notify == NOTIFY_NO && !launch->health)
                report_note(REPORT_WARNING, "WatchdogSec= will have the container killed: nobody says "
                                            "WATCHDOG=1; set Notify=yes "
                                            "if the app does, or HealthCmd= to have it checked");
}

/* The service manager's child, as the watcher. Who cannot be reached has its messages queued in the socket.
 */
int launch_start_relay(Launch *launch, Fault *fault) {
        autofd int own = -1;
        pid_t pid;

        warn_of_watchdog(launch);
        if (launch->relay_fd < 0)
                return 0;
        if (access(RELAY, X_OK) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot execute '" RELAY "': %s",
                                strerror(errno));
        own = launch_open_nspawn(launch);
        if (own < 0)
                return own;
        pid = fork();
        if (pid == 0) {
                pid = fork();
                if (pid == 0)
                        become_relay(own, launch->relay_fd);
                _exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        if (pid < 0)
                return -errno;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        fd_closep(&launch->relay_fd);
        launch->relay_fd = -1;
        return 0;
}
