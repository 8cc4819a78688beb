/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/plan/launcher-command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/plan/log.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

/* Paths joined by ':' are one option each. */
static void add_paths(Command *command, const char *option, char *const *list) {
        for (; list && *list; list++) {
                char *rest = command_keep(command, strdup(*list)), *path;

                while ((path = strsep(&rest, ":")))
                        command_add_option(command, option, path);
        }
}

static void add_program(Command *command, const Container *c) {
        command_add_option(command, "--image=", c->image);
        command_add_option(command, "--rootfs=", c->rootfs);
        command_add_list(command, "--entrypoint=", c->entrypoint);
        if (c->entrypoint && !c->entrypoint[0])
                command_add_word(command, "--entrypoint=", false);
        command_add_list(command, "--env=", c->environment);
        command_add_list(command, "--env-file=", c->environment_file);
        command_add_switch(command, "--env-host", c->environment_host == CHOICE_YES);
        command_add_switch(command, "--http-proxy=no", c->http_proxy == CHOICE_NO);
}

static void add_user(Command *command, const Container *c) {
        if (c->user && c->group)
                command_add_option(command,
                                "--user=", command_keep_format(command, "%s:%s", c->user, c->group));
        else
                command_add_option(command, "--user=", c->user);
        command_add_list(command, "--group-add=", c->group_add);
        command_add_option(command, "--workdir=", c->working_dir);
}

static void add_network(Command *command, const Container *c) {
        command_add_option(command, "--hostname=", c->hostname);
        command_add_option(command, "--pod=", c->pod);
        command_add_list(command, "--network=", c->network);
        command_add_list(command, "--network-alias=", c->alias);
        command_add_option(command, "--ip=", c->ip);
        command_add_option(command, "--ip6=", c->ip6);
        if (!c->on_demand)
                command_add_list(command, "--publish=", c->publish);
        command_add_list(command, "--add-host=", c->add_host);
        command_add_list(command, "--dns=", c->dns);
        command_add_list(command, "--dns-option=", c->dns_option);
        command_add_list(command, "--dns-search=", c->dns_search);
}

static void add_confinement(Command *command, const Container *c) {
        command_add_option(command, "--userns=", c->userns ? c->userns : "auto");
        command_add_list(command, "--cap-add=", c->cap_add);
        command_add_list(command, "--cap-drop=", c->cap_drop);
        command_add_switch(command, "--no-new-privileges", c->no_new_privs == CHOICE_YES);
        command_add_option(command, "--seccomp=", c->seccomp);
        command_add_switch(command, "--read-only", c->read_only == CHOICE_YES);
        command_add_switch(command, "--read-only-tmpfs=no", c->read_only_tmp == CHOICE_NO);
}

static void add_storage(Command *command, const Container *c) {
        /* What podman's own translation of the old key has in it. */
        if (c->volatile_tmp == CHOICE_YES && c->read_only != CHOICE_YES)
                command_add_word(command, "--tmpfs=/tmp:rw,size=512M,mode=1777", false);
        command_add_list(command, "--tmpfs=", c->tmpfs);
        command_add_list(command, "--volume=", c->volume);
        command_add_list(command, "--mount=", c->mount);
        command_add_list(command, "--device=", c->device);
        command_add_option(command, "--shm-size=", c->shm_size);
        command_add_list(command, "--secret=", c->secret);
        command_add_list(command, "--yaml-secret=", c->yaml_secret);
        add_paths(command, "--mask=", c->mask);
        add_paths(command, "--unmask=", c->unmask);
        command_add_list(command, "--sysctl=", c->sysctl);
        command_add_list(command, "--ulimit=", c->ulimit);
}

/* What the journal's own streams do not know, see plan/log.h. */
static void add_log(Command *command, const Container *c) {
        autostrv char **fields = NULL;
        char *tag = NULL;

        if (log_tag(c, &tag) < 0 || log_fields(c, &fields) < 0)
                command->error = -ENOMEM;
        if (tag)
                command_add_option(command, "--log-tag=", command_keep(command, tag));
        for (char **field = fields; field && *field; field++)
                command_add_option(command, "--log-field=", command_keep(command, strdup(*field)));
}

static void add_rest(Command *command, const Container *c) {
        const char *console = container_console(c);

        command_add_option(command, "--timezone=", c->timezone);
        command_add_switch(command, "--init", c->init == CHOICE_YES);
        command_add_option(command, "--stop-signal=", c->stop_signal);
        command_add_option(command, "--notify=", c->notify);
        if (c->auto_update)
                command_add_option(command, "--label=",
                                command_keep_format(command, "io.containers.autoupdate=%s", c->auto_update));
        command_add_list(command, "--label=", c->label);
        command_add_list(command, "--annotation=", c->annotation);
        command_add_option(command, "--console=", console);
        add_log(command, c);
        if (c->verity && strcmp(c->verity, "no") != 0)
                command_add_option(command, "--verity=", c->verity);
        command_add_option(command, "--pull=", c->pull);
        command_add_option(command, "--retry=", c->retry);
        command_add_option(command, "--retry-delay=", c->retry_delay);
}

static void add_health(Command *command, const Health *h) {
        command_add_option(command, "--health-cmd=", h->command);
        command_add_option(command, "--health-interval=", h->interval);
        command_add_option(command, "--health-timeout=", h->timeout);
        command_add_option(command, "--health-retries=", h->retries);
        command_add_option(command, "--health-start-period=", h->start_period);
        command_add_option(command, "--health-start-interval=", h->start_interval);
        command_add_option(command, "--health-on-failure=", h->on_failure);
        command_add_option(command, "--health-log-destination=", h->log_destination);
        command_add_option(command, "--health-max-log-count=", h->max_log_count);
        command_add_option(command, "--health-max-log-size=", h->max_log_size);
        command_add_option(command, "--health-startup-cmd=", h->startup_command);
        command_add_option(command, "--health-startup-interval=", h->startup_interval);
        command_add_option(command, "--health-startup-timeout=", h->startup_timeout);
        command_add_option(command, "--health-startup-retries=", h->startup_retries);
        command_add_option(command, "--health-startup-success=", h->startup_success);
}

int launcher_command_build(const Container *container, Command *ret) {
        Command command = {};

        command_add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway-nspawn", false);
        command_add_word(&command, container->name, true);
        add_program(&command, container);
        add_user(&command, container);
        add_network(&command, container);
        add_confinement(&command, container);
        add_storage(&command, container);
        add_rest(&command, container);
        add_health(&command, &container->health);

        if (container->command && container->command[0]) {
                command_add_word(&command, "--", false);
                for (char **word = container->command; *word; word++)
                        command_add_word(&command, *word, true);
        }

        if (command.error < 0) {
                command_done(&command);
                return -ENOMEM;
        }
        *ret = command;
        return 0;
}
