/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway push: an image to a registry, or to another place that skopeo(1) knows. */

#include "image/push.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>

#include "cli/options.h"
#include "cli/pull-client.h"
#include "cli/registry-words.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "image/layout.h"
#include "image/list.h"
#include "image/origin.h"
#include "image/registries/secret.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/size.h"

enum {
        KEY_AUTHFILE = OPTION_LONG,
        KEY_CERT_DIR,
        KEY_COMPRESSION,
        KEY_CREDS,
        KEY_DIGESTFILE,
        KEY_TLS_VERIFY,
};

/* clang-format off */
static const Option options[] = {
        { KEY_AUTHFILE,    "authfile",    "FILE",      "take credentials from this file and no other" },
        { KEY_CERT_DIR,    "cert-dir",    "DIRECTORY", "take certificates from this directory and no other" },
        { KEY_COMPRESSION, "compression", "HOW",       "compress layers with gzip or zstd, or not at all (none)" },
        { KEY_CREDS,       "creds",       "USER[:PASSWORD]", "who to be for the registry; asks for the password if it is not given" },
        { KEY_DIGESTFILE,  "digestfile",  "FILE",      "write the digest of the manifest there" },
        { 'q',             "quiet",       NULL,        "print the digest and nothing else" },
        { KEY_TLS_VERIFY,  "tls-verify",  "BOOL",      "whether the registry has to prove who it is" },
};

static const struct {
        const char *prefix;
        LayoutKind kind;
        bool is_archive;
} places[] = {
        { "oci:",            LAYOUT_OCI,    false },
        { "oci-archive:",    LAYOUT_OCI,    true  },
        { "docker-archive:", LAYOUT_DOCKER, true  },
        { "dir:",            LAYOUT_DIR,    false },
};
/* clang-format on */

typedef struct Push {
        PullOptions registry;
        int compression; /* -1: not given */
        const char *digestfile;
        bool quiet;
        Store store;
        int tmp_fd;
        Outgoing image;
} Push;

static void push_done(Push *push) {
        outgoing_done(&push->image);
        fd_closep(&push->tmp_fd);
        store_close(&push->store);
        free(push->registry.user);
        secret_free(push->registry.password);
}

static int set_option(Push *push, int key, Fault *fault) {
        switch (key) {
        case 'q':
                push->quiet = true;
                return 0;
        case KEY_AUTHFILE:
                push->registry.authfile = optarg;
                return 0;
        case KEY_CERT_DIR:
                push->registry.cert_dir = optarg;
                return 0;
        case KEY_COMPRESSION:
                push->compression = compression_from_word(optarg);
                return push->compression >= 0 ? 0
                                              : fault_raise(fault, FAULT_VALUE, EINVAL,
                                                                "--compression=%s: it is one of none, gzip "
                                                                "and zstd",
                                                                optarg);
        case KEY_CREDS:
                return registry_word_creds(optarg, &push->registry.user, &push->registry.password, fault);
        case KEY_DIGESTFILE:
                push->digestfile = optarg;
                return 0;
        default:
                return registry_word_tls(optarg, &push->registry.tls, fault);
        }
}

static int open_image(Push *push, const char *text, Fault *fault) {
        int r;

        if ((r = store_open(state_directory(), &push->store, fault)) < 0 ||
                        (r = outgoing_open(&push->store, text, &push->image, fault)) < 0)
                return r;
        push->tmp_fd = openat(push->store.fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return push->tmp_fd < 0 ? fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%.200s/tmp': %s",
                                                  push->store.path, strerror(errno))
                                : 0;
}

static void tell_layer(void *data, size_t layer, size_t n_layers, const Blob *blob, bool was_sent) {
        if (was_sent)
                printf("layer %zu of %zu: sent %s\n", layer + 1, n_layers, size_to_text(blob->size).text);
        else
                printf("layer %zu of %zu: is there\n", layer + 1, n_layers);
        (void) fflush(stdout);
}

/* A registry takes a layer from another of its repositories, if it knows from which. */
static int find_other_repository(const Push *push, const Reference *to, char **ret, Fault *fault) {
        AUTO(name_list_done) NameList names = {};
        Store store = push->store;
        int r;

        r = store_lock(&store, STORE_SHARED, fault);
        if (r >= 0)
                r = store_list_names(&store, &names, fault);
        for (size_t i = 0; i < names.n && !*ret; i++) {
                AUTO(reference_done) Reference reference = {};
                autoorigin Origin origin = {};

                if (!digest_equal(&names.items[i].id, &push->image.id) ||
                                origin_read(&store, names.items[i].name, &push->image.id, &origin, NULL) <
                                                0 ||
                                strcmp(origin.transport, "docker") != 0 ||
                                reference_parse(names.items[i].name, &reference, NULL) < 0)
                        continue;
                if (strcmp(reference.domain, to->domain) == 0 && strcmp(reference.path, to->path) != 0)
                        *ret = TAKE(reference.path);
        }
        store_unlock(&store);
        return r < 0 ? r : 0;
}

static int to_registry(Push *push, const char *name, Digest *ret, Fault *fault) {
        AUTO(registry_plan_done) RegistryPlan plan = {};
        PullClient client = {};
        autofetch Fetch *fetch = NULL;
        autofree char *from = NULL;
        PushRequest request = {
                .compression = push->compression < 0 ? COMPRESSION_GZIP : (Compression) push->compression,
                .compression_is_given = push->compression >= 0,
                .tmp_fd = push->tmp_fd,
                .done = push->quiet ? NULL : tell_layer,
        };
        PushResult result = {};
        int r;

        r = pull_client_open(&client, &push->registry, fault);
        if (r < 0)
                return r;
        r = pull_client_fetcher(&client, name, &plan, &fetch, fault);
        if (r >= 0)
                r = find_other_repository(push, &plan.reference, &from, fault);
        if (r >= 0) {
                request.reference = plan.endpoints.tag;
                request.from = from;
                r = image_push(fetch, &push->image, &request, &result, fault);
        }
        pull_client_close(&client);
        if (r >= 0)
                *ret = result.manifest;
        return r;
}

/* "PLACE[:NAME]" */
static int split(const char *text, char **ret_place, const char **ret_name) {
        const char *colon = strchr(text, ':');

        *ret_name = colon ? colon + 1 : NULL;
        *ret_place = strndup(text, colon ? (size_t) (colon - text) : strlen(text));
        return *ret_place ? 0 : -ENOMEM;
}

/* In an archive of docker's the name is one, elsewhere it is whatever a person likes. */
static int read_names(const Push *push, LayoutKind kind, const char *name, char *names[2], Fault *fault) {
        if (kind == LAYOUT_DOCKER && name)
                return reference_normalise(name, &names[0], fault);
        if (name || !push->image.name)
                return 0;
        names[0] = strdup(push->image.name);
        return names[0] ? 0 : -ENOMEM;
}

static int to_files(Push *push, size_t i, const char *text, Digest *ret, Fault *fault) {
        Compression compression = push->compression < 0 ? COMPRESSION_NONE : (Compression) push->compression;
        AUTO(layout_done) Layout layout = {};
        autofree char *place = NULL, *only = NULL;
        char *names[2] = { NULL, NULL };
        autosink Sink *sink = NULL;
        const char *name;
        int r;

        if ((r = split(text, &place, &name)) < 0 ||
                        (r = read_names(push, places[i].kind, name, names, fault)) < 0)
                return r;
        only = names[0];
        if (*place == '\0' || (name && (*name == '\0' || places[i].kind == LAYOUT_DIR)))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s%.200s' is no destination",
                                places[i].prefix, text);

        r = places[i].is_archive ? sink_new_archive(place, &sink, fault)
                                 : sink_new_directory(place, &sink, fault);
        if (r >= 0)
                r = layout_begin(sink, places[i].kind, compression, push->tmp_fd, &layout, fault);
        if (r >= 0)
                r = layout_add(&layout, &push->image, names, places[i].kind == LAYOUT_OCI ? name : NULL, ret,
                                fault);
        if (r >= 0)
                r = layout_end(&layout, fault);
        return r < 0 ? r : sink->finish(sink, fault);
}

static int to_destination(Push *push, const char *text, Digest *ret, Fault *fault) {
        for (size_t i = 0; i < ELEMENTS(places); i++)
                if (strncmp(text, places[i].prefix, strlen(places[i].prefix)) == 0)
                        return to_files(push, i, text + strlen(places[i].prefix), ret, fault);
        return to_registry(push, text, ret, fault);
}

static int write_digest(const char *path, const char *text, size_t size, Fault *fault) {
        autofd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
        int r = fd < 0 ? -errno : io_write_all(fd, text, size);

        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r,
                                       "the image is there, but '%.200s' cannot be written: %s", path,
                                       strerror(-r))
                     : 0;
}

static int push_image(Push *push, const char *text, const char *destination, Fault *fault) {
        char line[DIGEST_HEX + 16];
        Digest digest = {};
        int r;

        r = open_image(push, text, fault);
        if (r < 0)
                return r;
        if (!destination)
                destination = push->image.name;
        if (!destination)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "an image that is called by its id needs a destination");
        if (push->registry.user && !push->registry.password &&
                        (r = registry_ask_password(push->registry.user, &push->registry.password, fault)) <
                                        0)
                return r;
        r = to_destination(push, destination, &digest, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot push '%.200s'", destination);

        (void) snprintf(line, sizeof(line), "sha256:%s\n", digest.hex);
        fputs(line, stdout);
        return push->digestfile ? write_digest(push->digestfile, line, strlen(line) - 1, fault) : 0;
}

static int failed(int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot push");
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

int verb_push(int argc, char **argv) {
        AUTO(push_done) Push push = { .compression = -1, .store = STORE_CLOSED, .tmp_fd = -1 };
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                r = set_option(&push, key, &fault);
                if (r < 0)
                        return failed(r, &fault);
        }
        if (argc - optind < 1 || argc - optind > 2)
                return options_misused(argv[0], "one image is needed, and one destination may follow");

        (void) signal(SIGPIPE, SIG_IGN);
        r = push_image(&push, argv[optind], argc - optind == 2 ? argv[optind + 1] : NULL, &fault);
        return r < 0 ? failed(r, &fault) : VERB_OK;
}
