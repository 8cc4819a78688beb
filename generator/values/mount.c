/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/image-name.h"
#include "generator/values/options.h"
#include "generator/values/tmpfs.h"
#include "generator/values/volume.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

typedef struct Mount {
        const char *type, *source, *destination;
        char **options;
} Mount;

/* One field after the other of a line as spreadsheets write it: a field in quotes may hold commas. */
static int next_field(char **at, char **ret, Fault *fault) {
        char *from = *at, *to = *at;
        bool quoted = *from == '"';

        if (quoted)
                from++;
        *ret = *at;

        for (;; from++) {
                if (!*from)
                        break;
                if (!quoted && *from == ',')
                        break;
                if (quoted && *from == '"' && *++from != '"')
                        break;
                *to++ = *from;
        }
        if (quoted && (from[-1] != '"' || (*from && *from != ',')))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a quoted field does not end where its quotes do");

        *at = *from ? from + 1 : NULL;
        *to = '\0';
        return strchr(*ret, ',')
                               ? fault_raise(fault, FAULT_VALUE, EINVAL,
                                                 "'%s' has a comma in it; use Volume= for such a path", *ret)
                               : 0;
}

/* clang-format off */
/* Names that differ from those of Volume= and Tmpfs=. */
static const struct {
        const char *name, *value; /* value NULL: any */
        const char *option;       /* what it is there; followed by the value if it ends with '=' */
} synonyms[] = {
        { "readonly",         NULL,      "ro"      },
        { "readwrite",        NULL,      "rw"      },
        { "bind-nonrecursive", NULL,     "norbind" },
        { "chown",            NULL,      "U"       },
        { "tmpfs-size",       NULL,      "size="   },
        { "tmpfs-mode",       NULL,      "mode="   },
        { "ramfs-mode",       NULL,      "mode="   },
        { "volume-subpath",   NULL,      "subpath=" },
        { "image-subpath",    NULL,      "subpath=" },
        { "volume-nocopy",    NULL,      "nocopy"  },
        { "relabel",          "shared",  "z"       },
        { "relabel",          "private", "Z"       },
};
/* clang-format on */

/* A flag may be spelled out: "ro=true". Return: 1 for yes, 0 for no, -EINVAL. */
static int flag_value(const char *value) {
        if (!value || strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
                return 1;
        return strcmp(value, "false") == 0 || strcmp(value, "0") == 0 ? 0 : -EINVAL;
}

static int add_flag(Mount *mount, const char *name, const char *value, const char *option, Fault *fault) {
        int yes = flag_value(value);

        if (yes < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "%s '%s' is neither true nor false", name,
                                value);
        if (!yes)
                option = strcmp(option, "ro") == 0 ? "rw" : strcmp(option, "rw") == 0 ? "ro" : NULL;
        return option ? strv_append(&mount->options, option) : 0;
}

static int add_option(Mount *mount, const char *name, const char *value, Fault *fault) {
        static const char *const flags[] = { "ro", "rw", "U", "exec", "noexec", "dev", "nodev", "suid",
                "nosuid", "idmap", "noidmap", "tmpcopyup", "notmpcopyup", "O", "copy", "nocopy", "norbind",
                NULL };

        for (size_t i = 0; i < ELEMENTS(synonyms); i++) {
                const char *option = synonyms[i].option;

                if (strcmp(name, synonyms[i].name) != 0)
                        continue;
                if (synonyms[i].value) {
                        if (value && strcmp(value, synonyms[i].value) == 0)
                                return strv_append(&mount->options, option);
                        continue;
                }
                if (option[strlen(option) - 1] == '=')
                        return strv_appendf(&mount->options, "%s%s", option, value ? value : "");
                return add_flag(mount, name, value, option, fault);
        }

        if (strcmp(name, "relabel") == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "relabel is either shared or private");
        if (strcmp(name, "bind-propagation") == 0)
                return strv_append(&mount->options, value ? value : "");
        if (value_is_one_of(name, flags))
                return add_flag(mount, name, value, name, fault);
        return strv_appendf(&mount->options, "%s%s%s", name, value ? "=" : "", value ? value : "");
}

static int take_field(Mount *mount, char *field, Fault *fault) {
        static const char *const sources[] = { "source", "src", NULL };
        static const char *const targets[] = { "destination", "dst", "target", NULL };
        char *value = value_cut(field, '=');

        if (!*field)
                return 0;
        if (strcmp(field, "type") == 0 && value)
                mount->type = value;
        else if (value_is_one_of(field, sources) && value)
                mount->source = value;
        else if (value_is_one_of(field, targets) && value)
                mount->destination = value;
        else
                return add_option(mount, field, value, fault);
        return 0;
}

/* clang-format off */
static const OptionRow image_options[] = {
        { "rw",      .exclusive = 'w' },
        { "ro",      .exclusive = 'w' },
        { "exec",    .exclusive = 'e' },
        { "noexec",  .exclusive = 'e' },
        { "suid",    .exclusive = 's' },
        { "nosuid",  .exclusive = 's' },
        { "nodev"                     },
        { "z",       .exclusive = 'z' },
        { "Z",       .exclusive = 'z' },
        { "U"                         },
        { "subpath", OPTION_INNER     },
};

static const OptionRow ramfs_options[] = {
        { "rw",          .exclusive = 'w' },
        { "ro",          .exclusive = 'w' },
        { "exec",        .exclusive = 'e' },
        { "noexec",      .exclusive = 'e' },
        { "dev",         .exclusive = 'd' },
        { "nodev",       .exclusive = 'd' },
        { "suid",        .exclusive = 's' },
        { "nosuid",      .exclusive = 's' },
        { "tmpcopyup",   .exclusive = 'c' },
        { "notmpcopyup", .exclusive = 'c' },
        { "mode",        OPTION_MODE      },
        { "size", .refuse = "a ramfs grows as long as there is memory; a tmpfs has a size" },
        { "U"                             },
};

static const OptionRow devpts_options[] = {
        { "uid",      OPTION_NUMBER   },
        { "gid",      OPTION_NUMBER   },
        { "mode",     OPTION_MODE     },
        { "ptmxmode", OPTION_MODE     },
        { "max",      OPTION_NUMBER   },
};
/* clang-format on */

static int check_destination(const Mount *mount, Fault *fault) {
        if (!mount->destination)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no destination=");
        if (*mount->destination != '/' && !value_begins_dynamic(mount->destination))
                return value_wrong(fault, mount->destination, "an absolute path in the container");
        if (*mount->destination == '/' && strspn(mount->destination, "/") == strlen(mount->destination))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "nothing can be mounted over the container's root");
        return 0;
}

/* What is mounted, and how: @source is where a new string goes, NULL for what has none. */
typedef int CheckMount(Value *value, const Mount *mount, const char *options, char **source, Fault *fault);

static int check_bind(Value *value, const Mount *mount, const char *options, char **source, Fault *fault) {
        const char *path = mount->source;

        if (!path || !*path)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no source= to bind");
        if (*path != '/' && *path != '.' && !value_begins_dynamic(path))
                return value_wrong(fault, path, "a path to bind: absolute, or beginning with '.'");
        if (value_resolve(path, value->directory, source) < 0)
                return -ENOMEM;
        return volume_check_options(options, VOLUME_BIND, fault);
}

static int take_reference(Value *value, const char *name, Fault *fault) {
        if (strlen(name) >= sizeof(value->reference))
                return value_wrong(fault, name, "the file name of a manifest");
        (void) strcpy(value->reference, name);
        return 0;
}

static int check_volume(Value *value, const Mount *mount, const char *options, char **source, Fault *fault) {
        const char *name = mount->source;
        Value inner = { .text = name };
        int r = 0;

        if (name && volume_name_is_unit(name)) {
                r = take_reference(value, name, fault);
                if (r >= 0)
                        r = value_copy(name, source);
        } else if (name)
                r = volume_parse_name(&inner, source, fault);
        return r < 0 ? r : volume_check_options(options, VOLUME_NAMED, fault);
}

static int check_image(Value *value, const Mount *mount, const char *options, char **source, Fault *fault) {
        Value inner = { .text = mount->source };
        const char *later = NULL;
        int r;

        if (!mount->source || !*mount->source)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no source=, which is an image");
        r = image_name_parse(&inner, source, fault);
        if (r < 0)
                return r;
        value->later = inner.later;
        if (image_name_is_unit(*source))
                r = take_reference(value, *source, fault);
        return r < 0 ? r : options_check(options, image_options, ELEMENTS(image_options), &later, fault);
}

static int check_tmpfs(Value *value, const Mount *mount, const char *options, char **source, Fault *fault) {
        return tmpfs_check_options(options, &value->later, fault);
}

static int check_ramfs(Value *value, const Mount *mount, const char *options, char **source, Fault *fault) {
        return options_check(options, ramfs_options, ELEMENTS(ramfs_options), &value->later, fault);
}

static int check_devpts(Value *value, const Mount *mount, const char *options, char **source, Fault *fault) {
        return options_check(options, devpts_options, ELEMENTS(devpts_options), &value->later, fault);
}

static int refuse_artifact(
                Value *value, const Mount *mount, const char *options, char **source, Fault *fault) {
        return value_refuse(fault,
                        "an artifact is no file system, and the store keeps images; have its files in a "
                        "directory or in an image");
}

/* clang-format off */
static const struct {
        const char *type;
        CheckMount *check;
        bool has_source, needs_destination;
} types[] = {
        { "artifact", refuse_artifact, true,  false },
        { "bind",     check_bind,      true,  true  },
        { "devpts",   check_devpts,    false, true  },
        { "glob",     check_bind,      true,  false },
        { "image",    check_image,     true,  true  },
        { "ramfs",    check_ramfs,     false, true  },
        { "tmpfs",    check_tmpfs,     false, true  },
        { "volume",   check_volume,    true,  true  },
};
/* clang-format on */

/* "type=TYPE[,source=SOURCE][,destination=PATH][,OPTION…]" */
static int write_mount(const Mount *mount, const char *source, const char *options, char **ret) {
        return value_printf(ret, "type=%s%s%s%s%s%s%s", mount->type, source ? ",source=" : "",
                        source ? source : "", mount->destination ? ",destination=" : "",
                        mount->destination ? mount->destination : "", *options ? "," : "", options);
}

static int normalise(Value *value, const Mount *mount, char **ret, Fault *fault) {
        autofree char *options = strv_join(mount->options, ","), *source = NULL;
        int r;

        if (!options)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTS(types); i++) {
                if (strcmp(mount->type, types[i].type) != 0)
                        continue;
                if (!types[i].has_source && mount->source)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "a %s has no source=", mount->type);
                r = types[i].needs_destination || mount->destination ? check_destination(mount, fault) : 0;
                if (r >= 0)
                        r = types[i].check(value, mount, options, &source, fault);
                return r < 0 ? r : write_mount(mount, source, options, ret);
        }
        return value_wrong(fault, mount->type,
                        "a type of mount: bind, volume, tmpfs, image, glob, devpts or ramfs");
}

int mount_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        Mount mount = { .type = "volume" };
        char *rest = copy, *field;
        int r = 0;

        if (!copy)
                return -ENOMEM;

        while (rest && r >= 0) {
                r = next_field(&rest, &field, fault);
                if (r >= 0)
                        r = take_field(&mount, field, fault);
        }
        if (r >= 0)
                r = normalise(value, &mount, ret, fault);

        strv_free(mount.options);
        return r;
}
