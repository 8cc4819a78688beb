/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/environment.h"

#include <fcntl.h>
#include <string.h>

#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/source.h"

#define ENV_FILE_MAX (1024 * 1024)

/* What the service manager tells the launcher is not for the app. */
static bool is_private(const char *assignment) {
        static const char *const names[] = {
                "LISTEN_FDS=",
                "LISTEN_FDNAMES=",
                "LISTEN_PID=",
                "NOTIFY_SOCKET=",
                "JOURNAL_STREAM=",
                "INVOCATION_ID=",
                "WATCHDOG_PID=",
                "WATCHDOG_USEC=",
                "MAINPID=",
                "SYSTEMD_EXEC_PID=",
                "SYSTEMD_SECCOMP=",
                "CREDENTIALS_DIRECTORY=",
                "MEMORY_PRESSURE_WATCH=",
                "MEMORY_PRESSURE_WRITE=",
        };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strncmp(assignment, names[i], strlen(names[i])) == 0)
                        return true;
        return false;
}

static char **find(char **list, const char *name, size_t n) {
        for (; list && *list; list++)
                if (strncmp(*list, name, n) == 0 && (*list)[n] == '=')
                        return list;
        return NULL;
}

const char *environment_get(char *const *list, const char *name) {
        char **found = find((char **) list, name, strlen(name));

        return found ? *found + strlen(name) + 1 : NULL;
}

int environment_set(char ***list, const char *assignment) {
        const char *equals = strchr(assignment, '=');
        char **found, *copy;

        if (!equals || equals == assignment)
                return -EINVAL;
        found = find(*list, assignment, (size_t) (equals - assignment));
        if (!found)
                return strv_append(list, assignment);

        copy = strdup(assignment);
        if (!copy)
                return -ENOMEM;
        free(*found);
        *found = copy;
        return 0;
}

void environment_unset(char **list, const char *name) {
        char **found = find(list, name, strlen(name));

        if (!found)
                return;
        free(*found);
        for (; *found; found++)
                found[0] = found[1];
}

/* All of @own whose names are, or begin with, the @n letters of @name. */
static int import(char ***list, const char *name, size_t n, bool prefix, char *const *own) {
        for (; *own; own++) {
                int r;

                if (strncmp(*own, name, n) != 0 || is_private(*own) || (!prefix && (*own)[n] != '='))
                        continue;
                r = environment_set(list, *own);
                if (r < 0 && r != -EINVAL)
                        return r;
        }
        return 0;
}

/* NAME=VALUE, NAME or NAME*. */
int environment_add(char ***list, const char *word, char *const *own, Fault *fault) {
        size_t n = strlen(word);
        int r;

        if (strchr(word, '=')) {
                r = environment_set(list, word);
                return r == -EINVAL ? fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' has no name", word) : r;
        }
        if (n > 0 && word[n - 1] == '*')
                return import(list, word, n - 1, true, own);
        return n > 0 ? import(list, word, n, false, own) : 0;
}

/* A mistake is told by its line and not in its words: there are passwords in such files. */
int environment_add_file(char ***list, char *text, char *const *own, Fault *fault) {
        unsigned number = 0;
        char *line;

        while ((line = strsep(&text, "\n"))) {
                size_t n = strlen(line);
                int r;

                number++;
                if (n > 0 && line[n - 1] == '\r')
                        line[n - 1] = '\0';
                line += strspn(line, " \t");
                if (!*line || *line == '#')
                        continue;
                if (fault)
                        fault->line = number;
                if (line[strcspn(line, "= \t")] != '=' && line[strcspn(line, " \t")])
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "a name has no blanks in it: write NAME=VALUE, without 'export' and "
                                        "without blanks around the '='");
                r = environment_add(list, line, own, NULL);
                if (r == -EINVAL)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no name before the '='");
                if (r < 0)
                        return r;
                if (fault)
                        fault->line = 0;
        }
        return 0;
}

/* It may be in a directory of the app's, which then must not choose another file by a link. */
static int read_file(const char *path, char **ret, size_t *ret_size, Fault *fault) {
        autofd int fd = -1;
        char opened[32];
        int r = source_open(path, &fd, fault);

        if (r < 0)
                return r;
        (void) snprintf(opened, sizeof(opened), "/proc/self/fd/%d", fd);
        r = io_read_file(AT_FDCWD, opened, ENV_FILE_MAX, ret, ret_size);
        return r >= 0 && memchr(*ret, '\0', *ret_size) ? -EBADMSG : r;
}

static int add_file(char ***list, const char *path, char *const *own, Fault *fault) {
        bool is_optional = *path == '-';
        autofree char *text = NULL;
        size_t size;
        int r;

        path += is_optional;
        r = read_file(path, &text, &size, fault);
        if (r < 0 && fault_is_raised(fault))
                return r;
        if (r == -ENOENT && is_optional)
                return 0;
        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot read the environment file '%s': %s%s", path, strerror(-r),
                                r == -ENOENT ? "; a file with '-' before it may be missing" : "");
        fault_locate(fault, &(Place){ .path = path });
        r = environment_add_file(list, text, own, fault);
        if (r >= 0)
                fault_locate(fault, &(Place){});
        return r;
}

static int add_proxies(char ***list, char *const *own) {
        static const char *const names[] = {
                "http_proxy",
                "https_proxy",
                "ftp_proxy",
                "no_proxy",
                "HTTP_PROXY",
                "HTTPS_PROXY",
                "FTP_PROXY",
                "NO_PROXY",
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(names) && r >= 0; i++)
                r = import(list, names[i], strlen(names[i]), false, own);
        return r;
}

static int add_defaults(char ***list, const Options *options, const char *hostname) {
        autofree char *name = NULL;
        int r;

        if (asprintf(&name, "HOSTNAME=%s", hostname) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        r = options->console == CONSOLE_TERMINAL ? environment_set(list, "TERM=xterm") : 0;
        if (r >= 0)
                r = environment_set(
                                list, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        if (r >= 0)
                r = environment_set(list, name);
        if (r >= 0)
                r = environment_set(list, "container=slipway");
        return r;
}

int environment_make(const Options *options, char *const *image, char *const *own, const char *hostname,
                char ***ret, Fault *fault) {
        autostrv char **list = NULL;
        int r;

        r = add_defaults(&list, options, hostname);
        if (r >= 0 && options->environment_host)
                r = import(&list, "", 0, true, own);
        else if (r >= 0 && !options->no_http_proxy)
                r = add_proxies(&list, own);
        for (; r >= 0 && image && *image; image++)
                r = environment_set(&list, *image);
        for (char **file = options->environment_files; r >= 0 && file && *file; file++)
                r = add_file(&list, *file, own, fault);
        for (char **word = options->environment; r >= 0 && word && *word; word++)
                r = environment_add(&list, *word, own, fault);
        if (r < 0)
                return r;

        *ret = TAKE(list);
        return 0;
}
