/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/retry.h"

#include <curl/curl.h>
#include <time.h>

#define TRIES 5
#define TRIES_TO_CONNECT 3
#define TRIES_TOO_SLOW 3
#define PATIENCE_SECONDS 60

unsigned retry_after(const HttpReply *reply) {
        const char *text = http_header(reply, "retry-after");
        char *end;
        long long n;

        if (!text || !*text)
                return 0;
        n = strtoll(text, &end, 10);
        if (*end)
                n = (long long) curl_getdate(text, NULL) - (long long) time(NULL);
        return n < 0 ? 0 : n > 86400 ? 86400 : (unsigned) n;
}

/* Half to one and a half of @ms, so that those who were interrupted together do not come back together. */
static unsigned jitter(unsigned ms) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return ms / 2 + (unsigned) (now.tv_nsec / 1000) % (ms + 1);
}

static bool sleep_for(unsigned ms, const atomic_bool *canceled) {
        for (unsigned slept = 0; slept < ms; slept += 20) {
                struct timespec slice = { .tv_nsec = 20 * 1000000 };

                if (canceled && atomic_load(canceled))
                        return false;
                (void) nanosleep(&slice, NULL);
        }
        return !canceled || !atomic_load(canceled);
}

bool retry_wait(Retry *retry, int r, const HttpReply *reply, const atomic_bool *canceled) {
        unsigned most = r == -ECONNREFUSED || r == -EHOSTUNREACH ? TRIES_TO_CONNECT
                        : r == -ETIMEDOUT                        ? TRIES_TOO_SLOW
                                                                 : TRIES;
        unsigned seconds = reply->status >= 400 ? retry_after(reply) : 0;
        unsigned ms = http_setting("SLIPWAY_FETCH_BACKOFF_MS", 250);

        if (++retry->n >= most || seconds > http_setting("SLIPWAY_FETCH_PATIENCE_SECONDS", PATIENCE_SECONDS))
                return false;
        ms = jitter(ms << (retry->n - 1));
        return sleep_for(seconds > 0 ? seconds * 1000 + ms / 4 : ms, canceled);
}
