/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pull-client.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "cli/job.h"
#include "cli/manager.h"
#include "cli/pull-current.h"
#include "image/doc.h"
#include "image/fetch.h"
#include "image/pull.h"
#include "image/trust/trust.h"
#include "image/wire.h"
#include "lib/report.h"
#include "lib/strv.h"

/* Who interrupts a pull waits for nobody: to hang up is to cancel, and what has come is kept. */
static volatile sig_atomic_t interrupted = 0;

static void on_signal(int signal_number) {
        interrupted = signal_number;
}

static void catch_signals(void) {
        const struct sigaction action = { .sa_handler = on_signal };
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

        for (size_t i = 0; i < ELEMENTS(signals); i++) {
                struct sigaction before;

                if (sigaction(signals[i], NULL, &before) >= 0 && before.sa_handler != SIG_IGN)
                        (void) sigaction(signals[i], &action, NULL);
        }
}

int pull_client_signal(void) {
        return interrupted;
}

/* --- reaching the others --- */

static const char *store_socket(void) {
        const char *path = secure_getenv("SLIPWAY_STORE_SOCKET");

        return path && *path ? path : STORE_SOCKET;
}

/* After an installation nobody has started the sockets yet. Fails without a word: what cannot be reached
 * says so. */
static int start_sockets(PullClient *client) {
        static const char *const sockets[] = { "slipway-fetch.socket", "slipway-store.socket" };
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Jobs jobs = {};
        Fault fault = {};
        int r;

        if (client->has_started_sockets || geteuid() != 0)
                return -ENOENT;
        client->has_started_sockets = true;
        r = manager_connect(false, &bus, &fault);
        if (r >= 0)
                r = jobs_open(&jobs, bus, &fault);
        for (size_t i = 0; i < ELEMENTS(sockets) && r >= 0; i++)
                r = jobs_queue(&jobs, "StartUnit", sockets[i], &fault);
        if (r >= 0)
                r = jobs_wait(&jobs, &fault);
        jobs_close(&jobs);
        return r;
}

static bool nobody_listens(int r) {
        return r == -ENOENT || r == -ECONNREFUSED;
}

static int connect_fetcher(PullClient *client, Fetch **ret, Fault *fault) {
        int r = fetch_connect(ret, fault);

        if (!nobody_listens(r) || start_sockets(client) < 0)
                return r;
        fault_clear(fault);
        return fetch_connect(ret, fault);
}

static int connect_store(PullClient *client, Fault *fault) {
        int fd = wire_connect(store_socket(), fault);

        if (!nobody_listens(fd) || start_sockets(client) < 0)
                return fd;
        fault_clear(fault);
        return wire_connect(store_socket(), fault);
}

/* --- one image --- */

typedef struct Pull {
        PullClient *client;
        RegistryPlan *plan;
        PullCurrent current;
        PullState state;
        PullProgress progress;
} Pull;

static json_t *request(const Pull *pull, const Fetched *document) {
        const PullOptions *options = pull->client->options;
        const Platform *platform = &options->platform;
        json_t *body = json_pack("{s:s, s:s, s:o}", "do", "pull", "name", pull->plan->both, "digest",
                        json_sprintf("sha256:%s", document->digest.hex));

        if (!body)
                return NULL;
        if (document->media_type)
                (void) json_object_set_new(body, "type", json_string(document->media_type));
        if (options->platform_is_given)
                (void) json_object_set_new(body, "platform",
                                json_string(platform_text(
                                                platform->os, platform->architecture, platform->variant)
                                                                .text));
        if (options->budget.entries > 0)
                (void) json_object_set_new(
                                body, "entries", json_integer((json_int_t) options->budget.entries));
        if (options->budget.bytes > 0)
                (void) json_object_set_new(body, "bytes", json_integer((json_int_t) options->budget.bytes));
        return body;
}

static int canceled(Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, ECANCELED,
                        "interrupted; the store is what it was, and what has come is kept for the next "
                        "time");
}

/* Return: 1 when it has ended well, 0 when it goes on, -errno. */
static int take_message(Pull *pull, int fd, Fault *fault) {
        automessage Message message = MESSAGE_EMPTY;
        PullMessage news = {};
        int r = wire_receive(fd, &message, fault);

        if (r == 0)
                return fault_raise(fault, FAULT_SYSTEM, ECONNRESET,
                                "slipway-store has ended without a word; its journal says why: journalctl "
                                "-u "
                                "'slipway-store@*'");
        if (r < 0)
                return r == -EAGAIN ? 0 : r;
        r = pull_state_take(&pull->state, message.body, pull_now(), &news, fault);
        if (r < 0)
                return r;
        pull_progress_news(&pull->progress, &news);
        return news.news == PULL_NEWS_END;
}

static int follow(Pull *pull, int fd, Fault *fault) {
        int r = 0;

        while (r == 0) {
                struct pollfd poller = { .fd = fd, .events = POLLIN };
                int wait;

                if (interrupted)
                        return canceled(fault);
                pull_progress_tick(&pull->progress, &wait);
                if (poll(&poller, 1, wait) > 0)
                        r = take_message(pull, fd, fault);
        }
        return r < 0 ? r : 0;
}

/* Hands the document to slipway-store, and with it the connection that the rest comes through. */
static int store_it(Pull *pull, const Fetched *document, Fetch **fetch, Fault *fault) {
        autofd int fd = connect_store(pull->client, fault), file = -1, connection = -1;
        int r;

        if (fd < 0)
                return fd;
        file = wire_document(document->text, document->size);
        if (file < 0)
                return file;
        connection = fetch_release(TAKE(*fetch));
        r = wire_send_new(fd, request(pull, document), (int[]){ file, connection }, 2);
        if (r < 0)
                return fault_wrap(fault, r, "cannot ask slipway-store");
        (void) close(TAKE_FD(connection));
        catch_signals();
        return follow(pull, fd, fault);
}

static void be_current(Pull *pull) {
        pull->state.id = pull->current.id;
        pull->state.was_current = true;
        pull->state.phase = PULL_ENDED;
}

static int attempt(Pull *pull, Fault *fault) {
        const PullOptions *options = pull->client->options;
        const PullCurrent *current = &pull->current;
        const Digest *known = current->is_here && current->top_is_known && current->is_trusted
                                              ? &current->top
                                              : NULL;
        AUTO(fetched_done) Fetched document = {};
        autofetch Fetch *fetch = NULL;
        int r;

        r = connect_fetcher(pull->client, &fetch, fault);
        if (r >= 0)
                r = fetch_begin(fetch, &pull->plan->endpoints, fault);
        if (r >= 0)
                r = fetch_manifest(fetch, pull->plan->endpoints.tag, known, &document, fault);
        if (r < 0)
                return r;
        if (document.unchanged ||
                        (options->is_wanted && !options->is_wanted(options->data, pull->plan->name,
                                                               &document.digest, current->is_here))) {
                pull->state.was_asked = true;
                be_current(pull);
                return 0;
        }
        return store_it(pull, &document, &fetch, fault);
}

/* What may be better in a moment. A registry that has no such image has none the next time, either. */
static bool is_passing(int r) {
        static const int passing[] = { EAGAIN, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, EIO, ENETUNREACH,
                EPIPE, ETIMEDOUT };

        for (size_t i = 0; i < ELEMENTS(passing); i++)
                if (r == -passing[i])
                        return true;
        return false;
}

/* Forgets all of a try but how often there was one. */
static void begin_anew(Pull *pull) {
        const char *name = pull->state.name;
        int64_t begin = pull->state.begin;

        pull_state_done(&pull->state);
        pull->state.name = name;
        pull->state.begin = begin;
}

static int attempt_often(Pull *pull, Fault *fault) {
        const PullOptions *options = pull->client->options;
        int r = attempt(pull, fault);

        for (unsigned i = 0; i < options->retries && is_passing(r) && !interrupted; i++) {
                struct timespec delay = { options->retry_delay_ms / 1000,
                        (long) (options->retry_delay_ms % 1000) * 1000000 };

                pull_progress_end(&pull->progress);
                report_fault(REPORT_WARNING, fault);
                fault_clear(fault);
                (void) nanosleep(&delay, NULL);
                begin_anew(pull);
                r = attempt(pull, fault);
        }
        return r;
}

/* A digest says what is meant for ever: there is nothing to ask, unless it is who has signed it. */
static bool is_enough(const Pull *pull) {
        if (!pull->current.is_here)
                return false;
        return pull->client->options->policy == PULL_MISSING ||
               pull->client->options->policy == PULL_NEVER ||
               (digest_is_set(&pull->plan->reference.digest) && pull->current.is_trusted);
}

static int obey(Pull *pull, Fault *fault) {
        PullPolicy policy = pull->client->options->policy;
        int r;

        if (is_enough(pull)) {
                be_current(pull);
                return 0;
        }
        if (policy == PULL_NEVER)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "it is not here, and --policy=never forbids to ask the registry");
        r = attempt_often(pull, fault);
        if (r < 0 && policy == PULL_NEWER && pull->current.is_here && r != -ECANCELED &&
                        r != -EKEYREJECTED) {
                pull_progress_end(&pull->progress);
                report_fault(REPORT_WARNING, fault);
                report_note(REPORT_WARNING, "%s: what is here is kept", pull->state.name);
                fault_clear(fault);
                be_current(pull);
                return 0;
        }
        return r;
}

static int run(Pull *pull, Fault *fault) {
        int r;

        if (pull->progress.audience == PULL_MANAGER) {
                int wait;

                pull_progress_tick(&pull->progress, &wait);
        }
        r = pull_current_read(pull->plan, &pull->client->options->platform, &pull->current, fault);
        if (r >= 0)
                r = obey(pull, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot pull '%.200s'", pull->state.name) : 0;
}

static void note(void *data, const Fault *fault) {
        (void) data;
        report_fault(REPORT_WARNING, fault);
}

static int make_plan(PullClient *client, const char *text, RegistryPlan *ret, Fault *fault) {
        const PullOptions *options = client->options;
        RegistryRequest request = {
                .text = text,
                .authfile = options->authfile,
                .cert_dir = options->cert_dir,
                .user = options->user,
                .password = options->password,
                .tls = options->tls,
                .note = note,
        };

        int r = registry_plan(&client->registries, &request, ret, fault);

        /* Signatures may be elsewhere than the image; the fetcher goes there, and to no other place. */
        if (r >= 0)
                r = trust_lookasides(ret->name, &ret->endpoints.lookasides, fault);
        for (char **url = ret->endpoints.lookasides; url && *url && r >= 0; url++)
                r = strv_appendf(&ret->why, "signatures: %s", *url);
        return r;
}

static void explain(const RegistryPlan *plan) {
        for (char **line = plan->why; *line; line++)
                printf("%s\n", *line);
}

int pull_client_pull(PullClient *client, const char *text, char **ret_name, Digest *ret_id, Fault *fault) {
        AUTO(registry_plan_done) RegistryPlan plan = {};
        Pull pull = { .client = client, .plan = &plan, .state.name = text };
        int r;

        pull_progress_begin(&pull.progress, client->options->audience, &pull.state);
        r = make_plan(client, text, &plan, fault);
        if (r >= 0 && client->options->explain)
                explain(&plan);
        else if (r >= 0) {
                pull.state.name = plan.both;
                r = run(&pull, fault);
                if (r >= 0)
                        pull_progress_success(&pull.progress);
        }
        if (r < 0)
                pull_progress_failure(&pull.progress, fault);
        else {
                *ret_name = TAKE(plan.name);
                *ret_id = pull.state.id;
        }
        pull_state_done(&pull.state);
        return r;
}

static int take_tags(const RegistryPlan *plan, const Fetched *list, char ***ret, Fault *fault) {
        autostrv char **tags = NULL, **names = NULL;
        autojson json_t *document = NULL;
        int r = doc_parse(list->text, list->size, "list of tags", &document, fault);

        if (r >= 0)
                r = doc_strings(document, "tags", &tags, fault);
        for (size_t i = 0; r >= 0 && tags && tags[i]; i++)
                r = strv_appendf(&names, "%s/%s:%s", plan->reference.domain, plan->reference.path, tags[i]);
        if (r < 0)
                return r;
        if (!names)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "the registry has no tag of '%.200s'",
                                plan->name);
        *ret = TAKE(names);
        return 0;
}

int pull_client_fetcher(
                PullClient *client, const char *text, RegistryPlan *ret_plan, Fetch **ret, Fault *fault) {
        AUTO(registry_plan_done) RegistryPlan plan = {};
        autofetch Fetch *fetch = NULL;
        int r = make_plan(client, text, &plan, fault);

        if (r >= 0)
                r = connect_fetcher(client, &fetch, fault);
        if (r >= 0)
                r = fetch_begin(fetch, &plan.endpoints, fault);
        if (r < 0)
                return r;
        *ret_plan = plan;
        plan = (RegistryPlan){};
        *ret = TAKE(fetch);
        return 0;
}

int pull_client_tags(PullClient *client, const char *text, char ***ret, Fault *fault) {
        AUTO(registry_plan_done) RegistryPlan plan = {};
        AUTO(fetched_done) Fetched list = {};
        autofetch Fetch *fetch = NULL;
        int r = pull_client_fetcher(client, text, &plan, &fetch, fault);

        if (r >= 0)
                r = fetch_tags(fetch, &list, fault);
        return r < 0 ? r : take_tags(&plan, &list, ret, fault);
}

int pull_client_open(PullClient *client, const PullOptions *options, Fault *fault) {
        RegistriesPaths paths;

        *client = (PullClient){ .options = options };
        registries_paths(&paths);
        return registries_load(&paths, note, NULL, &client->registries, fault);
}

void pull_client_close(PullClient *client) {
        registries_done(&client->registries);
}
