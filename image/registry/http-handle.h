/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What http.c and http-handle.c know of each other. */

#include <curl/curl.h>

#include "image/registry/http.h"

struct Http {
        CURL *curl;
        char error[CURL_ERROR_SIZE];
        Http *next; /* that is free as well */
};

/* Sets what is the same for all requests, of a handle that was reset. */
void http_handle_prepare(Http *http);

/* The system's certificates, and what the endpoint has of its own if this is its own origin. */
void http_handle_trust(Http *http, const Endpoint *endpoint);
