/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/http-handle.h"

#include <dirent.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t idle_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t share_mutexes[CURL_LOCK_DATA_LAST];
static Http *idle;
static CURLSH *share;

/* Looked up one at a time by its name, where the file with all of them would be read and parsed whole. */
static const char *certificates;

unsigned http_setting(const char *name, unsigned otherwise) {
        const char *text = getenv(name);
        char *end;
        unsigned long n;

        if (!text || !*text)
                return otherwise;
        n = strtoul(text, &end, 10);
        return *end || n > 1000000 ? otherwise : (unsigned) n;
}

static void lock_share(CURL *curl, curl_lock_data data, curl_lock_access access, void *user) {
        (void) pthread_mutex_lock(&share_mutexes[data]);
}

static void unlock_share(CURL *curl, curl_lock_data data, void *user) {
        (void) pthread_mutex_unlock(&share_mutexes[data]);
}

/* A directory of certificates is only good for OpenSSL when they are there by their hashes. */
static const char *find_certificates(void) {
        const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
        const char *path = info->age >= CURLVERSION_SEVENTH ? info->capath : NULL;
        autoclosedir DIR *dir = path ? opendir(path) : NULL;

        for (const struct dirent *entry; dir && (entry = readdir(dir));) {
                size_t n = strlen(entry->d_name);

                if (n == 10 && strcmp(entry->d_name + 8, ".0") == 0)
                        return path;
        }
        return NULL;
}

int http_set_up(Fault *fault) {
        if (share)
                return 0;
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return fault_raise(fault, FAULT_SYSTEM, EIO, "cannot set up libcurl");
        share = curl_share_init();
        if (!share)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTS(share_mutexes); i++)
                (void) pthread_mutex_init(&share_mutexes[i], NULL);
        (void) curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock_share);
        (void) curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock_share);
        (void) curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
        (void) curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
        certificates = find_certificates();
        return 0;
}

/* The one that was used last is the likeliest to have a connection that still stands. */
Http *http_acquire(void) {
        Http *http;

        (void) pthread_mutex_lock(&idle_mutex);
        http = idle;
        if (http)
                idle = http->next;
        (void) pthread_mutex_unlock(&idle_mutex);
        if (http)
                return http;

        http = calloc(1, sizeof(Http));
        if (!http)
                return NULL;
        http->curl = curl_easy_init();
        if (!http->curl) {
                free(http);
                return NULL;
        }
        return http;
}

void http_release(Http *http) {
        (void) pthread_mutex_lock(&idle_mutex);
        http->next = idle;
        idle = http;
        (void) pthread_mutex_unlock(&idle_mutex);
}

void http_tear_down(void) {
        while (idle) {
                Http *http = idle;

                idle = http->next;
                curl_easy_cleanup(http->curl);
                free(http);
        }
        if (share)
                (void) curl_share_cleanup(share);
        share = NULL;
        curl_global_cleanup();
}

void http_handle_prepare(Http *http) {
        CURL *curl = http->curl;
        unsigned stall = http_setting("SLIPWAY_FETCH_STALL_SECONDS", 30);

        curl_easy_reset(curl);
        *http->error = '\0';
        (void) curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error);
        (void) curl_easy_setopt(curl, CURLOPT_SHARE, share);
        (void) curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        (void) curl_easy_setopt(curl, CURLOPT_USERAGENT, "slipway/" SLIPWAY_VERSION);
        (void) curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        (void) curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
        (void) curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
        (void) curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        (void) curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        (void) curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 512L << 10);
        (void) curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
        (void) curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);

        /* Slower than this for so long is an attempt to keep us, or a connection that is dead. */
        (void) curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long) stall);
        (void) curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1024L);
        (void) curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long) stall);
}

static void set_blob(CURL *curl, CURLoption option, char *text) {
        struct curl_blob blob = { text, text ? strlen(text) : 0, CURL_BLOB_NOCOPY };

        if (text)
                (void) curl_easy_setopt(curl, option, &blob);
}

void http_handle_trust(Http *http, const Endpoint *endpoint) {
        CURL *curl = http->curl;

        if (certificates) {
                (void) curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
                (void) curl_easy_setopt(curl, CURLOPT_CAPATH, certificates);
        }
        if (!endpoint)
                return;
        set_blob(curl, CURLOPT_CAINFO_BLOB, endpoint->ca);
        set_blob(curl, CURLOPT_SSLCERT_BLOB, endpoint->certificate);
        set_blob(curl, CURLOPT_SSLKEY_BLOB, endpoint->key);
        if (endpoint->insecure) {
                (void) curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
                (void) curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
        }
}
