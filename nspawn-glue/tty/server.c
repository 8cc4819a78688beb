/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/tty/server.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "lib/io.h"

#define END_OF_INPUT 0x04 /* ctrl-d */

static bool is_sending(const TtyServer *server) {
        return server->message_size > 0;
}

/* A socket that is closed with something unread in it takes back what was sent through it. */
static void hang_up(int fd) {
        char unread;

        (void) shutdown(fd, SHUT_RD);
        while (recv(fd, &unread, sizeof(unread), MSG_DONTWAIT) > 0)
                ;
        (void) close(fd);
}

static void send_away(TtyServer *server, size_t i) {
        hang_up(server->clients[i]);
        server->n_clients--;
        memmove(&server->clients[i], &server->clients[i + 1], (server->n_clients - i) * sizeof(int));
        if (server->next > i)
                server->next--;
}

/* Goes on where it stopped. Who cannot take it now is waited for, as a terminal waits for who has stopped
 * it. */
static void send_on(TtyServer *server) {
        while (server->next < server->n_clients) {
                ssize_t n = send(server->clients[server->next], &server->message, server->message_size,
                                MSG_DONTWAIT | MSG_NOSIGNAL);

                if (n >= 0)
                        server->next++;
                else if (errno == EAGAIN)
                        return;
                else if (errno != EINTR)
                        send_away(server, server->next);
        }
        server->message_size = 0;
}

/* What is kept is one after the other: what it is, how much, and the bytes. */
typedef struct Kept {
        char kind;
        uint16_t n;
} Kept;

/* The latest is what matters; what was before is in the journal. */
static void forget_oldest(TtyServer *server) {
        Kept oldest;
        size_t n;

        memcpy(&oldest, server->kept, sizeof(oldest));
        n = sizeof(oldest) + oldest.n;
        memmove(server->kept, server->kept + n, server->n_kept - n);
        server->n_kept -= n;
}

static void keep(TtyServer *server, char kind, const char *data, size_t n) {
        Kept header = { .kind = kind, .n = (uint16_t) n };

        if (server->was_attached)
                return;
        if (!server->kept)
                server->kept = malloc(TTY_KEPT_MAX);
        if (!server->kept)
                return;
        while (server->n_kept + sizeof(header) + n > TTY_KEPT_MAX)
                forget_oldest(server);
        memcpy(server->kept + server->n_kept, &header, sizeof(header));
        memcpy(server->kept + server->n_kept + sizeof(header), data, n);
        server->n_kept += sizeof(header) + n;
}

/* A terminal ends lines with a return as well, which is no part of them. */
static void log_lines(TtySource *source, const char *data, size_t n) {
        char line[TTY_DATA_MAX + 1];
        size_t k = 0;

        for (size_t i = 0; i < n; i++) {
                if (source->was_return && data[i] != '\n')
                        line[k++] = '\r';
                source->was_return = data[i] == '\r';
                if (!source->was_return)
                        line[k++] = data[i];
        }
        (void) io_write_all(source->log_fd, line, k);
}

/* Return: whether there was something. */
static bool read_source(TtyServer *server, TtySource *source) {
        ssize_t n;

        if (server->find_app && server->app_fd < 0)
                server->app_fd = server->find_app();
        n = read(source->fd, server->message.data, sizeof(server->message.data));

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return false;
        if (n <= 0) {
                fd_closep(&source->fd);
                source->fd = -1;
                return false;
        }
        log_lines(source, server->message.data, (size_t) n);
        keep(server, source->kind, server->message.data, (size_t) n);
        server->message.kind = source->kind;
        server->message_size = (size_t) n + 1;
        server->next = 0;
        send_on(server);
        return true;
}

static bool is_welcome(const TtyServer *server, int fd) {
        struct ucred who;
        socklen_t size = sizeof(who);

        return !server->for_root_only ||
               (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) >= 0 && who.uid == 0);
}

static bool tell(int fd, char kind, const char *data, size_t n) {
        TtyMessage message = { .kind = kind };

        memcpy(message.data, data, n);
        return send(fd, &message, n + 1, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static bool tell_kept(const TtyServer *server, int fd) {
        Kept header;

        for (size_t at = 0; at < server->n_kept; at += sizeof(header) + header.n) {
                memcpy(&header, server->kept + at, sizeof(header));
                if (!tell(fd, header.kind, server->kept + at + sizeof(header), header.n))
                        return false;
        }
        return true;
}

static void welcome(TtyServer *server) {
        autofd int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        char kind = server->is_terminal ? TTY_IS_TERMINAL : TTY_IS_INTERACTIVE;

        if (fd < 0 || server->n_clients == TTY_CLIENTS_MAX || !is_welcome(server, fd) ||
                        !tell(fd, TTY_HELLO, &kind, 1) || !tell_kept(server, fd))
                return;
        free(server->kept);
        server->kept = NULL;
        server->n_kept = 0;
        server->was_attached = true;
        server->clients[server->n_clients++] = TAKE_FD(fd);
}

static void end_input(TtyServer *server) {
        if (server->is_terminal) {
                server->typed[0] = END_OF_INPUT;
                server->typed_begin = 0;
                server->typed_end = 1;
                return;
        }
        fd_closep(&server->input_fd);
        server->input_fd = -1;
}

/* Called when nothing is on its way to the app. */
static void listen_to(TtyServer *server, size_t i) {
        TtyMessage message;
        struct winsize size;
        ssize_t n = recv(server->clients[i], &message, sizeof(message), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0) {
                send_away(server, i);
                return;
        }
        if (message.kind == TTY_INPUT && server->input_fd >= 0) {
                memcpy(server->typed, message.data, (size_t) n - 1);
                server->typed_begin = 0;
                server->typed_end = (size_t) n - 1;
        } else if (message.kind == TTY_WINDOW && n - 1 == sizeof(size) && server->is_terminal) {
                memcpy(&size, message.data, sizeof(size));
                (void) ioctl(server->input_fd, TIOCSWINSZ, &size);
        } else if (message.kind == TTY_EOF && server->input_fd >= 0)
                end_input(server);
}

static void write_typed(TtyServer *server) {
        ssize_t n = write(server->input_fd, server->typed + server->typed_begin,
                        server->typed_end - server->typed_begin);

        if (n >= 0)
                server->typed_begin += (size_t) n;
        else if (errno != EAGAIN && errno != EINTR) {
                server->typed_begin = server->typed_end;
                if (!server->is_terminal) {
                        fd_closep(&server->input_fd);
                        server->input_fd = -1;
                }
        }
}

enum {
        WAIT_END,
        WAIT_APP,
        WAIT_REST,
        WAIT_LISTEN,
        WAIT_INPUT,
        WAIT_SOURCES,
        WAIT_CLIENTS = WAIT_SOURCES + 2
};

/* Return: how many entries. */
static nfds_t prepare(const TtyServer *server, struct pollfd *wait) {
        bool has_typed = server->typed_begin < server->typed_end;

        wait[WAIT_END] = (struct pollfd){ server->end_fd, POLLIN, 0 };
        wait[WAIT_APP] = (struct pollfd){ server->app_fd, POLLIN, 0 };
        wait[WAIT_REST] = (struct pollfd){ server->rest_fd, POLLIN, 0 };
        wait[WAIT_LISTEN] = (struct pollfd){ is_sending(server) ? -1 : server->listen_fd, POLLIN, 0 };
        wait[WAIT_INPUT] = (struct pollfd){ has_typed ? server->input_fd : -1, POLLOUT, 0 };
        for (size_t i = 0; i < ELEMENTS(server->sources); i++)
                wait[WAIT_SOURCES + i] = (struct pollfd){ is_sending(server) ? -1 : server->sources[i].fd,
                        POLLIN, 0 };
        for (size_t i = 0; i < server->n_clients; i++) {
                short events = has_typed ? 0 : POLLIN;

                if (is_sending(server) && i == server->next)
                        events |= POLLOUT;
                wait[WAIT_CLIENTS + i] = (struct pollfd){ server->clients[i], events, 0 };
        }
        return WAIT_CLIENTS + server->n_clients;
}

static void act(TtyServer *server, const struct pollfd *wait) {
        size_t n_clients = server->n_clients;

        if (wait[WAIT_INPUT].revents)
                write_typed(server);
        /* From the last on: who is sent away changes only the places behind. */
        for (size_t i = n_clients; i-- > 0;) {
                if (wait[WAIT_CLIENTS + i].revents & (POLLERR | POLLHUP) &&
                                !(wait[WAIT_CLIENTS + i].revents & POLLIN))
                        send_away(server, i);
                else if (wait[WAIT_CLIENTS + i].revents & POLLIN && server->typed_begin == server->typed_end)
                        listen_to(server, i);
        }
        if (is_sending(server))
                send_on(server);
        for (size_t i = 0; i < ELEMENTS(server->sources); i++)
                if (wait[WAIT_SOURCES + i].revents && !is_sending(server))
                        (void) read_source(server, &server->sources[i]);
        if (wait[WAIT_LISTEN].revents && !is_sending(server))
                welcome(server);
}

/* What is still in the terminal or the pipes; who attaches has a while to read it. */
static void say_the_rest(TtyServer *server) {
        TtyMessage end = { .kind = TTY_END };

        for (size_t i = 0; i < ELEMENTS(server->sources); i++)
                for (;;) {
                        struct pollfd wait = { server->sources[i].fd, POLLIN, 0 };

                        while (is_sending(server)) {
                                struct pollfd ready = { server->clients[server->next], POLLOUT, 0 };

                                if (poll(&ready, 1, 1000) <= 0)
                                        send_away(server, server->next);
                                send_on(server);
                        }
                        if (wait.fd < 0 || poll(&wait, 1, 0) <= 0 ||
                                        !read_source(server, &server->sources[i]))
                                break;
                }
        for (size_t i = 0; i < server->n_clients; i++)
                (void) send(server->clients[i], &end, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Whoever came during a short life has heard nothing yet, and would only see a connection that is refused.
 */
static void welcome_the_rest(TtyServer *server) {
        struct pollfd wait = { server->listen_fd, POLLIN, 0 };

        while (server->n_clients < TTY_CLIENTS_MAX && poll(&wait, 1, 0) > 0)
                welcome(server);
}

int tty_serve(TtyServer *server) {
        struct pollfd wait[WAIT_CLIENTS + TTY_CLIENTS_MAX];
        int n;

        for (;;) {
                n = poll(wait, prepare(server, wait), is_sending(server) ? TTY_PATIENCE_MS : -1);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0 && is_sending(server)) {
                        send_away(server, server->next);
                        send_on(server);
                }
                if (n <= 0)
                        continue;
                if (wait[WAIT_END].revents || wait[WAIT_APP].revents || wait[WAIT_REST].revents)
                        break;
                act(server, wait);
        }
        welcome_the_rest(server);
        say_the_rest(server);
        while (server->n_clients > 0)
                send_away(server, 0);
        free(server->kept);
        server->kept = NULL;
        return 0;
}
