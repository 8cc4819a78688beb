/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway pull: from a registry into the store. */

#include <getopt.h>
#include <string.h>

#include "cli/elsewhere.h"
#include "cli/options.h"
#include "cli/pull-client.h"
#include "cli/pull-import.h"
#include "cli/pull-unit.h"
#include "cli/registry-words.h"
#include "cli/update-memory.h"
#include "cli/verbs.h"
#include "image/registries/secret.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "lib/size.h"
#include "lib/strv.h"
#include "lib/time-span.h"

enum {
        KEY_ARCH = OPTION_LONG,
        KEY_AUTHFILE,
        KEY_CERT_DIR,
        KEY_CREDS,
        KEY_DISABLE_CONTENT_TRUST,
        KEY_EXPLAIN,
        KEY_FOR_UNIT,
        KEY_FROM_INSTANCE,
        KEY_JSON,
        KEY_MAX_ENTRIES,
        KEY_MAX_SIZE,
        KEY_NAME,
        KEY_OS,
        KEY_PLATFORM,
        KEY_POLICY,
        KEY_RETRY,
        KEY_RETRY_DELAY,
        KEY_TLS_VERIFY,
        KEY_VARIANT,
};

/* clang-format off */
static const Option options[] = {
        { 'a',              "all-tags",      NULL,    "pull all images of a repository" },
        { KEY_ARCH,         "arch",          "ARCH",  "which image of several to take: for this architecture" },
        { KEY_AUTHFILE,     "authfile",      "FILE",  "take credentials from this file and no other" },
        { KEY_CERT_DIR,     "cert-dir",      "DIRECTORY", "take certificates from this directory and no other" },
        { KEY_CREDS,        "creds",         "USER[:PASSWORD]", "who to be for the registry; asks for the password if it is not given" },
        { KEY_DISABLE_CONTENT_TRUST, "disable-content-trust", NULL, "refused: the trust policy decides" },
        { KEY_EXPLAIN,      "explain",       NULL,    "say which registries would be asked, and why; ask nobody" },
        { KEY_FOR_UNIT,     "for-unit",      NULL,    "tell the service manager how far it is; for programs" },
        { KEY_FROM_INSTANCE, "from-instance", "INSTANCE", "the image is the instance of a unit; for slipway-pull@.service" },
        { KEY_JSON,         "json",          NULL,    "print what happens as JSON, an object a line" },
        { KEY_MAX_ENTRIES,  "max-entries",   "NUMBER", "how many files the image may have, 1000000 by default" },
        { KEY_MAX_SIZE,     "max-size",      "SIZE",  "how much content the image may have, 256G by default" },
        { KEY_NAME,         "name",          "NAME",  "what an image that is in no registry is called" },
        { KEY_OS,           "os",            "OS",    "which image of several to take: for this system" },
        { KEY_PLATFORM,     "platform",      "OS/ARCH[/VARIANT]", "which image of several to take, and take it on any machine" },
        { KEY_POLICY,       "policy",        "always|missing|never|newer", "when to ask the registry, always by default" },
        { 'q',              "quiet",         NULL,    "print the image id and nothing else" },
        { KEY_RETRY,        "retry",         "NUMBER", "how often to begin anew when the network fails, 0 by default" },
        { KEY_RETRY_DELAY,  "retry-delay",   "TIME",  "how long to wait before that, 2s by default" },
        { KEY_TLS_VERIFY,   "tls-verify",    "BOOL",  "whether registries have to prove who they are" },
        { KEY_VARIANT,      "variant",       "VARIANT", "which image of several to take: for this kind of processor" },
};
/* clang-format on */

/* What the command line says. */
typedef struct PullWords {
        PullOptions pull;
        bool quiet, json, all_tags, for_unit;
        const char *instance;
        const char *name;
        const char *for_root; /* the first option that an ordinary user may not give; NULL for none */
} PullWords;

static void pull_words_done(PullWords *words) {
        free(words->pull.user);
        secret_free(words->pull.password);
}

static int set_size(uint64_t *ret, const char *name, const char *text, Fault *fault) {
        if (size_from_text(text, ret) < 0 || *ret == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "--%s=%s: not a size, such as 500M or 2G",
                                name, text);
        return 0;
}

static int set_retry(PullWords *words, const char *text, Fault *fault) {
        char *end;
        unsigned long number;

        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno || end == text || *end || *text == '-' || number > 1000)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "--retry=%s: not a number up to 1000", text);
        words->pull.retries = (unsigned) number;
        return 0;
}

static int set_retry_delay(PullWords *words, const char *text, Fault *fault) {
        uint64_t usec;

        if (time_span_parse(text, &usec) < 0 || usec > UINT64_C(3600) * 1000000)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "--retry-delay=%s: not a time up to an hour, such as 2s or 500ms", text);
        words->pull.retry_delay_ms = (unsigned) (usec / 1000);
        return 0;
}

static int set_policy(PullWords *words, const char *text, Fault *fault) {
        static const char *const names[_PULL_POLICY_MAX] = { "always", "missing", "never", "newer" };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strcmp(names[i], text) == 0) {
                        words->pull.policy = (PullPolicy) i;
                        return 0;
                }
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "--policy=%s: it is one of always, missing, never and newer", text);
}

static int set_part(PullWords *words, char *field, const char *name, const char *text, Fault *fault) {
        size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

        if (n == 0 || text[n] || n >= sizeof(words->pull.platform.os))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "--%s=%.100s: not a word of a platform", name,
                                text);
        words->pull.platform_is_given = true;
        (void) strcpy(field, text);
        return 0;
}

/* The variant of this machine's processor means nothing for another one. */
static int set_arch(PullWords *words, const char *text, Fault *fault) {
        Platform parsed = {};
        int r = set_part(words, words->pull.platform.architecture, "arch", text, fault);

        if (r < 0)
                return r;
        r = platform_parse(text, &parsed, fault);
        if (r < 0)
                return r;
        (void) strcpy(words->pull.platform.architecture, parsed.architecture);
        (void) strcpy(words->pull.platform.variant, parsed.variant);
        return 0;
}

static int refuse_content_trust(Fault *fault) {
        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                        "--disable-content-trust: which images have to be signed is for the trust policy of "
                        "this "
                        "system to say, and no option gets round it");
}

static int set_root_option(PullWords *words, int key, Fault *fault) {
        Platform *platform = &words->pull.platform;

        for (size_t i = 0; i < ELEMENTS(options) && !words->for_root; i++)
                if (options[i].key == key)
                        words->for_root = options[i].name;

        switch (key) {
        case 'a':
                words->all_tags = true;
                return 0;
        case KEY_ARCH:
                return set_arch(words, optarg, fault);
        case KEY_AUTHFILE:
                words->pull.authfile = optarg;
                return 0;
        case KEY_CERT_DIR:
                words->pull.cert_dir = optarg;
                return 0;
        case KEY_CREDS:
                return registry_word_creds(optarg, &words->pull.user, &words->pull.password, fault);
        case KEY_MAX_ENTRIES:
                return set_size(&words->pull.budget.entries, "max-entries", optarg, fault);
        case KEY_MAX_SIZE:
                return set_size(&words->pull.budget.bytes, "max-size", optarg, fault);
        case KEY_NAME:
                words->name = optarg;
                return 0;
        case KEY_OS:
                return set_part(words, platform->os, "os", optarg, fault);
        case KEY_PLATFORM:
                words->pull.platform_is_given = true;
                return platform_parse(optarg, platform, fault);
        case KEY_POLICY:
                return set_policy(words, optarg, fault);
        case KEY_RETRY:
                return set_retry(words, optarg, fault);
        case KEY_RETRY_DELAY:
                return set_retry_delay(words, optarg, fault);
        case KEY_TLS_VERIFY:
                return registry_word_tls(optarg, &words->pull.tls, fault);
        default:
                return set_part(words, platform->variant, "variant", optarg, fault);
        }
}

static int set_option(PullWords *words, int key, Fault *fault) {
        switch (key) {
        case 'q':
                words->quiet = true;
                return 0;
        case KEY_DISABLE_CONTENT_TRUST:
                return refuse_content_trust(fault);
        case KEY_EXPLAIN:
                words->pull.explain = true;
                return 0;
        case KEY_FOR_UNIT:
                words->for_unit = true;
                return 0;
        case KEY_FROM_INSTANCE:
                words->instance = optarg;
                return 0;
        case KEY_JSON:
                words->json = true;
                return 0;
        default:
                return set_root_option(words, key, fault);
        }
}

static int ask_password(PullWords *words, Fault *fault) {
        if (!words->pull.user || words->pull.password)
                return 0;
        return registry_ask_password(words->pull.user, &words->pull.password, fault);
}

/* --- the work --- */

static int failed(int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot pull");
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

/* What is not from a registry, as podman pull(1) has it. */
static bool is_elsewhere(const char *text) {
        static const char *const transports[] = {
                "containers-storage:", "dir:", "docker-archive:", "docker-daemon:", "oci-archive:", "oci:"
        };

        for (size_t i = 0; i < ELEMENTS(transports); i++)
                if (strncmp(text, transports[i], strlen(transports[i])) == 0)
                        return true;
        return false;
}

/* An update that was taken back would come again with the next start, by Pull=newer or Pull=always. */
static bool is_wanted_at_start(void *data, const char *name, const Digest *top, bool is_here) {
        return !is_here || !update_keeps_away(name, top);
}

/* The name is what a launcher looks for afterwards: it need not be what was written in a manifest. */
static int pull_one(PullClient *client, const PullWords *words, const char *text, Fault *fault) {
        autofree char *name = NULL;
        Digest id = {};
        int r;

        if (is_elsewhere(text))
                return pull_import(&words->pull, words->name, words->quiet, text, fault);
        r = pull_client_pull(client, text, &name, &id, fault);
        if (r < 0 || words->json || words->pull.explain)
                return r;
        printf("sha256:%s\n", id.hex);
        if (words->for_unit)
                printf("%s\n", name);
        (void) fflush(stdout);
        return 0;
}

/* The first fault does not end the others; a signal does. */
static int pull_all(PullClient *client, const PullWords *words, char *const *images) {
        int status = VERB_OK;

        for (; *images; images++) {
                Fault fault = {};
                int r = pull_one(client, words, *images, &fault);

                if (r < 0)
                        status = failed(r, &fault);
                if (pull_client_signal() != 0)
                        return 128 + pull_client_signal();
        }
        return status;
}

static int pull_tags(PullClient *client, const PullWords *words, const char *text, Fault *fault) {
        const char *slash = strrchr(text, '/');
        autostrv char **names = NULL;
        int r;

        if (strchr(text, '@') || strchr(slash ? slash : text, ':'))
                return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                                "'%.200s' has a tag or digest, and --all-tags means all of them", text);
        r = pull_client_tags(client, text, &names, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot list the tags of '%.200s'", text)
                     : pull_all(client, words, names);
}

static int pull_as_root(PullWords *words, char *const *images, Fault *fault) {
        AUTO(pull_client_close) PullClient client = {};
        int r, status = VERB_OK;

        if ((r = ask_password(words, fault)) < 0 || (r = pull_client_open(&client, &words->pull, fault)) < 0)
                return r;
        if (!words->all_tags)
                return pull_all(&client, words, images);
        for (; *images && status < 128; images++) {
                r = pull_tags(&client, words, *images, fault);
                if (r < 0) {
                        status = failed(r, fault);
                        fault_clear(fault);
                } else if (r > 0)
                        status = r;
        }
        return status;
}

static int pull_as_user(const PullWords *words, char *const *images, Fault *fault) {
        int status = VERB_OK;

        if (words->for_root || words->json)
                return fault_raise(fault, FAULT_UNSUPPORTED, EPERM,
                                "--%s is for root only: for others systemd starts a unit that knows nothing "
                                "but "
                                "the image's name",
                                words->for_root ?: "json");
        for (; *images; images++) {
                int r = is_elsewhere(*images) ? fault_raise(fault, FAULT_UNSUPPORTED, EPERM,
                                                                "'%.200s' is for root only, who may read "
                                                                "all files",
                                                                *images)
                                              : pull_unit_run(*images, words->quiet, fault);

                if (r < 0)
                        status = failed(r, fault);
                *fault = (Fault){};
        }
        return status;
}

/* Who has a store and sockets of their own is asked for no rank. */
static bool is_root(void) {
        return geteuid() == 0 ||
               (secure_getenv("SLIPWAY_FETCH_SOCKET") && secure_getenv("SLIPWAY_STORE_SOCKET"));
}

static PullAudience choose_audience(const PullWords *words) {
        if (words->for_unit)
                return PULL_MANAGER;
        if (words->json)
                return PULL_PROGRAM;
        if (words->quiet)
                return PULL_NOBODY;
        return isatty(STDERR_FILENO) ? PULL_TERMINAL : PULL_LOG;
}

/* What an ordinary user has chosen is the name of an image in a registry, and can be nothing else. */
static int take_instance(const PullWords *words, char **ret, Fault *fault) {
        int r = pull_unit_unescape(words->instance, ret, fault);

        if (r >= 0 && is_elsewhere(*ret))
                return fault_raise(fault, FAULT_UNSUPPORTED, EPERM, "'%.200s' is in no registry", *ret);
        return r;
}

static int run(PullWords *words, char *const *images, Fault *fault) {
        autofree char *image = NULL;
        char *one[2] = { NULL, NULL };
        int r;

        if (words->for_unit) {
                report_init("slipway", report_choose_sink());
                words->pull.is_wanted = is_wanted_at_start;
        }
        words->pull.audience = choose_audience(words);
        if (words->instance) {
                r = take_instance(words, &image, fault);
                if (r < 0)
                        return r;
                one[0] = image;
                images = one;
        }
        for (char *const *each = images; *each; each++)
                if (is_elsewhere(*each) && (r = elsewhere_go(fault)) < 0)
                        return r;
        return is_root() || words->pull.explain ? pull_as_root(words, images, fault)
                                                : pull_as_user(words, images, fault);
}

/* The service manager asks who has spoken, and who is gone is nobody. */
static void tell_manager(const Fault *fault) {
        char line[1024];

        if (fault_is_raised(fault)) {
                (void) report_format(line, sizeof(line), fault);
                (void) notify_status("%s", line);
        }
        (void) notify_barrier(5000);
}

int verb_pull(int argc, char **argv) {
        AUTO(pull_words_done) PullWords words = { .pull.retry_delay_ms = 2000 };
        Fault fault = {};
        int key, r;

        secret_wipe_json();
        platform_of_machine(&words.pull.platform);
        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                r = set_option(&words, key, &fault);
                if (r < 0)
                        return failed(r, &fault);
        }

        if ((optind == argc) != (words.instance != NULL))
                return options_misused(argv[0], "at least one image is needed");
        r = run(&words, argv + optind, &fault);
        if (r < 0)
                r = failed(r, &fault);
        if (words.for_unit)
                tell_manager(&fault);
        return r;
}
