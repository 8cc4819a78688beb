/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/stdio/pump.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"

enum {
        MOST_STREAMS = 4,
        LAST_WORDS = 4 << 20, /* what is still read of a stream that is to end: someone may write for ever */
};

/* For the callback, which may fail: the first failure is kept. */
typedef struct Sink {
        int journal_fd;
        const EntryHead *head;
        int error;
} Sink;

static void send_line(const Line *line, void *into) {
        Sink *sink = into;
        int r = FAULT_POINT("stdio:send a line");

        if (r >= 0)
                r = entry_send(sink->journal_fd, sink->head, line);
        if (r < 0 && sink->error == 0)
                sink->error = r;
}

/* Return: bytes read, 0 if there are none, -errno. */
static ssize_t pump_once(Stream *stream, int journal_fd, int *error) {
        Sink sink = { .journal_fd = journal_fd, .head = &stream->head };
        size_t room;
        char *to = lines_room(&stream->lines, &room);
        ssize_t n = read(stream->fd, to, room);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;

        lines_take(&stream->lines, (size_t) n, send_line, &sink);
        *error = *error < 0 ? *error : sink.error;
        return n;
}

static void flush(Stream *stream, int journal_fd, int *error) {
        Sink sink = { .journal_fd = journal_fd, .head = &stream->head };

        lines_flush(&stream->lines, send_line, &sink);
        *error = *error < 0 ? *error : sink.error;
}

/* Reads what is there now, one piece of each stream in turn. */
static int drain(Stream *streams, size_t n, int journal_fd, int *error) {
        for (size_t i = 0; i < n; i++)
                for (ssize_t total = 0, more; total < LAST_WORDS; total += more) {
                        more = pump_once(&streams[i], journal_fd, error);
                        if (more < 0)
                                return (int) more;
                        if (more == 0)
                                break;
                }
        return 0;
}

static int wait_for_words(const Stream *streams, size_t n, int idle_ms, const sigset_t *unblocked) {
        const struct timespec idle = { .tv_sec = idle_ms / 1000, .tv_nsec = idle_ms % 1000 * 1000000L };
        struct pollfd polled[MOST_STREAMS] = {};
        int r;

        for (size_t i = 0; i < n; i++)
                polled[i] = (struct pollfd){ .fd = streams[i].fd, .events = POLLIN };
        r = ppoll(polled, n, &idle, unblocked);
        return r < 0 ? -errno : r;
}

int pump_run(Stream *streams, size_t n, int journal_fd, int idle_ms, const volatile sig_atomic_t *stop,
                const sigset_t *unblocked, Fault *fault) {
        int r = 1, lost = 0;

        if (n > MOST_STREAMS)
                return fault_raise(fault, FAULT_VALUE, E2BIG, "there are at most %d streams", MOST_STREAMS);

        while (!*stop) {
                r = wait_for_words(streams, n, idle_ms, unblocked);
                if (r == -EINTR)
                        continue;
                if (r < 0)
                        return fault_wrap(fault, r, "cannot wait for output");
                if (r == 0)
                        break;
                for (size_t i = 0; i < n; i++) {
                        ssize_t got = pump_once(&streams[i], journal_fd, &lost);

                        if (got < 0)
                                return fault_wrap(fault, (int) got, "cannot read output");
                }
        }

        (void) FAULT_POINT("stdio:end");
        r = drain(streams, n, journal_fd, &lost);
        for (size_t i = 0; i < n; i++)
                flush(&streams[i], journal_fd, &lost);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read output");
        return lost < 0 ? fault_wrap(fault, lost, "cannot write all output to the journal") : 0;
}
