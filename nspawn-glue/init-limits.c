/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/capability.h"
#include "lib/cleanup.h"
#include "lib/rlimits.h"
#include "lib/strv.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/environment.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/plan.h"
#include "nspawn-glue/seccomp/cache.h"

/* "RESOURCE:SOFT:HARD", all as numbers. */
int init_set_rlimit(Init *init, const char *value, Fault *fault) {
        unsigned long long soft, hard;
        unsigned resource;

        if (sscanf(value, "%u:%llu:%llu", &resource, &soft, &hard) != 3 || resource >= RLIM_NLIMITS)
                return -EBADMSG;
        init->rlimits[resource] = (struct rlimit){ .rlim_cur = soft, .rlim_max = hard };
        init->has_rlimit[resource] = true;
        return 0;
}

/* "BOUNDING:AMBIENT", hexadecimal. */
int init_set_capabilities(Init *init, const char *value, Fault *fault) {
        unsigned long long bounding, ambient;

        if (sscanf(value, "%llx:%llx", &bounding, &ambient) != 2)
                return -EBADMSG;
        init->bounding = bounding;
        init->ambient = ambient;
        return 0;
}

int init_apply_rlimits(const Init *init, Fault *fault) {
        for (int i = 0; i < RLIM_NLIMITS; i++)
                if (init->has_rlimit[i] && setrlimit(i, &init->rlimits[i]) < 0)
                        return fault_raise(fault, FAULT_SYSTEM, errno,
                                        "cannot set the limit '%s' to %llu:%llu: %s", rlimit_to_name(i),
                                        (unsigned long long) init->rlimits[i].rlim_cur,
                                        (unsigned long long) init->rlimits[i].rlim_max, strerror(errno));
        return 0;
}

static int drop_bounding(uint64_t kept) {
        for (int i = 0; i < 64; i++) {
                if (kept & CAPABILITY_BIT(i))
                        continue;
                if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
                        if (errno == EINVAL)
                                break;
                        return -errno;
                }
        }
        return 0;
}

/*
 * systemd-nspawn takes CAP_NET_BIND_SERVICE from a container whose network is not its own to make. It would
 * not work there either: the unit's network belongs to the host's user namespace.
 */
static int available(uint64_t *ret) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2];

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        *ret = data[0].permitted | (uint64_t) data[1].permitted << 32;
        return 0;
}

static int set_capabilities(uint64_t permitted, uint64_t inheritable) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2];

        for (int i = 0; i < 2; i++) {
                data[i].effective = data[i].permitted = (uint32_t) (permitted >> 32 * i);
                data[i].inheritable = (uint32_t) (inheritable >> 32 * i);
        }
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int raise_ambient(uint64_t set) {
        for (int i = 0; i < 64; i++)
                if (set & CAPABILITY_BIT(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
                        return -errno;
        return 0;
}

/*
 * CAP_SYS_ADMIN is kept for loading a filter without no_new_privs. It is in no
 * set that execve(2) looks at, so exec takes it away; nothing else has to be
 * done after the filter, which may well forbid it.
 */
static int change_user(Init *init, const User *user) {
        uint64_t app, ambient, have = 0;
        int r;

        r = available(&have);
        if (r < 0)
                return r;
        ambient = user->uid == 0 ? 0 : init->ambient & init->bounding & have;
        app = user->uid == 0 ? init->bounding & have : ambient;

        init->kept = app;
        init->kept_ambient = ambient;
        if (setgroups(user->n_groups, user->groups) < 0 || setresgid(user->gid, user->gid, user->gid) < 0)
                return -errno;
        r = drop_bounding(init->bounding);
        if (r < 0)
                return r;
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresuid(user->uid, user->uid, user->uid) < 0)
                return -errno;
        r = set_capabilities(app | CAPABILITY_BIT(CAP_SYS_ADMIN), ambient);
        return r < 0 ? r : raise_ambient(ambient);
}

int init_become_user(Init *init, const User *user, Fault *fault) {
        int r = change_user(init, user);

        if (r == -EINVAL)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "cannot become user %u, group %u: the container's user namespace has no "
                                "such id, see UserNS=",
                                user->uid, user->gid);
        if (r < 0)
                return fault_wrap(fault, r, "cannot become user %u, group %u", user->uid, user->gid);
        return init->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int load_filter(int fd) {
        struct sock_fprog program;
        struct stat st;
        void *code;
        unsigned flags;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size == 0 || st.st_size % (off_t) sizeof(struct sock_filter) != 0 ||
                        st.st_size / (off_t) sizeof(struct sock_filter) > BPF_MAXINSNS)
                return -EBADMSG;
        code = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (code == MAP_FAILED)
                return -errno;
        program.filter = code;
        program.len = (unsigned short) ((size_t) st.st_size / sizeof(struct sock_filter));
        flags = seccomp_program_flags(program.filter, program.len);

        /* Without glibc's wrapper there is none; what the descriptor leaves open is closed by exec. */
        (void) fcntl(fd, F_SETFD, FD_CLOEXEC);
        return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) < 0 ? -errno : 0;
}

/* HOME is known only when the user is; the image or the manifest may have said one. */
int init_set_home(Init *init, const User *user) {
        if (environment_get(init->environment, "HOME"))
                return 0;
        return strv_appendf(&init->environment, "HOME=%s", user->home);
}

/* The app looks for them from 3 on. Nothing that is still needed is there: it came later, or above. */
static int place_sockets(Init *init) {
        int r;

        for (int i = 0; i < init->sockets; i++)
                if (dup2(SOCKETS_FD + i, STDERR_FILENO + 1 + i) < 0)
                        return -errno;
        if (init->sockets == 0)
                return 0;
        r = strv_appendf(&init->environment, "LISTEN_FDS=%d", init->sockets);
        return r < 0 ? r : strv_appendf(&init->environment, "LISTEN_PID=%d", (int) getpid());
}

int init_load_filter(const Init *init, Fault *fault) {
        int r = init->seccomp_fd < 0 ? 0 : load_filter(init->seccomp_fd);

        return r < 0 ? fault_wrap(fault, r, "cannot load the system call filter") : 0;
}

void init_drop_rest(const Init *init) {
        (void) set_capabilities(init->kept, init->kept_ambient);
}

int init_confine(Init *init, Fault *fault) {
        User user;
        int r;

        r = init_find_user(init, &user, fault);
        if (r >= 0)
                r = init_set_home(init, &user);
        if (r >= 0)
                r = place_sockets(init);
        if (r >= 0)
                r = init_apply_rlimits(init, fault);
        if (r >= 0)
                init_own_streams(&user);
        if (r >= 0)
                r = init_become_user(init, &user, fault);
        /* Without systemd-nspawn there is no container, however that came to its end. */
        if (r >= 0 && !init->stays && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                r = -errno;
        if (r < 0)
                return r;

        /* After this, a filter may forbid write(2). */
        if (init->control > 0)
                control_trying(init->control);
        return init_load_filter(init, fault);
}
