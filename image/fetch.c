/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/fetch.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "image/doc.h"
#include "image/hash.h"
#include "image/wire.h"

/* The largest list of tags of a repository; other documents are DOC_LIMIT long at most. */
#define TAGS_LIMIT (16u << 20)

#define ENDED "slipway-fetch has ended; its journal says why: journalctl -u slipway-fetch"

/* A request that was sent, as long as somebody waits for what comes of it. */
typedef struct Pending {
        struct Pending *next;
        json_int_t id;
        const Digest *blob; /* what "bytes" are of; NULL for no transfer */
        uint64_t bytes;     /* so far */
        int file;
        json_t *answer; /* the last one; NULL until then */
        bool restarted;
} Pending;

struct Fetch {
        int fd;
        int stop_fd; /* for the thread to end */
        pthread_t thread;
        bool started;

        pthread_mutex_t mutex;
        pthread_cond_t changed;
        Pending *pending;
        json_int_t last_id;
        bool canceled;
        bool closed; /* nothing will come any more, and why: */
        Fault fault;

        FetchProgress *progress;
        void *progress_data;
};

/* --- what arrives --- */

static Pending *find_pending(Fetch *fetch, json_int_t id) {
        Pending *p = fetch->pending;

        while (p && p->id != id)
                p = p->next;
        return p;
}

/* An answer to nothing is one to a request that was given up meanwhile. */
static void take_answer(Fetch *fetch, Message *message) {
        const json_t *bytes = json_object_get(message->body, "bytes");
        Pending *p = find_pending(fetch, json_integer_value(json_object_get(message->body, "id")));

        if (!p || p->answer || p->restarted)
                return;
        if (json_is_true(json_object_get(message->body, "restart"))) {
                p->restarted = true;
                return;
        }
        if (p->file < 0)
                p->file = message_take_fd(message, 0);
        if (json_is_integer(bytes) && json_integer_value(bytes) >= 0)
                p->bytes = (uint64_t) json_integer_value(bytes);
        if (!json_is_integer(bytes) || json_is_true(json_object_get(message->body, "done")) ||
                        json_object_get(message->body, "error"))
                p->answer = TAKE(message->body);
        if (p->blob && fetch->progress)
                fetch->progress(fetch->progress_data, p->blob, p->bytes);
}

static void *listen_to_it(void *arg) {
        Fetch *fetch = arg;
        struct pollfd fds[] = { { fetch->fd, POLLIN, 0 }, { fetch->stop_fd, POLLIN, 0 } };
        Fault fault = {};
        int r = 0;

        for (;;) {
                automessage Message message = MESSAGE_EMPTY;

                if (poll(fds, ELEMENTS(fds), -1) < 0 && errno != EINTR)
                        break;
                if (fds[1].revents)
                        break;
                r = wire_receive(fetch->fd, &message, &fault);
                if (r <= 0)
                        break;
                pthread_mutex_lock(&fetch->mutex);
                take_answer(fetch, &message);
                pthread_cond_broadcast(&fetch->changed);
                pthread_mutex_unlock(&fetch->mutex);
        }

        if (!fault_is_raised(&fault))
                (void) fault_raise(&fault, FAULT_SYSTEM, ECONNRESET, "%s", ENDED);
        pthread_mutex_lock(&fetch->mutex);
        fetch->closed = true;
        fetch->fault = fault;
        pthread_cond_broadcast(&fetch->changed);
        pthread_mutex_unlock(&fetch->mutex);
        return NULL;
}

/* --- the connection --- */

/* Signals are for the thread that started us. */
static int start_thread(Fetch *fetch) {
        sigset_t all, before;
        int r;

        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&fetch->thread, NULL, listen_to_it, fetch);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        fetch->started = r == 0;
        return -r;
}

static void stop_thread(Fetch *fetch) {
        if (fetch->started) {
                (void) eventfd_write(fetch->stop_fd, 1);
                (void) pthread_join(fetch->thread, NULL);
        }
        fetch->started = false;
}

int fetch_new(int fd, Fetch **ret) {
        autofetch Fetch *fetch = calloc(1, sizeof(Fetch));
        int r;

        if (!fetch) {
                (void) close(fd);
                return -ENOMEM;
        }
        fetch->fd = fd;
        (void) pthread_mutex_init(&fetch->mutex, NULL);
        (void) pthread_cond_init(&fetch->changed, NULL);
        fetch->stop_fd = eventfd(0, EFD_CLOEXEC);
        if (fetch->stop_fd < 0)
                return -errno;
        r = start_thread(fetch);
        if (r < 0)
                return r;
        *ret = TAKE(fetch);
        return 0;
}

int fetch_connect(Fetch **ret, Fault *fault) {
        const char *path = getenv("SLIPWAY_FETCH_SOCKET");
        int fd = wire_connect(path && *path ? path : FETCH_SOCKET, fault);

        return fd < 0 ? fd : fetch_new(fd, ret);
}

void fetch_cancel(Fetch *fetch) {
        pthread_mutex_lock(&fetch->mutex);
        fetch->canceled = true;
        pthread_cond_broadcast(&fetch->changed);
        pthread_mutex_unlock(&fetch->mutex);
        (void) shutdown(fetch->fd, SHUT_RDWR);
}

int fetch_release(Fetch *fetch) {
        int fd;

        stop_thread(fetch);
        fd = TAKE_FD(fetch->fd);
        fetch_free(fetch);
        return fd;
}

void fetch_free(Fetch *fetch) {
        stop_thread(fetch);
        if (fetch->fd >= 0)
                (void) close(fetch->fd);
        if (fetch->stop_fd >= 0)
                (void) close(fetch->stop_fd);
        pthread_cond_destroy(&fetch->changed);
        pthread_mutex_destroy(&fetch->mutex);
        free(fetch);
}

void fetch_on_progress(Fetch *fetch, FetchProgress *progress, void *data) {
        pthread_mutex_lock(&fetch->mutex);
        fetch->progress = progress;
        fetch->progress_data = data;
        pthread_mutex_unlock(&fetch->mutex);
}

/* --- requests --- */

static int gone(const Fetch *fetch, Fault *fault) {
        if (fetch->canceled)
                return fault_raise(fault, FAULT_SYSTEM, ECANCELED, "interrupted");
        if (fault)
                *fault = fetch->fault;
        return -fetch->fault.error;
}

/* Who cancels ends the connection as well: then that is the reason, not the fetcher. */
static int not_sent(Fetch *fetch, int r, Fault *fault) {
        bool canceled;

        pthread_mutex_lock(&fetch->mutex);
        canceled = fetch->canceled;
        pthread_mutex_unlock(&fetch->mutex);
        if (canceled)
                return fault_raise(fault, FAULT_SYSTEM, ECANCELED, "interrupted");
        if (r == -EPIPE)
                return fault_raise(fault, FAULT_SYSTEM, ECONNRESET, "%s", ENDED);
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot ask slipway-fetch: %s", strerror(-r));
}

/* Sends a request (taken, also on failure), which from now on may be answered. */
static int ask(Fetch *fetch, Pending *pending, json_t *request, int file, Fault *fault) {
        int r;

        pending->file = -1;
        pthread_mutex_lock(&fetch->mutex);
        pending->id = ++fetch->last_id;
        pending->next = fetch->pending;
        fetch->pending = pending;
        pthread_mutex_unlock(&fetch->mutex);

        if (request && json_object_set_new(request, "id", json_integer(pending->id)) < 0) {
                json_decref(request);
                request = NULL;
        }
        r = wire_send_new(fetch->fd, request, &file, file >= 0);
        return r < 0 ? not_sent(fetch, r, fault) : 0;
}

/* Nobody waits for it any more. */
static void give_up(Fetch *fetch, Pending *pending) {
        pthread_mutex_lock(&fetch->mutex);
        for (Pending **at = &fetch->pending; *at; at = &(*at)->next)
                if (*at == pending) {
                        *at = pending->next;
                        break;
                }
        pthread_mutex_unlock(&fetch->mutex);
        json_decref(pending->answer);
        if (pending->file >= 0)
                (void) close(pending->file);
        pending->answer = NULL;
        pending->file = -1;
}

static int wait_for_answer(Fetch *fetch, Pending *pending, Fault *fault) {
        int r = 0;

        pthread_mutex_lock(&fetch->mutex);
        while (!pending->answer && !fetch->closed && !fetch->canceled)
                pthread_cond_wait(&fetch->changed, &fetch->mutex);
        if (!pending->answer)
                r = gone(fetch, fault);
        pthread_mutex_unlock(&fetch->mutex);
        if (r >= 0 && json_object_get(pending->answer, "error"))
                r = wire_raise(pending->answer, fault);
        return r;
}

/* Asks and waits. Return: the answer in @pending, to be given up by the caller in any case. */
static int call(Fetch *fetch, Pending *pending, json_t *request, int file, Fault *fault) {
        int r = ask(fetch, pending, request, file, fault);

        return r < 0 ? r : wait_for_answer(fetch, pending, fault);
}

/* @wanted: what its digest has to be, NULL for whatever it is. */
static int take_document(
                const Pending *pending, size_t limit, const Digest *wanted, Fetched *ret, Fault *fault) {
        AUTO(fetched_done) Fetched fetched = {};
        int r;

        r = wire_read_document(pending->file, limit, &fetched.text, &fetched.size, fault);
        if (r < 0)
                return r;
        r = hash_bytes(fetched.text, fetched.size, &fetched.digest);
        if (r < 0)
                return r;
        if (wanted && !digest_equal(wanted, &fetched.digest))
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "the document sha256:%s that has come is not sha256:%s", fetched.digest.hex,
                                wanted->hex);
        r = doc_string(pending->answer, "type", &fetched.media_type, fault);
        if (r < 0)
                return r;
        *ret = fetched;
        fetched = (Fetched){};
        return 0;
}

static int call_for_document(Fetch *fetch, json_t *request, size_t limit, const Digest *wanted, Fetched *ret,
                Fault *fault) {
        Pending pending = {};
        int r = call(fetch, &pending, request, -1, fault);

        if (r >= 0)
                r = take_document(&pending, limit, wanted, ret, fault);
        give_up(fetch, &pending);
        return r;
}

static json_t *digest_json(const Digest *digest) {
        char text[DIGEST_HEX + 8];

        (void) snprintf(text, sizeof(text), "sha256:%s", digest->hex);
        return json_string(text);
}

int fetch_begin(Fetch *fetch, const EndpointList *endpoints, Fault *fault) {
        autofree char *text = NULL;
        autofd int fd = -1;
        size_t size;
        int r;

        r = endpoints_to_text(endpoints, &text, &size);
        if (r >= 0)
                r = fd = wire_document(text, size);
        if (text)
                explicit_bzero(text, size);
        if (r >= 0)
                r = wire_send_new(fetch->fd, json_pack("{s:s}", "do", "begin"), &fd, 1);
        return r < 0 ? not_sent(fetch, r, fault) : 0;
}

int fetch_manifest(Fetch *fetch, const char *reference, const Digest *known, Fetched *ret, Fault *fault) {
        json_t *request = json_pack("{s:s, s:s}", "do", "manifest", "reference", reference);
        Pending pending = {};
        Digest wanted = {};
        int r;

        (void) digest_parse(reference, &wanted, NULL);
        if (request && known && json_object_set_new(request, "known", digest_json(known)) < 0) {
                json_decref(request);
                request = NULL;
        }
        r = call(fetch, &pending, request, -1, fault);
        if (r >= 0 && known && json_is_true(json_object_get(pending.answer, "unchanged")))
                *ret = (Fetched){ .digest = *known, .unchanged = true };
        else if (r >= 0)
                r = take_document(&pending, DOC_LIMIT, digest_is_set(&wanted) ? &wanted : NULL, ret, fault);
        give_up(fetch, &pending);
        return r;
}

int fetch_document(Fetch *fetch, const Digest *digest, int64_t size, Fetched *ret, Fault *fault) {
        json_t *request = json_pack("{s:s, s:o, s:I}", "do", "document", "digest", digest_json(digest),
                        "size", (json_int_t) size);

        return call_for_document(fetch, request, DOC_LIMIT, digest, ret, fault);
}

int fetch_referrers(Fetch *fetch, const Digest *digest, Fetched *ret, Fault *fault) {
        json_t *request = json_pack("{s:s, s:o}", "do", "referrers", "digest", digest_json(digest));

        return call_for_document(fetch, request, DOC_LIMIT, NULL, ret, fault);
}

int fetch_tags(Fetch *fetch, Fetched *ret, Fault *fault) {
        return call_for_document(fetch, json_pack("{s:s}", "do", "tags"), TAGS_LIMIT, NULL, ret, fault);
}

int fetch_url(Fetch *fetch, const char *url, size_t limit, Fetched *ret, Fault *fault) {
        json_t *request = json_pack("{s:s, s:s, s:I}", "do", "url", "url", url, "limit", (json_int_t) limit);

        return call_for_document(fetch, request, limit, NULL, ret, fault);
}

int fetch_forget(Fetch *fetch, const Digest *digest) {
        return wire_send_new(fetch->fd,
                        json_pack("{s:s, s:o}", "do", "forget", "digest", digest_json(digest)), NULL, 0);
}

/* --- layers --- */

typedef struct BlobStream {
        Stream stream;
        Fetch *fetch;
        Pending pending;
        Digest digest;
        uint64_t size, offset;
        bool is_file; /* the descriptor was looked at */
} BlobStream;

/* Waits until there is something behind the offset. Return: how many bytes there are, 0 at the end. */
static int64_t wait_for_bytes(BlobStream *blob, Fault *fault) {
        Fetch *fetch = blob->fetch;
        Pending *p = &blob->pending;
        int64_t r = 0;

        pthread_mutex_lock(&fetch->mutex);
        while (p->bytes <= blob->offset && !p->answer && !p->restarted && !fetch->closed && !fetch->canceled)
                pthread_cond_wait(&fetch->changed, &fetch->mutex);
        if (p->restarted)
                r = fault_raise(fault, FAULT_INTEGRITY, ESTALE, "the registry has sent something else");
        else if (p->answer && json_object_get(p->answer, "error"))
                r = wire_raise(p->answer, fault);
        else if (p->bytes > blob->size)
                r = fault_raise(fault, FAULT_HOSTILE, EFBIG, "it is longer than %ju bytes",
                                (uintmax_t) blob->size);
        else if (p->bytes > blob->offset)
                r = (int64_t) (p->bytes - blob->offset);
        else if (!p->answer)
                r = gone(fetch, fault);
        pthread_mutex_unlock(&fetch->mutex);
        return r;
}

/* Reading anything else could wait for ever, or be an act. */
static int check_file(BlobStream *blob, Fault *fault) {
        struct stat st;

        if (!blob->is_file && (fstat(blob->pending.file, &st) < 0 || !S_ISREG(st.st_mode)))
                return fault_raise(fault, FAULT_HOSTILE, EBADF, "slipway-fetch has not handed over a file");
        blob->is_file = true;
        return 0;
}

static ssize_t blob_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        BlobStream *blob = (BlobStream *) stream;
        int64_t there = wait_for_bytes(blob, fault);
        ssize_t n;
        int r;

        if (there <= 0)
                return (ssize_t) there;
        r = check_file(blob, fault);
        if (r < 0)
                return r;
        if ((uint64_t) there < size)
                size = (size_t) there;
        do
                n = pread(blob->pending.file, buffer, size, (off_t) blob->offset);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read what was fetched: %s",
                                strerror(errno));
        if (n == 0)
                return fault_raise(fault, FAULT_HOSTILE, EIO,
                                "slipway-fetch has fetched less than it has said");
        blob->offset += (uint64_t) n;
        return n;
}

static void blob_free(Stream *stream) {
        BlobStream *blob = (BlobStream *) stream;
        bool ended;

        pthread_mutex_lock(&blob->fetch->mutex);
        ended = blob->pending.answer || blob->pending.restarted;
        pthread_mutex_unlock(&blob->fetch->mutex);
        if (!ended)
                (void) wire_send_new(blob->fetch->fd,
                                json_pack("{s:s, s:I}", "do", "cancel", "id", blob->pending.id), NULL, 0);
        give_up(blob->fetch, &blob->pending);
        free(blob);
}

int fetch_blob(Fetch *fetch, const Digest *digest, int64_t size, Stream **ret, Fault *fault) {
        BlobStream *blob = calloc(1, sizeof(BlobStream));
        json_t *request = json_pack("{s:s, s:o, s:I}", "do", "blob", "digest", digest_json(digest), "size",
                        (json_int_t) size);
        int r;

        if (!blob) {
                json_decref(request);
                return -ENOMEM;
        }
        blob->stream = (Stream){ blob_read, NULL, blob_free };
        blob->fetch = fetch;
        blob->digest = *digest;
        blob->size = size < 0 ? 0 : (uint64_t) size;
        blob->pending.blob = &blob->digest;
        r = ask(fetch, &blob->pending, request, -1, fault);
        if (r < 0) {
                give_up(fetch, &blob->pending);
                free(blob);
                return r;
        }
        *ret = &blob->stream;
        return 0;
}

/* --- to push --- */

int fetch_has(Fetch *fetch, const Digest *digest, bool *ret, Fault *fault) {
        Pending pending = {};
        int r = call(fetch, &pending, json_pack("{s:s, s:o}", "do", "has", "digest", digest_json(digest)),
                        -1, fault);

        if (r >= 0)
                *ret = json_is_true(json_object_get(pending.answer, "has"));
        give_up(fetch, &pending);
        return r;
}

int fetch_put_blob(
                Fetch *fetch, int file, const Digest *digest, int64_t size, const char *from, Fault *fault) {
        Pending pending = { .blob = digest };
        json_t *request = json_pack("{s:s, s:o, s:I, s:s*}", "do", "put-blob", "digest", digest_json(digest),
                        "size", (json_int_t) size, "from", from);
        int r = call(fetch, &pending, request, file, fault);

        give_up(fetch, &pending);
        return r;
}

int fetch_put_manifest(Fetch *fetch, const char *reference, const char *media_type, const void *text,
                size_t size, Fault *fault) {
        Pending pending = {};
        autofd int file = -1;
        Digest digest;
        int r;

        if ((r = hash_bytes(text, size, &digest)) < 0 || (r = file = wire_document(text, size)) < 0)
                return r;
        r = call(fetch, &pending,
                        json_pack("{s:s, s:s, s:s, s:o}", "do", "put-manifest", "reference", reference,
                                        "type", media_type, "digest", digest_json(&digest)),
                        file, fault);
        give_up(fetch, &pending);
        return r;
}

void fetched_done(Fetched *fetched) {
        free(fetched->text);
        free(fetched->media_type);
        *fetched = (Fetched){};
}
