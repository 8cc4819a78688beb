/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/enter-child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/ioprio.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/inside.h"
#include "nspawn-glue/stage.h"
#include "nspawn-glue/terminal.h"

/* After the standard ones, so that the rest can be closed at once. */
enum {
        REPORT_FD = STDERR_FILENO + 1,
        FILTER_FD,
        _LAST_FD,
};

/* The kernel's own limit for the words of a program. */
#define WORDS_MAX (6 * 1024 * 1024)

/* Copies of what the command is, for the words of our own that it was found in will be gone. */
static int copy_command(Enter *enter, EnterCommand *ret) {
        char **arguments = NULL;
        int r = strv_extend(&arguments, enter->command->arguments);

        if (r < 0)
                return r;
        *ret = *enter->command;
        ret->arguments = arguments;
        if (ret->user && !(ret->user = strdup(ret->user)))
                return -ENOMEM;
        return ret->workdir && !(ret->workdir = strdup(ret->workdir)) ? -ENOMEM : 0;
}

/*
 * Everybody in the container can read with what words it was entered, until exec, and among them may be the
 * values of variables. Only the program's name remains, in memory that is this process's own.
 */
static int forget_words(void *run, Fault *fault) {
        static EnterCommand copy;
        size_t name = strlen(program_invocation_name) + 1, size;
        autofree char *words = NULL;
        Enter *enter = run;
        int r;

        r = copy_command(enter, &copy);
        if (r >= 0)
                r = io_read_file(AT_FDCWD, "/proc/self/cmdline", WORDS_MAX, &words, &size);
        if (r < 0)
                return r;
        enter->command = &copy;
        /* Somebody has given us another name: then these are not the words, or they are gone already. */
        if (size > name && memcmp(words, program_invocation_name, name) == 0)
                memset(program_invocation_name + name, 0, size - name);
        return 0;
}

static int join_groups(void *run, Fault *fault) {
        Enter *enter = run;

        return enter_groups_join(&enter->groups);
}

/* What the kernel thinks of a process beside its control group. Who asks us to enter may be more than the
 * app. */
struct attributes {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
};

/* A root that may not raise its own limits can enter all the same, with less. */
static int take_rlimits(Init *app, Fault *fault) {
        for (int i = 0; i < RLIM_NLIMITS; i++) {
                struct rlimit own, *limit = &app->rlimits[i];

                if (!app->has_rlimit[i] || setrlimit(i, limit) >= 0)
                        continue;
                if (getrlimit(i, &own) < 0)
                        return -errno;
                limit->rlim_max = limit->rlim_max < own.rlim_max ? limit->rlim_max : own.rlim_max;
                limit->rlim_cur = limit->rlim_cur < own.rlim_max ? limit->rlim_cur : own.rlim_max;
        }
        return init_apply_rlimits(app, fault);
}

static int take_attributes(void *run, Fault *fault) {
        Enter *enter = run;
        struct attributes attributes = { .size = sizeof(attributes) };
        autofree char *score = NULL;
        autofd int fd = -1;
        long disk_priority;
        bool has_cpus;
        cpu_set_t cpus;
        char path[48];
        int app = (int) enter->running->app;

        (void) snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", app);
        if (io_read_file(AT_FDCWD, path, 64, &score, NULL) < 0)
                return -ESRCH;
        fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

        disk_priority = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, app);
        has_cpus = sched_getaffinity(app, sizeof(cpus), &cpus) >= 0;
        if (fd < 0 || syscall(SYS_sched_getattr, app, &attributes, sizeof(attributes), 0) < 0)
                return -errno;
        if (running_has_ended(enter->running))
                return -ESRCH;

        /* A machine of more processors than the set has room for: then all may be used. */
        if (has_cpus)
                (void) sched_setaffinity(0, sizeof(cpus), &cpus);
        if (write(fd, score, strlen(score)) < 0 || syscall(SYS_sched_setattr, 0, &attributes, 0) < 0)
                return -errno;
        if (disk_priority >= 0)
                (void) syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, (int) disk_priority);
        (void) personality(PER_LINUX);
        (void) umask(0022);
        return take_rlimits(&enter->app, fault);
}

/* The process namespace is that of children only. */
static int join_namespaces(void *run, Fault *fault) {
        const Enter *enter = run;
        int spaces = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP |
                     CLONE_NEWPID | (enter->own_users ? CLONE_NEWUSER : 0);

        return setns(enter->running->init_fd, spaces) < 0 ? -errno : 0;
}

/*
 * Its root, from here on: what the host's root could read in a volume is not for the container. And nothing
 * of the keys of whoever asks.
 */
static int become_root(void *run, Fault *fault) {
        Enter *enter = run;

        if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
                return -errno;
        if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
                return -errno;
        enter->app.root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return enter->app.root_fd < 0 ? -errno : 0;
}

static int find_user(void *run, Fault *fault) {
        Enter *enter = run;
        int r;

        if (enter->command->user) {
                enter->app.user = enter->command->user;
                enter->app.groups = NULL;
        }
        r = init_find_user(&enter->app, &enter->user, fault);
        return r < 0 ? r : init_set_home(&enter->app, &enter->user);
}

static int change_directory(void *run, Fault *fault) {
        const Enter *enter = run;

        return init_enter_workdir(&enter->app, enter->command->workdir ?: enter->app.workdir ?: "/", false,
                        fault);
}

static int open_terminal(void *run, Fault *fault) {
        Enter *enter = run;

        autofd int master = -1;
        int r;

        if (!enter->command->ret_terminal)
                return 0;
        r = terminal_open(enter->app.root_fd, enter->user.uid, &enter->command->size, &master,
                        &enter->slave_fd, fault);
        return r < 0 ? r : control_send_descriptor(enter->terminal_fd, master);
}

/* Of the container: to who has the host's own, its mode would belong as well. */
static int open_null(const Init *app, int *ret, Fault *fault) {
        autofd int fd = -1;
        struct stat st;
        int r = inside_open(app->root_fd, "/dev/null", O_RDWR | O_NOCTTY | O_NONBLOCK, &fd);

        if (r >= 0 && (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)))
                r = fault_raise(fault, FAULT_HOSTILE, ENODEV, "the container's /dev/null is another device");
        if (r < 0)
                return r;
        *ret = TAKE_FD(fd);
        return 0;
}

/* Moves a descriptor away from the places of those that stay. */
static int move_up(int fd) {
        int moved = fcntl(fd, F_DUPFD_CLOEXEC, _LAST_FD + 1);

        return moved < 0 ? -errno : moved;
}

static int open_stdio(Enter *enter, int standard[3], Fault *fault) {
        for (int i = 0; i < 3; i++) {
                int fd = enter->slave_fd >= 0 ? enter->slave_fd : enter->command->stdio[i], r = 0;

                if (fd < 0)
                        r = open_null(&enter->app, &fd, fault);
                standard[i] = r < 0 ? r : move_up(fd);
                if (standard[i] < 0)
                        return standard[i];
        }
        return 0;
}

/* All others are closed here and now; of those that stay, exec leaves the standard ones. */
static int place_descriptors(void *run, Fault *fault) {
        Enter *enter = run;
        int standard[3], report, filter = -1, r;

        r = open_stdio(enter, standard, fault);
        if (r < 0)
                return r;
        report = move_up(enter->report_fd);
        if (enter->app.seccomp_fd >= 0)
                filter = move_up(enter->app.seccomp_fd);
        if (report < 0 || (filter < 0 && enter->app.seccomp_fd >= 0))
                return -EMFILE;

        for (int i = 0; i < 3; i++)
                if (dup2(standard[i], i) < 0)
                        return -errno;
        if (dup3(report, REPORT_FD, O_CLOEXEC) < 0 ||
                        (filter >= 0 && dup3(filter, FILTER_FD, O_CLOEXEC) < 0))
                return -errno;
        enter->report_fd = REPORT_FD;
        enter->app.seccomp_fd = filter < 0 ? -1 : FILTER_FD;
        enter->app.root_fd = -1;
        return close_range(filter < 0 ? FILTER_FD : _LAST_FD, ~0U, 0) < 0 ? -errno : 0;
}

/* Without a terminal of its own it has none: the caller's could be written to as if by its keyboard. */
static int give_up_privileges(void *run, Fault *fault) {
        Enter *enter = run;
        int r;

        (void) prctl(PR_SET_SECUREBITS, 0, 0, 0, 0);
        if (setsid() < 0)
                return -errno;
        r = init_become_user(&enter->app, &enter->user, fault);
        if (r < 0 || enter->late_filter)
                return r;
        r = init_load_filter(&enter->app, fault);
        if (r >= 0)
                init_drop_rest(&enter->app);
        return r;
}

/* clang-format off */
static const Stage stages[] = {
        { "forget with what words it was asked for", forget_words,      NULL },
        { "join the container's control groups",    join_groups,        NULL },
        { "take over the container's limits",       take_attributes,    NULL },
        { "join the container's namespaces",        join_namespaces,    NULL },
        { "become the container's root",            become_root,        NULL },
        { "find the user",                          find_user,          NULL },
        { "enter the working directory",            change_directory,   NULL },
        { "open a terminal in the container",       open_terminal,      NULL },
        { "hand over descriptors",                  place_descriptors,  NULL },
        { "give up privileges",                     give_up_privileges, NULL },
};
/* clang-format on */

static _Noreturn void fail(const Enter *enter, int status, const Fault *fault) {
        EnterReport report = { .status = status, .fault = *fault };

        _Static_assert(sizeof(report) < 4096, "a report fits into a pipe at once");
        (void) io_write_all(enter->report_fd, &report, sizeof(report));
        _exit(status);
}

/* Whether the caller was there when we asked to be told of its end: nobody else reads the report. */
static bool caller_is_gone(const Enter *enter) {
        struct pollfd wait = { .fd = enter->report_fd };

        return poll(&wait, 1, 0) > 0 && wait.revents & POLLERR;
}

static int prepare_second(Enter *enter, Fault *fault) {
        if (enter->slave_fd >= 0 && (setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0))
                return fault_wrap(fault, -errno, "cannot take the terminal");
        if (enter->slave_fd < 0 && !enter->command->stays) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
                if (caller_is_gone(enter))
                        _exit(EXIT_LAUNCHER);
        }
        init_reset_signals();
        return enter->late_filter ? init_load_filter(&enter->app, fault) : 0;
}

static _Noreturn void second(Enter *enter) {
        Fault fault = {};
        int r = prepare_second(enter, &fault);

        if (r < 0) {
                (void) fault_wrap(&fault, r, "cannot execute the command");
                fail(enter, EXIT_LAUNCHER, &fault);
        }
        r = init_execute_command(enter->command->arguments, enter->app.environment, &fault);
        fail(enter, r == -ENOENT || r == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, &fault);
}

/* The caller's child, in the container's process namespace. It has to say nothing that a filter could
 * forbid. */
static pid_t fork_second(Enter *enter) {
        return (pid_t) syscall(SYS_clone, CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, NULL, enter->second,
                        NULL, NULL);
}

void enter_child(Enter *enter) {
        Fault fault = {};
        pid_t pid;
        int r;

        r = stages_apply(stages, ELEMENTS(stages), enter, &fault);
        if (r < 0)
                fail(enter, EXIT_LAUNCHER, &fault);

        pid = fork_second(enter);
        if (pid == 0)
                second(enter);
        if (pid > 0)
                _exit(EXIT_SUCCESS);
        if (errno != EAGAIN && !enter->late_filter && enter->app.seccomp_fd >= 0)
                _exit(ENTER_REFUSED);
        (void) fault_raise(&fault, FAULT_SYSTEM, errno, "cannot make a process in the container: %s",
                        errno == EAGAIN ? "its limit of processes is reached, see PidsLimit="
                                        : strerror(errno));
        fail(enter, EXIT_LAUNCHER, &fault);
}
