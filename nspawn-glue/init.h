/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The first process of a container
 *
 * What the parts of slipway-init share. All of it runs inside: as the
 * container's root, in its namespaces, with nothing of the host in sight but
 * the descriptors that the launcher opened.
 *
 * To add a verb to the plan: a function, and a row in init-plan.c; or in app-plan.c, if it is about the
 * process of the app.
 */

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "lib/fault.h"
#include "nspawn-glue/users.h"

typedef struct Init {
        /* the container's tree */
        int root_fd;     /* its root directory */
        int null_fd;     /* O_PATH on its /dev/null, known to be one */
        int terminal_fd; /* the app's, -1 without one */
        int rest_fd;     /* by which slipway-tty is told that the app has ended, -1 without it */
        int attached_fd; /* the root of what was mounted last */
        int queues_fd;   /* message queues that are shared with others, -1 for its own */
        int proc_fd;     /* the file system of processes that are shared with others, -1 for its own */
        bool read_only;
        bool own_network; /* made here, not in the unit */

        /* the app, as the plan has it */
        char **arguments, **environment, **groups;
        const char *user, *workdir;
        int sockets; /* how many of a .socket unit's it gets */
        int control; /* what control_trying() takes; 0 when nobody waits for that */
        bool stays;  /* as a reaping init */
        bool tried;  /* to execute it: what goes wrong now is the app's own */

        /* its limits */
        uint64_t bounding, ambient;
        uint64_t kept, kept_ambient; /* what the app has of them, when it is known who it is */
        bool no_new_privileges;
        int seccomp_fd;
        struct rlimit rlimits[RLIM_NLIMITS];
        bool has_rlimit[RLIM_NLIMITS];
} Init;

/* init-plan.c: reads the plan and does what it says, in its order. */
int init_follow_plan(Init *init, int fd, Fault *fault);
void init_list_fault_points(void); /* one for each verb, see lib/fault-point.h */

/* init-network.c: a network of the container's own, with nothing but loopback. Comes before its root. */
int init_make_network(Init *init, const char *value, Fault *fault);

/* The same, and what the launcher has promised: by the descriptor of that number somebody is asked for it.
 */
int init_join_networks(Init *init, const char *value, Fault *fault);

/* init-root.c: leaves nspawn's tree for the container's, with fresh /proc, /sys and /dev. */
int init_enter_root(Init *init, const char *value, Fault *fault);
int init_take_queues(Init *init, const char *value, Fault *fault);    /* comes before */
int init_take_processes(Init *init, const char *value, Fault *fault); /* so does this */
int init_set_hostname(Init *init, const char *value, Fault *fault);
int init_mount_shm(Init *init, const char *value, Fault *fault);

/* init-mounts.c: what is mounted into the tree. */
int init_attach(Init *init, const char *value, Fault *fault);
int init_attach_file(Init *init, const char *value, Fault *fault);
int init_attach_lasting(Init *init, const char *value, Fault *fault);
int init_mount_tmpfs(Init *init, const char *value, Fault *fault);
int init_mount_ramfs(Init *init, const char *value, Fault *fault);
int init_mount_devpts(Init *init, const char *value, Fault *fault);
int init_mount_volume(Init *init, const char *value, Fault *fault);
int init_own(Init *init, const char *value, Fault *fault); /* what was mounted last */

/* init-terminal.c: the app's own. */
int init_take_errors(Init *init, const char *value, Fault *fault);
int init_open_terminal(Init *init, const char *value, Fault *fault);
int init_take_terminal(const Init *init);
int init_take_rest(Init *init, const char *value, Fault *fault);

/* init-protect.c: what of the kernel's file systems is hidden, protected or set. */
int init_write_sysctl(Init *init, const char *value, Fault *fault);
int init_mask(Init *init, const char *value, Fault *fault);
int init_protect(Init *init, const char *value, Fault *fault);
int init_protect_root(Init *init, Fault *fault);

/* init-limits.c: what the process itself may do. init_confine() ends all privileges but those of the app. */
int init_set_rlimit(Init *init, const char *value, Fault *fault);
int init_set_capabilities(Init *init, const char *value, Fault *fault);
int init_confine(Init *init, Fault *fault);

/*
 * The steps of init_confine(), for those who have more to do in between. The user is who the process is from
 * then on, with no_new_privs if there is to be; what stays for the filter is CAP_SYS_ADMIN, until exec.
 */
int init_apply_rlimits(const Init *init, Fault *fault);
int init_set_home(Init *init, const User *user);
int init_become_user(Init *init, const User *user, Fault *fault);
int init_load_filter(const Init *init, Fault *fault);
void init_drop_rest(const Init *init); /* of what loading it took; a filter that forbids that leaves it to
                                          exec */

/* init-user.c: who the app is. */
int init_find_user(const Init *init, User *ret, Fault *fault);

/* init-exec.c: pipes that the app has as its streams are its user's, who can then open /dev/stdout. */
void init_own_streams(const User *user);

/* Becomes the app; returns only when that failed. */
int init_execute(Init *init, Fault *fault);

/* Its steps. The command is looked for in PATH of its own environment. */
int init_enter_workdir(const Init *init, const char *path, bool make, Fault *fault);
void init_reset_signals(void);
int init_execute_command(char *const *argv, char *const *envp, Fault *fault);

/*
 * init-reap.c: what stays as process 1 gives up all that it does not need for that, for good. Then it waits
 * for the app and for orphans. Return: 0 or -errno; the app's exit status, 128+N for a signal.
 */
int init_become_reaper(void);
int init_reap(int app);

/* Until slipway-tty has passed on all that the app has written; it hears of the app's end by this. */
#define INIT_REST_FD 0
void init_wait_for_rest(void);
