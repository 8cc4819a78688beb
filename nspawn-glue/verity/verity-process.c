/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/wire.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/verity/verity.h"

/* How often who waits hears that there is still something going on. */
#define NOTE_MS 3000

int verity_tell(const VerityTell *tell, const char *format, ...) {
        char text[256];
        va_list arguments;

        va_start(arguments, format);
        (void) vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        return tell->fd < 0 ? 0 : wire_send_new(tell->fd, json_pack("{s:s}", "note", text), NULL, 0);
}

pid_t verity_tell_on(const VerityTell *tell, const char *note) {
        const pid_t parent = getpid();
        pid_t pid = tell->fd < 0 ? -1 : fork();

        if (pid != 0)
                return pid;
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        while (getppid() == parent && verity_tell(tell, "%s", note) >= 0)
                (void) poll(NULL, 0, NOTE_MS);
        _exit(EXIT_SUCCESS);
}

void verity_tell_end(const pid_t *pid) {
        if (*pid <= 0)
                return;
        (void) kill(*pid, SIGKILL);
        while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

static int spawn(char *const argv[], int said_fd, pid_t *ret) {
        static char *const environment[] = {
                (char *) "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                (char *) "LC_ALL=C",
                (char *) "SOURCE_DATE_EPOCH=8589934592", /* see verity-make.c */
                NULL,
        };
        posix_spawn_file_actions_t actions;
        int r = posix_spawn_file_actions_init(&actions);

        if (r != 0)
                return -r;
        if ((r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) == 0 &&
                        (r = posix_spawn_file_actions_adddup2(&actions, said_fd, STDOUT_FILENO)) == 0 &&
                        (r = posix_spawn_file_actions_adddup2(&actions, said_fd, STDERR_FILENO)) == 0)
                r = posix_spawnp(ret, argv[0], &actions, NULL, argv, environment);
        (void) posix_spawn_file_actions_destroy(&actions);
        return -r;
}

/* Who waits may go away; what is made then is for the next one. */
static int wait_for(pid_t pid, const VerityTell *tell, const char *note) {
        autofd int fd = (int) syscall(SYS_pidfd_open, pid, 0);
        struct pollfd ended = { fd, POLLIN, 0 };
        int status;

        while (fd >= 0 && poll(&ended, 1, NOTE_MS) == 0)
                (void) verity_tell(tell, "%s", note);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return status;
}

int verity_run(char *const argv[], const char *package, const VerityTell *tell, const char *note,
                Fault *fault) {
        autofd int said_fd = memfd_create("slipway-verity-output", MFD_CLOEXEC);
        char line[256];
        pid_t pid;
        int r;

        if (said_fd < 0)
                return -errno;
        r = spawn(argv, said_fd, &pid);
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no program '%s'; install the package %s", argv[0], package);
        if (r < 0)
                return fault_raise(
                                fault, FAULT_SYSTEM, -r, "cannot execute '%s': %s", argv[0], strerror(-r));
        r = wait_for(pid, tell, note);
        if (r == 0)
                return 0;
        io_last_line(said_fd, line, sizeof(line));
        if (r < 0)
                return r;
        return WIFSIGNALED(r) ? fault_raise(fault, FAULT_SYSTEM, EPROTO, "%s was killed by signal %d",
                                                argv[0], WTERMSIG(r))
                              : fault_raise(fault, FAULT_SYSTEM, EPROTO, "%s has failed: %s", argv[0], line);
}
