/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * pour: the two ends of a measurement of what is between them
 *
 *     pour serve ADDRESS PORT                         an app, until it is killed
 *     pour KIND ADDRESS PORT SECONDS                  a client; prints how much there was in a second
 *     pour await ADDRESS PORT                         ends as soon as an app answers there
 *
 * KIND is "up" or "down" for bytes of one connection, "turns" for one byte to and fro, "connections" for new
 * ones with one byte to and fro each. Bytes come from a buffer that is never looked at, and are thrown away
 * by the kernel, so that what is measured is not measured here.
 */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];

static _Noreturn void die(const char *what) {
        perror(what);
        exit(EXIT_FAILURE);
}

/* As the first process of a container it has to say so: the kernel would not end it. */
static void on_term(int signal) {
        _exit(EXIT_SUCCESS);
}

static double now(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int open_socket(const char *address, const char *port, bool listens) {
        struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((uint16_t) atoi(port)) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

        if (fd < 0 || inet_pton(AF_INET, address, &name.sin_addr) != 1)
                die("socket");
        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (listens && (bind(fd, (void *) &name, sizeof(name)) < 0 || listen(fd, 1024) < 0))
                die("listen");
        if (!listens && connect(fd, (void *) &name, sizeof(name)) < 0)
                die("connect");
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return fd;
}

/* Return: bytes until @end, or until the other one has had enough. */
static double pour(int fd, double end) {
        double total = 0;
        ssize_t n = 0;

        while (now() < end && (n = send(fd, buffer, sizeof(buffer), MSG_NOSIGNAL)) > 0)
                total += (double) n;
        return total;
}

static double drain(int fd, double end) {
        double total = 0;
        ssize_t n;

        while (now() < end && (n = recv(fd, NULL, sizeof(buffer), MSG_TRUNC)) > 0)
                total += (double) n;
        return total;
}

static void serve_one(int fd) {
        char kind;
        ssize_t n;

        if (read(fd, &kind, 1) != 1)
                return;
        if (kind == 'u')
                (void) drain(fd, 1e18);
        else if (kind == 'd')
                (void) pour(fd, 1e18);
        else
                while (write(fd, &kind, 1) == 1 && (n = read(fd, &kind, 1)) == 1)
                        continue;
}

static _Noreturn void serve(const char *address, const char *port) {
        int listening = open_socket(address, port, true);

        (void) signal(SIGCHLD, SIG_IGN);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) signal(SIGTERM, on_term);
        for (;;) {
                int fd = accept(listening, NULL, NULL), on = 1;
                char kind;

                if (fd < 0)
                        continue;
                (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
                /* A process for each connection would be most of what is measured of new ones. */
                if (recv(fd, &kind, 1, MSG_PEEK) == 1 && kind == 'c')
                        serve_one(fd);
                else if (fork() == 0) {
                        serve_one(fd);
                        _exit(EXIT_SUCCESS);
                }
                (void) close(fd);
        }
}

/* A first packet that nobody takes is sent again after a second: who waits so long measures that. */
static bool answers(const char *address, const char *port) {
        struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((uint16_t) atoi(port)) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct pollfd way = { .fd = fd, .events = POLLOUT };
        char byte = 't';
        bool yes;

        if (fd < 0 || inet_pton(AF_INET, address, &name.sin_addr) != 1)
                die("socket");
        (void) connect(fd, (void *) &name, sizeof(name));
        yes = poll(&way, 1, 20) == 1 && send(fd, &byte, 1, MSG_NOSIGNAL) == 1;
        way.events = POLLIN;
        yes = yes && poll(&way, 1, 20) == 1 && recv(fd, &byte, 1, 0) == 1;
        (void) close(fd);
        return yes;
}

static int await(const char *address, const char *port) {
        double begin = now();

        while (!answers(address, port)) {
                if (now() > begin + 30) {
                        (void) fprintf(stderr, "pour: nobody answers at %s:%s\n", address, port);
                        return EXIT_FAILURE;
                }
                (void) nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        }
        return EXIT_SUCCESS;
}

static double turns(int fd, char kind, double end) {
        double n = 0;
        char byte = kind;

        do {
                if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
                        die("turn");
                n++;
        } while (now() < end);
        return n;
}

int main(int argc, char **argv) {
        double begin = now(), end, n = 0;
        char kind;
        int fd;

        if (argc == 4 && strcmp(argv[1], "serve") == 0)
                serve(argv[2], argv[3]);
        if (argc == 4 && strcmp(argv[1], "await") == 0)
                return await(argv[2], argv[3]);
        if (argc != 5) {
                (void) fputs("see the top of pour.c\n", stderr);
                return 2;
        }
        kind = *argv[1];
        end = begin + atof(argv[4]);
        if (kind == 'c')
                while (now() < end) {
                        fd = open_socket(argv[2], argv[3], false);
                        n += turns(fd, kind, 0);
                        (void) close(fd);
                }
        else {
                fd = open_socket(argv[2], argv[3], false);
                if (kind != 't' && write(fd, &kind, 1) != 1)
                        die("write");
                n = kind == 'u' ? pour(fd, end) : kind == 'd' ? drain(fd, end) : turns(fd, kind, end);
        }
        (void) printf("%.1f\n", n / (now() - begin));
        return EXIT_SUCCESS;
}
