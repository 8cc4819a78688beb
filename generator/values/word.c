/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/word.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "generator/model/container.h"
#include "generator/words.h"
#include "lib/cleanup.h"

int word_parse_pull(Value *value, char **ret, Fault *fault) {
        static const char *const policies[] = { "missing", "never", "always", "newer", NULL };

        if (!value_is_one_of(value->text, policies))
                return value_wrong(fault, value->text, "one of missing, never, always and newer");
        return value_copy(value->text, ret);
}

/* Where a name stands in a list of them; n when it does not. */
static size_t find_share(const char *name, size_t n, char *const *list) {
        size_t i = 0;

        while (i < n && strcmp(list[i], name) != 0)
                i++;
        return i;
}

/* "+pid" adds to what is shared by default, which here is always shared; a list without '+' is all of it. */
int word_parse_share(Value *value, char **ret, Fault *fault) {
        static char *const always[] = { "ipc", "net", "uts" };
        autofree char *copy = strdup(value->text + (*value->text == '+'));
        bool named[ELEMENTS(always)] = {}, processes = false;
        char *rest = copy, *name;

        if (!copy)
                return -ENOMEM;
        while ((name = strsep(&rest, ","))) {
                size_t i = find_share(name, ELEMENTS(always), always);

                if (i < ELEMENTS(always))
                        named[i] = true;
                else if (strcmp(name, "pid") == 0)
                        processes = true;
                else if (strcmp(name, "cgroup") == 0)
                        return value_refuse(
                                        fault, "each container is a unit, with a control group of its own");
                else if (strcmp(name, "none") == 0 || !*name)
                        return value_refuse(fault,
                                        "containers of a pod share network, host name and System V "
                                        "IPC; without Pod= they share nothing");
                else
                        return value_wrong(fault, name, "one of ipc, net, uts and pid");
        }
        for (size_t i = 0; *value->text != '+' && i < ELEMENTS(always); i++)
                if (!named[i])
                        return value_refuse(fault, "containers of a pod always share network, host name and "
                                                   "System V IPC; --share=+pid adds processes to that");
        return value_copy(processes ? "pid" : "", ret);
}

int word_parse_platform(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !value_is_name(value->text, 64))
                return value_wrong(fault, value->text, "a name as amd64, linux or v8");
        return value_copy(value->text, ret);
}

int word_parse_auto_update(Value *value, char **ret, Fault *fault) {
        static const char *const modes[] = { "registry", "local", NULL };

        if (!value_is_one_of(value->text, modes))
                return value_wrong(fault, value->text, "registry or local");
        return value_copy(value->text, ret);
}

int word_parse_log_driver(Value *value, char **ret, Fault *fault) {
        static const char *const ours[] = { "journald", "passthrough", "none", NULL };
        static const char *const files[] = { "k8s-file", "json-file", NULL };

        if (value_is_one_of(value->text, files))
                return value_refuse(fault, "output goes to the journal, which keeps, rotates and limits it; "
                                           "see journalctl(1)");
        if (strcmp(value->text, "passthrough-tty") == 0)
                return value_refuse(fault, "a service has no terminal that could be passed through");
        if (!value_is_one_of(value->text, ours))
                return value_wrong(fault, value->text, "one of journald, passthrough and none");
        return value_copy(value->text, ret);
}

/* Options of Docker's and Podman's other drivers, and of this one what it cannot do. */
/* clang-format off */
static const struct {
        const char *name, *why;
} refused_log_opts[] = {
        { "compress",        "the journal is compressed as a whole; see Compress= in journald.conf(5)" },
        { "env-regex",       "a unit lists its fields; say env=NAME,NAME" },
        { "labels-regex",    "a unit lists its fields; say labels=NAME,NAME" },
        { "max-buffer-size", "output is never kept back; see LogRateLimitIntervalSec= in systemd.exec(5)" },
        { "max-file",        "the journal is limited as a whole; see SystemMaxFiles= in journald.conf(5), and LogNamespace= in systemd.exec(5) for a journal of its own" },
        { "max-size",        "the journal is limited as a whole; see SystemMaxUse= in journald.conf(5), and LogNamespace= in systemd.exec(5) for a journal of its own" },
        { "mode",            "output is never kept back; see LogRateLimitIntervalSec= in systemd.exec(5)" },
        { "path",            "output goes to the journal and not to a file; see journalctl(1)" },
};
/* clang-format on */

/* "{{.Name}}" and "{{.ImageName}}" have a meaning here; a container has no id. */
static int check_tag(const char *text, Fault *fault) {
        for (const char *at = text; (at = strstr(at, "{{")); at += 2)
                if (strncmp(at, "{{.Name}}", 9) != 0 && strncmp(at, "{{.ImageName}}", 14) != 0)
                        return value_refuse(fault,
                                        "of templates there are {{.Name}} and {{.ImageName}}; for more, see "
                                        "label=, env= and the journal's own fields");
        return 0;
}

/* What the names of fields are made from: "NAME", or "NAME,NAME" in a list. */
static int check_log_names(const char *text, bool is_list, Fault *fault) {
        for (const char *name = text;; name++) {
                if (!isalnum((unsigned char) *name))
                        return value_wrong(fault, text,
                                        is_list ? "a list of names: NAME,NAME"
                                                : "a label: NAME or NAME=VALUE");
                name = is_list ? strchr(name, ',') : NULL;
                if (!name)
                        return 0;
        }
}

int word_parse_log_opt(Value *value, char **ret, Fault *fault) {
        size_t n = strcspn(value->text, "=");
        const char *text = value->text[n] ? value->text + n + 1 : "";
        autofree char *name = strndup(value->text, n);
        bool is_list;
        int r;

        if (!name)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTS(refused_log_opts); i++)
                if (strcmp(name, refused_log_opts[i].name) == 0)
                        return value_refuse(fault, "%s", refused_log_opts[i].why);

        is_list = strcmp(name, "labels") == 0 || strcmp(name, "env") == 0;
        if (strcmp(name, "tag") == 0 && *text)
                r = check_tag(text, fault);
        else if (is_list || (strcmp(name, "label") == 0 && *text))
                r = check_log_names(text, is_list, fault);
        else
                r = value_wrong(fault, value->text,
                                "an option of the journal: tag=TEXT, label=NAME=VALUE, labels=NAME or "
                                "env=NAME");
        return r < 0 ? r : value_copy(value->text, ret);
}

int word_parse_activation(Value *value, char **ret, Fault *fault) {
        static const char *const ways[] = { "socket", NULL };

        if (!value_is_one_of(value->text, ways))
                return value_wrong(fault, value->text, "'socket'");
        return value_copy(value->text, ret);
}

int word_parse_verity(Value *value, char **ret, Fault *fault) {
        size_t n = strlen(value->text);
        bool is_on;

        if (n == 64 && strspn(value->text, "0123456789abcdef") == n)
                return value_copy(value->text, ret);
        if (boolean_parse(value->text, &is_on) < 0)
                return value_wrong(fault, value->text,
                                "a boolean, or a root hash of 64 hexadecimal digits in lower case");
        return value_copy(is_on ? "yes" : "no", ret);
}

int word_parse_console(Value *value, char **ret, Fault *fault) {
        static const char *const consoles[] = { "journal", "pipe", "direct", "null", "terminal",
                "interactive", NULL };

        if (!value_is_one_of(value->text, consoles))
                return value_wrong(fault, value->text,
                                "one of journal, pipe, direct, null, terminal and interactive");
        return value_copy(value->text, ret);
}

/* A truth value or "healthy"; "no" is as good as nothing. */
int word_parse_notify(Value *value, char **ret, Fault *fault) {
        bool healthy = strcasecmp(value->text, "healthy") == 0, yes = false;

        if (!healthy && boolean_parse(value->text, &yes) < 0)
                return value_wrong(fault, value->text, "yes, no or healthy");
        value->is_harmless = !healthy && !yes;
        return value_copy(healthy ? "healthy" : yes ? "yes" : "no", ret);
}

int word_parse_cgroups(Value *value, char **ret, Fault *fault) {
        static const char *const modes[] = { "split", "enabled", "no-conmon", NULL };

        if (strcmp(value->text, "disabled") == 0)
                return value_refuse(fault, "the processes of a unit are always in its control group");
        if (!value_is_one_of(value->text, modes))
                return value_wrong(fault, value->text, "one of split, enabled and no-conmon");
        return value_copy(value->text, ret);
}

int word_parse_remap(Value *value, char **ret, Fault *fault) {
        static const char *const modes[] = { "manual", "auto", "keep-id", NULL };

        if (!value_is_one_of(value->text, modes))
                return value_wrong(fault, value->text, "one of manual, auto and keep-id");
        return value_copy(value->text, ret);
}

int word_parse_timezone(Value *value, char **ret, Fault *fault) {
        const char *text = value->text;

        if (!value_is_dynamic(text)) {
                if (!isalnum((unsigned char) *text) || strstr(text, "..") || strstr(text, "//"))
                        return value_wrong(fault, text, "a time zone: local, or a name as Europe/Berlin");
                for (const char *at = text; *at; at++)
                        if (!isalnum((unsigned char) *at) && !strchr("_+-/", *at))
                                return value_wrong(fault, text,
                                                "a time zone: local, or a name as Europe/Berlin");
        }
        return value_copy(text, ret);
}

static bool is_account(const char *text, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!isgraph((unsigned char) text[i]) || strchr(":,/", text[i]))
                        return false;
        return n > 0 && *text != '-';
}

int word_parse_user(Value *value, char **ret, Fault *fault) {
        size_t n = strcspn(value->text, ":");

        if (!value_is_dynamic(value->text) &&
                        (!is_account(value->text, n) ||
                                        (value->text[n] && !is_account(value->text + n + 1,
                                                                           strlen(value->text + n + 1)))))
                return value_wrong(
                                fault, value->text, "a user: a name or number, maybe with ':' and a group");
        return value_copy(value->text, ret);
}

int word_parse_group(Value *value, char **ret, Fault *fault) {
        if (strcmp(value->text, "keep-groups") == 0)
                return value_refuse(fault,
                                "the groups of whoever starts a service do not exist in its container");
        if (!value_is_dynamic(value->text) && !is_account(value->text, strlen(value->text)))
                return value_wrong(fault, value->text, "a group: a name or number");
        return value_copy(value->text, ret);
}

int word_parse_pod(Value *value, char **ret, Fault *fault) {
        size_t n = strlen(value->text);

        if (n < 5 || strcmp(value->text + n - 4, ".pod") != 0 || strchr(value->text, '/'))
                return value_wrong(fault, value->text, "the file name of a pod: NAME.pod");
        return value_copy(value->text, ret);
}

int word_parse_exit_policy(Value *value, char **ret, Fault *fault) {
        static const char *const policies[] = { "stop", "continue", NULL };

        if (!value_is_one_of(value->text, policies))
                return value_wrong(fault, value->text, "what becomes of the pod: stop or continue");
        return value_copy(value->text, ret);
}

int word_parse_service(Value *value, char **ret, Fault *fault) {
        for (const char *at = value->text; *at; at++)
                if (!isalnum((unsigned char) *at) && !strchr(":-_.\\@", *at))
                        return value_wrong(fault, value->text, "the name of a unit without '.service'");
        return value_copy(value->text, ret);
}

int word_parse_pids(Value *value, int64_t *ret, Fault *fault) {
        uint64_t number;

        if (strcmp(value->text, "-1") == 0 || strcmp(value->text, "0") == 0) {
                *ret = CONTAINER_UNLIMITED;
                return 0;
        }
        if (value_number(value->text, 1, INT64_MAX, &number) < 0)
                return value_wrong(fault, value->text, "a number of processes, or -1 for no limit");
        *ret = (int64_t) number;
        return 0;
}
