/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/import.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "image/importer.h"
#include "image/reference.h"
#include "image/storage.h"
#include "lib/strv.h"

/* "PLACE[:TAG]": the first colon ends the place, unless there is a file of the whole name. */
static int split_place(const char *text, char **ret_place, const char **ret_tag) {
        const char *colon = strchr(text, ':');

        *ret_tag = NULL;
        if (colon && access(text, F_OK) < 0) {
                *ret_tag = colon + 1;
                *ret_place = strndup(text, (size_t) (colon - text));
        } else
                *ret_place = strdup(text);
        return *ret_place ? 0 : -ENOMEM;
}

/* "[PLACE]TAG", as containers-transports(5) has it; the brackets are for who has several places. */
static int split_storage(const char *text, char **ret_place, const char **ret_tag) {
        const char *end = *text == '[' ? strchr(text, ']') : NULL;

        *ret_tag = end ? end + 1 : text;
        *ret_place = end ? strndup(text + 1, (size_t) (end - text - 1)) : strdup(STORAGE_ROOT);
        return *ret_place ? 0 : -ENOMEM;
}

static int open_directory(const char *place, int spool_fd, Source **ret, Fault *fault) {
        return source_new_directory(place, ret, fault);
}

static int open_storage(const char *place, int spool_fd, Source **ret, Fault *fault) {
        return source_new_storage(place, ret, fault);
}

/* clang-format off */
static const struct {
        const char *prefix;
        int (*split)(const char *text, char **ret_place, const char **ret_tag);
        int (*open)(const char *place, int spool_fd, Source **ret, Fault *fault);
        int (*plan)(Source *source, const PlanRequest *request, Plan *plan, Fault *fault);      /* NULL: a root file system */
        const char *origin;     /* what it is called in an Origin, as containers-policy.json(5) does */
} transports[] = {
        { "oci:",                split_place,   open_directory,     plan_oci,     "oci"                },
        { "oci-archive:",        split_place,   source_new_archive, plan_oci,     "oci-archive"        },
        { "docker-archive:",     split_place,   source_new_archive, plan_docker,  "docker-archive"     },
        { "dir:",                split_place,   open_directory,     plan_dir,     "dir"                },
        { "containers-storage:", split_storage, open_storage,       plan_storage, "containers-storage" },
        { "tar:",                NULL,          NULL,               NULL,         "tarball"            },
};
/* clang-format on */

static int find_transport(const char *source) {
        for (size_t i = 0; i < ELEMENTS(transports); i++)
                if (strncmp(source, transports[i].prefix, strlen(transports[i].prefix)) == 0)
                        return (int) i;
        return -1;
}

bool import_is_rootfs(const char *source) {
        int i = find_transport(source);

        return i < 0 || !transports[i].plan;
}

static int make_plan(Importer *importer, int transport, Fault *fault) {
        const char *text = importer->request->source + strlen(transports[transport].prefix), *tag;
        const ImportRequest *request = importer->request;
        PlanRequest wanted = { NULL, &request->platform, request->platform_is_given };
        autofree char *place = NULL;
        int r;

        r = transports[transport].split(text, &place, &tag);
        if (r < 0)
                return r;
        if (*place == '\0' || (tag && *tag == '\0'))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.300s' is not complete", request->source);
        wanted.tag = tag;

        r = transports[transport].open(place, importer->draft.fd, &importer->source, fault);
        if (r < 0)
                return r;
        return transports[transport].plan(importer->source, &wanted, &importer->plan, fault);
}

/* A name with a digest is a promise about what was imported. */
static int check_digest(const Plan *plan, const char *name, const Reference *reference, Fault *fault) {
        for (size_t i = 0; i < plan->n_digests; i++)
                if (digest_equal(&reference->digest, &plan->digests[i]))
                        return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "the image is not '%.300s': its digest is %s%s",
                        name, plan->n_digests ? "sha256:" : "not known to the source",
                        plan->n_digests ? plan->digests[0].hex : "");
}

/* Adds one that a person gave: with a tag and a digest it gives the image two names. */
static int add_name(Importer *importer, const char *text, Fault *fault) {
        AUTO(reference_done) Reference reference = {};
        autofree char *name = NULL, *tagged = NULL;
        int r;

        if ((r = reference_parse(text, &reference, fault)) < 0 ||
                        (r = reference_normalise(text, &name, fault)) < 0)
                return r;
        if (!digest_is_set(&reference.digest))
                return strv_take(&importer->names, TAKE(name));

        r = check_digest(&importer->plan, text, &reference, fault);
        if (r < 0)
                return r;
        r = strv_take(&importer->names, TAKE(name));
        if (r < 0 || !reference.tag)
                return r;
        reference.digest = (Digest){};
        r = reference_format(&reference, &tagged);
        return r < 0 ? r : strv_take(&importer->names, TAKE(tagged));
}

int import_choose_names(Importer *importer, Fault *fault) {
        char *const *given = importer->request->names;

        if (!given)
                return strv_extend(&importer->names, importer->plan.names);
        for (size_t i = 0; given[i]; i++) {
                int r = add_name(importer, given[i], fault);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Mistakes in names are told before the work and not after it. */
static int check_names(const ImportRequest *request, Fault *fault) {
        for (size_t i = 0; request->names && request->names[i]; i++) {
                autofree char *name = NULL;
                int r = reference_normalise(request->names[i], &name, fault);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int open_layer(void *data, size_t i, Stream **ret, Fault *fault) {
        const Importer *importer = data;
        const PlanLayer *layer = &importer->plan.layers[i];
        int64_t size;
        int r;

        r = image_source_open(importer->source, layer->file, ret, &size, fault);
        if (r < 0)
                return r;
        if (layer->size < 0 || layer->size == size)
                return 0;
        stream_free(*ret);
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "'%.200s' has %jd bytes and not %jd",
                        layer->file, (intmax_t) size, (intmax_t) layer->size);
}

static int import_image(Importer *importer, int transport, Fault *fault) {
        const LayerFeed feed = { .open = open_layer, .data = importer };
        int r;

        if ((r = make_plan(importer, transport, fault)) < 0 ||
                        (r = import_choose_names(importer, fault)) < 0 ||
                        (r = import_find_layers(importer, fault)) < 0 ||
                        (r = import_layers(importer, &feed, fault)) < 0)
                return r;
        return importer->plan.manifest ? 0 : import_make_manifest(importer, fault);
}

/* @word is how long its name is. */
static int no_transport(const char *source, size_t word, Fault *fault) {
        static const struct {
                const char *prefix, *advice;
        } foreign[] = {
                { "docker://", "images come from registries by 'slipway pull'" },
                { "docker-daemon:", "the daemon is not asked: type 'docker save IMAGE | slipway import "
                                    "docker-archive:-'" },
        };

        for (size_t i = 0; i < ELEMENTS(foreign); i++)
                if (strncmp(source, foreign[i].prefix, strlen(foreign[i].prefix)) == 0)
                        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "%s", foreign[i].advice);
        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                        "there is no transport '%.*s'; it is one of oci, oci-archive, docker-archive, dir, "
                        "containers-storage and tar",
                        (int) (word < 40 ? word : 40), source);
}

/* What can be no archive has often a better explanation than open(2) knows. */
static int check_file(const char *source, Fault *fault) {
        size_t word = strcspn(source, ":/");
        struct stat st;

        if (strcmp(source, "-") == 0)
                return 0;
        if (stat(source, &st) < 0 && source[word] == ':')
                return no_transport(source, word, fault);
        if (stat(source, &st) == 0 && S_ISDIR(st.st_mode))
                return fault_raise(fault, FAULT_VALUE, EISDIR,
                                "it is a directory: say oci: or dir: before its name if there is an image "
                                "in it");
        return 0;
}

static int import_tar(Importer *importer, const char *path, Fault *fault) {
        int r;

        r = check_file(path, fault);
        if (r < 0)
                return r;

        if ((r = import_rootfs(importer, path, fault)) < 0 ||
                        (r = import_make_manifest(importer, fault)) < 0)
                return r;
        return import_choose_names(importer, fault);
}

void importer_done(Importer *importer) {
        for (size_t i = 0; i < importer->n_work; i++) {
                LayerWork *work = &importer->work[i];

                unpacker_freep(&work->unpacker);
                free(work->below);
                fd_closep(&work->root_fd);
                fd_closep(&work->fd);
        }
        free(importer->work);
        source_freep(&importer->source);
        draft_end(&importer->draft);
        import_plan_done(&importer->plan);
        strv_free(importer->names);
        import_result_done(&importer->result);
}

/* Two descriptors for each layer, and more layers than the usual limit of files. */
void import_allow_many_files(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= 4 * IMAGE_LAYERS_LIMIT)
                return;
        limit.rlim_cur = limit.rlim_max < 4 * IMAGE_LAYERS_LIMIT ? limit.rlim_max : 4 * IMAGE_LAYERS_LIMIT;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

/* Only now it is known which names it gets. */
static int decide(Importer *importer, Fault *fault) {
        const ImportRequest *request = importer->request;
        const Plan *plan = &importer->plan;

        if (!request->decide)
                return 0;
        importer->record = request->record;
        importer->record_data = request->decide_data;
        return request->decide(request->decide_data, importer->transport, importer->names,
                        plan->n_digests > 0 ? &plan->digests[0] : &(Digest){}, fault);
}

int image_import(Store *store, const ImportRequest *request, ImportResult *ret, Fault *fault) {
        AUTO(importer_done) Importer importer = IMPORTER_EMPTY;
        int r, transport = find_transport(request->source);

        importer.store = store;
        importer.request = request;
        importer.transport = transport < 0 ? "tarball" : transports[transport].origin;
        importer.budget = request->budget;
        import_allow_many_files();

        r = check_names(request, fault);
        if (r < 0)
                return r;
        r = draft_begin_import(store, &importer.draft, fault);
        if (r < 0)
                return r;

        if (transport >= 0 && transports[transport].plan)
                r = import_image(&importer, transport, fault);
        else
                r = import_tar(&importer,
                                transport < 0 ? request->source
                                              : request->source + strlen(transports[transport].prefix),
                                fault);
        if (r < 0 || (r = decide(&importer, fault)) < 0)
                return r;

        r = import_commit(&importer, fault);
        if (r < 0)
                return r;

        import_take_result(&importer, ret);
        return 0;
}

void import_take_result(Importer *importer, ImportResult *ret) {
        importer->result.id = importer->plan.id;
        importer->result.n_layers = importer->plan.n_layers;
        importer->result.names = TAKE(importer->names);
        *ret = importer->result;
        importer->result = (ImportResult){};
}

void import_result_done(ImportResult *result) {
        strv_free(result->names);
        *result = (ImportResult){};
}
