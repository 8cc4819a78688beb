/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/run-pull.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/pull-client.h"
#include "cli/state.h"
#include "generator/values/image-name.h"
#include "image/lookup.h"
#include "lib/duration.h"

/* The value of the last line of a key, as a flag has set it; NULL when there is none. */
static const char *find_value(const RunCall *call, const char *key) {
        size_t n = strlen(key);

        for (size_t i = call->manifest.n; i-- > 0;) {
                const RunLine *line = &call->manifest.lines[i];

                if (line->section == RUN_CONTAINER && strncmp(line->text, key, n) == 0 &&
                                line->text[n] == '=')
                        return line->text + n + 1;
        }
        return NULL;
}

/* Words were checked when the unit was made. */
static PullPolicy find_policy(const RunCall *call) {
        static const char *const words[_PULL_POLICY_MAX] = { "always", "missing", "never", "newer" };
        const char *value = find_value(call, "Pull");

        for (PullPolicy policy = 0; value && policy < _PULL_POLICY_MAX; policy++)
                if (strcmp(words[policy], value) == 0)
                        return policy;
        return PULL_MISSING;
}

/* As the launcher sees it: an id can be had nowhere, and "localhost" is what was made on this machine. */
static bool can_be_pulled(const char *image) {
        return strncmp(image, "sha256:", 7) != 0 && strncmp(image, "localhost/", 10) != 0 &&
               !digest_is_hex(image, DIGEST_HEX) && !image_name_is_unit(image) &&
               !image_name_has_transport(image);
}

static bool is_here(const char *image) {
        autostore Store store = STORE_CLOSED;
        Digest id;

        return store_open(state_directory(), &store, NULL) >= 0 &&
               store_lock(&store, STORE_SHARED, NULL) >= 0 &&
               image_find(&store, image, &id, NULL, NULL) >= 0;
}

/* From here on, signals are for the container again. */
static void let_go_of_signals(void) {
        static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

        for (size_t i = 0; i < ELEMENTS(numbers); i++) {
                struct sigaction now;

                if (sigaction(numbers[i], NULL, &now) >= 0 && now.sa_handler != SIG_IGN)
                        (void) signal(numbers[i], SIG_DFL);
        }
}

static int pull(const RunCall *call, PullPolicy policy, Fault *fault) {
        const char *retry = find_value(call, "Retry"), *delay = find_value(call, "RetryDelay");
        PullOptions options = {
                .audience = isatty(STDERR_FILENO) ? PULL_TERMINAL : PULL_LOG,
                .policy = policy,
                .retries = retry ? (unsigned) strtoul(retry, NULL, 10) : 0,
                .retry_delay_ms = 2000,
        };
        AUTO(pull_client_close) PullClient client = {};
        autofree char *name = NULL;
        uint64_t usec;
        Digest id;
        int r;

        if (delay && duration_from_text(delay, &usec) >= 0)
                options.retry_delay_ms = (unsigned) (usec / 1000);
        platform_of_machine(&options.platform);
        r = pull_client_open(&client, &options, fault);
        if (r >= 0)
                r = pull_client_pull(&client, call->image, &name, &id, fault);
        let_go_of_signals();
        return r < 0 ? r : 1;
}

int run_pull(const RunCall *call, Fault *fault) {
        PullPolicy policy = find_policy(call);

        if (geteuid() != 0 || call->switches.rootfs || policy == PULL_NEVER || !can_be_pulled(call->image) ||
                        (policy == PULL_MISSING && is_here(call->image)))
                return 0;
        return pull(call, policy, fault);
}
