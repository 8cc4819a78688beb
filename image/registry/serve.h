/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A connection, and what is done for it
 *
 * One thread listens, and each request is worked on by a thread of its own,
 * as far as there may be so many; the rest wait. The other side's hanging up
 * ends everything, and what has come of a blob stays for the next time.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "image/digest.h"
#include "image/registry/registry.h"
#include "image/wire.h"

typedef struct Transfer Transfer;
typedef struct Job Job;

typedef struct Server {
        int fd;     /* the connection */
        int dir_fd; /* the incoming directory */
        EndpointList endpoints;
        Registry **registries; /* in their order */
        size_t n;
        bool has_begun;
        Fault fault; /* why it cannot go on */

        pthread_mutex_t mutex; /* of all below */
        pthread_cond_t changed;
        Transfer *transfers;
        Job *queues[2];
        unsigned running[2];
} Server;

/* What somebody has asked for. */
struct Job {
        Server *server;
        Message message;
        json_int_t id;
        int (*run)(Job *job, Fault *fault); /* answers if it returns 0 */
        Transfer *transfer;                 /* of a blob */
        Job *next;
};

/* Serves until the other side hangs up. @fd and @dir_fd stay the caller's. */
int serve(int fd, int dir_fd, Fault *fault);

/* Answers; takes @body, not @file, which may be -1. */
int job_answer(const Job *job, json_t *body, int file);

/* Answers with a document. */
int job_answer_text(const Job *job, json_t *body, const char *text, size_t size);

/* A text of the request. Return: NULL with a fault when there is none. */
const char *job_text(const Job *job, const char *key, Fault *fault);
int job_digest(const Job *job, Digest *ret, Fault *fault);

/* "size", which has to be there and no less than 0. */
int job_size(const Job *job, const char *key, uint64_t *ret, Fault *fault);

/* One message of a fault, whatever is in it. */
json_t *fault_message(const Fault *fault);

/**
 * try_registries() - ask one after the other until one has it
 * @try:        asks one; returns 0, or -errno with a fault
 * @what:       could not be done if all fail: "cannot get manifest 'latest'"
 *
 * The fault says what each of them has said. Return: as the last one.
 */
int try_registries(Server *server, int (*try)(Registry *registry, void *data, Fault *fault), void *data,
                const char *what, Fault *fault);

/* The same, step by step: what is collected is told by failures_raise(). */
typedef struct Failures {
        Fault last;
        char text[400];
        size_t n;
} Failures;

/* Takes what @fault says of one of them, and clears it. */
void failures_add(Failures *failures, const Registry *registry, Fault *fault);
int failures_raise(const Failures *failures, const char *what, Fault *fault);

/* True for what no other registry can help with. */
bool failure_is_ours(int r);

/* What can be asked; each is the work of a job. */
int do_manifest(Job *job, Fault *fault);
int do_document(Job *job, Fault *fault);
int do_referrers(Job *job, Fault *fault);
int do_tags(Job *job, Fault *fault);
int do_url(Job *job, Fault *fault);
int do_has(Job *job, Fault *fault);
int do_put_blob(Job *job, Fault *fault);
int do_put_manifest(Job *job, Fault *fault);
int do_blob(Job *job, Fault *fault);

/**
 * transfer_ask() - somebody wants a blob
 *
 * Return: 1 when @job has to be run for it, 0 when it is on its way already and is told to this one as
 * well, -errno with a fault.
 */
int transfer_ask(Job *job, Fault *fault);

/* Nobody with that id listens any more. */
void transfer_cancel(Server *server, json_int_t id);
