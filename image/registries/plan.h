/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From what a person types to where it is asked for
 *
 * All that the host's files say comes together here: which name is meant
 * (short-name.h), which hosts have it (registries.h), what they are shown
 * (auth.h) and how they prove who they are (certs.h). Each decision is told
 * with the file and line that it comes from.
 */

#include "image/endpoint.h"
#include "image/reference.h"
#include "image/registries/registries.h"

typedef enum TlsVerify {
        TLS_AS_CONFIGURED, /* and not for this machine itself */
        TLS_ALWAYS,
        TLS_NEVER,
} TlsVerify;

typedef struct RegistryRequest {
        const char *text;            /* as a person writes it */
        const char *authfile;        /* NULL for the usual places */
        const char *cert_dir;        /* the same */
        const char *user, *password; /* for the registry itself and none of its mirrors; NULL for none */
        TlsVerify tls;
        ConfNote *note; /* may be NULL */
        void *data;
} RegistryRequest;

typedef struct RegistryPlan {
        Reference reference; /* with its registry */
        char *name;          /* normalised: what the store knows it by */
        char *both;          /* the same with tag and digest, if both were given */
        EndpointList endpoints;
        char **why; /* for a person, a line each */
} RegistryPlan;

/* Return: 0, -EINVAL, -ENOTUNIQ, -EPERM for what is blocked, -errno; all with a fault. */
int registry_plan(const Registries *registries, const RegistryRequest *request, RegistryPlan *ret,
                Fault *fault);

void registry_plan_done(RegistryPlan *plan);
