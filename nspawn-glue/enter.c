/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/enter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/app-plan.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/enter-child.h"
#include "nspawn-glue/environment.h"
#include "nspawn-glue/tree.h"

/* Our side: what the child needs, and what is to be given back. */
typedef struct Entering {
        Enter enter;
        char *text; /* of the plan */
        PlanEntry *entries;
        int report_fd, terminal_fd; /* our ends */
} Entering;

static void entering_done(Entering *entering) {
        Enter *enter = &entering->enter;

        enter_groups_close(&enter->groups);
        fd_closep(&enter->app.seccomp_fd);
        fd_closep(&enter->report_fd);
        fd_closep(&enter->terminal_fd);
        fd_closep(&entering->report_fd);
        fd_closep(&entering->terminal_fd);
        strv_free(enter->app.environment);
        strv_free(enter->app.arguments);
        strv_free(enter->app.groups);
        free(entering->entries);
        if (entering->text)
                explicit_bzero(entering->text, strlen(entering->text));
        free(entering->text);
        if (enter->second)
                (void) munmap(enter->second, sizeof(*enter->second));
}

static bool has_own_users(pid_t pid) {
        struct stat own, other;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/user", (int) pid);
        return stat("/proc/self/ns/user", &own) < 0 || stat(path, &other) < 0 || own.st_ino != other.st_ino;
}

/* A descriptor is passed to the app once, when it starts. */
static bool is_for_all(const char *assignment) {
        return strncmp(assignment, "LISTEN_", 7) != 0;
}

static int make_environment(Enter *enter) {
        autostrv char **list = NULL;
        int r = 0;

        for (char **own = enter->app.environment; r >= 0 && own && *own; own++)
                if (is_for_all(*own))
                        r = strv_append(&list, *own);
        for (char *const *more = enter->command->environment; r >= 0 && more && *more; more++)
                r = environment_set(&list, *more);
        if (r < 0)
                return r;
        strv_free(enter->app.environment);
        enter->app.environment = TAKE(list);
        return 0;
}

static int read_plan(Entering *entering, Fault *fault) {
        Enter *enter = &entering->enter;
        autofd int fd = -1;
        size_t n;
        int r;

        r = running_open_kept(enter->running, KEPT_PLAN, &fd);
        if (r >= 0)
                r = plan_read(fd, &entering->text, &entering->entries, &n);
        if (r >= 0)
                r = app_plan_take(&enter->app, entering->entries, n, fault);
        if (r < 0)
                return r;
        if (enter->app.seccomp_fd >= 0) {
                enter->app.seccomp_fd = -1;
                r = running_open_kept(enter->running, KEPT_SECCOMP, &enter->app.seccomp_fd);
        }
        return r < 0 ? r : make_environment(enter);
}

/* The file that we are is not to be written to by a root that is the host's. */
static bool is_protected(void) {
        struct statvfs st;

        return statvfs("/proc/self/exe", &st) >= 0 && st.f_flag & ST_RDONLY;
}

int enter_protect_executable(char *const *argv) {
        autofd int fd = -1;
        int r;

        if (is_protected())
                return 0;
        r = tree_clone(AT_FDCWD, "/proc/self/exe", false, &fd);
        if (r >= 0)
                r = tree_set(fd, MOUNT_ATTR_RDONLY, 0, false);
        if (r < 0)
                return r;
        (void) syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
        return -errno;
}

static int prepare(Entering *entering, Fault *fault) {
        Enter *enter = &entering->enter;
        int ends[2], r;

        enter->own_users = has_own_users(enter->running->init);
        if (!enter->own_users && !is_protected())
                return fault_raise(fault, FAULT_SYSTEM, EPERM,
                                "with UserNS=host this program must not be writable");
        r = enter_groups_open(enter->running->init, enter->command->group, &enter->groups);
        if (r < 0)
                return r;
        if (enter->groups.is_frozen)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "the container '%s' is paused; 'slipway unpause %s' lets it go on",
                                enter->running->name, enter->running->name);
        r = read_plan(entering, fault);
        if (r < 0)
                return r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        entering->report_fd = ends[0];
        enter->report_fd = ends[1];
        if (enter->command->ret_terminal) {
                if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                        return -errno;
                entering->terminal_fd = ends[0];
                enter->terminal_fd = ends[1];
        }
        enter->second = mmap(NULL, sizeof(*enter->second), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return enter->second == MAP_FAILED ? (enter->second = NULL, -ENOMEM) : 0;
}

/* Born into the container's group where that is possible. */
static pid_t fork_first(const EnterGroups *groups) {
        struct clone_args args = { .exit_signal = SIGCHLD };

        if (groups->unified_fd >= 0) {
                args.flags = CLONE_INTO_CGROUP;
                args.cgroup = (uint64_t) groups->unified_fd;
        }
        return (pid_t) syscall(SYS_clone3, &args, sizeof(args));
}

/* Takes the signals that wait: whatever ends us does so here. */
static void take_signals(const EnterSignals *signals) {
        sigset_t blocked;

        (void) sigprocmask(SIG_SETMASK, &signals->before, &blocked);
        (void) sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* A descriptor that can be read comes first: then the command may be there, and the signals are its own. */
static void wait_readable(const EnterSignals *signals, int fd, const pid_t *second) {
        struct pollfd wait[] = { { .fd = fd, .events = POLLIN }, { .fd = signals->fd, .events = POLLIN } };

        while (poll(wait, ELEMENTS(wait), -1) < 0 || !wait[0].revents)
                if (wait[1].revents) {
                        if (second && *second > 0)
                                return;
                        take_signals(signals);
                }
}

/* Or has begot the command, and is about to end: the command may run before that. */
static void wait_ended(const Enter *enter, pid_t pid) {
        autofd int fd = pidfd_open(pid, 0);

        if (fd >= 0)
                wait_readable(enter->command->signals, fd, enter->second);
}

static int wait_for(pid_t pid) {
        int status;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Return: 0 when there is nothing to report, else the fault. */
static int read_report(int fd, int *ret_status, Fault *fault) {
        EnterReport report;
        ssize_t n;

        do
                n = read(fd, &report, sizeof(report));
        while (n < 0 && errno == EINTR);
        if (n == 0)
                return 0;
        /* The pipe was in the container: what comes out of it is checked. */
        if (n != sizeof(report) || !control_fault_is_sane(&report.fault))
                return -EBADMSG;
        *ret_status = report.status;
        if (fault)
                *fault = report.fault;
        return -report.fault.error;
}

/* One try. Return: 1 when the filter let no process be made. */
static int try(Entering *entering, pid_t *ret, int *ret_status, Fault *fault) {
        Enter *enter = &entering->enter;
        pid_t pid;
        int r, status;

        *enter->second = 0;
        pid = fork_first(&enter->groups);
        if (pid < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot make a process in the container: %s",
                                errno == EAGAIN ? "its limit of processes is reached, see PidsLimit="
                                                : strerror(errno));
        if (pid == 0) {
                (void) close(entering->report_fd);
                enter_child(enter);
        }

        if (enter->command->signals)
                wait_ended(enter, pid);
        status = wait_for(pid);
        if (*enter->second == 0 && !enter->late_filter && enter->app.seccomp_fd >= 0 &&
                        (status == ENTER_REFUSED || status == 128 + SIGSYS))
                return 1;
        fd_closep(&enter->report_fd);
        enter->report_fd = -1;
        if (enter->command->signals)
                wait_readable(enter->command->signals, entering->report_fd, NULL);
        r = read_report(entering->report_fd, ret_status, fault);
        if (r < 0 && *enter->second > 0)
                (void) wait_for(*enter->second);
        if (r >= 0 && *enter->second == 0)
                r = running_has_ended(enter->running) ? -ESRCH : -ECHILD;
        *ret = *enter->second;
        return r;
}

static int spawn(Entering *entering, pid_t *ret, int *ret_status, Fault *fault) {
        Enter *enter = &entering->enter;
        int r;

        r = prepare(entering, fault);
        if (r < 0)
                return r;
        /* Neither our memory nor our descriptors are for those who are in there already. */
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return -errno;
        r = try(entering, ret, ret_status, fault);
        if (r == 1) {
                enter->late_filter = true;
                r = try(entering, ret, ret_status, fault);
        }
        if (r >= 0 && enter->command->ret_terminal)
                r = control_receive_descriptor(entering->terminal_fd, enter->command->ret_terminal);
        return r;
}

int enter_spawn(const Running *running, const EnterCommand *command, pid_t *ret_pid, int *ret_pidfd,
                int *ret_status, Fault *fault) {
        AUTO(entering_done) Entering entering = {
                .enter = {
                        .running = running,
                        .command = command,
                        .groups = ENTER_GROUPS_NONE,
                        .app = { .root_fd = -1, .null_fd = -1, .attached_fd = -1, .terminal_fd = -1, .seccomp_fd = -1 },
                        .report_fd = -1,
                        .terminal_fd = -1,
                        .slave_fd = -1,
                },
                .report_fd = -1,
                .terminal_fd = -1,
        };
        int status = EXIT_LAUNCHER, r;
        pid_t pid = 0;

        r = spawn(&entering, &pid, &status, fault);
        if (r < 0) {
                if (ret_status)
                        *ret_status = status;
                if (!fault_is_raised(fault) && (r == -ESRCH || running_has_ended(running)))
                        return fault_raise(fault, FAULT_MISSING, ESRCH, "the container '%s' has ended",
                                        running->name);
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot enter '%s'", running->name);
        }
        if (ret_pidfd) {
                *ret_pidfd = pidfd_open(pid, 0);
                if (*ret_pidfd < 0)
                        return -errno;
        }
        *ret_pid = pid;
        return 0;
}
