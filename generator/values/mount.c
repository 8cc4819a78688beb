/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
        { "bind-nonrecursive", NULL,     "norbind" },
        { "chown",            NULL,      "U"       },
        { "tmpfs-size",       NULL,      "size="   },
        { "tmpfs-mode",       NULL,      "mode="   },
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
                option = strcmp(option, "ro") == 0 ? "rw" : NULL;
        return option ? strv_append(&mount->options, option) : 0;
}

static int add_option(Mount *mount, const char *name, const char *value, Fault *fault) {
        static const char *const flags[] = { "ro", "rw", "U", "exec", "noexec", "dev", "nodev", "suid",
                "nosuid", "idmap", "noidmap", "tmpcopyup", "notmpcopyup", NULL };

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

/* Types that are known and wait for volumes and images that Slipway manages. */
static int check_other_type(Value *value, const Mount *mount, Fault *fault) {
        /* clang-format off */
        static const struct {
                const char *type, *later, *suffix;
        } others[] = {
                { "volume",   "a volume that Slipway keeps; name a directory of the host, as /srv/data", ".volume"   },
                { "image",    "an image as a mount",         ".image"    },
                { "artifact", "an artifact as a mount",      ".artifact" },
                { "glob",     "a pattern of paths",          NULL        },
                { "devpts",   "another devpts",              NULL        },
                { "ramfs",    "a ramfs",                     NULL        },
        };
        /* clang-format on */

        for (size_t i = 0; i < ELEMENTS(others); i++) {
                size_t n = mount->source ? strlen(mount->source) : 0;
                size_t tail = others[i].suffix ? strlen(others[i].suffix) : 0;

                if (strcmp(mount->type, others[i].type) != 0)
                        continue;
                value->later = others[i].later;
                if (tail > 0 && n > tail && strcmp(mount->source + n - tail, others[i].suffix) == 0 &&
                                n < sizeof(value->reference))
                        (void) strcpy(value->reference, mount->source);
                return 0;
        }
        return value_wrong(fault, mount->type,
                        "a type of mount: bind, tmpfs, volume, image, artifact, glob, devpts or ramfs");
}

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

static int check_bind(
                Value *value, const Mount *mount, const char *options, char **ret_source, Fault *fault) {
        const char *source = mount->source;

        if (!source || !*source)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no source= to bind");
        if (*source != '/' && *source != '.' && !value_begins_dynamic(source))
                return value_wrong(fault, source, "a path to bind: absolute, or beginning with '.'");

        if (value_resolve(source, value->directory, ret_source) < 0)
                return -ENOMEM;
        return volume_check_options(options, &value->later, fault);
}

static int normalise(Value *value, const Mount *mount, char **ret, Fault *fault) {
        bool is_tmpfs = strcmp(mount->type, "tmpfs") == 0;
        autofree char *options = strv_join(mount->options, ","), *source = NULL;
        int r;

        if (!options)
                return -ENOMEM;
        if (!is_tmpfs && strcmp(mount->type, "bind") != 0) {
                r = check_other_type(value, mount, fault);
                return r < 0 ? r : value_copy(value->text, ret);
        }

        r = check_destination(mount, fault);
        if (r < 0)
                return r;
        if (is_tmpfs && mount->source)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a tmpfs has no source=");

        r = is_tmpfs ? tmpfs_check_options(options, &value->later, fault)
                     : check_bind(value, mount, options, &source, fault);
        if (r < 0)
                return r;
        return value_printf(ret, "type=%s%s%s,destination=%s%s%s", mount->type, source ? ",source=" : "",
                        source ? source : "", mount->destination, *options ? "," : "", options);
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
