/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/options.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/duration.h"
#include "lib/signals.h"
#include "lib/strv.h"

/* Puts a value into its field. @text is NULL for an option without "=". */
typedef int OptionTake(Options *options, void *field, const char *text, Fault *fault);

typedef struct OptionRow {
        const char *name;
        OptionTake *take;
        size_t field;
} OptionRow;

static int take_text(Options *options, void *field, const char *text, Fault *fault) {
        if (!text)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a value is missing");
        *(const char **) field = text;
        return 0;
}

static int take_list(Options *options, void *field, const char *text, Fault *fault) {
        if (!text)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a value is missing");
        return strv_append(field, text);
}

/* A line break would begin another field in what is said to the journal. */
static int take_log_tag(Options *options, void *field, const char *text, Fault *fault) {
        if (text && strchr(text, '\n'))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a tag is one line");
        return take_text(options, field, text, fault);
}

static int take_log_field(Options *options, void *field, const char *text, Fault *fault) {
        if (!text || *text == '=' || !strchr(text, '=') || strchr(text, '\n'))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a field is one line: NAME=VALUE");
        return take_list(options, field, text, fault);
}

static int take_flag(Options *options, void *field, const char *text, Fault *fault) {
        if (text && strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is neither yes nor no", text);
        *(bool *) field = !text || strcmp(text, "yes") == 0;
        return 0;
}

/* A flag that is on unless switched off; the field says that it is off. */
static int take_unflag(Options *options, void *field, const char *text, Fault *fault) {
        bool on = false;
        int r = take_flag(options, &on, text, fault);

        if (r >= 0)
                *(bool *) field = !on;
        return r;
}

/* One empty word clears what the image has; it is not a word of the command. */
static int take_entrypoint(Options *options, void *field, const char *text, Fault *fault) {
        options->has_entrypoint = true;
        return text && !*text ? 0 : take_list(options, field, text, fault);
}

/* "no" is nothing; whether it is a root hash is for who compares. */
static int take_verity(Options *options, void *field, const char *text, Fault *fault) {
        if (text && !*text)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a value is missing");
        *(const char **) field = !text || strcmp(text, "yes") == 0 ? "yes"
                                 : strcmp(text, "no") == 0         ? NULL
                                                                   : text;
        return 0;
}

static int take_rootfs(Options *options, void *field, const char *text, Fault *fault) {
        char **directory = field;
        size_t n = text ? strlen(text) : 0;

        options->rootfs_overlay = n > 2 && strcmp(text + n - 2, ":O") == 0;
        if (options->rootfs_overlay)
                n -= 2;
        if (n == 0 || text[0] != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "an absolute path of a directory is needed");

        free(*directory);
        *directory = strndup(text, n);
        return *directory ? 0 : -ENOMEM;
}

static int read_number(const char *text, uint64_t *ret) {
        unsigned long long n;
        char *end;

        errno = 0;
        n = text && isdigit((unsigned char) *text) ? strtoull(text, &end, 10) : (errno = EINVAL, 0);
        if (errno != 0 || *end)
                return -EINVAL;
        *ret = n;
        return 0;
}

static int take_bytes(Options *options, void *field, const char *text, Fault *fault) {
        if (read_number(text, field) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no number of bytes", text ?: "");
        return 0;
}

/* Which of the words @text is. */
static int take_word(const char *const *words, int n, int *ret, const char *text, Fault *fault) {
        for (int i = 0; text && i < n; i++)
                if (strcmp(words[i], text) == 0) {
                        *ret = i;
                        return 0;
                }
        return fault_raise(fault, FAULT_VALUE, EINVAL, "no such word: '%s'", text ?: "");
}

static const char *const network_modes[NETWORK_NAMED] = { "private", "host", "none" };

static NetworkMode network_mode_of(const char *text) {
        NetworkMode mode = NETWORK_PRIVATE;

        while (mode < NETWORK_NAMED && strcmp(network_modes[mode], text) != 0)
                mode++;
        return mode;
}

NetworkMode options_network(const Options *options) {
        return options->networks ? network_mode_of(options->networks[0]) : NETWORK_PRIVATE;
}

/* Only networks by name can be more than one. */
static int take_network(Options *options, void *field, const char *text, Fault *fault) {
        if (text && !*text)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a value is missing");
        if (text && options->networks &&
                        (network_mode_of(text) != NETWORK_NAMED ||
                                        options_network(options) != NETWORK_NAMED))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' cannot be beside '%s'", text,
                                options->networks[0]);
        return take_list(options, field, text, fault);
}

static int take_console(Options *options, void *field, const char *text, Fault *fault) {
        static const char *const words[_CONSOLE_MODE_MAX] = { "journal", "pipe", "direct", "null",
                "terminal", "interactive" };
        int word = 0, r = take_word(words, _CONSOLE_MODE_MAX, &word, text, fault);

        if (r >= 0)
                *(ConsoleMode *) field = word;
        return r;
}

static const char *const notify_modes[_NOTIFY_MODE_MAX] = { "no", "yes", "healthy" };

const char *notify_mode_to_string(NotifyMode mode) {
        return notify_modes[mode];
}

static int take_notify(Options *options, void *field, const char *text, Fault *fault) {
        int word = 0, r = take_word(notify_modes, _NOTIFY_MODE_MAX, &word, text, fault);

        if (r >= 0)
                *(NotifyMode *) field = word;
        return r;
}

/* Less than a millisecond is a mistake, and would keep a processor busy. */
static int take_time(Options *options, void *field, const char *text, Fault *fault) {
        uint64_t usec;

        if (!text || duration_from_text(text, &usec) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is not a duration: numbers with h, m, s or ms, as 1m30s", text ?: "");
        if (usec > 0 && usec < 1000)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is less than a millisecond", text);
        *(uint64_t *) field = usec;
        return 0;
}

static int take_health_interval(Options *options, void *field, const char *text, Fault *fault) {
        HealthOptions *health = &options->health;
        bool *none = field == &health->interval ? &health->no_interval : &health->no_startup_interval;

        *none = text && strcmp(text, "disable") == 0;
        return *none ? 0 : take_time(options, field, text, fault);
}

static int take_count(Options *options, void *field, const char *text, Fault *fault) {
        uint64_t n;

        if (read_number(text, &n) < 0 || n > INT_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not a number", text ?: "");
        *(unsigned *) field = (unsigned) n;
        if (field == &options->health.max_log_count)
                options->health.has_max_log_count = true;
        if (field == &options->health.max_log_size)
                options->health.has_max_log_size = true;
        return 0;
}

static int take_health_action(Options *options, void *field, const char *text, Fault *fault) {
        HealthAction action = text ? health_action_from_string(text) : _HEALTH_ACTION_MAX;

        if (action == _HEALTH_ACTION_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is not one of none, kill, restart and stop", text ?: "");
        *(HealthAction *) field = action;
        return 0;
}

/* A row whose function does not suit the type of its field does not compile. */
#define AT(member, type) \
        (offsetof(Options, member) + 0 * sizeof(_Generic(((Options *) NULL)->member, type : 1)))
#define TEXT(member) take_text, AT(member, const char *)
#define LIST(member) take_list, AT(member, char **)
#define FLAG(member) take_flag, AT(member, bool)
#define TIME(member) take_time, AT(member, uint64_t)
#define COUNT(member) take_count, AT(member, unsigned)
#define UNFLAG(member) take_unflag, AT(member, bool)

/* In the order in which the generator writes them. */
/* clang-format off */
static const OptionRow rows[] = {
        { "image",             TEXT(image) },
        { "rootfs",            take_rootfs,     AT(rootfs, char *) },
        { "verity",            take_verity,     AT(verity, const char *) },
        { "entrypoint",        take_entrypoint, AT(entrypoint, char **) },
        { "env",               LIST(environment) },
        { "env-file",          LIST(environment_files) },
        { "env-host",          FLAG(environment_host) },
        { "http-proxy",        UNFLAG(no_http_proxy) },
        { "user",              TEXT(user) },
        { "group-add",         LIST(groups) },
        { "workdir",           TEXT(workdir) },
        { "hostname",          TEXT(hostname) },
        { "pod",               TEXT(pod) },
        { "network",           take_network,    AT(networks, char **) },
        { "network-alias",     LIST(aliases) },
        { "ip",                TEXT(ip) },
        { "ip6",               TEXT(ip6) },
        { "publish",           LIST(publish) },
        { "add-host",          LIST(hosts) },
        { "dns",               LIST(dns) },
        { "dns-option",        LIST(dns_options) },
        { "dns-search",        LIST(dns_searches) },
        { "userns",            TEXT(userns) },
        { "cap-add",           LIST(capabilities_add) },
        { "cap-drop",          LIST(capabilities_drop) },
        { "no-new-privileges", FLAG(no_new_privileges) },
        { "seccomp",           TEXT(seccomp) },
        { "read-only",         FLAG(read_only) },
        { "read-only-tmpfs",   UNFLAG(no_read_only_tmpfs) },
        { "tmpfs",             LIST(tmpfs) },
        { "volume",            LIST(volumes) },
        { "mount",             LIST(mounts) },
        { "device",            LIST(devices) },
        { "shm-size",          take_bytes,      AT(shm_size, uint64_t) },
        { "secret",            LIST(secrets) },
        { "yaml-secret",       LIST(yaml_secrets) },
        { "mask",              LIST(masks) },
        { "unmask",            LIST(unmasks) },
        { "sysctl",            LIST(sysctls) },
        { "ulimit",            LIST(ulimits) },
        { "timezone",          TEXT(timezone) },
        { "init",              FLAG(init) },
        { "stop-signal",       TEXT(stop_signal) },
        { "notify",            take_notify,     AT(notify, NotifyMode) },
        { "label",             LIST(labels) },
        { "annotation",        LIST(annotations) },
        { "console",           take_console,    AT(console, ConsoleMode) },
        { "log-tag",           take_log_tag,    AT(log_tag, const char *) },
        { "log-field",         take_log_field,  AT(log_fields, char **) },
        { "pull",              TEXT(pull) },
        { "retry",             TEXT(retry) },
        { "retry-delay",       TEXT(retry_delay) },
        { "health-cmd",              TEXT(health.command) },
        { "health-interval",         take_health_interval, AT(health.interval, uint64_t) },
        { "health-timeout",          TIME(health.timeout) },
        { "health-retries",          COUNT(health.retries) },
        { "health-start-period",     TIME(health.start_period) },
        { "health-start-interval",   TIME(health.start_interval) },
        { "health-on-failure",       take_health_action,          AT(health.on_failure, HealthAction) },
        { "health-log-destination",  TEXT(health.log_destination) },
        { "health-max-log-count",    COUNT(health.max_log_count) },
        { "health-max-log-size",     COUNT(health.max_log_size) },
        { "health-startup-cmd",      TEXT(health.startup_command) },
        { "health-startup-interval", take_health_interval, AT(health.startup_interval, uint64_t) },
        { "health-startup-timeout",  TIME(health.startup_timeout) },
        { "health-startup-retries",  COUNT(health.startup_retries) },
        { "health-startup-success",  COUNT(health.startup_success) },
};
/* clang-format on */

const char *options_name(unsigned row) {
        return row < ELEMENTS(rows) ? rows[row].name : NULL;
}

static const OptionRow *find_row(const char *name, size_t n) {
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0)
                        return &rows[i];
        return NULL;
}

static int take_option(Options *options, const char *word, Fault *fault) {
        const char *name = word + 2, *equals = strchr(name, '=');
        size_t n = equals ? (size_t) (equals - name) : strlen(name);
        const OptionRow *row = find_row(name, n);
        char key[64];
        int r;

        (void) snprintf(key, sizeof(key), "%.*s", (int) (n + 2), word);
        fault_locate(fault, &(Place){ .key = key });

        if (!row)
                return fault_raise(fault, FAULT_UNKNOWN_KEY, EINVAL, "no such option");
        r = row->take(options, (char *) options + row->field, equals ? equals + 1 : NULL, fault);
        if (r >= 0)
                fault_locate(fault, &(Place){});
        return r;
}

bool container_name_is_valid(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n > CONTAINER_NAME_MAX || !isalnum((unsigned char) name[0]))
                return false;
        for (const char *c = name; *c; c++)
                if ((unsigned char) *c >= 0x80 || (!isalnum((unsigned char) *c) && !strchr("_.-", *c)))
                        return false;
        return true;
}

static int check(const Options *options, Fault *fault) {
        if (!options->name && options->action == ACTION_CLEAN)
                return 0;
        if (!options->name)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a container name is missing");
        if (!container_name_is_valid(options->name))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' cannot name a container: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-'; "
                                "set ContainerName=",
                                options->name);
        if (options->action == ACTION_START && !options->image == !options->rootfs)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "one of --image= and --rootfs= is needed");
        if (options->verity && !options->image)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "--verity is about an image");
        return 0;
}

/* Return: whether the word says what to do; @ret_r is negative if it says so wrongly. */
static bool take_action(Options *options, const char *word, Fault *fault, int *ret_r) {
        static const char *const words[_ACTION_MAX] = { NULL, "--clean", "--stop",
                "--signal=", "--reload=" };

        for (Action action = ACTION_CLEAN; action < _ACTION_MAX; action++) {
                size_t n = strlen(words[action]);

                if (action >= ACTION_SIGNAL ? strncmp(word, words[action], n) != 0
                                            : strcmp(word, words[action]) != 0)
                        continue;
                options->action = action;
                if (action >= ACTION_SIGNAL)
                        options->signal = signal_from_name(word + n);
                if (options->signal < 0)
                        *ret_r = fault_raise(fault, FAULT_VALUE, EINVAL, "no such signal: '%s'", word + n);
                return true;
        }
        return false;
}

int options_parse(Options *options, char *const *argv, Fault *fault) {
        static char *const none[] = { NULL };

        options->command = none;
        options->shm_size = UINT64_C(64) << 20;
        options->userns = "auto";

        for (size_t i = 1; argv[i]; i++) {
                int r = 0;

                if (strcmp(argv[i], "--") == 0) {
                        options->command = argv + i + 1;
                        break;
                }
                if (take_action(options, argv[i], fault, &r))
                        ;
                else if (strncmp(argv[i], "--", 2) == 0)
                        r = take_option(options, argv[i], fault);
                else if (options->name)
                        r = fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "'%s' comes after the name; put \"--\" before a command", argv[i]);
                else
                        options->name = argv[i];
                if (r < 0)
                        return r;
        }
        return check(options, fault);
}

void options_done(Options *options) {
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                if (rows[i].take == take_list || rows[i].take == take_entrypoint ||
                                rows[i].take == take_log_field || rows[i].take == take_network)
                        strv_free(*(char ***) ((char *) options + rows[i].field));
        free(options->rootfs);
        *options = (Options){};
}
