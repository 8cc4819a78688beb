/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/wire.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/io.h"

/* Room for the descriptors beside a message. */
typedef union Control {
        struct cmsghdr header;
        char space[CMSG_SPACE(WIRE_FDS * sizeof(int))];
} Control;

static int send_packet(int fd, char *text, size_t size, const int *fds, size_t n_fds) {
        struct iovec iov = { text, size };
        struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
        Control control = {};
        ssize_t n;

        if (n_fds > 0) {
                struct cmsghdr *c = &control.header;

                header.msg_control = &control;
                header.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
                memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
        }

        do
                n = sendmsg(fd, &header, MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
        return 0;
}

int wire_send(int fd, const json_t *body, const int *fds, size_t n_fds) {
        autofree char *text = json_dumps(body, JSON_COMPACT);
        size_t size;

        if (!text)
                return -ENOMEM;
        size = strlen(text);
        if (size > WIRE_LIMIT || n_fds > WIRE_FDS)
                return -EMSGSIZE;
        return send_packet(fd, text, size, fds, n_fds);
}

int wire_send_new(int fd, json_t *body, const int *fds, size_t n_fds) {
        int r = body ? wire_send(fd, body, fds, n_fds) : -ENOMEM;

        json_decref(body);
        return r;
}

static void take_descriptors(struct msghdr *header, Message *message) {
        for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
                size_t n;

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                for (size_t i = 0; i < n; i++) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
                        if (message->n_fds < WIRE_FDS)
                                message->fds[message->n_fds++] = fd;
                        else
                                (void) close(fd);
                }
        }
}

static int parse(const char *text, size_t size, json_t **ret, Fault *fault) {
        json_error_t error;
        json_t *body = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

        if (!body)
                return fault_raise(
                                fault, FAULT_SYNTAX, EBADMSG, "a message is not JSON: %.200s", error.text);
        if (!json_is_object(body)) {
                json_decref(body);
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "a message is not an object");
        }
        *ret = body;
        return 1;
}

int wire_receive(int fd, Message *ret, Fault *fault) {
        autofree char *text = malloc(WIRE_LIMIT + 1);
        struct iovec iov = { text, WIRE_LIMIT + 1 };
        Control control = {};
        struct msghdr header = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        automessage Message message = MESSAGE_EMPTY;
        ssize_t n;
        int r;

        if (!text)
                return -ENOMEM;
        do
                n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                return -EAGAIN;
        if (n < 0 && errno != ECONNRESET)
                return fault_raise(
                                fault, FAULT_SYSTEM, errno, "cannot receive a message: %s", strerror(errno));
        if (n <= 0)
                return 0;

        take_descriptors(&header, &message);
        if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || n > WIRE_LIMIT)
                return fault_raise(fault, FAULT_HOSTILE, EMSGSIZE, "a message is too long");
        r = parse(text, (size_t) n, &message.body, fault);
        if (r < 0)
                return r;
        *ret = message;
        message = MESSAGE_EMPTY;
        return 1;
}

int message_take_fd(Message *message, size_t i) {
        return i < message->n_fds ? TAKE_FD(message->fds[i]) : -1;
}

void message_done(Message *message) {
        for (size_t i = 0; i < message->n_fds; i++)
                if (message->fds[i] >= 0)
                        (void) close(message->fds[i]);
        json_decref(message->body);
        *message = MESSAGE_EMPTY;
}

int wire_connect(const char *path, Fault *fault) {
        autofd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const char *unit = strrchr(path, '/');

        unit = unit ? unit + 1 : path;
        if (strlen(path) >= sizeof(address.sun_path))
                return fault_raise(
                                fault, FAULT_VALUE, ENAMETOOLONG, "'%.200s' is too long for a socket", path);
        (void) strcpy(address.sun_path, path);
        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot make a socket: %s", strerror(errno));
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) >= 0)
                return TAKE_FD(fd);
        if (errno == EACCES)
                return fault_raise(fault, FAULT_SYSTEM, EACCES,
                                "only root can connect to '%.200s'; try sudo", path);
        if (errno == ENOENT || errno == ECONNREFUSED)
                return fault_raise(fault, FAULT_MISSING, errno,
                                "nobody listens at '%.200s'; try 'systemctl start slipway-%s'", path, unit);
        return fault_raise(
                        fault, FAULT_SYSTEM, errno, "cannot connect to '%.200s': %s", path, strerror(errno));
}

int wire_document(const void *text, size_t size) {
        autofd int fd = memfd_create("slipway-document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int r;

        if (fd < 0)
                return -errno;
        r = io_write_all(fd, text, size);
        if (r < 0)
                return r;
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int wire_read_document(int fd, size_t limit, char **ret, size_t *ret_size, Fault *fault) {
        autofree char *text = NULL;
        struct stat st;
        size_t done = 0;

        if (fd < 0 || fstat(fd, &st) < 0)
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "a message has come without its file");
        if (!S_ISREG(st.st_mode))
                return fault_raise(fault, FAULT_HOSTILE, EINVAL, "what came with a message is no file");
        if ((uintmax_t) st.st_size > limit)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "a document is larger than %zu bytes", limit);
        text = malloc((size_t) st.st_size + 1);
        if (!text)
                return -ENOMEM;

        while (done < (size_t) st.st_size) {
                ssize_t n = pread(fd, text + done, (size_t) st.st_size - done, (off_t) done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read a document: %s",
                                        strerror(errno));
                if (n == 0)
                        break;
                done += (size_t) n;
        }
        text[done] = '\0';
        *ret = TAKE(text);
        *ret_size = done;
        return 0;
}

/* A text may quote a name that is no UTF-8, or be cut within a letter. */
static json_t *text_json(const char *text) {
        json_t *json = json_string(text);
        char plain[sizeof(((Fault *) NULL)->text)];
        size_t n = 0;

        if (json)
                return json;
        for (; n < sizeof(plain) - 1 && text[n]; n++)
                plain[n] = text[n] > 0 ? text[n] : '?';
        return json_stringn(plain, n);
}

json_t *wire_fault(const Fault *fault) {
        FaultKind kind = fault->kind == FAULT_NONE ? FAULT_SYSTEM : fault->kind;

        return json_pack("{s:{s:s, s:i, s:o}}", "error", "kind", fault_kind_to_string(kind), "errno",
                        fault->error ? fault->error : EIO, "text", text_json(fault->text));
}

int wire_raise(const json_t *body, Fault *fault) {
        const json_t *error = json_object_get(body, "error");
        const char *kind = json_string_value(json_object_get(error, "kind"));
        const char *text = json_string_value(json_object_get(error, "text"));
        json_int_t number = json_integer_value(json_object_get(error, "errno"));
        FaultKind known = kind ? fault_kind_from_string(kind) : FAULT_NONE;

        if (number <= 0 || number > 4095)
                number = EIO;
        return fault_raise(fault, known == FAULT_NONE ? FAULT_SYSTEM : known, (int) number, "%.500s",
                        text && *text ? text : strerror((int) number));
}
