/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where an image can be had
 *
 * What registries.conf(5), auth.json and certs.d say about a reference comes
 * down to a list of endpoints, to be tried in order: mirrors first, then the
 * registry itself. It is all that the fetcher is told; files of the host's
 * configuration it cannot read, and credentials of other registries it never
 * sees.
 */

#include <jansson.h>
#include <stdbool.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef struct Endpoint {
        char *host;       /* "registry-1.docker.io", "localhost:5000" */
        char *repository; /* on that host: "library/nginx" */
        bool insecure;    /* HTTP will do, and so will a certificate that nobody has signed */
        bool is_mirror;

        /* Credentials; NULL where there are none. */
        char *user, *password;
        char *identity_token; /* to be exchanged for tokens (OAuth 2) */
        char *registry_token; /* to be shown as it is */

        /* PEM, NULL for the system's and for none. */
        char *ca, *certificate, *key;
} Endpoint;

typedef struct EndpointList {
        char *reference; /* what is asked for, normalised, for messages */
        char *tag;       /* what to ask the registry for: a tag, or "sha256:HEX" */
        Endpoint *items;
        size_t n;
        char **lookasides; /* URLs below which signatures may be looked for (registries.d) */
        char **proxies;    /* "https_proxy=…": variables as curl(1) knows them; NULL for none */
} EndpointList;

/* As a document, and back. Credentials are wiped from memory that is freed here. */
int endpoints_to_text(const EndpointList *list, char **ret, size_t *ret_size);
int endpoints_from_text(const char *text, size_t size, EndpointList *ret, Fault *fault);

/* One more, all empty. Return: NULL when out of memory. */
Endpoint *endpoints_add(EndpointList *list);

void endpoint_list_done(EndpointList *list);
#define autoendpoints AUTO(endpoint_list_done)
