/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A container whose processes are those of its pod
 *
 * systemd-nspawn has numbers of its container's processes, so it has to live where they do, and see a /proc
 * that is of there. A process cannot move to another namespace, only its children are born there. So one is
 * born for systemd-nspawn, as the service manager's child and not as ours: that sees to its main process by
 * being its parent. This one does the rest where it is, tells the service manager, and ends.
 */

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/capability.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/record.h"
#include "nspawn-glue/tree.h"

#define STAND_IN_PROC SLIPWAY_LIBEXEC_DIR "/root/proc"

/* What systemd-nspawn needs of the host. All in the pod may read its list of mounts. */
static bool is_needed(const char *path) {
        static const char *const whole[] = { "/", "/run", "/tmp", "/etc", "/proc" }, *const trees[] = {
                "/usr", "/sys", "/dev", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"
        };

        for (size_t i = 0; i < ELEMENTS(whole); i++)
                if (strcmp(path, whole[i]) == 0)
                        return true;
        for (size_t i = 0; i < ELEMENTS(trees); i++) {
                size_t n = strlen(trees[i]);

                if (strncmp(path, trees[i], n) == 0 && (path[n] == '/' || path[n] == '\0'))
                        return true;
        }
        return false;
}

/* "\040" is a space. */
static void unescape(char *path) {
        char *to = path;

        for (const char *from = path; *from; from++)
                if (*from == '\\' && from[1] && from[2] && from[3]) {
                        *to++ = (char) ((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
                        from += 3;
                } else
                        *to++ = *from;
        *to = '\0';
}

/* The fifth field. What is below a mount that goes is gone by then. */
static int shed_mounts(void) {
        autofree char *text = NULL;
        char *rest, *line;
        int r;

        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
                return -errno;
        r = io_read_file(AT_FDCWD, "/proc/self/mountinfo", 16 << 20, &text, NULL);
        if (r < 0)
                return r;
        for (rest = text; (line = strsep(&rest, "\n"));) {
                const char *field = NULL;
                char *path;

                for (int i = 0; i < 5 && line; i++)
                        field = strsep(&line, " ");
                if (!line)
                        continue;
                path = (char *) field;
                unescape(path);
                if (!is_needed(path))
                        (void) umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
        }
        return 0;
}

/* The words that the kernel shows, if there is a copy of them to go by. */
static char **shown_words;

char **launch_copy_words(char **argv) {
        char **copy = NULL;
        bool in_pod = false;

        for (char **word = argv; *word; word++)
                in_pod = in_pod || strncmp(*word, "--pod=", 6) == 0;
        if (!in_pod || strv_extend(&copy, argv) < 0)
                return argv;
        shown_words = argv;
        return copy;
}

/* Everybody in the pod can read with what words a process was started, and among ours are values of
 * variables. */
static int forget_words(void) {
        if (!shown_words)
                return -ENOMEM;
        for (char **word = shown_words + 1; *word; word++)
                explicit_bzero(*word, strlen(*word));
        return 0;
}

/* The child is never seen with more mounts than it is to have, so they go before it is born. */
static pid_t fork_bare(const Launch *launch, int flags, int *ret_fd, Fault *fault) {
        autofd int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC),
                   directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        pid_t pid;
        int r = mounts < 0 || directory < 0 ? -errno : shed_mounts();

        if (r < 0)
                return fault_wrap(fault, r, "cannot leave the host's mounts");
        pid = (pid_t) syscall(SYS_clone, flags | CLONE_PIDFD, NULL, ret_fd, NULL, NULL);
        if (pid == 0)
                return 0;
        /* ENOMEM is what the kernel says of a namespace whose process 1 has ended. */
        if (pid < 0)
                pid = fault_raise(fault, FAULT_SYSTEM, errno, "cannot make a process in the pod '%s': %s",
                                launch->pod.name,
                                errno == ENOMEM ? "its first process has ended" : strerror(errno));
        return setns(mounts, CLONE_NEWNS) < 0 || fchdir(directory) < 0
                               ? fault_wrap(fault, -errno, "cannot go on")
                               : pid;
}

/* @flags: of clone(2). Return: as fork(2), with the child among the processes of the pod. */
static pid_t fork_inside(const Launch *launch, int flags, int *ret_fd, Fault *fault) {
        autofd int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC),
                   pod = pod_open(launch->pod.name, POD_PID);
        pid_t pid;

        if (own < 0 || pod < 0 || setns(pod, CLONE_NEWPID) < 0)
                return fault_wrap(fault, -errno, "cannot enter the processes of pod '%s'", launch->pod.name);
        pid = fork_bare(launch, flags, ret_fd, fault);
        if (pid == 0)
                return 0;
        return setns(own, CLONE_NEWPID) < 0 ? fault_wrap(fault, -errno, "cannot go on") : pid;
}

/* Which processes it shows is decided by who makes it. */
static int open_proc(const Launch *launch, int *ret, Fault *fault) {
        autofd int ours = -1, theirs = -1, child = -1;
        int ends[2], fd = -1, r;
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        ours = ends[0];
        theirs = ends[1];
        pid = fork_inside(launch, SIGCHLD, &child, fault);
        if (pid < 0)
                return pid;
        if (pid == 0) {
                r = tree_new("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, &fd);
                if (r >= 0)
                        r = control_send_descriptor(theirs, fd);
                _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        fd_closep(&theirs);
        theirs = -1;
        r = control_receive_descriptor(ours, ret);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return r < 0 ? fault_wrap(fault, r, "cannot mount /proc of pod '%s'", launch->pod.name) : 0;
}

/* Who may trace a process of the host's root is the host's root. */
static int check_tracing(const Launch *launch, Fault *fault) {
        if (launch->userns.mode != USERNS_HOST || !(launch->capabilities & CAPABILITY_BIT(CAP_SYS_PTRACE)))
                return 0;
        return fault_raise(fault, FAULT_CONFLICT, EPERM,
                        "the capability 'sys_ptrace', with UserNS=host and processes that the pod shares, "
                        "would be power over systemd-nspawn, and so over the host; leave one of the three "
                        "out");
}

int launch_join_processes(Launch *launch, Fault *fault) {
        int fd, r;

        if (!launch->pod.has_processes)
                return 0;
        r = forget_words();
        if (r < 0)
                return fault_wrap(fault, r, "cannot hide the command line");
        r = open_proc(launch, &fd, fault);
        if (r >= 0)
                r = launch_pass(launch, fd);
        if (r < 0)
                return r;
        plan_putf(&launch->plan, "processes", "%d", r);
        return setenv("SYSTEMD_NSPAWN_SHARE_NS_PID", "1", 1) < 0 ? -errno : 0;
}

/* systemd-nspawn mounts no /proc where there is one: it could not, from within the container's user
 * namespace. */
static int mount_proc(void) {
        unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

        return umount2("/proc", MNT_DETACH) < 0 || mount("proc", "/proc", "proc", flags, NULL) < 0 ||
                                               mount("proc", STAND_IN_PROC, "proc", flags, NULL) < 0
                               ? -errno
                               : 0;
}

/* What is wrong up to the word to go on, our other half tells; after it, there is only this one. */
static _Noreturn void become_nspawn(Launch *launch, int fd) {
        Fault fault = {};
        char word, line[1024], number[16];
        int r;

        /* It stands for the one that the service manager has executed. */
        (void) snprintf(number, sizeof(number), "%d", (int) getpid());
        r = setenv("SYSTEMD_EXEC_PID", number, 1) < 0 ? -errno : mount_proc();
        if (r >= 0)
                r = FAULT_POINT("launch:wait in the pod");
        if (r < 0)
                (void) fault_wrap(&fault, r, "cannot make systemd-nspawn's mounts");
        if (send(fd, &fault, sizeof(fault), MSG_NOSIGNAL) < 0 || r < 0 || read(fd, &word, 1) != 1)
                _exit(EXIT_LAUNCHER);
        r = launch_take_pipes(launch);
        if (r >= 0)
                r = launch_execute(launch, &fault);
        (void) fault_wrap(&fault, r, "cannot start the container");
        control_cancel(launch->passed[0]);
        report_fault(REPORT_ERROR, &fault);
        (void) report_format(line, sizeof(line), &fault);
        (void) notify_status("%s", line);
        _exit(EXIT_LAUNCHER);
}

int launch_fork_nspawn(Launch *launch, Fault *fault) {
        autofd int ours = -1, theirs = -1;
        Fault told = {};
        int ends[2], r;
        ssize_t n;

        if (!launch->pod.has_processes)
                return 0;
        if (!getenv("NOTIFY_SOCKET"))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a container of a pod that shares its processes can be started by its unit "
                                "only");
        r = check_tracing(launch, fault);
        if (r < 0)
                return r;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        ours = ends[0];
        theirs = ends[1];
        launch->inside.pid = fork_inside(launch, CLONE_PARENT, &launch->inside.fd, fault);
        if (launch->inside.pid == 0) {
                fd_closep(&ours);
                become_nspawn(launch, theirs);
        }
        if (launch->inside.pid < 0)
                return launch->inside.pid;
        fd_closep(&theirs);
        theirs = -1;
        n = recv(ours, &told, sizeof(told), 0);
        if (n != sizeof(told))
                return fault_raise(fault, FAULT_SYSTEM, ECHILD, "a process in the pod was killed");
        if (fault_is_raised(&told)) {
                *fault = told;
                return -told.error;
        }
        launch->inside.go_fd = TAKE_FD(ours);
        return 0;
}

/* Without a word it ends. */
void launch_forget_nspawn(Launch *launch) {
        fd_closep(&launch->inside.go_fd);
        fd_closep(&launch->inside.fd);
        launch->inside.go_fd = launch->inside.fd = -1;
}

int launch_open_nspawn(const Launch *launch) {
        int fd = launch->inside.fd >= 0 ? fcntl(launch->inside.fd, F_DUPFD_CLOEXEC, 0)
                                        : pidfd_open(getpid(), 0);

        return fd < 0 ? -errno : fd;
}

/* Who is the unit's main process from now on. */
static int tell_main(pid_t pid) {
        char text[64];

        (void) snprintf(text, sizeof(text), "MAINPID=%d", (int) pid);
        return notify_send(text);
}

static int hand_over(Launch *launch, Fault *fault) {
        int r = tell_main(launch->inside.pid);

        if (r >= 0)
                r = FAULT_POINT("launch:hand over");
        if (r >= 0)
                r = notify_barrier(NOTIFY_HEARD_MS);
        if (r < 0)
                return fault_wrap(fault, r, "cannot tell the service manager of systemd-nspawn");
        return send(launch->inside.go_fd, "!", 1, MSG_NOSIGNAL) < 0
                               ? fault_wrap(fault, -errno, "a process in the pod was killed")
                               : 0;
}

/*
 * The service manager has to know before this one ends, and before there is anything in the container that
 * could end. If it comes to nothing, the other one ends first; and as the main process, it would have this
 * one terminated before it has said why.
 */
int launch_hand_over(Launch *launch, Fault *fault) {
        char text[64];
        int r;

        (void) snprintf(text, sizeof(text), "PID=%d", (int) launch->inside.pid);
        record_note(launch->options->name, text);
        r = hand_over(launch, fault);
        if (r < 0 && tell_main(getpid()) > 0)
                (void) notify_barrier(NOTIFY_HEARD_MS);
        return r;
}
