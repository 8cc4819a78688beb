/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One endpoint, and how it wants to be spoken to
 *
 * Whether it speaks TLS is found out once; what it wants to see of us when
 * it asks for it. May be used by several threads.
 */

#include "image/registry/http.h"

typedef struct Registry Registry;

typedef struct RegistryCall {
        const char *method;   /* NULL for GET */
        const char *path;     /* behind "/v2/REPOSITORY/", or */
        const char *url;      /* all of it; at the same place */
        const char *what;     /* is asked for, in messages: "manifest 'latest'" */
        char *const *headers; /* more of them */
        bool is_push;
        const char *from; /* another repository that has to be readable; NULL for none */
        size_t limit;     /* of the answer when there is no sink */
        const HttpSink *sink;
        int body_fd; /* of PUT */
        int64_t body_size;
        void (*on_sent)(void *data, uint64_t bytes);
        void *on_sent_data;
        const atomic_bool *canceled;
} RegistryCall;

/* @endpoint: borrowed. Return: 0, -EINVAL for a host or repository that cannot be one, -ENOMEM; with a
 * fault. */
int registry_new(const Endpoint *endpoint, Registry **ret, Fault *fault);
void registry_free(Registry *registry);
DEFINE_AUTO(Registry *, registry_free)

const Endpoint *registry_endpoint(const Registry *registry);

/**
 * registry_call() - ask once
 *
 * Shows what the registry wants to see, and asks again when it says so (401).
 *
 * Return: 0 with a reply of any status but 401, -errno as http_perform(), -EACCES; with a fault.
 */
int registry_call(Registry *registry, const RegistryCall *call, HttpReply *ret, Fault *fault);

/* What a status that is not good means. Return: 0 for one that is, -ENOENT, -EACCES, -EBUSY, -EIO … */
int registry_judge(const Registry *registry, const RegistryCall *call, const HttpReply *reply, Fault *fault);

/* Asks, and again when it is worth it. Return: 0 with a good reply, -errno with a fault. */
int registry_ask(Registry *registry, const RegistryCall *call, HttpReply *ret, Fault *fault);
