/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/serve.h"

#include <string.h>

#include "image/doc.h"
#include "image/registry/incoming.h"

/* Layers are long, and must not stand in the way of what is short. */
enum { QUEUE_SHORT, QUEUE_BLOB };

/* What is left of a try that nobody has come back for. */
#define KEEP_SECONDS (7 * 24 * 3600)

/* clang-format off */
static const struct {
        const char *name;
        int queue;
        int (*run)(Job *job, Fault *fault);
} requests[] = {
        { "manifest",     QUEUE_SHORT, do_manifest     },
        { "document",     QUEUE_SHORT, do_document     },
        { "referrers",    QUEUE_SHORT, do_referrers    },
        { "tags",         QUEUE_SHORT, do_tags         },
        { "url",          QUEUE_SHORT, do_url          },
        { "has",          QUEUE_SHORT, do_has          },
        { "put-manifest", QUEUE_SHORT, do_put_manifest },
        { "blob",         QUEUE_BLOB,  do_blob         },
        { "put-blob",     QUEUE_BLOB,  do_put_blob     },
};
/* clang-format on */

/* --- answers --- */

int job_answer(const Job *job, json_t *body, int file) {
        if (body && json_object_set_new(body, "id", json_integer(job->id)) < 0) {
                json_decref(body);
                body = NULL;
        }
        return wire_send_new(job->server->fd, body, &file, file >= 0);
}

int job_answer_text(const Job *job, json_t *body, const char *text, size_t size) {
        autofd int file = wire_document(text ? text : "", text ? size : 0);
        int r = file;

        if (file < 0) {
                json_decref(body);
                return r;
        }
        return job_answer(job, body, file);
}

/* What was cut in the middle of a character, or never was one, would be no JSON. */
static void mend(char *text) {
        for (char *c = text; *c; c++)
                if ((unsigned char) *c >= 0x80)
                        *c = '?';
}

json_t *fault_message(const Fault *fault) {
        json_t *body = wire_fault(fault);
        Fault copy = *fault;

        if (body)
                return body;
        mend(copy.text);
        return wire_fault(&copy);
}

const char *job_text(const Job *job, const char *key, Fault *fault) {
        const char *text = json_string_value(json_object_get(job->message.body, key));

        if (!text)
                (void) fault_raise(fault, FAULT_SYNTAX, EINVAL, "a request lacks '%s'", key);
        return text;
}

int job_digest(const Job *job, Digest *ret, Fault *fault) {
        const char *text = job_text(job, "digest", fault);

        return text ? digest_parse(text, ret, fault) : -EINVAL;
}

int job_size(const Job *job, const char *key, uint64_t *ret, Fault *fault) {
        const json_t *value = json_object_get(job->message.body, key);

        if (!json_is_integer(value) || json_integer_value(value) < 0)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "a request lacks '%s'", key);
        *ret = (uint64_t) json_integer_value(value);
        return 0;
}

/* --- registries --- */

bool failure_is_ours(int r) {
        return r == -ENOSPC || r == -ECANCELED || r == -ENOMEM || r == -EMFILE || r == -EDQUOT;
}

void failures_add(Failures *failures, const Registry *registry, Fault *fault) {
        size_t n = strlen(failures->text);

        (void) snprintf(failures->text + n, sizeof(failures->text) - n, "%s%.80s: %.300s", n > 0 ? "; " : "",
                        registry_endpoint(registry)->host, fault->text);
        failures->last = *fault;
        failures->n++;
        fault_clear(fault);
}

int failures_raise(const Failures *failures, const char *what, Fault *fault) {
        if (failures->n == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "%s: there is no registry to ask", what);
        return fault_raise(fault, failures->last.kind, failures->last.error, "%s: %s", what, failures->text);
}

int try_registries(Server *server, int (*try)(Registry *registry, void *data, Fault *fault), void *data,
                const char *what, Fault *fault) {
        Failures failures = {};

        for (size_t i = 0; i < server->n; i++) {
                int r = try(server->registries[i], data, fault);

                if (r >= 0)
                        return r;
                if (!fault_is_raised(fault))
                        (void) fault_wrap(fault, r, "cannot ask");
                if (failure_is_ours(r))
                        return fault_wrap(fault, r, "%s", what);
                failures_add(&failures, server->registries[i], fault);
        }
        return failures_raise(&failures, what, fault);
}

static int set_proxies(char *const *proxies, Fault *fault) {
        static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                "ALL_PROXY", "no_proxy", "NO_PROXY" };

        for (; proxies && *proxies; proxies++) {
                const char *value = strchr(*proxies, '=');
                bool is_known = false;

                for (size_t i = 0; value && i < ELEMENTS(names); i++)
                        if (strlen(names[i]) == (size_t) (value - *proxies) &&
                                        strncmp(names[i], *proxies, strlen(names[i])) == 0)
                                is_known = setenv(names[i], value + 1, true) >= 0;
                if (!is_known)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no proxy", *proxies);
        }
        return 0;
}

static int begin(Server *server, Message *message, Fault *fault) {
        autofree char *text = NULL;
        autofd int file = message_take_fd(message, 0);
        size_t size;
        int r;

        if (server->has_begun)
                return fault_raise(fault, FAULT_VALUE, EALREADY, "a connection begins only once");
        server->has_begun = true;
        r = wire_read_document(file, DOC_LIMIT, &text, &size, fault);
        if (r < 0)
                return r;
        r = endpoints_from_text(text, size, &server->endpoints, fault);
        explicit_bzero(text, size);
        if (r < 0 || (r = set_proxies(server->endpoints.proxies, fault)) < 0)
                return r;

        server->registries = calloc(server->endpoints.n + 1, sizeof(Registry *));
        if (!server->registries)
                return -ENOMEM;
        for (; server->n < server->endpoints.n; server->n++) {
                r = registry_new(&server->endpoints.items[server->n], &server->registries[server->n], fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* --- jobs --- */

static void job_free(Job *job) {
        message_done(&job->message);
        free(job);
}

static void run_job(Job *job) {
        Fault fault = {};
        int r = job->run(job, &fault);

        if (r < 0) {
                if (!fault_is_raised(&fault))
                        (void) fault_wrap(&fault, r, "cannot do what was asked");
                (void) job_answer(job, fault_message(&fault), -1);
        }
        job_free(job);
}

typedef struct Worker {
        Server *server;
        int queue;
} Worker;

static Job *take_job(Server *server, int queue) {
        Job *job;

        (void) pthread_mutex_lock(&server->mutex);
        job = server->queues[queue];
        if (job)
                server->queues[queue] = job->next;
        else {
                server->running[queue]--;
                (void) pthread_cond_broadcast(&server->changed);
        }
        (void) pthread_mutex_unlock(&server->mutex);
        return job;
}

static void *work(void *data) {
        Worker worker = *(Worker *) data;

        free(data);
        for (Job *job; (job = take_job(worker.server, worker.queue));)
                run_job(job);
        return NULL;
}

static unsigned most(int queue) {
        return queue == QUEUE_BLOB ? http_setting("SLIPWAY_FETCH_PARALLEL", 3) : 4;
}

static int start_worker(Server *server, int queue) {
        Worker *worker = calloc(1, sizeof(Worker));
        pthread_attr_t attributes;
        pthread_t thread;
        int r;

        if (!worker)
                return -ENOMEM;
        *worker = (Worker){ server, queue };
        (void) pthread_attr_init(&attributes);
        (void) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        (void) pthread_attr_setstacksize(&attributes, 512u << 10);
        r = pthread_create(&thread, &attributes, work, worker);
        (void) pthread_attr_destroy(&attributes);
        if (r != 0)
                free(worker);
        return -r;
}

/* Takes @job. Return: -errno when nobody will ever do it. */
static int queue_job(Job *job, int queue, Fault *fault) {
        Server *server = job->server;
        Job **at = &server->queues[queue];
        unsigned others;
        bool start;
        int r;

        (void) pthread_mutex_lock(&server->mutex);
        while (*at)
                at = &(*at)->next;
        *at = job;
        start = server->running[queue] < most(queue);
        if (start)
                server->running[queue]++;
        (void) pthread_mutex_unlock(&server->mutex);

        r = start ? start_worker(server, queue) : 0;
        if (r >= 0)
                return 0;
        (void) pthread_mutex_lock(&server->mutex);
        others = --server->running[queue];
        (void) pthread_mutex_unlock(&server->mutex);
        if (others > 0)
                return 0;
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot start a thread: %s", strerror(-r));
}

/* Return: 0 when it was answered or will be. */
static int start_job(Server *server, Message *message, size_t i, Fault *fault) {
        Job *job = calloc(1, sizeof(Job));
        int r = 0;

        if (!job)
                return -ENOMEM;
        job->server = server;
        job->run = requests[i].run;
        job->id = json_integer_value(json_object_get(message->body, "id"));
        job->message = *message;
        *message = MESSAGE_EMPTY;

        if (fault_is_raised(&server->fault))
                r = fault_raise(fault, server->fault.kind, server->fault.error, "%s", server->fault.text);
        else if (!server->has_begun)
                r = fault_raise(fault, FAULT_VALUE, EPROTO, "a request has come before the first one");
        else if (job->run == do_blob)
                r = transfer_ask(job, fault);
        else
                r = 1;
        if (r > 0)
                return queue_job(job, requests[i].queue, fault);
        if (r < 0) {
                if (!fault_is_raised(fault))
                        (void) fault_wrap(fault, r, "cannot do what was asked");
                r = job_answer(job, fault_message(fault), -1);
                fault_clear(fault);
        }
        job_free(job);
        return r == -EPIPE ? 0 : r;
}

/* --- the connection --- */

static int forget(Server *server, const Message *message, Fault *fault) {
        const char *text = json_string_value(json_object_get(message->body, "digest"));
        Digest digest;

        if (!text || digest_parse(text, &digest, NULL) < 0)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "there is nothing to be forgotten");
        incoming_forget(server->dir_fd, &digest);
        return 0;
}

static int dispatch(Server *server, Message *message, Fault *fault) {
        const char *what = json_string_value(json_object_get(message->body, "do"));

        if (!what)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "a message does not say what to do");
        if (strcmp(what, "begin") == 0) {
                int r = begin(server, message, &server->fault);

                if (r < 0 && !fault_is_raised(&server->fault))
                        (void) fault_wrap(&server->fault, r, "cannot begin");
                return 0;
        }
        if (strcmp(what, "forget") == 0)
                return forget(server, message, fault);
        if (strcmp(what, "cancel") == 0) {
                transfer_cancel(server, json_integer_value(json_object_get(message->body, "id")));
                return 0;
        }
        for (size_t i = 0; i < ELEMENTS(requests); i++)
                if (strcmp(what, requests[i].name) == 0)
                        return start_job(server, message, i, fault);
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "nobody here knows how to do '%.40s'", what);
}

static int listen_to(Server *server, Fault *fault) {
        for (;;) {
                automessage Message message = MESSAGE_EMPTY;
                int r = wire_receive(server->fd, &message, fault);

                if (r <= 0)
                        return r;
                r = dispatch(server, &message, fault);
                if (r < 0)
                        return r;
        }
}

/* What is under way knows the server and its registries; it does not outlive the process, though. */
static void end(Server *server) {
        bool is_idle;

        (void) pthread_mutex_lock(&server->mutex);
        is_idle = server->running[QUEUE_SHORT] == 0 && server->running[QUEUE_BLOB] == 0;
        (void) pthread_mutex_unlock(&server->mutex);
        if (!is_idle)
                _exit(EXIT_SUCCESS);

        for (size_t i = 0; i < server->n; i++)
                registry_free(server->registries[i]);
        free(server->registries);
        endpoint_list_done(&server->endpoints);
        http_tear_down();
}

int serve(int fd, int dir_fd, Fault *fault) {
        Server server = {
                .fd = fd,
                .dir_fd = dir_fd,
                .mutex = PTHREAD_MUTEX_INITIALIZER,
                .changed = PTHREAD_COND_INITIALIZER,
        };
        int r;

        r = http_set_up(fault);
        if (r < 0)
                return r;
        r = listen_to(&server, fault);
        incoming_sweep(dir_fd, KEEP_SECONDS);
        end(&server);
        return r;
}
