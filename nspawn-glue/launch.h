/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One launch
 *
 * What the stages of the launcher share. Each launch-*.c has one of them or a
 * few that belong together; launch.c has their order. A stage may rely on all
 * before it.
 */

#include <sys/resource.h>

#include "image/lookup.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/mount-spec.h"
#include "nspawn-glue/net/member.h"
#include "nspawn-glue/net/pod.h"
#include "nspawn-glue/options.h"
#include "nspawn-glue/plan.h"
#include "nspawn-glue/userns.h"

/* A tmpfs of the launch's own, in its own mount namespace: it carries mount points, and is gone before exec.
 */
#define WORKSPACE SLIPWAY_RUNTIME_DIR "/workspace"

typedef struct Launch {
        const Options *options;

        Image image;
        Store store;
        int lock_fd;  /* held for as long as the container lives */
        int state_fd; /* /var/lib/slipway/containers/NAME */
        Userns userns;
        int layer_map_fd; /* user namespaces as maps, -1 for the host's */
        int bind_map_fd;
        int workspace_fd;
        int root_fd;        /* the container's tree, before anything is mounted into it; init has it, too */
        unsigned n_volumes; /* those that go with the container, and changes on top of others */
        int *held;          /* for as long as the container lives: ports of the host, locks of volumes */
        size_t n_held;
        int credentials_fd; /* $CREDENTIALS_DIRECTORY, -1 when the unit has none */
        bool has_workspace;
        int stop_signal;
        char hostname[65];
        bool own_network; /* init is to make one */
        Member member;    /* what it was promised of networks; none of them: no attachments */
        Pod pod;          /* that it is in, without a name if it is in none; then @member is the pod's */

        uint64_t capabilities;               /* the app's bounding set */
        struct rlimit rlimits[RLIM_NLIMITS]; /* the app's */
        int watcher_fd;                      /* the watcher's end of the control socket */
        struct {
                int listen_fd; /* -1: the app has no terminal, and no open standard input */
                int server[3]; /* what slipway-tty gets besides */
                int app[3];    /* the other ends of that, where they are pipes */
                int rest_fd;   /* by which it hears init, where that stays */
        } tty;
        struct {
                pid_t pid; /* what becomes systemd-nspawn */
                int fd;    /* its pidfd, -1: that is this process */
                int go_fd;
        } inside;     /* the processes of the pod, where they are shared */
        int relay_fd; /* what the app tells the service manager, where it is sifted */
        int plan_fd;
        int seccomp_number; /* of the filter's program for init, 0 without one */
        int *passed;        /* for init: the control socket, and what the plan names by number */
        size_t n_passed;
        PlanWriter plan;
        char **nspawn; /* its command line */
        char **health; /* that of slipway-health, NULL without a health check */
} Launch;

/* Hands a descriptor over to init, and takes it. Return: its number there, or -ENOMEM. */
int launch_pass(Launch *launch, int fd);

/* Has systemd-nspawn hold a descriptor for as long as the container lives, and takes it. Return: 0 or
 * -ENOMEM. */
int launch_hold(Launch *launch, int fd);

/* launch-image.c */
int launch_read_image(Launch *launch, Fault *fault);
void launch_close_image(Launch *launch);
int launch_write_command(Launch *launch, Fault *fault);

/* launch-pull.c: both wait for a program, and do not return when the unit is stopped meanwhile */

/* Brings the image. @ret_name: what the store knows it by, NULL when that was not told. */
int launch_pull(const Launch *launch, const char *policy, char **ret_name, Fault *fault);

/* Decides about signatures. Unlocks the store. */
int launch_renew_trust(Launch *launch, const Digest *id, Fault *fault);

/* launch-state.c */
int launch_lock(Launch *launch, Fault *fault);
void launch_unlock(Launch *launch);
int launch_choose_ids(Launch *launch, Fault *fault);
int launch_clean_state(Launch *launch, Fault *fault);
int launch_clean_left_state(Launch *launch, Fault *fault);
void launch_remove_state(Launch *launch);
int launch_record(Launch *launch, Fault *fault);

/* launch-sockets.c; the first to pass anything after the control socket */
int launch_pass_sockets(Launch *launch, Fault *fault);

/* launch-root.c */
int launch_open_workspace(Launch *launch, Fault *fault);
void launch_close_workspace(Launch *launch);
int launch_map_ids(Launch *launch, Fault *fault);
int launch_mount_root(Launch *launch, Fault *fault);

/* Mounts layers of an image into the workspace, as directories below @prefix, and lists them in @options. */
int launch_attach_layers(const Launch *launch, char *const *paths, size_t n, const char *prefix,
                char *options, size_t size, Fault *fault);

/* launch-mounts.c */
int launch_write_mounts(Launch *launch, Fault *fault);

/* Not all file systems can: then files belong to whom they belong on the host, and we say so. */
void launch_map_mount(const MountSpec *spec, int fd, int map_fd, const char *what);

/* launch-volumes.c; @ret is a mount that is attached nowhere, and has all options but owners of @spec */
int launch_open_volume(Launch *launch, const MountSpec *spec, int *ret, Fault *fault);
int launch_open_anonymous(Launch *launch, const MountSpec *spec, int *ret, Fault *fault);

/* launch-image-mount.c */
int launch_open_image(Launch *launch, const char *image, const MountSpec *spec, int *ret, Fault *fault);

/* launch-overlay.c: takes @fd, and gives back one on which changes can be made that it does not see. */
int launch_stack(Launch *launch, const MountSpec *spec, int fd, int *ret, Fault *fault);

/* A directory of the container's state for what goes with it: @ret_path is absolute. */
int launch_make_room(Launch *launch, char *ret_path, size_t size, int *ret);

/* launch-shared.c: a bind whose mounts the host sees. */
int launch_open_shared(const Launch *launch, const MountSpec *spec, int *ret, Fault *fault);

/* launch-secrets.c; from the first on, we cannot be looked into */
int launch_open_credentials(Launch *launch, Fault *fault);
int launch_write_secret_variables(Launch *launch, char ***environment, Fault *fault);
int launch_write_secrets(Launch *launch, Fault *fault);

/* launch-files.c */
int launch_choose_hostname(Launch *launch, Fault *fault);
int launch_write_files(Launch *launch, const MountList *mounts, Fault *fault);

/* launch-notify.c */
int launch_write_notify(Launch *launch, const MountList *mounts, Fault *fault);
int launch_start_relay(Launch *launch, Fault *fault);

/* launch-network.c */
int launch_choose_network(Launch *launch, Fault *fault);
void launch_leave_network(Launch *launch);

/* launch-pod.c */
int launch_join_pod(Launch *launch, Fault *fault);
void launch_leave_pod(Launch *launch);
int launch_pass_pod_shm(Launch *launch, Fault *fault);

/* launch-processes.c; joining and forking do nothing where processes are the container's own */

/* A copy of the words of a container in a pod, as those that the kernel shows may have to be wiped. Return:
 * @argv itself for others. */
char **launch_copy_words(char **argv);
int launch_join_processes(Launch *launch, Fault *fault);
int launch_fork_nspawn(Launch *launch, Fault *fault);
void launch_forget_nspawn(Launch *launch);
int launch_hand_over(Launch *launch, Fault *fault);

/* A pidfd of what becomes systemd-nspawn. Return: the descriptor or -errno. */
int launch_open_nspawn(const Launch *launch);

/* launch-sysctl.c */
int launch_write_sysctls(Launch *launch, Fault *fault);

/* launch-limits.c */
int launch_write_limits(Launch *launch, Fault *fault);

/* launch-health.c */
int launch_prepare_health(Launch *launch, Fault *fault);

/* launch-console.c */
int launch_open_console(Launch *launch, Fault *fault);

/* launch-tty.c */
int launch_open_tty(Launch *launch, Fault *fault);
int launch_start_tty(Launch *launch, Fault *fault);
int launch_take_pipes(Launch *launch);   /* in what becomes systemd-nspawn */
void launch_close_tty(const char *name); /* of a container that has ended */

/* launch-nspawn.c */
int launch_choose_signal(Launch *launch, Fault *fault);
int launch_seal_plan(Launch *launch, Fault *fault);
int launch_prepare_nspawn(Launch *launch, Fault *fault);
int launch_start_watcher(Launch *launch, Fault *fault);
void launch_cancel_watcher(Launch *launch);
int launch_execute(Launch *launch, Fault *fault);
