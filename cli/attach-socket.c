/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/attach.h"
#include "cli/raw-terminal.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/tty/protocol.h"

typedef struct Session {
        Attach *attach;
        int fd;
        bool is_terminal, wants_input;
        RawTerminal raw;
        TtyMessage message; /* on its way to the server */
        size_t size;        /* of it, 0 when there is none */
} Session;

int attach_connect(const char *name) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        autofd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        (void) snprintf(address.sun_path, sizeof(address.sun_path), TTY_DIR "/%s", name);
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                /* Of an earlier life, in which it had a terminal. */
                return errno == ECONNREFUSED ? -ENOENT : -errno;
        return TAKE_FD(fd);
}

static void send_on(Session *session) {
        if (send(session->fd, &session->message, session->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
                        (errno == EAGAIN || errno == EINTR))
                return;
        session->size = 0;
}

void attach_send_window(int fd) {
        TtyMessage message = { .kind = TTY_WINDOW };
        struct winsize size;

        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
                return;
        memcpy(message.data, &size, sizeof(size));
        (void) send(fd, &message, sizeof(size) + 1, MSG_NOSIGNAL);
}

static void send_window(const Session *session) {
        if (session->is_terminal)
                attach_send_window(session->fd);
}

static int read_input(Session *session) {
        char typed[TTY_DATA_MAX - DETACH_KEYS_MAX];
        ssize_t n = read(STDIN_FILENO, typed, sizeof(typed));
        bool is_left;
        size_t size;

        if (n < 0 && errno == EINTR)
                return ATTACH_RUNS;
        if (n <= 0) {
                session->wants_input = false;
                session->message.kind = TTY_EOF;
                session->size = 1;
                return ATTACH_RUNS;
        }
        is_left = detach_keys_feed(&session->attach->keys, typed, (size_t) n, session->message.data, &size);
        session->message.kind = TTY_INPUT;
        session->size = size > 0 ? size + 1 : 0;
        if (is_left && size > 0)
                send_on(session);
        return is_left ? ATTACH_DETACHED : ATTACH_RUNS;
}

static int read_output(const Session *session) {
        TtyMessage message;
        ssize_t n = recv(session->fd, &message, sizeof(message), 0);

        if (n < 0 && errno == EINTR)
                return ATTACH_RUNS;
        if (n <= 0)
                return ATTACH_LOST;
        if (message.kind == TTY_END)
                return ATTACH_ENDED;
        if (message.kind == TTY_OUTPUT || message.kind == TTY_ERROR)
                (void) io_write_all(message.kind == TTY_OUTPUT ? STDOUT_FILENO : STDERR_FILENO, message.data,
                                (size_t) n - 1);
        return ATTACH_RUNS;
}

static int greet(Session *session) {
        TtyMessage hello;
        ssize_t n = recv(session->fd, &hello, sizeof(hello), 0);
        int r = 0;

        if (n != 2 || hello.kind != TTY_HELLO)
                return n < 0 ? -errno : -ECONNRESET;
        session->is_terminal = hello.data[0] == TTY_IS_TERMINAL;
        session->wants_input = !session->attach->no_stdin;
        if (!isatty(STDIN_FILENO))
                session->attach->keys.n = 0;
        send_window(session);
        if (session->is_terminal && session->wants_input)
                r = raw_terminal_begin(STDIN_FILENO, &session->raw);
        return r == -ENOTTY ? 0 : r;
}

static int copy(Session *session) {
        int how = ATTACH_RUNS;

        while (how == ATTACH_RUNS) {
                bool is_full = session->size > 0, window;
                struct pollfd wait[] = {
                        { session->attach->signal_fd, POLLIN, 0 },
                        { session->fd, POLLIN | (is_full ? POLLOUT : 0), 0 },
                        { session->wants_input && !is_full ? STDIN_FILENO : -1, POLLIN, 0 },
                };

                if (poll(wait, ELEMENTS(wait), -1) < 0)
                        continue;
                if (wait[1].revents & POLLOUT)
                        send_on(session);
                if (wait[1].revents & (POLLIN | POLLHUP | POLLERR))
                        how = read_output(session);
                else if (wait[2].revents)
                        how = read_input(session);
                else if (wait[0].revents) {
                        how = attach_signal(session->attach, !session->is_terminal, &window);
                        if (window)
                                send_window(session);
                }
        }
        return how;
}

int attach_socket(Attach *attach, int fd, Fault *fault) {
        Session session = { .attach = attach, .fd = fd, .raw = RAW_TERMINAL_NONE };
        int r = greet(&session);

        if (r >= 0)
                r = copy(&session);
        raw_terminal_end(&session.raw);
        (void) close(fd);
        return r < 0 ? fault_wrap(fault, r, "cannot speak to the terminal of '%s'", attach->running.name)
                     : r;
}
