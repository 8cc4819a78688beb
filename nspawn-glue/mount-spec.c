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
}

void mount_list_done(MountList *mounts) {
        for (size_t i = 0; i < mounts->n; i++)
                spec_done(&mounts->list[i]);
        free(mounts->list);
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
        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                        "not supported yet: mounts that the container makes and the host sees (shared)");
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

#define BIND (1 << MOUNT_BIND)
#define TMPFS (1 << MOUNT_TMPFS)
#define BOTH (BIND | TMPFS)

/* clang-format off */
static const OptionRow rows[] = {
        { "rw",          BOTH,  0,                       MOUNT_ATTR_RDONLY,      NULL },
        { "ro",          BOTH,  MOUNT_ATTR_RDONLY,       0,                      NULL },
        { "exec",        BOTH,  0,                       MOUNT_ATTR_NOEXEC,      NULL },
        { "noexec",      BOTH,  MOUNT_ATTR_NOEXEC,       0,                      NULL },
        { "dev",         BOTH,  0,                       MOUNT_ATTR_NODEV,       NULL },
        { "nodev",       BOTH,  MOUNT_ATTR_NODEV,        0,                      NULL },
        { "suid",        BOTH,  0,                       MOUNT_ATTR_NOSUID,      NULL },
        { "nosuid",      BOTH,  MOUNT_ATTR_NOSUID,       0,                      NULL },
        { "relatime",    TMPFS, 0,                       MOUNT_ATTR__ATIME,      NULL },
        { "atime",       TMPFS, 0,                       MOUNT_ATTR__ATIME,      NULL },
        { "noatime",     TMPFS, MOUNT_ATTR_NOATIME,      MOUNT_ATTR__ATIME,      NULL },
        { "strictatime", TMPFS, MOUNT_ATTR_STRICTATIME,  MOUNT_ATTR__ATIME,      NULL },
        { "nodiratime",  TMPFS, MOUNT_ATTR_NODIRATIME,   0,                      NULL },
        { "diratime",    TMPFS, 0,                       MOUNT_ATTR_NODIRATIME,  NULL },
        { "private",     BOTH,  0, 0, apply_private },
        { "rprivate",    BOTH,  0, 0, apply_private },
        { "slave",       BIND,  0, 0, apply_slave },
        { "rslave",      BIND,  0, 0, apply_slave },
        { "shared",      BIND,  0, 0, apply_shared },
        { "rshared",     BIND,  0, 0, apply_shared },
        { "bind",        BIND,  0, 0, apply_shallow },
        { "norbind",     BIND,  0, 0, apply_shallow },
        { "rbind",       BIND,  0, 0, apply_recursive },
        { "idmap",       BIND,  0, 0, apply_mapped },
        { "noidmap",     BIND,  0, 0, apply_unmapped },
        { "U",           BOTH,  0, 0, apply_own },
        { "z",           BIND,  0, 0, apply_label },
        { "Z",           BIND,  0, 0, apply_label },
        { "tmpcopyup",   TMPFS, 0, 0, apply_copy },
        { "notmpcopyup", TMPFS, 0, 0, apply_no_copy },
        { "size",        TMPFS, 0, 0, apply_size },
        { "mode",        TMPFS, 0, 0, apply_mode },
        { "nr_inodes",   TMPFS, 0, 0, apply_nr_inodes },
        { "nr_blocks",   TMPFS, 0, 0, apply_nr_blocks },
        { "uid",         TMPFS, 0, 0, apply_uid },
        { "gid",         TMPFS, 0, 0, apply_gid },
};
/* clang-format on */

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
        return fault_raise(fault, FAULT_VALUE, EINVAL, "no such option of a %s: '%s'",
                        spec->kind == MOUNT_BIND ? "bind" : "tmpfs", name);
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

static int set_paths(MountSpec *spec, const char *source, const char *target, Fault *fault) {
        if (source && *source != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "the source '%s' is not absolute", source);
        if (!target || *target != '/' || strspn(target, "/") == strlen(target))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the target '%s' is not absolute, or is the root itself", target ?: "");
        spec->target = clean_path(target);
        spec->source = source ? clean_path(source) : NULL;
        return !spec->target || (source && !spec->source) ? -ENOMEM : 0;
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

static int finish(MountList *mounts, MountSpec *spec, int r, Fault *fault) {
        if (r >= 0)
                return add(mounts, spec, fault);
        spec_done(spec);
        return r;
}

int mount_list_add_volume(MountList *mounts, const char *text, Fault *fault) {
        MountSpec spec = { .kind = MOUNT_BIND, .propagation = MS_PRIVATE };
        autofree char *copy = strdup(text);
        char *rest = copy, *source, *target;
        int r;

        if (!copy)
                return -ENOMEM;
        source = strsep(&rest, ":");
        target = strsep(&rest, ":");
        r = set_paths(&spec, source, target, fault);
        if (r >= 0)
                r = apply_options(&spec, rest, fault);
        return finish(mounts, &spec, r, fault);
}

/* Podman's tmpfs: safe, and with what the image has in that place. */
#define TMPFS_SPEC                                                              \
        {                                                                       \
                .kind = MOUNT_TMPFS, .propagation = MS_PRIVATE,                 \
                .set = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV \
        }

int mount_list_add_tmpfs(MountList *mounts, const char *text, Fault *fault) {
        MountSpec spec = TMPFS_SPEC;
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

int mount_list_add_mount(MountList *mounts, const char *text, Fault *fault) {
        MountSpec bind = { .kind = MOUNT_BIND, .propagation = MS_PRIVATE }, tmpfs = TMPFS_SPEC, spec;
        const char *source = NULL, *target = NULL, *type;
        autofree char *copy = strdup(text);
        char *rest = copy, *word;
        int r = 0;

        if (!copy)
                return -ENOMEM;
        type = after(strsep(&rest, ","), "type=");
        if (!type || (strcmp(type, "bind") != 0 && strcmp(type, "tmpfs") != 0))
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "a mount begins with type=bind or type=tmpfs");
        spec = *type == 'b' ? bind : tmpfs;

        while (r >= 0 && (word = strsep(&rest, ","))) {
                const char *value;

                if ((value = after(word, "source=")))
                        source = value;
                else if ((value = after(word, "destination=")))
                        target = value;
                else if (*word)
                        r = apply_option(&spec, word, fault);
        }
        if (r >= 0 && !source != (spec.kind == MOUNT_TMPFS))
                r = fault_raise(fault, FAULT_VALUE, EINVAL, "a bind has a source=, a tmpfs has none");
        if (r >= 0)
                r = set_paths(&spec, source, target, fault);
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
