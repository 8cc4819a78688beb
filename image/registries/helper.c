/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/helper.h"

#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "image/registries/secret.h"

#define ANSWER_LIMIT 65536
#define TIME_LIMIT_MS 30000

#define ABSENT "credentials not found in native keychain"

bool helper_is_suffix(const char *suffix) {
        size_t n = strspn(suffix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

        return n > 0 && n <= 64 && suffix[n] == '\0';
}

static int take(const json_t *object, const char *key, char **ret, Fault *fault) {
        const json_t *value = json_object_get(object, key);

        if (!json_is_string(value) || json_string_length(value) == 0)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "there is no '%s' in its answer", key);
        *ret = strdup(json_string_value(value));
        return *ret ? 0 : -ENOMEM;
}

int helper_parse(const char *text, size_t size, Auth *ret, Fault *fault) {
        autoauth Auth auth = {};
        json_t *answer = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        int r;

        if (!json_is_object(answer)) {
                json_decref(answer);
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "its answer is not JSON");
        }
        r = take(answer, "Username", &auth.user, fault);
        if (r >= 0)
                r = take(answer, "Secret", &auth.password, fault);
        json_decref(answer);
        if (r < 0)
                return r;
        if (strcmp(auth.user, "<token>") == 0) {
                auth.identity_token = TAKE(auth.password);
                secret_free(TAKE(auth.user));
        }
        *ret = auth;
        auth = (Auth){};
        return 0;
}

/* Its standard error stays ours: it may have to talk to a person. */
static int spawn(const char *program, int input, int output, pid_t *ret) {
        char *argv[] = { (char *) program, (char *) "get", NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t defaults, none;
        int r = posix_spawn_file_actions_init(&actions);

        if (r != 0)
                return -r;
        r = posix_spawnattr_init(&attributes);
        if (r != 0) {
                (void) posix_spawn_file_actions_destroy(&actions);
                return -r;
        }
        (void) sigemptyset(&none);
        (void) sigemptyset(&defaults);
        (void) sigaddset(&defaults, SIGPIPE);
        (void) posix_spawnattr_setsigdefault(&attributes, &defaults);
        (void) posix_spawnattr_setsigmask(&attributes, &none);
        (void) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        r = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawnp(ret, program, &actions, &attributes, argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        (void) posix_spawnattr_destroy(&attributes);
        return -r;
}

static int64_t now_ms(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t) t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until @end. Return: 1 when there is something, 0 when time is over, -errno. */
static int wait_for(int fd, int64_t end) {
        for (;;) {
                struct pollfd poller = { .fd = fd, .events = POLLIN };
                int64_t left = end - now_ms();
                int n = poll(&poller, 1, left > 0 ? (int) left : 0);

                if (n >= 0)
                        return n;
                if (errno != EINTR)
                        return -errno;
        }
}

/* All that it says. Return: 0, -ETIMEDOUT, -EFBIG, -errno. */
static int read_answer(int fd, int64_t end, char *answer, size_t room, size_t *ret_size) {
        size_t size = 0;

        for (;;) {
                int r = wait_for(fd, end);
                ssize_t n;

                if (r <= 0)
                        return r < 0 ? r : -ETIMEDOUT;
                n = read(fd, answer + size, room - size);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0)
                        break;
                size += n > 0 ? (size_t) n : 0;
                if (size == room)
                        return -EFBIG;
        }
        *ret_size = size;
        return 0;
}

/* Return: the status of wait(2), or -ETIMEDOUT when it had to be killed. */
static int reap(pid_t pid, int64_t end, bool kill_it) {
        autofd int pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        int status = 0, r = kill_it ? 0 : 1;

        if (!kill_it && pidfd >= 0)
                r = wait_for(pidfd, end);
        if (r <= 0)
                (void) kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        return r <= 0 ? -ETIMEDOUT : status;
}

/* A server's name is shorter than a pipe is long, so nobody has to be waited for. */
static int converse(const char *program, const char *server, char *answer, size_t room, size_t *ret_size,
                int *ret_status) {
        int64_t end = now_ms() + TIME_LIMIT_MS;
        int to[2], from[2], r;
        pid_t pid = 0;
        void (*old)(int);

        if (pipe2(to, O_CLOEXEC) < 0)
                return -errno;
        if (pipe2(from, O_CLOEXEC) < 0) {
                r = -errno;
                (void) close(to[0]);
                (void) close(to[1]);
                return r;
        }
        old = signal(SIGPIPE, SIG_IGN);
        r = spawn(program, to[0], from[1], &pid);
        (void) close(to[0]);
        (void) close(from[1]);
        if (r >= 0 && write(to[1], server, strlen(server)) < 0 && errno != EPIPE)
                r = -errno;
        (void) close(to[1]);
        (void) signal(SIGPIPE, old);
        if (r >= 0)
                r = read_answer(from[0], end, answer, room, ret_size);
        (void) close(from[0]);
        if (pid > 0) {
                int status = reap(pid, end, r < 0);

                if (r >= 0 && status < 0)
                        r = status;
                *ret_status = status;
        }
        return r;
}

/* What it says when it fails is on its standard output. */
static int explain(const char *program, char *answer, int status, Fault *fault) {
        if (WIFSIGNALED(status))
                return fault_raise(fault, FAULT_SYSTEM, EIO, "%.100s was killed by signal %d", program,
                                WTERMSIG(status));
        answer[strcspn(answer, "\r\n")] = '\0';
        return fault_raise(fault, FAULT_SYSTEM, EIO, "%.100s has failed: %.200s", program,
                        *answer ? answer : "it has not said why");
}

int helper_get(const char *suffix, const char *server, Auth *ret, Fault *fault) {
        autosecret char *answer = calloc(1, ANSWER_LIMIT + 1);
        char program[96];
        size_t size = 0;
        int status = 0, r;

        if (!answer)
                return -ENOMEM;
        if (!helper_is_suffix(suffix))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.100s' is not the suffix of a program docker-credential-SUFFIX", suffix);
        (void) snprintf(program, sizeof(program), "docker-credential-%s", suffix);

        r = converse(program, server, answer, ANSWER_LIMIT, &size, &status);
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "the credentials for %.150s are kept by %.100s, which is not installed",
                                server, program);
        if (r == -ETIMEDOUT)
                return fault_raise(fault, FAULT_SYSTEM, ETIMEDOUT, "%.100s has not answered within %d s",
                                program, TIME_LIMIT_MS / 1000);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot ask %.100s: %s", program, strerror(-r));
        if (status != 0 && strstr(answer, ABSENT))
                return 0;
        if (status != 0)
                return explain(program, answer, status, fault);

        r = helper_parse(answer, size, ret, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot ask %s", program);
        if (asprintf(&ret->source, "%s", program) < 0) {
                ret->source = NULL;
                return -ENOMEM;
        }
        return 1;
}
