/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway save: images as an archive, or a directory, for other machines and other programs. */

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>

#include "cli/options.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "image/layout.h"
#include "lib/report.h"
#include "lib/strv.h"

enum { KEY_COMPRESS = OPTION_LONG, KEY_FORMAT };

/* clang-format off */
static const Option options[] = {
        { 'o',          "output",   "FILE",   "where to write it (default: standard output)" },
        { KEY_FORMAT,   "format",   "FORMAT", "docker-archive (the default), oci-archive, oci-dir or docker-dir" },
        { KEY_COMPRESS, "compress", "HOW",    "compress layers with gzip or zstd (default: none)" },
};

static const struct {
        const char *word;
        LayoutKind kind;
        bool is_archive;
} formats[] = {
        { "docker-archive", LAYOUT_DOCKER, true  },
        { "oci-archive",    LAYOUT_OCI,    true  },
        { "oci-dir",        LAYOUT_OCI,    false },
        { "docker-dir",     LAYOUT_DIR,    false },
};
/* clang-format on */

typedef struct Save {
        const char *output;
        size_t format;
        int compression;
        char **images; /* as they were asked for */
} Save;

/* One image, with all the names by which it was asked for. */
typedef struct Group {
        Outgoing image;
        char **names;
} Group;

typedef struct Groups {
        Group *items;
        size_t n;
} Groups;

static void groups_done(Groups *groups) {
        for (size_t i = 0; i < groups->n; i++) {
                outgoing_done(&groups->items[i].image);
                strv_free(groups->items[i].names);
        }
        free(groups->items);
}

/* All images are looked for before anything is written. */
static int open_image(Store *store, const char *text, Groups *groups, Fault *fault) {
        autooutgoing Outgoing image = {};
        Group *group = groups->items;
        int r = outgoing_open(store, text, &image, fault);

        if (r < 0)
                return r;
        while (group < groups->items + groups->n && !digest_equal(&group->image.id, &image.id))
                group++;
        if (image.name && !strv_find(group < groups->items + groups->n ? group->names : NULL, image.name))
                r = strv_append(&group->names, image.name);
        if (r >= 0 && group == groups->items + groups->n) {
                group->image = image;
                image = (Outgoing){};
                groups->n++;
        }
        return r;
}

static int open_images(Store *store, const Save *save, Groups *groups, Fault *fault) {
        int r = 0;

        groups->items = calloc(strv_length(save->images) + 1, sizeof(Group));
        if (!groups->items)
                return -ENOMEM;
        for (size_t i = 0; save->images[i] && r >= 0; i++)
                r = open_image(store, save->images[i], groups, fault);
        return r;
}

static int write_images(const Save *save, const Groups *groups, Sink *sink, int tmp_fd, Fault *fault) {
        AUTO(layout_done) Layout layout = {};
        int r = layout_begin(sink, formats[save->format].kind, (Compression) save->compression, tmp_fd,
                        &layout, fault);

        for (size_t i = 0; i < groups->n && r >= 0; i++)
                r = layout_add(&layout, &groups->items[i].image, groups->items[i].names, NULL, NULL, fault);
        if (r >= 0)
                r = layout_end(&layout, fault);
        return r < 0 ? r : sink->finish(sink, fault);
}

static int save_images(const Save *save, Fault *fault) {
        AUTO(groups_done) Groups groups = {};
        autostore Store store = STORE_CLOSED;
        autosink Sink *sink = NULL;
        autofd int tmp_fd = -1;
        int r;

        if ((r = store_open(state_directory(), &store, fault)) < 0 ||
                        (r = open_images(&store, save, &groups, fault)) < 0)
                return r;
        tmp_fd = openat(store.fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (tmp_fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%.200s/tmp': %s", store.path,
                                strerror(errno));
        r = formats[save->format].is_archive ? sink_new_archive(save->output, &sink, fault)
                                             : sink_new_directory(save->output, &sink, fault);
        return r < 0 ? r : write_images(save, &groups, sink, tmp_fd, fault);
}

static int set_option(Save *save, int key, Fault *fault) {
        switch (key) {
        case 'o':
                save->output = optarg;
                return 0;
        case KEY_COMPRESS:
                save->compression = compression_from_word(optarg);
                return save->compression >= 0
                                       ? 0
                                       : fault_raise(fault, FAULT_VALUE, EINVAL,
                                                         "--compress=%s: it is one of none, gzip and zstd",
                                                         optarg);
        default:
                for (save->format = 0; save->format < ELEMENTS(formats); save->format++)
                        if (strcmp(formats[save->format].word, optarg) == 0)
                                return 0;
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "--format=%s: it is one of docker-archive, oci-archive, oci-dir and "
                                "docker-dir",
                                optarg);
        }
}

static int failed(int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot save");
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

/* What goes wrong with the command line alone. */
static const char *misuse(const Save *save, int n) {
        if (n == 0)
                return "an image is needed";
        if (formats[save->format].kind == LAYOUT_DIR && n > 1)
                return "a docker-dir holds one image";
        if (!formats[save->format].is_archive && !save->output)
                return "a directory needs --output";
        return NULL;
}

int verb_save(int argc, char **argv) {
        Save save = {};
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                r = set_option(&save, key, &fault);
                if (r < 0)
                        return failed(r, &fault);
        }
        if (misuse(&save, argc - optind))
                return options_misused(argv[0], "%s", misuse(&save, argc - optind));
        if (!save.output && isatty(STDOUT_FILENO))
                return options_misused(argv[0],
                                "an archive is nothing for a terminal; use --output, or redirect it");

        (void) signal(SIGPIPE, SIG_IGN);
        save.images = argv + optind;
        r = save_images(&save, &fault);
        return r < 0 ? failed(r, &fault) : VERB_OK;
}
