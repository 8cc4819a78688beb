/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/certs.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "image/registries/secret.h"
#include "lib/io.h"

#define FILE_LIMIT (1024 * 1024)
#define ALL_LIMIT (4 * FILE_LIMIT)

void certs_done(Certs *certs) {
        free(certs->ca);
        free(certs->certificate);
        secret_free(certs->key);
        free(certs->directory);
        *certs = (Certs){};
}

static bool has_ending(const char *name, const char *ending) {
        size_t n = strlen(name), m = strlen(ending);

        return n > m && strcmp(name + n - m, ending) == 0;
}

/* Return: 0, -errno with a fault that names the file. */
static int read_pem(const Certs *certs, const char *name, char **ret, Fault *fault) {
        autofree char *path = NULL;
        char *text;
        int r;

        if (asprintf(&path, "%s/%s", certs->directory, name) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = io_read_file(AT_FDCWD, path, FILE_LIMIT, &text, NULL);
        if (r < 0) {
                fault_locate(fault, &(Place){ .path = path });
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read it: %s", strerror(-r));
        }
        if (!strstr(text, "-----BEGIN ")) {
                secret_free(text);
                fault_locate(fault, &(Place){ .path = path });
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is nothing in PEM format in it");
        }
        *ret = text;
        return 0;
}

static int add_authority(Certs *certs, const char *name, Fault *fault) {
        autofree char *text = NULL;
        char *all;
        int r = read_pem(certs, name, &text, fault);

        if (r < 0)
                return r;
        if (certs->ca && strlen(certs->ca) + strlen(text) > ALL_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG,
                                "there is more than %d MiB of certificates in '%.200s'", ALL_LIMIT >> 20,
                                certs->directory);
        if (asprintf(&all, "%s%s%s", certs->ca ?: "", certs->ca ? "\n" : "", text) < 0)
                return -ENOMEM;
        free(certs->ca);
        certs->ca = all;
        return 0;
}

/* The partner of "web.cert" is "web.key", and the other way round. */
static int check_partner(const Certs *certs, const char *name, const char *ending,
                const char *partner_ending, char **ret, Fault *fault) {
        autofree char *partner = NULL, *path = NULL, *own = NULL;

        if (asprintf(&partner, "%.*s%s", (int) (strlen(name) - strlen(ending)), name, partner_ending) < 0) {
                partner = NULL;
                return -ENOMEM;
        }
        if (asprintf(&path, "%s/%s", certs->directory, partner) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (asprintf(&own, "%s/%s", certs->directory, name) < 0) {
                own = NULL;
                return -ENOMEM;
        }
        if (access(path, F_OK) < 0) {
                fault_locate(fault, &(Place){ .path = own });
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "'%.200s' is missing beside it; a certificate of an authority ends in .crt",
                                partner);
        }
        if (ret)
                *ret = TAKE(partner);
        return 0;
}

/* Of several pairs the first one is shown: a connection has one. */
static int take_pair(Certs *certs, const char *name, Fault *fault) {
        autofree char *key = NULL;
        int r = check_partner(certs, name, ".cert", ".key", &key, fault);

        if (r < 0 || certs->certificate)
                return r;
        r = read_pem(certs, name, &certs->certificate, fault);
        return r < 0 ? r : read_pem(certs, key, &certs->key, fault);
}

static int take_file(Certs *certs, const char *name, Fault *fault) {
        if (has_ending(name, ".crt"))
                return add_authority(certs, name, fault);
        if (has_ending(name, ".cert"))
                return take_pair(certs, name, fault);
        if (has_ending(name, ".key"))
                return check_partner(certs, name, ".key", ".cert", NULL, fault);
        return 0;
}

static int is_visible(const struct dirent *entry) {
        return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* Return: 1 when the directory is there, 0 when not, -errno. */
static int load_directory(const char *path, Certs *ret, Fault *fault) {
        AUTO(certs_done) Certs certs = {};
        struct dirent **entries = NULL;
        int r = 0, n = scandir(path, &entries, is_visible, by_name);

        if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
                return 0;
        if (n < 0) {
                fault_locate(fault, &(Place){ .path = path });
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read the directory: %s",
                                strerror(errno));
        }
        certs.directory = strdup(path);
        if (!certs.directory)
                r = -ENOMEM;
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = take_file(&certs, entries[i]->d_name, fault);
                free(entries[i]);
        }
        free(entries);
        if (r < 0)
                return r;
        *ret = certs;
        certs = (Certs){};
        return 1;
}

static int load_below(const char *home, const char *parent, const char *host, Certs *ret, Fault *fault) {
        autofree char *path = NULL;

        if (asprintf(&path, "%s%s/%s", home, parent, host) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return load_directory(path, ret, fault);
}

int certs_load(const char *const *hosts, const char *given, Certs *ret, Fault *fault) {
        static const char *const parents[] = { "/etc/containers/certs.d", "/etc/docker/certs.d" };
        const char *home = geteuid() == 0 ? NULL : getenv("HOME");
        int r = 0;

        *ret = (Certs){};
        if (given) {
                r = load_directory(given, ret, fault);
                if (r == 0)
                        return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no directory '%.300s'",
                                        given);
                return r < 0 ? r : 0;
        }
        for (; *hosts && r == 0; hosts++) {
                if (home)
                        r = load_below(home, "/.config/containers/certs.d", *hosts, ret, fault);
                for (size_t i = 0; i < ELEMENTS(parents) && r == 0; i++)
                        r = load_below("", parents[i], *hosts, ret, fault);
        }
        return r < 0 ? r : 0;
}
