/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway-store: brings an image into the store for who connected to its socket. One process, one pull. */

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "image/change.h"
#include "image/doc.h"
#include "image/pull.h"
#include "image/pull/pull.h"
#include "image/wire.h"
#include "lib/fault-point.h"
#include "lib/report.h"

/* A client that says nothing at all keeps a process busy for so long. */
#define PATIENCE_MS 30000

/* What the thread that watches knows. */
typedef struct Watch {
        int client_fd, signal_fd, stop_fd[2];
        Fetch *fetch;
        bool canceled;
        pthread_t thread;
        bool started;
} Watch;

static int catch_signals(int *ret) {
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        *ret = signalfd(-1, &set, SFD_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

/* The client has nothing to say any more, but that it is gone. */
static void *watch(void *arg) {
        Watch *w = arg;
        struct pollfd fds[] = {
                { w->client_fd, POLLIN | POLLRDHUP, 0 },
                { w->signal_fd, POLLIN, 0 },
                { w->stop_fd[0], POLLIN, 0 },
        };

        while (poll(fds, ELEMENTS(fds), -1) < 0 && errno == EINTR)
                ;
        if (fds[0].revents || fds[1].revents) {
                __atomic_store_n(&w->canceled, true, __ATOMIC_RELAXED);
                fetch_cancel(w->fetch);
        }
        return NULL;
}

static int watch_start(Watch *w) {
        sigset_t all, before;
        int r;

        if (pipe2(w->stop_fd, O_CLOEXEC) < 0)
                return -errno;
        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&w->thread, NULL, watch, w);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        w->started = r == 0;
        return -r;
}

static void watch_end(Watch *w) {
        fd_closep(&w->stop_fd[1]);
        if (w->started)
                (void) pthread_join(w->thread, NULL);
        fd_closep(&w->stop_fd[0]);
}

/* Return: 1 with a message, 0 when the client has gone without a word, or a signal has come. */
static int receive(int client_fd, int signal_fd, Message *ret, Fault *fault) {
        struct pollfd fds[] = { { client_fd, POLLIN, 0 }, { signal_fd, POLLIN, 0 } };
        int r = poll(fds, ELEMENTS(fds), PATIENCE_MS);

        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot wait for a request: %s",
                                strerror(errno));
        if (r == 0)
                return fault_raise(fault, FAULT_SYSTEM, ETIMEDOUT, "nobody has asked for anything");
        return fds[1].revents ? 0 : wire_receive(client_fd, ret, fault);
}

static int take_fetcher(Message *message, Fetch **ret, Fault *fault) {
        int fd = message_take_fd(message, 1), type = 0;
        socklen_t size = sizeof(type);

        if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) >= 0 && type == SOCK_SEQPACKET)
                return fetch_new(fd, ret);
        if (fd >= 0)
                (void) close(fd);
        return fault_raise(fault, FAULT_SYNTAX, EBADF, "a request lacks the connection to slipway-fetch");
}

/* As image_event() does for verbs. */
static void note_in_journal(const Pulled *pulled) {
        for (size_t i = 0; pulled->result.names && pulled->result.names[i]; i++) {
                autofree char *name = NULL, *id = NULL;

                if (asprintf(&name, "IMAGE_NAME=%s", pulled->result.names[i]) < 0)
                        name = NULL;
                if (asprintf(&id, "IMAGE_ID=sha256:%s", pulled->result.id.hex) < 0)
                        id = NULL;
                report_event(REPORT_INFO, MESSAGE_IMAGE_PULLED,
                                name && id ? (const char *const[]){ name, id, NULL } : NULL,
                                "Pulled image %s, sha256:%.12s", pulled->result.names[i],
                                pulled->result.id.hex);
        }
}

/* A store of one's own, in tests for instance, is nobody else's business. */
static const char *own_store(void) {
        const char *path = getenv("SLIPWAY_STATE_DIR");

        return path && *path ? path : NULL;
}

static int serve(const PullRequest *request, Message *message, Watch *w, Tell *tell, Fault *fault) {
        AUTO(pulled_done) Pulled pulled = {};
        autostore Store store = STORE_CLOSED;
        PullJob job = { .store = &store, .request = request, .tell = tell, .canceled = &w->canceled };
        autofree char *document = NULL;
        autofetch Fetch *fetch = NULL;
        int r;

        if ((r = wire_read_document(message->fds[0], DOC_LIMIT, &document, &job.size, fault)) < 0 ||
                        (r = take_fetcher(message, &fetch, fault)) < 0 ||
                        (r = store_create(own_store(), &store, fault)) < 0)
                return r;
        job.document = document;
        w->fetch = job.fetch = fetch;
        r = watch_start(w);
        if (r < 0)
                return r;
        r = pull(&job, &pulled, fault);
        watch_end(w);
        if (r < 0)
                return r;
        if (!own_store())
                note_in_journal(&pulled);
        tell_end(tell, &pulled.result, pulled.rule, pulled.key);
        return 0;
}

/* Whoever asked hears of a failure, and the journal. */
static int failed(int r, Tell *tell, const Watch *w, const char *name, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot bring the image into the store");
        if (w->canceled) {
                report_note(REPORT_NOTICE, "stopped pulling '%.200s'; what is finished is kept", name);
                return 0;
        }
        tell_fault(tell, fault);
        report_fault(REPORT_ERROR, fault);
        return 1;
}

static int run(int client_fd, int signal_fd) {
        Watch w = { .client_fd = client_fd, .signal_fd = signal_fd, .stop_fd = { -1, -1 } };
        AUTO(pull_request_done) PullRequest request = {};
        automessage Message message = MESSAGE_EMPTY;
        AUTO(tell_freep) Tell *tell = NULL;
        Fault fault = {};
        int r;

        r = tell_new(client_fd, &tell);
        if (r < 0) {
                report_note(REPORT_ERROR, "standard input is no connection: %s; see slipway-store(8)",
                                strerror(-r));
                return 2;
        }
        r = receive(client_fd, signal_fd, &message, &fault);
        if (r == 0)
                return 0;
        if (r > 0)
                r = pull_request_parse(message.body, &request, &fault);
        if (r >= 0)
                r = serve(&request, &message, &w, tell, &fault);
        return r < 0 ? failed(r, tell, &w, request.name ? request.name : "", &fault) : 0;
}

int main(int argc, char **argv) {
        autofd int signal_fd = -1;
        int r;

        report_init("slipway-store", report_choose_sink());
        if (fault_point_asked(argc, argv))
                return 0;
        if (argc > 1) {
                report_note(REPORT_ERROR, "slipway-store takes no arguments; see slipway-store(8)");
                return 2;
        }
        fault_point_choose(".slipway-store");
        (void) umask(0077);
        r = catch_signals(&signal_fd);
        if (r < 0) {
                report_note(REPORT_ERROR, "cannot catch signals: %s", strerror(-r));
                return 1;
        }
        return run(STDIN_FILENO, signal_fd);
}
