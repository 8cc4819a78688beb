/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "lib/capability.h"
#include "lib/fault-point.h"
#include "lib/report.h"
#include "lib/rlimits.h"
#include "lib/signals.h"
#include "lib/strv.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/nspawn-words.h"
#include "nspawn-glue/stop.h"
#include "nspawn-glue/watcher.h"

#define NSPAWN "/usr/bin/systemd-nspawn"

/* What it and init need of their own, beside those that are passed on. */
#define DESCRIPTORS_OF_NSPAWN 20

/*
 * What nspawn takes for the container's root: empty directories, and init. The real one is init's business.
 * It is the host's, so it is mounted read-only: by /proc/PID/exe a container may come upon init, and with
 * UserNS=host its root may write to the file.
 */
#define STAND_IN SLIPWAY_LIBEXEC_DIR "/root"

/* The same with all capabilities, as an OCI bundle. Only so does nspawn leave CAP_NET_BIND_SERVICE alone. */
#define BUNDLE SLIPWAY_LIBEXEC_DIR "/bundle"

int launch_pass(Launch *launch, int fd) {
        int *grown = reallocarray(launch->passed, launch->n_passed + 1, sizeof(int));

        if (!grown) {
                (void) close(fd);
                return -ENOMEM;
        }
        launch->passed = grown;
        launch->passed[launch->n_passed] = fd;
        return CONTROL_FD + (int) launch->n_passed++;
}

int launch_hold(Launch *launch, int fd) {
        int *grown = reallocarray(launch->held, launch->n_held + 1, sizeof(int));

        if (!grown) {
                (void) close(fd);
                return -ENOMEM;
        }
        launch->held = grown;
        launch->held[launch->n_held++] = fd;
        return 0;
}

int launch_seal_plan(Launch *launch, Fault *fault) {
        int r = plan_seal(&launch->plan, &launch->plan_fd);

        plan_done(&launch->plan);
        return r;
}

/* Those that stay with systemd-nspawn, see plan.h, and the ports of the host behind them. Init has none of
 * these. */
static int place_kept(const Launch *launch, int base, const int high[_KEPT_MAX]) {
        unsigned end = (unsigned) base + _KEPT_MAX + (unsigned) launch->n_held;

        for (int i = 0; i < _KEPT_MAX; i++)
                if (high[i] < 0)
                        (void) close(base + i);
                else if (dup2(high[i], base + i) < 0)
                        return -errno;
        for (size_t i = 0; i < launch->n_held; i++)
                if (dup2(launch->held[i], base + _KEPT_MAX + (int) i) < 0)
                        return -errno;
        return close_range(end, ~0U, 0) < 0 ? -errno : 0;
}

/* Out of the way, so that none is overwritten before it has moved. */
static int move_up(int *fds, size_t n, int above) {
        for (size_t i = 0; i < n; i++) {
                fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, above);
                if (fds[i] < 0)
                        return -errno;
        }
        return 0;
}

/* Puts the plan, the control socket, the root and the rest where init looks for them. */
static int place_descriptors(Launch *launch) {
        int base = CONTROL_FD + (int) launch->n_passed, above = base + _KEPT_MAX + (int) launch->n_held;
        int high[_KEPT_MAX], r;

        high[KEPT_LOCK] = fcntl(launch->lock_fd, F_DUPFD_CLOEXEC, above);
        high[KEPT_PLAN] = fcntl(launch->plan_fd, F_DUPFD_CLOEXEC, above);
        high[KEPT_SECCOMP] = -1;
        if (high[KEPT_LOCK] < 0 || high[KEPT_PLAN] < 0)
                return -errno;
        r = move_up(launch->passed, launch->n_passed, above);
        if (r >= 0)
                r = move_up(launch->held, launch->n_held, above);
        if (r < 0)
                return r;
        if (launch->seccomp_number > 0)
                high[KEPT_SECCOMP] = launch->passed[launch->seccomp_number - CONTROL_FD];

        if (dup3(high[KEPT_PLAN], PLAN_FD, 0) < 0)
                return -errno;
        for (size_t i = 0; i < launch->n_passed; i++)
                if (dup2(launch->passed[i], CONTROL_FD + (int) i) < 0)
                        return -errno;
        return place_kept(launch, base, high);
}

int launch_choose_signal(Launch *launch, Fault *fault) {
        const char *name = launch->options->stop_signal ?: launch->image.config.stop_signal;

        launch->stop_signal = name && *name ? signal_from_name(name) : SIGTERM;
        return launch->stop_signal < 0
                               ? fault_raise(fault, FAULT_VALUE, EINVAL, "no such stop signal: '%s'", name)
                               : 0;
}

/* Letters and digits, dots and dashes: nspawn's names are those of hosts. */
static void machine_name(const char *name, char *ret, size_t size) {
        (void) snprintf(ret, size, "slipway-%.50s", name);
        for (char *c = ret; *c; c++)
                if (*c == '_' || (*c == '.' && (c[1] == '.' || c[1] == '-' || c[1] == '\0')))
                        *c = '-';
        for (size_t n = strlen(ret); n > 0 && (ret[n - 1] == '-' || ret[n - 1] == '.'); n--)
                ret[n - 1] = '\0';
}

/* What init needs for its work, besides what the app may have. */
static uint64_t init_capabilities(void) {
        return CAPABILITY_BIT(CAP_SYS_ADMIN) | CAPABILITY_BIT(CAP_SETUID) | CAPABILITY_BIT(CAP_SETGID) |
               CAPABILITY_BIT(CAP_SETPCAP) | CAPABILITY_BIT(CAP_CHOWN) | CAPABILITY_BIT(CAP_DAC_OVERRIDE) |
               CAPABILITY_BIT(CAP_FOWNER) | CAPABILITY_BIT(CAP_SYS_RESOURCE) | CAPABILITY_BIT(CAP_KILL) |
               CAPABILITY_BIT(CAP_FSETID) | CAPABILITY_BIT(CAP_NET_ADMIN);
}

/* nspawn knows names in capital letters only. */
static void capitalise(char *text) {
        for (; *text; text++)
                if (*text >= 'a' && *text <= 'z')
                        *text = (char) (*text - 'a' + 'A');
}

static int add_capability_option(char ***argv, const char *option, uint64_t set) {
        autostrv char **names = NULL;
        autofree char *joined = NULL;
        const char *name;

        if (set == 0)
                return 0;
        for (int i = 0; (name = capability_to_name(i)); i++)
                if (set & CAPABILITY_BIT(i) && strv_appendf(&names, "cap_%s", name) < 0)
                        return -ENOMEM;
        joined = strv_join(names, ",");
        if (!joined)
                return -ENOMEM;
        capitalise(joined);
        return strv_appendf(argv, "--%s=%s", option, joined);
}

/* What init and the app need, and no more: nspawn's own set is wider. */
static int add_capabilities(const Launch *launch, char ***argv) {
        uint64_t kept = launch->capabilities | init_capabilities(), known = 0;
        int r;

        for (int i = 0; capability_to_name(i); i++)
                known |= CAPABILITY_BIT(i);
        r = add_capability_option(argv, "capability", kept & known);
        if (r >= 0)
                r = add_capability_option(argv, "drop-capability", known & ~kept);
        return r;
}

/* In a user namespace capabilities are over that only, and init gives up what the app is not to have. */
static int add_root(const Launch *launch, char ***argv) {
        int r;

        if (launch->userns.mode != USERNS_HOST) {
                r = strv_append(argv, "--oci-bundle=" BUNDLE);
                return r < 0 ? r
                             : strv_appendf(argv, "--private-users=%u:%u", launch->userns.base,
                                               launch->userns.count);
        }

        r = strv_append(argv, "--settings=no");
        if (r >= 0)
                r = strv_append(argv, "--directory=" STAND_IN);
        if (r >= 0)
                r = strv_append(argv, "--private-users=no");
        return r < 0 ? r : add_capabilities(launch, argv);
}

/* What nspawn sets unless it is told otherwise: the hard limits that the kernel boots with. */
static bool is_default(int resource, rlim_t hard) {
        switch (resource) {

        case RLIMIT_NICE:
        case RLIMIT_RTPRIO:
                return hard == 0;

        case RLIMIT_MSGQUEUE:
                return hard == 819200;

        case RLIMIT_MEMLOCK:
        case RLIMIT_NOFILE:
        case RLIMIT_NPROC:
        case RLIMIT_SIGPENDING:
                return false;

        default:
                return hard == RLIM_INFINITY;
        }
}

/* init could not raise them: that takes a capability over the whole system. */
static int add_rlimits(const Launch *launch, char ***argv) {
        const char *name;

        for (int i = 0; (name = rlimit_to_name(i)); i++) {
                char resource[16], value[24] = "infinity";
                struct rlimit own;
                rlim_t hard;

                if (getrlimit(i, &own) < 0)
                        return -errno;
                hard = launch->rlimits[i].rlim_max > own.rlim_max ? launch->rlimits[i].rlim_max
                                                                  : own.rlim_max;
                if (is_default(i, hard))
                        continue;
                if (hard != RLIM_INFINITY)
                        (void) snprintf(value, sizeof(value), "%llu", (unsigned long long) hard);
                (void) snprintf(resource, sizeof(resource), "%s", name);
                capitalise(resource);
                if (strv_appendf(argv, "--rlimit=%s=%s", resource, value) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int add_fixed(char ***argv) {
        static const char *const words[] = {
                NSPAWN,
                "--quiet",
                "--keep-unit",
                "--register=no",
                "--link-journal=no",
                "--resolv-conf=off",
                "--timezone=off",
                "--console=pipe",
                "--private-users-ownership=off",
                "--read-only",
        };

        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strv_append(argv, words[i]) < 0)
                        return -ENOMEM;
        return 0;
}

/* Init cannot read the file; its environment is not that of the app. */
static int add_fault_points(char ***argv) {
        const char *actions = fault_point_actions();

        return actions ? strv_appendf(argv, "--setenv=" FAULT_POINT_ENV "=%s", actions) : 0;
}

static int make_argv(const Launch *launch, char ***ret, Fault *fault) {
        autostrv char **argv = NULL;
        char machine[64], number[16];
        int r;

        machine_name(launch->options->name, machine, sizeof(machine));

        r = add_fixed(&argv);
        if (r >= 0)
                r = strv_appendf(&argv, "--machine=%s", machine);
        if (r >= 0)
                r = strv_appendf(&argv, "--kill-signal=SIG%s",
                                signal_to_name(launch->stop_signal, number, sizeof(number)));
        if (r >= 0)
                r = add_root(launch, &argv);
        if (r >= 0)
                r = add_rlimits(launch, &argv);
        if (r >= 0)
                r = add_fault_points(&argv);
        if (r >= 0 && launch->userns.mode == USERNS_HOST)
                r = strv_append(&argv, "/slipway-init");
        if (r < 0)
                return r;

        *ret = TAKE(argv);
        return 0;
}

static bool is_unified(void) {
        struct statfs st;

        return statfs("/sys/fs/cgroup", &st) >= 0 && st.f_type == CGROUP2_SUPER_MAGIC;
}

/* nspawn speaks to nobody: it would say that all is well before anything was executed. */
static int set_environment(const Launch *launch) {
        char number[16];

        (void) unsetenv("NOTIFY_SOCKET");
        (void) unsetenv("LISTEN_FDNAMES");
        (void) unsetenv("CREDENTIALS_DIRECTORY");
        if (setenv("SYSTEMD_SECCOMP", "0", 1) < 0 || setenv("SYSTEMD_NSPAWN_TMPFS_TMP", "0", 1) < 0 ||
                        setenv("SYSTEMD_NSPAWN_LOCK", "0", 1) < 0)
                return -errno;
        /* What it does is what the unit does, and that systemd says already. */
        if (setenv("SYSTEMD_LOG_LEVEL", "notice", 0) < 0)
                return -errno;
        if (setenv("SYSTEMD_LOG_TARGET", "console", 0) < 0)
                return -errno;
        /* Else nspawn looks for a systemd in the root, finds none, and mounts a hierarchy of old. */
        if (is_unified() && setenv("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1", 1) < 0)
                return -errno;
        (void) snprintf(number, sizeof(number), "%zu", launch->n_passed + 1);
        if (setenv("LISTEN_FDS", number, 1) < 0)
                return -errno;
        (void) snprintf(number, sizeof(number), "%d", (int) getpid());
        return setenv("LISTEN_PID", number, 1) < 0 ? -errno : 0;
}

int launch_start_watcher(Launch *launch, Fault *fault) {
        autofd int nspawn = launch_open_nspawn(launch);
        const Watch watch = {
                .fd = launch->watcher_fd,
                .nspawn_fd = nspawn,
                .name = launch->options->name,
                .says_ready = launch->options->notify == NOTIFY_NO,
                .after = launch->health,
        };
        int r = nspawn < 0 ? nspawn : watcher_start(&watch);

        fd_closep(&launch->watcher_fd);
        launch->watcher_fd = -1;
        return r;
}

/*
 * To systemd-nspawn these mean an end without a word, and so would a hangup or "systemctl kill" that is
 * meant for the app mean to the container. With Type=notify-reload, the service manager sends it one of them
 * to have the app reload. init takes this back for the app. STOP_END_SIGNAL is the one that is left.
 */
static void ignore_signals(void) {
        static const int signals[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGPROF, SIGIO, SIGPWR,
                SIGSTKFLT };

        for (size_t i = 0; i < ELEMENTS(signals); i++)
                (void) signal(signals[i], SIG_IGN);
        for (int i = SIGRTMIN; i <= SIGRTMAX; i++)
                (void) signal(i, SIG_IGN);
        (void) signal(STOP_END_SIGNAL, SIG_DFL);
}

/* All that can be wrong is found before there is a watcher, which speaks last. */
int launch_prepare_nspawn(Launch *launch, Fault *fault) {
        struct rlimit limit;

        /* Who has too few later, in the container, cannot even say so. */
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return -errno;
        if (limit.rlim_cur < CONTROL_FD + launch->n_passed + launch->n_held + DESCRIPTORS_OF_NSPAWN)
                return -EMFILE;
        if (access(NSPAWN, X_OK) < 0 && errno == ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no " NSPAWN "; it is in the package systemd-container");
        ignore_signals();
        return make_argv(launch, &launch->nspawn, fault);
}

/* Who comes back has told what is wrong, and nobody is to say something else. */
void launch_cancel_watcher(Launch *launch) {
        control_cancel(launch->passed[0]);
}

/* Who has started us by hand reads it himself, and cleans nothing up. */
static void use_words(const Launch *launch) {
        autofd int fd = -1;

        if (report_choose_sink() == REPORT_TERMINAL)
                return;
        fd = words_open(launch->options->name);
        /* Without a file they go where the app's go. */
        if (fd >= 0)
                (void) dup2(fd, STDERR_FILENO);
}

int launch_execute(Launch *launch, Fault *fault) {
        int r;

        r = set_environment(launch);
        use_words(launch);
        if (r >= 0)
                r = place_descriptors(launch);
        if (r < 0)
                return r;

        (void) execv(NSPAWN, launch->nspawn);
        return fault_raise(fault, FAULT_SYSTEM, errno, "cannot execute '" NSPAWN "': %s", strerror(errno));
}
