/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trust-keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "image/trust/openpgp.h"
#include "image/trust/places.h"
#include "image/trust/pubkey.h"
#include "lib/io.h"

/* --- reading them --- */

static TrustKey *add(TrustKeys *keys) {
        TrustKey *grown = reallocarray(keys->items, keys->n + 1, sizeof(TrustKey));

        if (!grown)
                return NULL;
        keys->items = grown;
        grown += keys->n++;
        *grown = (TrustKey){};
        return grown;
}

/* What stands in front of a key is a remark about it, and stays. */
static int add_public(const char *text, size_t size, const char *what, TrustKeys *into, Fault *fault) {
        autopublickey PublicKey *public = NULL;
        TrustKey *key;
        int r = public_key_read(text, size, what, &public, fault);

        if (r < 0)
                return r;
        key = add(into);
        if (!key)
                return -ENOMEM;
        (void) snprintf(key->fingerprint, sizeof(key->fingerprint), "%s", public_key_fingerprint(public));
        key->text = strndup(text, size);
        key->size = size;
        key->kind = strdup(public_key_kind(public));
        return key->text && key->kind ? 0 : -ENOMEM;
}

static int add_openpgp(OpenPgp *ring, OpenPgpKey *from, TrustKeys *into, Fault *fault) {
        TrustKey *key = add(into);

        if (!key)
                return -ENOMEM;
        memcpy(key->fingerprint, from->fingerprint, sizeof(key->fingerprint));
        key->kind = strdup("OpenPGP");
        key->user = TAKE(from->user);
        key->expires = from->expires;
        key->is_revoked = from->is_revoked;
        return key->kind ? openpgp_export(ring, from->fingerprint, &key->text, &key->size, fault) : -ENOMEM;
}

/* A file may have several keys, armoured or not; each gets one of its own. */
static int add_ring(const char *text, size_t size, const char *what, TrustKeys *into, Fault *fault) {
        autoopenpgp OpenPgp *ring = NULL;
        char fingerprint[OPENPGP_FINGERPRINT + 1];
        OpenPgpKey *list = NULL;
        size_t n = 0;
        int r = openpgp_new(&ring, fault);

        if (r >= 0)
                r = openpgp_add(ring, text, size, what, fingerprint, fault);
        if (r >= 0)
                r = openpgp_list(ring, &list, &n, fault);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_openpgp(ring, &list[i], into, fault);
        openpgp_keys_free(list, n);
        return r < 0 ? r : 0;
}

int trust_keys_parse(const char *text, size_t size, const char *what, TrustKeys *into, Fault *fault) {
        return public_key_is_pem(text, size) ? add_public(text, size, what, into, fault)
                                             : add_ring(text, size, what, into, fault);
}

int trust_keys_read(const char *path, TrustKeys *into, Fault *fault) {
        bool is_stdin = strcmp(path, "-") == 0;
        autofree char *text = NULL, *what = NULL;
        size_t size = 0;
        int r;

        r = is_stdin ? io_read_fd(STDIN_FILENO, TRUST_FILE_LIMIT, &text, &size)
                     : io_read_file(AT_FDCWD, path, TRUST_FILE_LIMIT, &text, &size);
        if (r < 0)
                return fault_raise(
                                fault, FAULT_SYSTEM, -r, "cannot read the key '%s': %s", path, strerror(-r));
        if (asprintf(&what, is_stdin ? "standard input" : "'%s'", path) < 0) {
                what = NULL;
                return -ENOMEM;
        }
        return trust_keys_parse(text, size, what, into, fault);
}

/* --- asking --- */

static void print_key(FILE *terminal, const TrustKey *key) {
        autofree char *user = key->user ? strdup(key->user) : NULL;
        char date[32] = "";
        struct tm tm;

        if (user)
                fault_tame(user);
        if (key->expires && localtime_r(&key->expires, &tm))
                (void) strftime(date, sizeof(date), "%Y-%m-%d", &tm);
        fprintf(terminal, "  %s\n    %s%s%s%s%s%s\n", key->fingerprint, key->kind, user ? ", " : "",
                        user ?: "", *date ? (key->expires < time(NULL) ? ", expired " : ", expires ") : "",
                        date, key->is_revoked ? ", revoked" : "");
}

int trust_keys_review(const TrustKeys *keys, const char *prefix, Fault *fault) {
        autofclose FILE *terminal = fopen("/dev/tty", "r+e");
        char answer[16] = "";

        if (!terminal)
                return fault_raise(fault, FAULT_VALUE, ECANCELED,
                                "there is no terminal to ask on whether the key is the right one; compare "
                                "its "
                                "fingerprint and use --skip-fingerprint-review");
        fprintf(terminal, "%s for %s%s:\n", keys->n == 1 ? "A key" : "Keys",
                        *prefix ? "images below " : "all images", prefix);
        for (size_t i = 0; i < keys->n; i++)
                print_key(terminal, &keys->items[i]);
        fprintf(terminal, "Are the fingerprints what their owners say? [y/N] ");
        (void) fflush(terminal);
        if (!fgets(answer, sizeof(answer), terminal) ||
                        (strcmp(answer, "y\n") != 0 && strcmp(answer, "yes\n") != 0))
                return fault_raise(fault, FAULT_VALUE, ECANCELED, "nothing was added");
        return 0;
}

/* --- directories --- */

int trust_key_install(const TrustKey *key, const char *prefix, Fault *fault) {
        autofree char *path = NULL;
        autofd int fd = -1;
        int r = key_directory(NULL, prefix, &path);

        if (r >= 0)
                r = io_mkdir_p(path, 0755);
        if (r >= 0) {
                fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                r = fd < 0 ? -errno : io_replace_file(fd, key->fingerprint, key->text, key->size, 0644);
        }
        if (r == -EACCES)
                return fault_raise(fault, FAULT_SYSTEM, EACCES, "only root can say whom to trust; try sudo");
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot write '%s/%s': %s", path,
                                       key->fingerprint, strerror(-r))
                     : 0;
}

static const KeyFile *find(const KeyFiles *files, const char *prefix, const char *start, Fault *fault) {
        const KeyFile *found = NULL;

        for (size_t i = 0; i < files->n; i++) {
                const KeyFile *file = &files->items[i];

                if (!file->data || (prefix && strcmp(prefix, file->prefix) != 0) ||
                                strncmp(file->name, start, strlen(start)) != 0)
                        continue;
                if (found) {
                        (void) fault_raise(fault, FAULT_CONFLICT, ENOTUNIQ,
                                        "both '%s' and '%s' are meant; use --prefix or --root, and all "
                                        "digits",
                                        found->path, file->path);
                        return NULL;
                }
                found = file;
        }
        if (!found)
                (void) fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no key '%s'%s%s; see slipway trust list", start,
                                prefix && *prefix ? " for " : "", prefix ?: "");
        return found;
}

/* Directories without keys would still look like something. */
static void remove_empty(const char *directory) {
        autofree char *path = strdup(directory);
        char *slash;

        while (path && strstr(path, "/prefix.d/") && rmdir(path) >= 0 && (slash = strrchr(path, '/')))
                *slash = '\0';
}

static int put_mask(const char *prefix, const char *name, char **ret_path, Fault *fault) {
        TrustKey mask = { .text = (char *) "" };
        autofree char *directory = NULL;
        int r = key_directory(NULL, prefix, &directory);

        (void) snprintf(mask.fingerprint, sizeof(mask.fingerprint), "%s", name);
        if (r >= 0)
                r = trust_key_install(&mask, prefix, fault);
        if (r >= 0 && asprintf(ret_path, "%s/%s", directory, name) < 0)
                r = -ENOMEM;
        return r;
}

static int remove_file(const KeyFile *file, Fault *fault) {
        autofree char *directory = strndup(file->path, strlen(file->path) - strlen(file->name) - 1);

        if (!directory)
                return -ENOMEM;
        if (unlink(file->path) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot remove '%s': %s", file->path,
                                strerror(errno));
        remove_empty(directory);
        return 0;
}

static bool is_there(const char *prefix, const char *name) {
        autokeys KeyFiles files = {};

        if (key_files_load(NULL, &files, NULL) < 0)
                return false;
        for (size_t i = 0; i < files.n; i++)
                if (files.items[i].data && strcmp(files.items[i].prefix, prefix) == 0 &&
                                strcmp(files.items[i].name, name) == 0)
                        return true;
        return false;
}

int trust_key_remove(const char *prefix, const char *start, char **ret_path, bool *ret_is_mask,
                char **ret_prefix, Fault *fault) {
        autokeys KeyFiles files = {};
        const KeyFile *file;
        int r = key_files_load(NULL, &files, fault);

        if (r < 0)
                return r;
        if (strspn(start, "0123456789abcdef") != strlen(start) || strlen(start) < 8)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is no fingerprint, which is hexadecimal and in lower case; at least 8 "
                                "digits "
                                "of one are needed",
                                start);
        file = find(&files, prefix, start, fault);
        if (!file)
                return fault ? -fault->error : -ENOENT;
        *ret_prefix = strdup(file->prefix);
        if (!*ret_prefix)
                return -ENOMEM;
        if (!file->is_vendor) {
                *ret_path = strdup(file->path);
                r = *ret_path ? remove_file(file, fault) : -ENOMEM;
                if (r < 0 || !is_there(file->prefix, file->name))
                        return r;
                free(TAKE(*ret_path));
        }
        *ret_is_mask = true;
        return put_mask(file->prefix, file->name, ret_path, fault);
}

void trust_keys_done(TrustKeys *keys) {
        for (size_t i = 0; i < keys->n; i++) {
                free(keys->items[i].text);
                free(keys->items[i].kind);
                free(keys->items[i].user);
        }
        free(keys->items);
        *keys = (TrustKeys){};
}
