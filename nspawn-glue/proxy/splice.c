/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/proxy/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        PIPE_SIZE = 256 * 1024,
        BULK = 64 * 1024,
        ROUNDS_MAX = 16, /* before other connections have their turn */
};

void pipes_done(PipePool *pool) {
        for (size_t i = 0; i < pool->n; i++) {
                (void) close(pool->pipes[i].in);
                (void) close(pool->pipes[i].out);
        }
        pool->n = 0;
}

/* Without the size that we want, a pipe is slower, but a pipe. */
static int pipe_take(PipePool *pool, Pipe *ret) {
        int ends[2];

        if (pool->n > 0) {
                *ret = pool->pipes[--pool->n];
                return 0;
        }
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        (void) fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
        *ret = (Pipe){ .in = ends[1], .out = ends[0] };
        return 0;
}

static void pipe_close(Pipe *pipe) {
        if (pipe->in < 0)
                return;
        (void) close(pipe->in);
        (void) close(pipe->out);
        *pipe = (Pipe){ -1, -1 };
}

/* An empty one can be somebody else's. */
static void pipe_give(PipePool *pool, Pipe *pipe) {
        if (pipe->in < 0)
                return;
        if (pool->n == PIPES_KEPT) {
                pipe_close(pipe);
                return;
        }
        pool->pipes[pool->n++] = *pipe;
        *pipe = (Pipe){ -1, -1 };
}

void stream_open(Stream *stream) {
        *stream = (Stream){ .pipe = { -1, -1 } };
}

void stream_close(Stream *stream, PipePool *pool) {
        if (stream->n == 0)
                pipe_give(pool, &stream->pipe);
        pipe_close(&stream->pipe);
        stream->n = 0;
}

/* That nothing comes may also mean that the pipe is full; only when it is empty do we know. */
static int fill(Stream *stream, PipePool *pool, Side *from) {
        ssize_t n;

        if (stream->pipe.in < 0) {
                int r = pipe_take(pool, &stream->pipe);

                if (r < 0)
                        return r;
        }
        n = splice(from->fd, NULL, stream->pipe.in, NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (n > 0)
                stream->n += (size_t) n;
        else if (n == 0)
                from->has_ended = true;
        else if (errno == EAGAIN)
                from->readable = stream->n > 0;
        else if (errno != EINTR)
                return -errno;
        return 0;
}

/* Where much comes, more will: it need not be sent in pieces. */
static int drain(Stream *stream, Side *to) {
        unsigned more = stream->n >= BULK ? SPLICE_F_MORE : 0;
        ssize_t n = splice(stream->pipe.out, NULL, to->fd, NULL, stream->n,
                        SPLICE_F_MOVE | SPLICE_F_NONBLOCK | more);

        if (n > 0) {
                stream->n -= (size_t) n;
                to->is_corked = more;
        } else if (n < 0 && errno == EAGAIN)
                to->writable = false;
        else if (n < 0 && errno != EINTR)
                return -errno;
        return 0;
}

/* There is no more after all. */
static void uncork(Side *to) {
        int on = 1;

        if (to->is_corked)
                (void) setsockopt(to->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        to->is_corked = false;
}

static bool can_fill(const Stream *stream, const Side *from) {
        return from->readable && !from->has_ended && stream->n < PIPE_SIZE;
}

static bool can_drain(const Stream *stream, const Side *to) {
        return stream->n > 0 && to->writable;
}

int stream_pump(Stream *stream, PipePool *pool, Side *from, Side *to) {
        int r = 0;

        for (int i = 0; i < ROUNDS_MAX &&
                        (can_drain(stream, to) || (stream->n == 0 && can_fill(stream, from)));
                        i++) {
                if (can_fill(stream, from))
                        r = fill(stream, pool, from);
                if (r >= 0 && can_drain(stream, to))
                        r = drain(stream, to);
                if (r < 0)
                        return r;
        }
        if (stream->n > 0)
                return to->writable;
        uncork(to);
        pipe_give(pool, &stream->pipe);
        if (from->has_ended && !to->is_shut) {
                to->is_shut = true;
                (void) shutdown(to->fd, SHUT_WR);
        }
        return from->readable && !from->has_ended;
}
