/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Blobs: into a file, with their digest taken in passing
 *
 * What has come stays good through everything that breaks: the next try, of
 * this or of another endpoint or of another day, goes on where it has ended.
 * Only a wrong digest makes all of it worthless.
 */

#include <stdio.h>
#include <string.h>

#include "image/registry/retry.h"
#include "image/registry/transfer.h"
#include "lib/io.h"
#include "lib/strv.h"

/* So much makes an attempt a success, whatever ends it. */
#define PROGRESS (1u << 20)

/* One reply of one endpoint. */
typedef struct Attempt {
        Transfer *transfer;
        uint64_t offset; /* that was asked for */
        uint64_t skip;   /* bytes to come that are there already */
        bool no_range;   /* it does not understand ranges, or does so wrongly */
} Attempt;

static int wrong_size(const Transfer *transfer, int64_t has, Fault *fault) {
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "it has %jd bytes to send, where %ju are right",
                        (intmax_t) has, (uintmax_t) transfer->size);
}

/* "bytes FIRST-LAST/SIZE": the rest, and all of it. */
static bool is_the_rest(const Attempt *attempt, const HttpReply *reply) {
        const char *text = http_header(reply, "content-range");
        unsigned long long first, last, size;
        int n = 0;

        if (!text || sscanf(text, "bytes %llu-%llu/%n", &first, &last, &n) != 2 || n == 0)
                return false;
        text += n;
        if (strcmp(text, "*") != 0) {
                char *end;

                size = strtoull(text, &end, 10);
                if (*end || end == text || size != attempt->transfer->size)
                        return false;
        }
        return first == attempt->offset && last == attempt->transfer->size - 1;
}

static int on_begin(void *data, const HttpReply *reply, Fault *fault) {
        Attempt *attempt = data;
        const Transfer *transfer = attempt->transfer;
        int64_t length = http_content_length(reply);
        int r;

        r = http_check_encoding(reply, fault);
        if (r < 0)
                return r;
        if (reply->status == 206 && attempt->offset > 0) {
                if (!is_the_rest(attempt, reply)) {
                        attempt->no_range = true;
                        return fault_raise(fault, FAULT_SYNTAX, ERANGE,
                                        "it has sent another part than was asked for");
                }
                if (length >= 0 && (uint64_t) length != transfer->size - attempt->offset)
                        return wrong_size(transfer, length, fault);
                return 0;
        }
        if (reply->status != 200)
                return fault_raise(fault, FAULT_SYNTAX, EPROTO, "it answers with status %ld", reply->status);
        if (length >= 0 && (uint64_t) length != transfer->size)
                return wrong_size(transfer, length, fault);
        attempt->skip = transfer->done;
        return 0;
}

static int no_room(int r, Fault *fault) {
        if (r == -ENOSPC || r == -EDQUOT)
                return fault_raise(fault, FAULT_SYSTEM, ENOSPC,
                                "there is no room left in slipway-fetch's directory "
                                "(/var/lib/slipway-fetch)");
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot write in slipway-fetch's directory: %s",
                        strerror(-r));
}

static int on_write(void *data, const void *bytes, size_t size, Fault *fault) {
        Attempt *attempt = data;
        Transfer *transfer = attempt->transfer;
        uint64_t skip = attempt->skip < size ? attempt->skip : size;
        int r;

        attempt->skip -= skip;
        bytes = (const char *) bytes + skip;
        size -= skip;
        if (size > transfer->size - transfer->done)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "it sends more than the %ju bytes that are right",
                                (uintmax_t) transfer->size);
        r = io_write_all(transfer->file.fd, bytes, size);
        if (r < 0)
                return no_room(r, fault);
        hash_update(transfer->hash, bytes, size);
        transfer->done += size;
        transfer_tell(transfer);
        return 0;
}

static void on_tick(void *data) {
        transfer_tell(((Attempt *) data)->transfer);
}

/* One request for what is missing. */
static int attempt_blob(Attempt *attempt, Registry *registry, HttpReply *reply, Fault *fault) {
        Transfer *transfer = attempt->transfer;
        const HttpSink sink = { on_begin, on_write, on_tick, attempt };
        char path[DIGEST_HEX + 16], what[DIGEST_HEX];
        autostrv char **headers = NULL;
        RegistryCall call = {
                .path = path,
                .what = what,
                .sink = &sink,
                .body_fd = -1,
                .canceled = &transfer->is_canceled,
        };
        int r;

        (void) snprintf(path, sizeof(path), "blobs/sha256:%s", transfer->digest.hex);
        (void) snprintf(what, sizeof(what), "blob sha256:%.12s", transfer->digest.hex);
        attempt->offset = attempt->no_range ? 0 : transfer->done;
        attempt->skip = 0;
        if (attempt->offset > 0 &&
                        strv_appendf(&headers, "Range: bytes=%ju-", (uintmax_t) attempt->offset) < 0)
                return -ENOMEM;
        call.headers = headers;
        if (lseek(transfer->file.fd, (off_t) transfer->done, SEEK_SET) < 0)
                return no_room(-errno, fault);

        r = registry_call(registry, &call, reply, fault);
        if (r >= 0)
                r = registry_judge(registry, &call, reply, fault);
        if (r < 0 && reply->status == 416 && attempt->offset > 0) {
                attempt->no_range = true;
                fault_clear(fault);
                r = fault_raise(fault, FAULT_SYNTAX, ERANGE, "it cannot send a part");
        }
        if (r >= 0 && transfer->done < transfer->size)
                r = fault_raise(fault, FAULT_SYSTEM, ECONNRESET, "it has ended after %ju of %ju bytes",
                                (uintmax_t) transfer->done, (uintmax_t) transfer->size);
        return r;
}

static int fetch_from(Transfer *transfer, Registry *registry, Fault *fault) {
        Attempt attempt = { .transfer = transfer };
        Retry retry = {};

        for (;;) {
                autoreply HttpReply reply = {};
                uint64_t before = transfer->done;
                bool had_range = !attempt.no_range;
                int r = attempt_blob(&attempt, registry, &reply, fault);

                if (r >= 0)
                        return r;
                if (transfer->done - before >= PROGRESS)
                        retry.n = 0;
                if (!(r == -ERANGE && had_range) &&
                                !(http_is_transient(r, &reply) &&
                                                retry_wait(&retry, r, &reply, &transfer->is_canceled)))
                        return r;
                fault_clear(fault);
        }
}

/* What was there is digested first, and told as it is. */
static int digest_present(Transfer *transfer, Fault *fault) {
        enum { PIECE = 1 << 20 };
        autofree char *buffer = NULL;

        if (transfer->file.size == 0)
                return 0;
        buffer = malloc(PIECE);
        if (!buffer)
                return -ENOMEM;
        while (transfer->done < transfer->file.size && !atomic_load(&transfer->is_canceled)) {
                uint64_t left = transfer->file.size - transfer->done;
                ssize_t n = pread(transfer->file.fd, buffer, left < PIECE ? left : PIECE,
                                (off_t) transfer->done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return no_room(n < 0 ? -errno : -EIO, fault);
                hash_update(transfer->hash, buffer, (size_t) n);
                transfer->done += (uint64_t) n;
                transfer_tell(transfer);
        }
        return 0;
}

static int new_hash(Transfer *transfer) {
        hash_freep(&transfer->hash);
        transfer->hash = hash_new();
        return transfer->hash ? 0 : -ENOMEM;
}

/* All that has come is worth nothing. */
static int restart(Transfer *transfer, Fault *fault) {
        int r;

        (void) pthread_mutex_lock(&transfer->server->mutex);
        r = incoming_restart(&transfer->file, fault);
        transfer->done = transfer->told = 0;
        (void) pthread_mutex_unlock(&transfer->server->mutex);
        if (r < 0 || (r = new_hash(transfer)) < 0)
                return r;
        transfer_begin(transfer, true);
        return 0;
}

/* Return: 0 when the bytes are right, -EBADMSG with a fault when they are not. */
static int verify(Transfer *transfer, Fault *fault) {
        Digest is;
        int r;

        r = hash_finish(transfer->hash, &is);
        if (r < 0)
                return fault_wrap(fault, r, "cannot compute a digest");
        if (digest_equal(&is, &transfer->digest))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "it has sent something else: sha256:%s", is.hex);
}

/* Return: 1 with all of it, 0 when what has come is wrong, -errno when it does not come; both with a fault.
 */
static int fetch_verified(Transfer *transfer, Registry *registry, Fault *fault) {
        int r;

        r = transfer->done < transfer->size ? fetch_from(transfer, registry, fault) : 0;
        if (r >= 0)
                r = verify(transfer, fault);
        else
                return r;
        return r == 0 ? 1 : r == -EBADMSG ? 0 : r;
}

static int fetch_from_all(Transfer *transfer, Fault *fault) {
        Server *server = transfer->server;
        Failures failures = {};
        char what[DIGEST_HEX];

        (void) snprintf(what, sizeof(what), "cannot get blob sha256:%.12s", transfer->digest.hex);
        for (size_t i = 0; i < server->n;) {
                bool is_alone = transfer->done == 0; /* all bytes will be this endpoint's */
                int r = fetch_verified(transfer, server->registries[i], fault);

                if (r > 0)
                        return 0;
                if (r < 0 && failure_is_ours(r))
                        return fault_wrap(fault, r, "%s", what);

                /* Who has only added to what somebody else had sent is given a chance. */
                if (r < 0 || is_alone) {
                        failures_add(&failures, server->registries[i], fault);
                        i++;
                }
                fault_clear(fault);
                if (r < 0)
                        continue;
                r = i < server->n ? restart(transfer, fault) : 0;
                if (r < 0)
                        return fault_wrap(fault, r, "%s", what);
                if (i == server->n)
                        transfer->is_wrong = true;
        }
        return failures_raise(&failures, what, fault);
}

static int fetch_blob(Transfer *transfer, Fault *fault) {
        Server *server = transfer->server;
        Incoming file = INCOMING_EMPTY;
        int r;

        transfer_wait_turn(transfer);
        if (atomic_load(&transfer->is_canceled))
                return -ECANCELED;
        if ((r = new_hash(transfer)) < 0 || (r = incoming_open(server->dir_fd, &transfer->digest,
                                                             transfer->size, &file, fault)) < 0)
                return r;
        (void) pthread_mutex_lock(&server->mutex);
        transfer->file = file;
        (void) pthread_mutex_unlock(&server->mutex);
        r = incoming_check_room(server->dir_fd, transfer->size - transfer->file.size, fault);
        if (r < 0)
                return r;

        transfer_begin(transfer, false);
        r = digest_present(transfer, fault);
        return r < 0 ? r : fetch_from_all(transfer, fault);
}

/* Answers by itself, and so has no fault for the caller. */
int do_blob(Job *job, Fault *fault) {
        Transfer *transfer = job->transfer;
        int r = fetch_blob(transfer, fault);

        if (r < 0 && !fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot get blob sha256:%.12s", transfer->digest.hex);
        (void) pthread_mutex_lock(&job->server->mutex);
        if (r >= 0)
                incoming_finish(&transfer->file);
        else if (r == -ENOSPC || transfer->is_wrong)
                incoming_discard(&transfer->file);
        (void) pthread_mutex_unlock(&job->server->mutex);
        transfer_end(transfer, r < 0 ? fault : NULL);
        return 0;
}
