/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/io.h"

#define NOBODY 65534

typedef union Address {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
} Address;

bool ask_is_meant(char *const *command) {
        return command && command[0] &&
               (strcmp(command[0], "slipway:tcp") == 0 || strcmp(command[0], "slipway:http") == 0);
}

static int make_address(const char *host, uint16_t port, Address *ret, socklen_t *ret_size) {
        *ret = (Address){};
        if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1) {
                ret->v4.sin_family = AF_INET;
                ret->v4.sin_port = htons(port);
                *ret_size = sizeof(ret->v4);
                return 0;
        }
        if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1) {
                ret->v6.sin6_family = AF_INET6;
                ret->v6.sin6_port = htons(port);
                *ret_size = sizeof(ret->v6);
                return 0;
        }
        return -EINVAL;
}

/* A line break would be one more header, or the end of the request. */
static bool is_line(const char *text) {
        for (; *text; text++)
                if ((unsigned char) *text < ' ' || *text == 0x7f)
                        return false;
        return true;
}

static int read_port(const char *text, uint16_t *ret) {
        unsigned long port;
        char *end;

        errno = 0;
        port = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || errno != 0 || *end || port == 0 || port > UINT16_MAX)
                return -EINVAL;
        *ret = (uint16_t) port;
        return 0;
}

int ask_parse(char *const *command, Ask *ret, Fault *fault) {
        Ask ask = { .is_http = strcmp(command[0], "slipway:http") == 0, .path = "/" };
        char *const *rest = command + 1;
        socklen_t size;
        Address address;

        if (!*rest || read_port(*rest, &ask.port) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no port behind '%s'", command[0]);
        rest++;
        if (ask.is_http && *rest)
                ask.path = **rest ? *rest : "/", rest++;
        if (*rest)
                ask.host = **rest ? *rest : NULL, rest++;
        if (ask.host && strcmp(ask.host, "localhost") == 0)
                ask.host = NULL;
        ask.headers = rest;

        if (ask.host && make_address(ask.host, ask.port, &address, &size) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not an address", ask.host);
        if (!ask.is_http && *rest)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is nothing to do with '%s'", *rest);
        if (*ask.path != '/' || !is_line(ask.path) || strchr(ask.path, ' '))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not a path", ask.path);
        for (; *rest; rest++)
                if (!is_line(*rest) || !strchr(*rest, ':') || **rest == ':')
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not a header", *rest);
        *ret = ask;
        return 0;
}

/* --- asking --- */

__attribute__((format(printf, 2, 3))) static void say(int output, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        (void) vdprintf(output, format, ap);
        va_end(ap);
}

static int connect_to(const char *host, uint16_t port) {
        Address address;
        socklen_t size;
        int r = make_address(host, port, &address, &size);
        autofd int fd = r < 0 ? -1 : socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (r < 0 || fd < 0)
                return r < 0 ? r : -errno;
        if (connect(fd, &address.any, size) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* Return: a socket, or the reason why there is none, which has been said. */
static int open_connection(const Ask *ask, int output) {
        int fd = connect_to(ask->host ? ask->host : "127.0.0.1", ask->port);

        if (fd < 0 && !ask->host) {
                int other = connect_to("::1", ask->port);

                fd = other >= 0 ? other : fd;
        }
        if (fd < 0)
                say(output, "cannot connect to port %u: %s\n", ask->port, strerror(-fd));
        return fd;
}

static bool has_header(const Ask *ask, const char *name) {
        for (char *const *header = ask->headers; *header; header++)
                if (strncasecmp(*header, name, strlen(name)) == 0)
                        return true;
        return false;
}

static int send_request(const Ask *ask, int fd) {
        autofree char *request = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&request, &size);
        const char *host = ask->host ? ask->host : "localhost";

        if (!stream)
                return -ENOMEM;
        (void) fprintf(stream, "GET %s HTTP/1.1\r\nConnection: close\r\n", ask->path);
        if (!has_header(ask, "Host:"))
                (void) fprintf(stream, strchr(host, ':') ? "Host: [%s]:%u\r\n" : "Host: %s:%u\r\n", host,
                                ask->port);
        if (!has_header(ask, "User-Agent:"))
                (void) fputs("User-Agent: slipway-health\r\n", stream);
        if (!has_header(ask, "Accept:"))
                (void) fputs("Accept: */*\r\n", stream);
        for (char *const *header = ask->headers; *header; header++)
                (void) fprintf(stream, "%s\r\n", *header);
        (void) fputs("\r\n", stream);
        return fclose(stream) == 0 ? io_write_all(fd, request, size) : -ENOMEM;
}

/* Up to the end of the first line, or as far as it can be one. */
static int read_status(int fd, char *line, size_t size) {
        size_t n = 0;

        while (n < size - 1 && !memchr(line, '\n', n)) {
                ssize_t got = read(fd, line + n, size - 1 - n);

                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return -errno;
                if (got == 0)
                        break;
                n += (size_t) got;
        }
        line[n] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        return 0;
}

/* "HTTP/1.1 200 OK" */
static bool is_success(const char *line) {
        const char *code = strncmp(line, "HTTP/", 5) == 0 ? strchr(line, ' ') : NULL;

        return code && (code[1] == '2' || code[1] == '3') && code[2] >= '0' && code[2] <= '9' &&
               code[3] >= '0' && code[3] <= '9' && (code[4] == ' ' || code[4] == '\0');
}

int ask_run(const Ask *ask, int output) {
        autofd int fd = open_connection(ask, output);
        char line[256];
        int r;

        if (fd < 0)
                return EXIT_FAILURE;
        if (!ask->is_http)
                return EXIT_SUCCESS;
        r = send_request(ask, fd);
        if (r >= 0)
                r = read_status(fd, line, sizeof(line));
        if (r < 0) {
                say(output, "cannot ask port %u: %s\n", ask->port, strerror(-r));
                return EXIT_FAILURE;
        }
        fault_tame(line);
        say(output, "%s\n", *line ? line : "there is no answer");
        return is_success(line) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- elsewhere --- */

/*
 * The network is the container's, and what answers may be anything: who asks has no rights. To become
 * somebody else takes back which signal comes when the parent dies, so that is said after it.
 */
static int enter_network(int network) {
        if (setns(network, CLONE_NEWNET) < 0)
                return -errno;
        if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                        setresuid(NOBODY, NOBODY, NOBODY) < 0)
                return -errno;
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return -errno;
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int ask_spawn(const Ask *ask, pid_t init, int output, pid_t *ret, int *ret_fd, Fault *fault) {
        autofd int network = -1;
        char path[64];
        pid_t pid;

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) init);
        network = open(path, O_RDONLY | O_CLOEXEC);
        if (network < 0)
                return errno == ENOENT ? -ESRCH
                                       : fault_raise(fault, FAULT_SYSTEM, errno,
                                                         "cannot open the container's network: %s",
                                                         strerror(errno));
        pid = fork();
        if (pid < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot make a process: %s", strerror(errno));
        if (pid == 0) {
                int r = enter_network(network);

                if (r < 0)
                        say(output, "cannot enter the container's network: %s\n", strerror(-r));
                _exit(r < 0 ? EXIT_FAILURE : ask_run(ask, output));
        }
        *ret = pid;
        *ret_fd = pidfd_open(pid, 0);
        if (*ret_fd < 0) {
                int error = errno;

                (void) kill(pid, SIGKILL);
                return fault_raise(
                                fault, FAULT_SYSTEM, error, "cannot watch a process: %s", strerror(error));
        }
        return 0;
}
