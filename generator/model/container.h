/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A container, whoever asked for it
 *
 * Front ends fill this in, plan/ turns it into a unit. A Container of zeros is
 * one that leaves everything to its image and to our defaults.
 *
 * Texts are unit text: systemd will replace "%i" and "${VAR}" in them when the
 * unit starts, "%%" and "$$" stand for themselves. A front end without such
 * expansions escapes with value_escape(). Lists are in the order in which they were given.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A yes or no that may have been left open. */
typedef enum Choice {
        CHOICE_OPEN,
        CHOICE_NO,
        CHOICE_YES,
} Choice;

/* Stands for "no limit" in a number; 0 is "not given". */
#define CONTAINER_UNLIMITED INT64_C(-1)

/* How the container's health is to be probed: texts that were checked, NULL where not given. */
typedef struct Health {
        char *command;         /* JSON array or command line; "none" */
        char *interval;        /* Go duration, or "disable" */
        char *timeout;         /* Go duration */
        char *start_period;    /* Go duration */
        char *start_interval;  /* Go duration */
        char *retries;         /* number */
        char *on_failure;      /* none, kill, restart, stop */
        char *log_destination; /* local, events_logger, or a directory */
        char *max_log_count;   /* number */
        char *max_log_size;    /* number */

        char *startup_command;
        char *startup_interval;
        char *startup_timeout;
        char *startup_retries;
        char *startup_success;
} Health;

/* The deprecated way to ask for a user namespace, see plan/user-namespace.c. */
typedef struct Remap {
        char *users; /* manual, auto, keep-id */
        char **uids, **gids;
        char *uid_size;
} Remap;

typedef struct Container {
        /* Names */
        char *name;    /* what it is called; never NULL when planned */
        char *service; /* its unit without ".service", if that is not named after the manifest */

        /* What runs. Either an image or a root directory. */
        char *image;         /* reference, without "docker://" */
        char *image_service; /* unit that brings the image, which may have "%i" in it; NULL for none */
        char *rootfs;        /* absolute path, with ":O" for changes that do not outlast the container */
        char *pull;          /* missing, never, always, newer */
        char *retry;         /* number: how often a pull is repeated */
        char *retry_delay;   /* Go duration */
        char *auto_update;   /* registry, local */
        char *verity;        /* "yes", "no", or the root hash */
        char **entrypoint;   /* words; NULL keeps the image's, an empty list clears it */
        char **command;      /* words after the entry point; NULL keeps the image's */

        /* As whom and in what surroundings */
        char **environment;      /* NAME=VALUE, NAME and NAME* to import; the last one wins */
        char **environment_file; /* absolute paths, with "-" in front if the file may be missing */
        Choice environment_host; /* whether the unit's whole environment goes in; no */
        Choice http_proxy;       /* whether proxy settings of the unit go in; yes */
        char *user;              /* name or number, maybe with ":GROUP" */
        char *group;             /* name or number; only with a user that has none */
        char **group_add;        /* more groups */
        char *working_dir;       /* absolute path */
        char *timezone;          /* "local", or a name as Europe/Berlin */
        Choice init;             /* whether a reaping init stays as PID 1; no */

        /* How it is told to stop and to reload */
        char *stop_signal;     /* as signal_from_name() reads it; NULL asks the image */
        char *stop_timeout;    /* value of TimeoutStopSec= */
        char **reload_command; /* words */
        bool notify_reload;    /* Type=notify-reload in [Service] */
        char *reload_signal;
        char *notify; /* "yes", "healthy": who says that it is ready */

        /* Network */
        char **network;  /* as slipway-nspawn(8) reads it, see values/network.h; NULL in a pod */
        char **alias;    /* further host names on its networks */
        char *ip, *ip6;  /* fixed addresses */
        char *mac;       /* the same; only until it has become an option of the network */
        char **publish;  /* [[ADDRESS:]HOST:]CONTAINER[/PROTOCOL] */
        char **expose;   /* PORT[-PORT][/PROTOCOL]: for information */
        char *hostname;  /* NULL derives it from the name */
        char **add_host; /* NAME[;NAME…]:ADDRESS */
        char **dns;      /* addresses, or "none" */
        char **dns_option;
        char **dns_search;

        /* Units that it needs: the first are required, without the others it has nothing to be in. In both,
         * "%i" is the instance of this one. */
        char **needs, **bound;

        /* Confinement */
        char *userns;        /* auto[:size=N], host, keep-id[:uid=U,gid=G]; NULL is auto */
        char **uid_map;      /* CONTAINER:HOST[:COUNT] */
        char **gid_map;      /* the same for groups */
        char *sub_uid;       /* name in subuid(5) */
        char *sub_gid;       /* name in subgid(5) */
        Remap remap;         /* the old spelling of all of these */
        char **cap_add;      /* lower case without "cap_", or "all" */
        char **cap_drop;     /* the same */
        Choice no_new_privs; /* no */
        char *seccomp;       /* absolute path of a profile, or "unconfined" */
        char *apparmor;      /* profile, or "unconfined" */
        Choice label_disable, label_nested;
        char *label_type, *label_file_type, *label_level;
        char **mask;          /* absolute paths to hide */
        char **unmask;        /* absolute paths not to hide, or "ALL" */
        Choice read_only;     /* no */
        Choice read_only_tmp; /* whether /run, /tmp and /var/tmp are writable then; yes */
        Choice volatile_tmp;  /* an old way to ask for a tmpfs on /tmp; no */
        char **sysctl;        /* KEY=VALUE */
        char **ulimit;        /* NAME=SOFT[:HARD], or "host" */

        /* Storage */
        char **volume;      /* SOURCE:TARGET[:OPTION,…], or a TARGET alone */
        char **mount;       /* type=TYPE,source=…,destination=…,OPTION,… */
        char **tmpfs;       /* PATH[:OPTION,…] */
        char **device;      /* [-]HOST:CONTAINER:rwm */
        char *shm_size;     /* bytes */
        char **secret;      /* NAME[,OPTION=VALUE…] */
        char **yaml_secret; /* secret|configmap/NAME/KEY[,OPTION=VALUE…],file=PATH */

        /* Limits. Numbers are 0 when not given, CONTAINER_UNLIMITED without end. */
        int64_t memory;             /* bytes */
        int64_t memory_swap;        /* bytes of memory and swap together */
        int64_t memory_reservation; /* bytes */
        int64_t pids_limit;
        int64_t cpu_quota;  /* hundredths of a percent of one CPU */
        int64_t cpu_weight; /* 1 to 10000 */
        char *oom_score;    /* -1000 to 1000, NULL when not given */

        /* Output */
        char *log_driver;     /* journald, passthrough, none */
        char **log_opt;       /* tag=TEXT, label=NAME[=VALUE], labels=NAME,…, env=NAME,… */
        char *log_identifier; /* what the unit itself says that lines are marked with */
        char *console;        /* journal, pipe, direct, null, terminal, interactive */
        Choice terminal;      /* asked for as podman has it */
        Choice interactive;

        /* How it is started */
        char *activation; /* "socket" */
        bool on_demand;   /* it is by its ports, which are passed on by slipway-proxy */
        char *idle;       /* seconds without a connection, after which it stops; NULL is never */

        /* For others to read */
        char **label;      /* NAME=VALUE */
        char **annotation; /* NAME=VALUE */

        /* Company */
        char *slice; /* its slice, a whole name; NULL is slipway.slice */
        char *pod;   /* file name of its pod */
        Choice start_with_pod;
        char *cgroups; /* how Podman would make its control group; here it is always the unit's */
        Health health;
} Container;

Container *container_new(void);
void container_free(Container *container);

/* What its standard streams are, by all that can say so; NULL for the default. */
const char *container_console(const Container *container);
