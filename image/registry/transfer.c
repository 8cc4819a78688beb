/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/transfer.h"

#include <time.h>

#define TELL_BYTES (256u << 10)
#define TELL_MS 100

static uint64_t milliseconds(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

/* Tells one listener, with the file if that is new to it. Under the lock. */
static void tell_one(const Transfer *transfer, Listener *listener, bool restart) {
        json_t *body = json_pack("{s:I, s:I}", "id", listener->id, "bytes", (json_int_t) transfer->told);
        int fd = -1;

        if (body && restart)
                (void) json_object_set_new(body, "restart", json_true());
        if (!listener->has_file) {
                fd = incoming_share(&transfer->file);
                listener->has_file = fd >= 0;
        }
        (void) wire_send_new(transfer->server->fd, body, &fd, fd >= 0);
        if (fd >= 0)
                (void) close(fd);
}

static void tell_all(Transfer *transfer, bool restart) {
        transfer->told = transfer->done;
        transfer->told_at = milliseconds();
        for (Listener *listener = transfer->listeners; listener; listener = listener->next) {
                if (restart)
                        listener->has_file = false;
                tell_one(transfer, listener, restart);
                if (restart)
                        listener->is_stale = true;
        }
}

/* What was told is only ever written by who tells, so it may be looked at without the lock. */
void transfer_tell(Transfer *transfer) {
        if (transfer->done == transfer->told ||
                        (transfer->done - transfer->told < TELL_BYTES &&
                                        milliseconds() - transfer->told_at < TELL_MS))
                return;
        (void) pthread_mutex_lock(&transfer->server->mutex);
        tell_all(transfer, false);
        (void) pthread_mutex_unlock(&transfer->server->mutex);
}

void transfer_begin(Transfer *transfer, bool restart) {
        (void) pthread_mutex_lock(&transfer->server->mutex);
        tell_all(transfer, restart);
        (void) pthread_mutex_unlock(&transfer->server->mutex);
}

static void take_out(Transfer *transfer) {
        for (Transfer **at = &transfer->server->transfers; *at; at = &(*at)->next)
                if (*at == transfer) {
                        *at = transfer->next;
                        break;
                }
}

static json_t *last_word(const Transfer *transfer, const Fault *fault) {
        if (fault)
                return fault_message(fault);
        return json_pack("{s:I, s:b}", "bytes", (json_int_t) transfer->size, "done", 1);
}

void transfer_end(Transfer *transfer, const Fault *fault) {
        Server *server = transfer->server;

        (void) pthread_mutex_lock(&server->mutex);
        take_out(transfer);
        while (transfer->listeners) {
                Listener *listener = transfer->listeners;
                json_t *body;

                transfer->listeners = listener->next;
                if (!fault && !listener->has_file)
                        tell_one(transfer, listener, false);
                body = last_word(transfer, fault);
                if (body)
                        (void) json_object_set_new(body, "id", json_integer(listener->id));
                (void) wire_send_new(server->fd, body, NULL, 0);
                free(listener);
        }
        incoming_close(&transfer->file);
        (void) pthread_cond_broadcast(&server->changed);
        (void) pthread_mutex_unlock(&server->mutex);
        hash_freep(&transfer->hash);
        free(transfer);
}

static bool is_taken(const Transfer *transfer) {
        for (const Transfer *other = transfer->server->transfers; other; other = other->next)
                if (other != transfer && atomic_load(&other->is_canceled) &&
                                digest_equal(&other->digest, &transfer->digest))
                        return true;
        return false;
}

void transfer_wait_turn(Transfer *transfer) {
        (void) pthread_mutex_lock(&transfer->server->mutex);
        while (is_taken(transfer) && !atomic_load(&transfer->is_canceled))
                (void) pthread_cond_wait(&transfer->server->changed, &transfer->server->mutex);
        (void) pthread_mutex_unlock(&transfer->server->mutex);
}

static Transfer *find(const Server *server, const Digest *digest, uint64_t size) {
        for (Transfer *transfer = server->transfers; transfer; transfer = transfer->next)
                if (!atomic_load(&transfer->is_canceled) && transfer->size == size &&
                                digest_equal(&transfer->digest, digest))
                        return transfer;
        return NULL;
}

static Transfer *new_transfer(Server *server, const Digest *digest, uint64_t size) {
        Transfer *transfer = calloc(1, sizeof(Transfer));

        if (!transfer)
                return NULL;
        transfer->server = server;
        transfer->digest = *digest;
        transfer->size = size;
        transfer->file = INCOMING_EMPTY;
        transfer->next = server->transfers;
        server->transfers = transfer;
        return transfer;
}

int transfer_ask(Job *job, Fault *fault) {
        Server *server = job->server;
        Listener *listener;
        Transfer *transfer;
        Digest digest;
        uint64_t size;
        bool is_new;
        int r;

        if ((r = job_digest(job, &digest, fault)) < 0 || (r = job_size(job, "size", &size, fault)) < 0)
                return r;
        listener = calloc(1, sizeof(Listener));
        if (!listener)
                return -ENOMEM;
        listener->id = job->id;

        (void) pthread_mutex_lock(&server->mutex);
        transfer = find(server, &digest, size);
        is_new = !transfer;
        if (is_new)
                transfer = new_transfer(server, &digest, size);
        if (transfer) {
                listener->next = transfer->listeners;
                transfer->listeners = listener;
                if (!is_new && transfer->file.fd >= 0)
                        tell_one(transfer, listener, false);
        } else
                free(listener);
        (void) pthread_mutex_unlock(&server->mutex);
        if (!transfer)
                return -ENOMEM;
        job->transfer = transfer;
        return is_new;
}

/* Return: whether somebody still waits for it. */
static bool remove_listener(Transfer *transfer, json_int_t id) {
        bool is_wanted = false;

        for (Listener **at = &transfer->listeners; *at;) {
                Listener *listener = *at;

                if (listener->id == id) {
                        *at = listener->next;
                        free(listener);
                        continue;
                }
                is_wanted = is_wanted || !listener->is_stale;
                at = &listener->next;
        }
        return is_wanted;
}

void transfer_cancel(Server *server, json_int_t id) {
        (void) pthread_mutex_lock(&server->mutex);
        for (Transfer *transfer = server->transfers; transfer; transfer = transfer->next)
                for (const Listener *listener = transfer->listeners; listener; listener = listener->next)
                        if (listener->id == id) {
                                if (!remove_listener(transfer, id))
                                        atomic_store(&transfer->is_canceled, true);
                                break;
                        }
        (void) pthread_cond_broadcast(&server->changed);
        (void) pthread_mutex_unlock(&server->mutex);
}
