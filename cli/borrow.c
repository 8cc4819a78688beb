/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/borrow.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/target.h"
#include "lib/cleanup.h"
#include "lib/io.h"

/* What the child has to say at its end. */
typedef struct Result {
        int r;
        unsigned left_out;
        Fault fault;
} Result;

/* What root in a container can do with files. Devices it cannot make. */
static const int kept_capabilities[] = {
        CAP_CHOWN,
        CAP_DAC_OVERRIDE,
        CAP_FOWNER,
        CAP_FSETID,
        CAP_SETFCAP,
};

/* Return: 1 when the container has a user namespace of its own, 0 when it has not, -errno. */
static int open_userns(const Running *running, int *ret) {
        struct stat own, other;
        char path[64];
        autofd int fd = -1;

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/user", (int) running->app);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &other) < 0 || stat("/proc/self/ns/user", &own) < 0)
                return -errno;
        if (running_has_ended(running))
                return -ESRCH;
        if (own.st_ino == other.st_ino && own.st_dev == other.st_dev)
                return 0;
        *ret = TAKE_FD(fd);
        return 1;
}

static int limit_capabilities(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2] = {};

        for (size_t i = 0; i < ELEMENTS(kept_capabilities); i++)
                data[kept_capabilities[i] / 32].permitted |= 1u << (kept_capabilities[i] % 32);
        data[0].effective = data[0].permitted;
        data[1].effective = data[1].permitted;
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* Deep trees need a descriptor for each level. */
static void raise_descriptors(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) >= 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
        }
}

static int become_root_of(int userns_fd) {
        if (userns_fd >= 0 && setns(userns_fd, CLONE_NEWUSER) < 0)
                return -errno;
        if (userns_fd >= 0 && (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
                return -errno;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        return limit_capabilities();
}

/* Three descriptors beside the standard ones are all that the child keeps. */
static int keep_only(int *fds, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int fd = fcntl(fds[i], F_DUPFD_CLOEXEC, 100);

                if (fd < 0)
                        return -errno;
                fds[i] = fd;
        }
        for (size_t i = 0; i < n; i++) {
                int fd = dup3(fds[i], (int) (3 + i), O_CLOEXEC);

                if (fd < 0)
                        return -errno;
                fds[i] = fd;
        }
        return syscall(SYS_close_range, (unsigned) (3 + n), ~0u, 0) < 0 ? -errno : 0;
}

static int prepare(pid_t parent, bool borrows, int userns_fd) {
        int r = 0;

        (void) signal(SIGPIPE, SIG_IGN);
        (void) umask(0);
        raise_descriptors();
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return -errno;
        if (borrows)
                r = become_root_of(userns_fd);
        if (r < 0)
                return r;
        /* Changing users forgets it, so it comes after. */
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return -errno;
        return getppid() == parent ? 0 : -ESRCH;
}

_Noreturn static void child(pid_t parent, bool borrows, int root_fd, int userns_fd, int fd, int result_fd,
                BorrowWork *work, void *data) {
        int fds[] = { root_fd, fd, result_fd, userns_fd };
        Result result = {};

        result.r = keep_only(fds, userns_fd >= 0 ? 4 : 3);
        if (result.r >= 0)
                result.r = prepare(parent, borrows, userns_fd >= 0 ? fds[3] : -1);
        if (userns_fd >= 0)
                (void) close(fds[3]);
        if (result.r < 0)
                (void) fault_wrap(&result.fault, result.r, "cannot become the container's root");
        else
                result.r = work(fds[0], fds[1], data, &result.left_out, &result.fault);

        /* The other end hears of the end before it hears of the result. */
        (void) close(fds[1]);
        (void) io_write_all(fds[2], &result, sizeof(result));
        _exit(EXIT_SUCCESS);
}

int borrow_start(const Running *running, int fd, BorrowWork *work, void *data, Borrow *ret, Fault *fault) {
        autofd int root = -1, userns = -1, given = fd, reading = -1, writing = -1;
        pid_t parent = getpid(), pid;
        int pipes[2], r;

        if (running)
                r = target_open_root(running, &root, fault);
        else {
                root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
                r = root < 0 ? -errno : 0;
        }
        if (r < 0)
                return r;
        if (running)
                r = open_userns(running, &userns);
        if (r >= 0)
                r = pipe2(pipes, O_CLOEXEC) < 0 ? -errno : 0;
        if (r < 0)
                return fault_wrap(fault, r, "cannot enter '%s'", running ? running->name : "/");
        reading = pipes[0];
        writing = pipes[1];

        (void) fflush(NULL);
        pid = fork();
        if (pid == 0)
                child(parent, running, root, userns, given, writing, work, data);
        if (pid < 0)
                return fault_wrap(fault, -errno, "cannot start a process");
        *ret = (Borrow){ .pid = pid, .result_fd = TAKE_FD(reading) };
        return 0;
}

int borrow_finish(Borrow *borrow, unsigned *ret_left_out, Fault *fault) {
        Result result = {};
        size_t n = 0;

        while (n < sizeof(result)) {
                ssize_t k = read(borrow->result_fd, (char *) &result + n, sizeof(result) - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k <= 0)
                        break;
                n += (size_t) k;
        }
        (void) close(borrow->result_fd);
        while (waitpid(borrow->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        if (n < sizeof(result))
                return fault_raise(fault, FAULT_SYSTEM, ECHILD,
                                "the process that works in the container was killed");
        if (result.r < 0 && fault)
                *fault = result.fault;
        *ret_left_out += result.left_out;
        return result.r;
}
