/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/auth.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/registries/helper.h"
#include "image/registries/secret.h"
#include "lib/io.h"

#define FILE_LIMIT (1024 * 1024)

void auth_done(Auth *auth) {
        secret_free(auth->user);
        secret_free(auth->password);
        secret_free(auth->identity_token);
        secret_free(auth->registry_token);
        free(auth->source);
        *auth = (Auth){};
}

/* A place for auth.json: a variable with a directory, or that of who has none, and a file below. */
typedef struct AuthPlace {
        const char *variable, *otherwise; /* "~": the home, "#": /run/containers/UID */
        const char *file;
        bool is_old; /* what is in "auths" elsewhere is all that there is */
} AuthPlace;

/* clang-format off */
static const AuthPlace places[] = {
        { "CREDENTIALS_DIRECTORY", NULL,        "slipway.auth",         false },
        { "XDG_RUNTIME_DIR",       NULL,        "containers/auth.json", false },
        { NULL,                    "#",         "auth.json",            false },
        { "XDG_CONFIG_HOME",       "~/.config", "containers/auth.json", false },
        { "DOCKER_CONFIG",         "~/.docker", "config.json",          false },
        { NULL,                    "~",         ".dockercfg",           true  },
        { NULL,                    "/etc/slipway", "auth.json",         false },
};
/* clang-format on */

static const char *variable(const char *name) {
        const char *value = name ? getenv(name) : NULL;

        return value && *value ? value : NULL;
}

/* Return: 1 with a path, 0 when there is no such directory for us, -ENOMEM. */
static int place_path(const AuthPlace *place, char **ret) {
        const char *directory = variable(place->variable), *home = variable("HOME");
        int n;

        if (!home && geteuid() == 0)
                home = "/root";
        if (directory)
                n = asprintf(ret, "%s/%s", directory, place->file);
        else if (!place->otherwise)
                return 0;
        else if (*place->otherwise == '#')
                n = asprintf(ret, "/run/containers/%u/%s", (unsigned) geteuid(), place->file);
        else if (*place->otherwise != '~')
                n = asprintf(ret, "%s/%s", place->otherwise, place->file);
        else if (!home)
                return 0;
        else
                n = asprintf(ret, "%s%s/%s", home, place->otherwise + 1, place->file);
        return n < 0 ? -ENOMEM : 1;
}

static void warn_if_readable(const AuthLookup *lookup, const char *path) {
        Fault fault = {};
        struct stat st;

        if (!lookup->note || stat(path, &st) < 0 || (st.st_mode & (S_IRGRP | S_IROTH)) == 0)
                return;
        if (!(st.st_mode & S_IROTH) && st.st_gid == 0)
                return;
        fault_locate(&fault, &(Place){ .path = path });
        (void) fault_raise(&fault, FAULT_VALUE, EPERM,
                        "others can read the passwords in it; 'chmod 600 %.200s' prevents that", path);
        lookup->note(lookup->data, &fault);
}

/* Return: 1, 0 when there are none or no file, -errno. */
static int find_in_file(const AuthLookup *lookup, const char *path, bool is_old, const char *host,
                const char *repository, Auth *ret, Fault *fault) {
        autosecret char *text = NULL;
        size_t size;
        int r = io_read_file(AT_FDCWD, path, FILE_LIMIT, &text, &size);

        if (r == -ENOENT || r == -ENOTDIR)
                return 0;
        /* Somebody else's is none of ours. */
        if (r == -EACCES && !lookup->file)
                return 0;
        if (r < 0) {
                fault_locate(fault, &(Place){ .path = path });
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read the credentials: %s", strerror(-r));
        }
        r = auth_find_in_text(text, size, path, is_old, host, repository, ret, fault);
        if (r > 0)
                warn_if_readable(lookup, path);
        return r;
}

/* A file that a person has named is there, and there is no other. Return: 1, 0, -errno. */
static int find_in_named(const AuthLookup *lookup, const char *path, const char *host,
                const char *repository, Auth *ret, Fault *fault) {
        if (access(path, F_OK) < 0) {
                fault_locate(fault, &(Place){ .path = path });
                return fault_raise(fault, FAULT_MISSING, errno, "cannot read the credentials: %s",
                                strerror(errno));
        }
        return find_in_file(lookup, path, false, host, repository, ret, fault);
}

static int find_in_files(const AuthLookup *lookup, const char *host, const char *repository, Auth *ret,
                Fault *fault) {
        const char *named = lookup->file ?: variable("REGISTRY_AUTH_FILE");
        int r = 0;

        if (named)
                return find_in_named(lookup, named, host, repository, ret, fault);
        for (size_t i = 0; i < ELEMENTS(places) && r == 0; i++) {
                autofree char *path = NULL;

                r = place_path(&places[i], &path);
                if (r > 0)
                        r = find_in_file(lookup, path, places[i].is_old, host, repository, ret, fault);
        }
        return r;
}

int auth_find(const AuthLookup *lookup, const char *host, const char *repository, Auth *ret, Fault *fault) {
        int r = 0;

        *ret = (Auth){};
        secret_wipe_json();
        if (!lookup->helpers)
                return find_in_files(lookup, host, repository, ret, fault);
        for (char *const *helper = lookup->helpers; *helper && r == 0; helper++)
                r = strcmp(*helper, "containers-auth.json") == 0
                                    ? find_in_files(lookup, host, repository, ret, fault)
                                    : helper_get(*helper, auth_server(host), ret, fault);
        return r;
}
