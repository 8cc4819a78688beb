/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The launcher's command line
 *
 * What the generator writes into ExecStart= and slipway-nspawn(8) describes.
 * This module knows words; what a word means is checked where it is used.
 *
 * To add an option: add a field, a row in the table of options.c, and a
 * paragraph in the manual page.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/fault.h"
#include "nspawn-glue/health/call.h"

#define CONTAINER_NAME_MAX 64

typedef enum NetworkMode {
        NETWORK_PRIVATE, /* a network namespace of the unit's, with nothing but loopback */
        NETWORK_HOST,
        NETWORK_NONE,  /* the same as private, but asked for */
        NETWORK_NAMED, /* networks by name, or what others have */
        _NETWORK_MODE_MAX,
} NetworkMode;

typedef enum ConsoleMode {
        CONSOLE_JOURNAL, /* sockets of the journal, standard error with a priority of its own */
        CONSOLE_PIPE,    /* FIFOs, which can be opened through /proc/self/fd */
        CONSOLE_DIRECT,  /* the streams of the unit, whatever they are */
        CONSOLE_NULL,
        CONSOLE_TERMINAL,    /* one of the container's own, see slipway-tty(8) */
        CONSOLE_INTERACTIVE, /* pipes, with a standard input that can be written to */
        _CONSOLE_MODE_MAX,
} ConsoleMode;

/* Who says that the container is ready. */
typedef enum NotifyMode {
        NOTIFY_NO,      /* the watcher, when the app was executed */
        NOTIFY_YES,     /* the app itself */
        NOTIFY_HEALTHY, /* its health check */
        _NOTIFY_MODE_MAX,
} NotifyMode;

/* What a command line asks for. */
typedef enum Action {
        ACTION_START,
        ACTION_CLEAN,  /* --clean [NAME] */
        ACTION_STOP,   /* --stop NAME */
        ACTION_SIGNAL, /* --signal=SIGNAL NAME */
        ACTION_RELOAD, /* --reload=SIGNAL NAME */
        _ACTION_MAX,
} Action;

/* How the container's health is to be probed. 0 and NULL are "not given": then it is up to the image. */
typedef struct HealthOptions {
        const char *command, *startup_command; /* as health_command_of_text() reads them */
        bool no_interval, no_startup_interval; /* "disable" */
        uint64_t interval, timeout, start_period, start_interval; /* microseconds, here and below */
        uint64_t startup_interval, startup_timeout;
        unsigned retries, startup_retries, startup_success;
        HealthAction on_failure;
        const char *log_destination;
        unsigned max_log_count, max_log_size;
        bool has_max_log_count, has_max_log_size; /* where 0 says something */
} HealthOptions;

typedef struct Options {
        Action action;
        const char *name;
        int signal; /* for ACTION_SIGNAL */

        const char *image;
        char *rootfs;
        bool rootfs_overlay; /* the directory itself stays unchanged */
        const char *pull, *retry, *retry_delay;
        const char *verity; /* NULL, "yes" or a root hash */

        char **entrypoint;
        bool has_entrypoint;  /* given, if only to clear the image's */
        char *const *command; /* the words after "--", a tail of argv */

        char **environment, **environment_files;
        bool environment_host, no_http_proxy;

        const char *user;
        char **groups;
        const char *workdir;
        const char *hostname;
        const char *pod;
        char **networks; /* MODE or NAME[:OPTION,…]; those that cannot be beside others are alone */
        char **aliases, **publish;
        const char *ip, *ip6;
        char **hosts, **dns, **dns_options, **dns_searches;
        const char *userns;
        char **capabilities_add, **capabilities_drop;
        bool no_new_privileges;
        const char *seccomp;
        bool read_only, no_read_only_tmpfs;
        char **tmpfs, **volumes, **mounts, **devices;
        uint64_t shm_size;
        char **secrets;
        char **yaml_secrets;
        char **masks, **unmasks, **sysctls, **ulimits;
        const char *timezone;
        bool init;
        const char *stop_signal;
        char **labels, **annotations;
        ConsoleMode console;
        const char *log_tag;
        char **log_fields;
        NotifyMode notify;
        HealthOptions health;
} Options;

/**
 * options_parse() - read a command line
 * @options:    zeroed; borrows from @argv
 * @argv:       with the program's name first
 *
 * Return: 0, or -EINVAL with a fault that names the option as its key.
 */
int options_parse(Options *options, char *const *argv, Fault *fault);

/* What the networks come to. */
NetworkMode options_network(const Options *options);

/* Letters, digits, "_", "." and "-", not one of the last three first, at most CONTAINER_NAME_MAX. */
bool container_name_is_valid(const char *name);

void options_done(Options *options);

/* "no", "yes", "healthy" */
const char *notify_mode_to_string(NotifyMode mode);

/* The names of all options, in the order of the manual page: what "--help" and a test go through. */
const char *options_name(unsigned row);
