/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/mount-spec.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "lib/cleanup.h"
#include "lib/size.h"

static void spec_done(MountSpec *spec) {
        free(spec->source);
        free(spec->target);
        free(spec->subpath);
        free(spec->upper);
        free(spec->work);
}

void mount_list_done(MountList *mounts) {
        for (size_t i = 0; i < mounts->n; i++)
                spec_done(&mounts->list[i]);
        for (size_t i = 0; i < mounts->n_globs; i++)
                spec_done(&mounts->globs[i]);
        free(mounts->list);
        free(mounts->globs);
        *mounts = (MountList){};
}

/* Puts the value of an option, if it takes one, into its place. */
typedef int OptionApply(MountSpec *spec, const char *value, Fault *fault);

typedef struct OptionRow {
        const char *name;
        unsigned kinds; /* bits of MountKind */
        uint64_t set, clear;
        OptionApply *apply; /* NULL for a plain attribute */
} OptionRow;

static int apply_private(MountSpec *spec, const char *value, Fault *fault) {
        spec->propagation = MS_PRIVATE;
        return 0;
}

static int apply_slave(MountSpec *spec, const char *value, Fault *fault) {
        spec->propagation = MS_SLAVE;
        return 0;
}

static int apply_shared(MountSpec *spec, const char *value, Fault *fault) {
        spec->propagation = MS_SHARED;
        return 0;
}

static int apply_shallow(MountSpec *spec, const char *value, Fault *fault) {
        spec->shallow = true;
        return 0;
}

static int apply_recursive(MountSpec *spec, const char *value, Fault *fault) {
        spec->shallow = false;
        return 0;
}

static int apply_unmapped(MountSpec *spec, const char *value, Fault *fault) {
        spec->unmapped = true;
        return 0;
}

static int apply_mapped(MountSpec *spec, const char *value, Fault *fault) {
        if (value)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "not supported: a map of its own for one mount (idmap=%s)", value);
        spec->unmapped = false;
        return 0;
}

static int apply_own(MountSpec *spec, const char *value, Fault *fault) {
        spec->own = true;
        return 0;
}

/* Labels are SELinux's; where there is none, there is nothing to label. */
static int apply_label(MountSpec *spec, const char *value, Fault *fault) {
        return 0;
}

static int apply_copy(MountSpec *spec, const char *value, Fault *fault) {
        spec->no_copy = false;
        return 0;
}

static int apply_no_copy(MountSpec *spec, const char *value, Fault *fault) {
        spec->no_copy = true;
        return 0;
}

static int apply_overlay(MountSpec *spec, const char *value, Fault *fault) {
        spec->overlay = true;
        return 0;
}

static int take_path(char **field, const char *value, Fault *fault) {
        if (!value || *value != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no absolute path", value ?: "");
        free(*field);
        *field = strdup(value);
        return *field ? 0 : -ENOMEM;
}

static int apply_upper(MountSpec *spec, const char *value, Fault *fault) {
        return take_path(&spec->upper, value, fault);
}

static int apply_work(MountSpec *spec, const char *value, Fault *fault) {
        return take_path(&spec->work, value, fault);
}

/* The kernel keeps it inside; this is for who reads the message. */
static int apply_subpath(MountSpec *spec, const char *value, Fault *fault) {
        if (!value || !*value)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "subpath= needs a value");
        free(spec->subpath);
        spec->subpath = strdup(value);
        return spec->subpath ? 0 : -ENOMEM;
}

static int add_tmpfs_option(MountSpec *spec, const char *name, const char *value, Fault *fault) {
        size_t n = strlen(spec->options);

        if (!value || !*value || strpbrk(value, ",:="))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "%s= needs a value", name);
        if (snprintf(spec->options + n, sizeof(spec->options) - n, "%s%s=%s", n > 0 ? "," : "", name,
                            value) >= (int) (sizeof(spec->options) - n))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "too many options");
        return 0;
}

static int apply_size(MountSpec *spec, const char *value, Fault *fault) {
        char number[24];
        uint64_t bytes;

        /* A part of the memory is for the kernel to count. */
        if (value && strchr(value, '%'))
                return add_tmpfs_option(spec, "size", value, fault);
        if (!value || size_from_text(value, &bytes) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no size", value ?: "");
        (void) snprintf(number, sizeof(number), "%llu", (unsigned long long) bytes);
        return add_tmpfs_option(spec, "size", number, fault);
}

static int apply_mode(MountSpec *spec, const char *value, Fault *fault) {
        return add_tmpfs_option(spec, "mode", value, fault);
}

static int apply_nr_inodes(MountSpec *spec, const char *value, Fault *fault) {
        return add_tmpfs_option(spec, "nr_inodes", value, fault);
}

static int apply_nr_blocks(MountSpec *spec, const char *value, Fault *fault) {
        return add_tmpfs_option(spec, "nr_blocks", value, fault);
}

static int apply_uid(MountSpec *spec, const char *value, Fault *fault) {
        return add_tmpfs_option(spec, "uid", value, fault);
}

static int apply_gid(MountSpec *spec, const char *value, Fault *fault) {
        return add_tmpfs_option(spec, "gid", value, fault);
}

static int apply_ptmxmode(MountSpec *spec, const char *value, Fault *fault) {
        return add_tmpfs_option(spec, "ptmxmode", value, fault);
}

static int apply_max(MountSpec *spec, const char *value, Fault *fault) {
        return add_tmpfs_option(spec, "max", value, fault);
}

#define KEPT (1 << MOUNT_NAMED | 1 << MOUNT_ANONYMOUS)
#define BIND (1 << MOUNT_BIND | 1 << MOUNT_GLOB | KEPT)
#define IMAGE (1 << MOUNT_IMAGE)
#define TMPFS (1 << MOUNT_TMPFS)
#define RAMFS (1 << MOUNT_RAMFS)
#define DEVPTS (1 << MOUNT_DEVPTS)
#define MEMORY (TMPFS | RAMFS)
#define ALL (BIND | IMAGE | MEMORY)

/* clang-format off */
static const OptionRow rows[] = {
        { "rw",          ALL,   0,                       MOUNT_ATTR_RDONLY,      NULL },
        { "ro",          ALL,   MOUNT_ATTR_RDONLY,       0,                      NULL },
        { "exec",        ALL,   0,                       MOUNT_ATTR_NOEXEC,      NULL },
        { "noexec",      ALL,   MOUNT_ATTR_NOEXEC,       0,                      NULL },
        { "dev",         ALL,   0,                       MOUNT_ATTR_NODEV,       NULL },
        { "nodev",       ALL,   MOUNT_ATTR_NODEV,        0,                      NULL },
        { "suid",        ALL,   0,                       MOUNT_ATTR_NOSUID,      NULL },
        { "nosuid",      ALL,   MOUNT_ATTR_NOSUID,       0,                      NULL },
        { "relatime",    TMPFS, 0,                       MOUNT_ATTR__ATIME,      NULL },
        { "atime",       TMPFS, 0,                       MOUNT_ATTR__ATIME,      NULL },
        { "noatime",     TMPFS, MOUNT_ATTR_NOATIME,      MOUNT_ATTR__ATIME,      NULL },
        { "strictatime", TMPFS, MOUNT_ATTR_STRICTATIME,  MOUNT_ATTR__ATIME,      NULL },
        { "nodiratime",  TMPFS, MOUNT_ATTR_NODIRATIME,   0,                      NULL },
        { "diratime",    TMPFS, 0,                       MOUNT_ATTR_NODIRATIME,  NULL },
        { "private",     BIND | TMPFS, 0, 0, apply_private },
        { "rprivate",    BIND | TMPFS, 0, 0, apply_private },
        { "slave",       BIND,  0, 0, apply_slave },
        { "rslave",      BIND,  0, 0, apply_slave },
        { "shared",      BIND,  0, 0, apply_shared },
        { "rshared",     BIND,  0, 0, apply_shared },
        { "bind",        BIND,  0, 0, apply_shallow },
        { "norbind",     BIND,  0, 0, apply_shallow },
        { "rbind",       BIND,  0, 0, apply_recursive },
        { "idmap",       BIND,  0, 0, apply_mapped },
        { "noidmap",     BIND,  0, 0, apply_unmapped },
        { "U",           ALL,   0, 0, apply_own },
        { "z",           BIND | IMAGE, 0, 0, apply_label },
        { "Z",           BIND | IMAGE, 0, 0, apply_label },
        { "O",           BIND,  0, 0, apply_overlay },
        { "upperdir",    BIND,  0, 0, apply_upper },
        { "workdir",     BIND,  0, 0, apply_work },
        { "copy",        KEPT,  0, 0, apply_copy },
        { "nocopy",      BIND,  0, 0, apply_no_copy },
        { "subpath",     KEPT | IMAGE, 0, 0, apply_subpath },
        { "tmpcopyup",   MEMORY, 0, 0, apply_copy },
        { "notmpcopyup", MEMORY, 0, 0, apply_no_copy },
        { "size",        TMPFS, 0, 0, apply_size },
        { "mode",        MEMORY | DEVPTS, 0, 0, apply_mode },
        { "nr_inodes",   TMPFS, 0, 0, apply_nr_inodes },
        { "nr_blocks",   TMPFS, 0, 0, apply_nr_blocks },
        { "uid",         TMPFS | DEVPTS, 0, 0, apply_uid },
        { "gid",         TMPFS | DEVPTS, 0, 0, apply_gid },
        { "ptmxmode",    DEVPTS, 0, 0, apply_ptmxmode },
        { "max",         DEVPTS, 0, 0, apply_max },
};
/* clang-format on */

/* What --mount= calls it. */
static const struct {
        const char *type;
        MountKind kind;
        bool has_source;
} kinds[] = {
        { "bind", MOUNT_BIND, true },
        { "devpts", MOUNT_DEVPTS, false },
        { "glob", MOUNT_GLOB, true },
        { "image", MOUNT_IMAGE, true },
        { "ramfs", MOUNT_RAMFS, false },
        { "tmpfs", MOUNT_TMPFS, false },
        { "volume", MOUNT_NAMED, true },
        { "volume", MOUNT_ANONYMOUS, false },
};

static const char *kind_name(MountKind kind) {
        for (size_t i = 0; i < ELEMENTS(kinds); i++)
                if (kinds[i].kind == kind)
                        return kinds[i].type;
        return "volume of the image";
}

static int apply_option(MountSpec *spec, char *word, Fault *fault) {
        const char *name = strsep(&word, "=");

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                if (strcmp(rows[i].name, name) != 0 || !(rows[i].kinds & 1U << spec->kind))
                        continue;
                if (rows[i].apply)
                        return rows[i].apply(spec, word, fault);
                spec->set = (spec->set & ~rows[i].clear) | rows[i].set;
                spec->clear = (spec->clear & ~rows[i].set) | rows[i].clear;
                return 0;
        }
        return fault_raise(fault, FAULT_VALUE, EINVAL, "no such option of a %s: '%s'", kind_name(spec->kind),
                        name);
}

static int apply_options(MountSpec *spec, char *options, Fault *fault) {
        char *word;
        int r = 0;

        while (r >= 0 && (word = strsep(&options, ",")))
                if (*word)
                        r = apply_option(spec, word, fault);
        return r;
}

/* Without slashes at the end, which would make one place look like two. */
static char *clean_path(const char *path) {
        size_t n = strlen(path);

        while (n > 1 && path[n - 1] == '/')
                n--;
        return strndup(path, n);
}

static int set_target(MountSpec *spec, const char *target, Fault *fault) {
        if (!target || *target != '/' || strspn(target, "/") == strlen(target))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the target '%s' is not absolute, or is the root itself", target ?: "");
        spec->target = clean_path(target);
        return spec->target ? 0 : -ENOMEM;
}

static int set_paths(MountSpec *spec, const char *source, const char *target, Fault *fault) {
        bool is_path = spec->kind == MOUNT_BIND || spec->kind == MOUNT_GLOB;
        int r = 0;

        if (source && is_path && *source != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "the source '%s' is not absolute", source);
        if (source && !*source)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "it is not said what is to be at '%s'",
                                target ?: "");
        if (target || spec->kind != MOUNT_GLOB)
                r = set_target(spec, target, fault);
        if (r < 0)
                return r;
        if (source)
                spec->source = is_path ? clean_path(source) : strdup(source);
        return source && !spec->source ? -ENOMEM : 0;
}

/* What options mean together. */
static int check_spec(const MountSpec *spec, Fault *fault) {
        if (!spec->upper != !spec->work)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "upperdir= and workdir= are given both, or none of them");
        if (spec->upper && !spec->overlay)
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "upperdir= is for changes on top, which is 'O'");
        if (spec->overlay && spec->propagation == MS_SHARED)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "changes on top (O) cannot be shared");
        return 0;
}

/* Takes what @spec owns. */
static int add(MountList *mounts, MountSpec *spec, Fault *fault) {
        MountSpec *grown;

        if (mount_list_has(mounts, spec->target)) {
                int r = fault_raise(fault, FAULT_CONFLICT, EINVAL, "two mounts on '%s'", spec->target);

                spec_done(spec);
                return r;
        }
        grown = reallocarray(mounts->list, mounts->n + 1, sizeof(MountSpec));
        if (!grown) {
                spec_done(spec);
                return -ENOMEM;
        }
        grown[mounts->n++] = *spec;
        mounts->list = grown;
        return 0;
}

static int add_glob(MountList *mounts, MountSpec *spec) {
        MountSpec *grown = reallocarray(mounts->globs, mounts->n_globs + 1, sizeof(MountSpec));

        if (!grown) {
                spec_done(spec);
                return -ENOMEM;
        }
        grown[mounts->n_globs++] = *spec;
        mounts->globs = grown;
        return 0;
}

static int finish(MountList *mounts, MountSpec *spec, int r, Fault *fault) {
        if (r >= 0)
                r = check_spec(spec, fault);
        if (r >= 0 && spec->kind == MOUNT_GLOB)
                return add_glob(mounts, spec);
        if (r >= 0)
                return add(mounts, spec, fault);
        spec_done(spec);
        return r;
}

/* What each kind is unless told otherwise, as podman has it. */
static MountSpec default_spec(MountKind kind) {
        MountSpec spec = { .kind = kind, .propagation = MS_PRIVATE };

        switch (kind) {

        case MOUNT_NAMED:
        case MOUNT_ANONYMOUS:
                spec.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
                break;

        case MOUNT_IMAGE:
                spec.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
                break;

        case MOUNT_TMPFS:
        case MOUNT_RAMFS:
                spec.set = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
                break;

        default:
                break;
        }
        return spec;
}

int mount_list_add_volume(MountList *mounts, const char *text, Fault *fault) {
        autofree char *copy = strdup(text);
        char *rest = copy, *source, *target;
        MountSpec spec;
        int r;

        if (!copy)
                return -ENOMEM;
        source = strsep(&rest, ":");
        target = strsep(&rest, ":");
        spec = default_spec(!target ? MOUNT_ANONYMOUS : *source == '/' ? MOUNT_BIND : MOUNT_NAMED);
        r = target ? set_paths(&spec, source, target, fault) : set_paths(&spec, NULL, source, fault);
        if (r >= 0)
                r = apply_options(&spec, rest, fault);
        return finish(mounts, &spec, r, fault);
}

int mount_list_add_tmpfs(MountList *mounts, const char *text, Fault *fault) {
        MountSpec spec = default_spec(MOUNT_TMPFS);
        autofree char *copy = strdup(text);
        char *rest = copy;
        int r;

        if (!copy)
                return -ENOMEM;
        r = set_paths(&spec, NULL, strsep(&rest, ":"), fault);
        if (r >= 0)
                r = apply_options(&spec, rest, fault);
        return finish(mounts, &spec, r, fault);
}

static const char *after(const char *word, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(word, prefix, n) == 0 ? word + n : NULL;
}

/* The values of source= and destination= are borrowed. */
static int read_words(MountSpec *spec, char *rest, const char **ret_source, const char **ret_target,
                Fault *fault) {
        char *word;
        int r = 0;

        while (r >= 0 && (word = strsep(&rest, ","))) {
                const char *value;

                if ((value = after(word, "source=")))
                        *ret_source = value;
                else if ((value = after(word, "destination=")))
                        *ret_target = value;
                else if (*word)
                        r = apply_option(spec, word, fault);
        }
        return r;
}

static int find_kind(const char *type, bool has_source, MountKind *ret, Fault *fault) {
        bool is_known = false;

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                if (!type || strcmp(kinds[i].type, type) != 0)
                        continue;
                is_known = true;
                if (kinds[i].has_source != has_source)
                        continue;
                *ret = kinds[i].kind;
                return 0;
        }
        if (is_known)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a %s has %s source=", type,
                                has_source ? "no" : "a");
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "a mount begins with type=bind, volume, tmpfs, image, glob, devpts or ramfs");
}

int mount_list_add_mount(MountList *mounts, const char *text, Fault *fault) {
        const char *source = NULL, *target = NULL, *type;
        autofree char *copy = strdup(text);
        char *rest = copy;
        MountSpec spec = {};
        int r;

        if (!copy)
                return -ENOMEM;
        type = after(strsep(&rest, ","), "type=");
        r = find_kind(type, strstr(text, ",source=") != NULL, &spec.kind, fault);
        if (r < 0)
                return r;
        spec = default_spec(spec.kind);
        r = read_words(&spec, rest, &source, &target, fault);
        if (r >= 0)
                r = set_paths(&spec, source, target, fault);
        return finish(mounts, &spec, r, fault);
}

static int copy_text(char **to, const char *from) {
        *to = from ? strdup(from) : NULL;
        return from && !*to ? -ENOMEM : 0;
}

int mount_list_add_match(MountList *mounts, const MountSpec *glob, const char *path, Fault *fault) {
        const char *name = strrchr(path, '/');
        autofree char *target = NULL;
        MountSpec spec = *glob;
        int r;

        if (!name || !name[1])
                return 0;
        if (glob->target && asprintf(&target, "%s%s", glob->target, name) < 0)
                return -ENOMEM;
        spec.kind = MOUNT_BIND;
        spec.source = spec.target = spec.upper = spec.work = spec.subpath = NULL;
        r = set_paths(&spec, path, target ?: path, fault);
        if (r >= 0)
                r = copy_text(&spec.upper, glob->upper);
        if (r >= 0)
                r = copy_text(&spec.work, glob->work);
        return finish(mounts, &spec, r, fault);
}

int mount_list_add_image_volume(MountList *mounts, const char *target, Fault *fault) {
        MountSpec spec = { .kind = MOUNT_VOLUME, .propagation = MS_PRIVATE };
        int r = set_paths(&spec, NULL, target, fault);

        /* The manifest's word counts more than the image's. */
        if (r >= 0 && mount_list_has(mounts, spec.target)) {
                spec_done(&spec);
                return 0;
        }
        return finish(mounts, &spec, r, fault);
}

bool mount_list_has(const MountList *mounts, const char *target) {
        for (size_t i = 0; i < mounts->n; i++)
                if (strcmp(mounts->list[i].target, target) == 0)
                        return true;
        return false;
}

static size_t depth(const MountSpec *spec) {
        size_t n = 0;

        for (const char *c = spec->target; *c; c++)
                n += *c == '/' && c[1] && c[1] != '/';
        return n;
}

/* By insertion: lists are short, and equals keep their order. */
void mount_list_sort(MountList *mounts) {
        for (size_t i = 1; i < mounts->n; i++) {
                MountSpec spec = mounts->list[i];
                size_t k = i, d = depth(&spec);

                for (; k > 0 && depth(&mounts->list[k - 1]) > d; k--)
                        mounts->list[k] = mounts->list[k - 1];
                mounts->list[k] = spec;
        }
}
