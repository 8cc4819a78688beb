/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/yaml-secret.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/io.h"
#include "lib/yaml-tree.h"

#define FILE_LIMIT (1u << 20)

static int digit_of(char c) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *found = c ? strchr(digits, c) : NULL;

        return found ? (int) (found - digits) : -1;
}

int yaml_secret_decode(char *text, size_t *ret_size) {
        unsigned bits = 0, n_bits = 0;
        size_t n = 0, digits = 0, ends = 0;

        for (const char *from = text; *from; from++) {
                int digit = digit_of(*from);

                if (isspace((unsigned char) *from))
                        continue;
                if (*from == '=') {
                        ends++;
                        continue;
                }
                if (digit < 0 || ends > 0)
                        return -EINVAL;
                digits++;
                bits = (bits << 6 | (unsigned) digit) & 0xffff;
                n_bits += 6;
                if (n_bits >= 8) {
                        n_bits -= 8;
                        text[n++] = (char) (bits >> n_bits & 0xff);
                }
        }
        if (digits % 4 == 1 || ends > 2 || (digits + ends) % 4 != 0)
                return -EINVAL;
        text[n] = '\0';
        *ret_size = n;
        return 0;
}

static bool is_object(const YamlNode *document, const SecretSpec *spec) {
        const YamlNode *kind = yaml_get(document, "kind"),
                       *name = yaml_get(yaml_get(document, "metadata"), "name");

        return kind && kind->kind == YAML_TEXT && name && name->kind == YAML_TEXT &&
               strcmp(kind->text, spec->is_config_map ? "ConfigMap" : "Secret") == 0 &&
               strcmp(name->text, spec->object) == 0;
}

/* As it is, or as base64. */
static const YamlNode *find_value(const YamlTree *tree, const SecretSpec *spec, bool *ret_encoded) {
        for (size_t i = 0; i < tree->n; i++) {
                const char *plain = spec->is_config_map ? "data" : "stringData";
                const char *encoded = spec->is_config_map ? "binaryData" : "data";
                const YamlNode *value;

                if (!is_object(tree->documents[i], spec))
                        continue;
                value = yaml_get(yaml_get(tree->documents[i], plain), spec->name);
                *ret_encoded = !value;
                return value ? value : yaml_get(yaml_get(tree->documents[i], encoded), spec->name);
        }
        return NULL;
}

static int take_value(const YamlNode *value, bool is_encoded, Credential *ret) {
        if (value->kind != YAML_TEXT)
                return -EINVAL;
        ret->data = strdup(value->text);
        if (!ret->data)
                return -ENOMEM;
        ret->size = strlen(ret->data);
        return is_encoded ? yaml_secret_decode(ret->data, &ret->size) : 0;
}

/* A FIFO must not keep the start waiting. */
static int read_text(const char *path, char **ret, size_t *ret_size) {
        autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode) ? io_read_fd(fd, FILE_LIMIT, ret, ret_size) : -EBADF;
}

int yaml_secret_read(const SecretSpec *spec, Credential *ret, Fault *fault) {
        AUTO(yaml_tree_done) YamlTree tree = {};
        const char *kind = spec->is_config_map ? "ConfigMap" : "Secret";
        autofree char *text = NULL;
        const YamlNode *value;
        bool is_encoded = false;
        size_t size = 0;
        int r;

        r = read_text(spec->file, &text, &size);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read '%s'", spec->file);
        r = yaml_tree_read(text, size, spec->file, &tree, fault);
        explicit_bzero(text, size);
        if (r < 0)
                return r;
        value = find_value(&tree, spec, &is_encoded);
        if (!value)
                return fault_mark(fault, MESSAGE_SECRET_MISSING,
                                fault_raise(fault, FAULT_MISSING, ENOENT,
                                                "there is no key '%s' in %s '%s' of '%s'", spec->name, kind,
                                                spec->object, spec->file));
        r = take_value(value, is_encoded, ret);
        if (r == -EINVAL)
                return fault_mark(fault, MESSAGE_SECRET_UNUSABLE,
                                fault_raise(fault, FAULT_VALUE, EINVAL,
                                                "key '%s' in %s '%s' of '%s' is no %s", spec->name, kind,
                                                spec->object, spec->file, is_encoded ? "base64" : "text"));
        return r;
}
