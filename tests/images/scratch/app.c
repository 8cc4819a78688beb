/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The only file of an image: a program that does what a test wants to see done
 *
 * A verb per line of the table; without a C library, a shell or a directory
 * beside it.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static long number(const char *text) {
        return text ? strtol(text, NULL, 0) : 0;
}

static int fail(const char *what) {
        fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
        return EXIT_FAILURE;
}

static int answer(int peer) {
        static const char reply[] =
                        "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello from scratch\n";
        char request[1024];

        if (read(peer, request, sizeof(request)) < 0)
                return -1;

        return write(peer, reply, sizeof(reply) - 1) < 0 ? -1 : 0;
}

/* serve PORT: a web server with one page. */
static int do_serve(char **args) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                .sin_port = htons((uint16_t) number(args[0])) };
        int fd, on = 1;

        fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
                        bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0 || listen(fd, 16) < 0)
                return fail("listen");
        printf("serving on port %s\n", args[0]);

        for (;;) {
                int peer = accept(fd, NULL, NULL);

                if (peer < 0)
                        return fail("accept");
                if (answer(peer) < 0)
                        fail("answer");
                close(peer);
        }
}

/* print TEXT…: each as a line of standard output. */
static int do_print(char **args) {
        for (; *args; args++)
                puts(*args);
        return EXIT_SUCCESS;
}

/* complain TEXT…: each as a line of standard error. */
static int do_complain(char **args) {
        for (; *args; args++)
                fprintf(stderr, "%s\n", *args);
        return EXIT_SUCCESS;
}

/* exit STATUS */
static int do_exit(char **args) {
        return (int) number(args[0]);
}

/* crash: an illegal instruction. A signal that it sends to itself would not reach process 1 of a container.
 */
static int do_crash(char **args) {
        (void) args;
        __builtin_trap();
        return EXIT_SUCCESS;
}

/* sleep SECONDS: ends early, and well, at SIGTERM. */
static void quit(int signal) {
        (void) signal;
        _exit(EXIT_SUCCESS);
}

static int do_sleep(char **args) {
        (void) signal(SIGTERM, quit);
        sleep((unsigned) number(args[0]));
        return EXIT_SUCCESS;
}

/* stubborn: does not care for any signal that it can ignore. */
static int do_stubborn(char **args) {
        (void) args;
        for (int s = 1; s < 32; s++)
                (void) signal(s, SIG_IGN);
        puts("ignoring all signals");
        while (sleep(1000) < UINT_MAX)
                continue;
        return EXIT_FAILURE;
}

/* eat MIB: takes memory, says how much, and keeps it. */
static int do_eat(char **args) {
        for (long i = 1; i <= number(args[0]); i++) {
                char *block = malloc(1024 * 1024);

                if (!block)
                        return fail("eat more");
                memset(block, (int) i, 1024 * 1024);
        }
        printf("ate %s MiB\n", args[0]);
        sleep(1000);
        return EXIT_SUCCESS;
}

/* fork N: as many children as it can get, up to N; says how many. */
static int do_fork(char **args) {
        long n = 0;

        for (; n < number(args[0]); n++) {
                pid_t child = fork();

                if (child == 0) {
                        pause();
                        _exit(EXIT_SUCCESS);
                }
                if (child < 0)
                        break;
        }
        printf("forked %ld of %s\n", n, args[0]);
        sleep(1000);
        return EXIT_SUCCESS;
}

/* spin: burns CPU time. */
static int do_spin(char **args) {
        volatile unsigned long n = 1;

        (void) args;
        while (n > 0)
                n = n + 1;
        return EXIT_SUCCESS;
}

/* env: the environment. */
static int do_env(char **args) {
        (void) args;
        for (char **e = environ; *e; e++)
                puts(*e);
        return EXIT_SUCCESS;
}

/* orphan: leaves a grandchild behind, which becomes a zombie at once, and stays. */
static int do_orphan(char **args) {
        pid_t child = fork();

        if (child == 0) {
                if (fork() == 0)
                        _exit(EXIT_SUCCESS);
                _exit(EXIT_SUCCESS);
        }
        (void) waitpid(child, NULL, 0);
        puts("left an orphan");
        return do_sleep(args);
}

/* clang-format off */
static const struct {
        const char *verb;
        int (*run)(char **args);
} verbs[] = {
        { "complain", do_complain },
        { "crash",    do_crash    },
        { "eat",      do_eat      },
        { "env",      do_env      },
        { "exit",     do_exit     },
        { "fork",     do_fork     },
        { "orphan",   do_orphan   },
        { "print",    do_print    },
        { "serve",    do_serve    },
        { "sleep",    do_sleep    },
        { "spin",     do_spin     },
        { "stubborn", do_stubborn },
};
/* clang-format on */

int main(int argc, char **argv) {
        (void) setvbuf(stdout, NULL, _IOLBF, 0);

        for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
                if (strcmp(verbs[i].verb, argv[1]) == 0)
                        return verbs[i].run(argv + 2);

        fprintf(stderr, "usage: app VERB [ARGUMENT…]\n");
        return 2;
}
