/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "lib/cleanup.h"
#include "nspawn-glue/environment.h"
#include "nspawn-glue/executable.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/inside.h"

/* Magic links are not followed: a descriptor is no place to work in. */
int init_enter_workdir(const Init *init, const char *path, bool make, Fault *fault) {
        autofd int fd = -1;
        int r;

        if (*path != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "the working directory '%s' is not absolute",
                                path);
        r = make ? inside_make(init->root_fd, path, INSIDE_DIRECTORY, &fd)
                 : inside_open(init->root_fd, path, O_PATH | O_DIRECTORY, &fd);
        if (r >= 0 && fchdir(fd) < 0)
                r = -errno;
        return r < 0 ? fault_wrap(fault, r, "cannot change to the working directory '%s'", path) : 0;
}

/* Whatever nspawn or we have done to them; exec keeps what is ignored or blocked. */
void init_reset_signals(void) {
        sigset_t none;

        for (int i = 1; i < NSIG; i++)
                (void) signal(i, SIG_DFL);
        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Standard input is the host's /dev/null: the container's does as well, and belongs here. */
static int own_stdin(void) {
        struct stat st;
        int fd;

        if (fstat(STDIN_FILENO, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
                return 0;
        fd = open("/dev/null", O_RDONLY | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (dup2(fd, STDIN_FILENO) < 0)
                return -errno;
        (void) close(fd);
        return 0;
}

/* Only pipes without a name: a FIFO or a file that somebody has redirected to is not ours to give away. */
void init_own_streams(const User *user) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
                struct statfs fs;

                if (fstatfs(fd, &fs) >= 0 && fs.f_type == PIPEFS_MAGIC)
                        (void) fchown(fd, user->uid, user->gid);
        }
}

/* Tries each directory of PATH, as execvpe(3). Of the failures, one to execute what is there counts most. */
static int execute_in_path(char *const *argv, char *const *envp, Fault *fault) {
        const char *list = environment_get(envp, "PATH") ?: "/usr/bin:/bin";
        char path[PATH_MAX], denied[PATH_MAX] = "";

        for (;;) {
                size_t n = strcspn(list, ":");

                if (snprintf(path, sizeof(path), "%.*s%s%s", (int) n, list, n > 0 ? "/" : "./", argv[0]) <
                                (int) sizeof(path)) {
                        (void) execve(path, argv, envp);
                        if (errno == EACCES && !*denied)
                                memcpy(denied, path, sizeof(path));
                        /* Not found, or found and of no use; the second has more to tell. */
                        else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
                                return executable_explain(path, errno, fault);
                        else if (errno == ENOENT && access(path, F_OK) >= 0)
                                return executable_explain(path, ENOENT, fault);
                }
                if (!list[n])
                        break;
                list += n + 1;
        }
        if (*denied)
                return executable_explain(denied, EACCES, fault);
        return fault_raise(fault, FAULT_MISSING, ENOENT, "no command '%s' in the image (PATH is %s)",
                        argv[0], environment_get(envp, "PATH") ?: "/usr/bin:/bin");
}

int init_execute_command(char *const *argv, char *const *envp, Fault *fault) {
        if (!*argv[0])
                return fault_raise(fault, FAULT_VALUE, ENOENT, "the command is an empty word");
        if (!strchr(argv[0], '/'))
                return execute_in_path(argv, envp, fault);
        (void) execve(argv[0], argv, envp);
        return executable_explain(argv[0], errno, fault);
}

int init_execute(Init *init, Fault *fault) {
        int r;

        r = init_enter_workdir(init, init->workdir ?: "/", true, fault);
        if (r >= 0)
                r = init->terminal_fd >= 0 ? init_take_terminal(init) : own_stdin();
        if (r >= 0 && init->read_only)
                r = init_protect_root(init, fault);
        if (r < 0)
                return r;

        init_reset_signals();
        r = init_confine(init, fault);
        if (r < 0)
                return r;
        init->tried = true;
        r = init_execute_command(init->arguments, init->environment, fault);
        return fault_mark(fault, r == -ENOENT ? MESSAGE_NO_COMMAND : MESSAGE_NOT_EXECUTABLE, r);
}
