/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/plan/launcher-command.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/plan/log.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

static void add(LauncherCommand *command, UnitWord word) {
        if (command->error < 0)
                return;

        if (command->n_words == command->allocated) {
                size_t more = command->allocated > 0 ? command->allocated * 2 : 32;
                UnitWord *words = reallocarray(command->words, more, sizeof(UnitWord));

                if (!words) {
                        command->error = -ENOMEM;
                        return;
                }
                command->words = words;
                command->allocated = more;
        }
        command->words[command->n_words++] = word;
}

static void add_word(LauncherCommand *command, const char *text, bool is_user_text) {
        add(command, (UnitWord){ text, is_user_text, NULL });
}

/* A value that is "$NAME" and nothing else is replaced by systemd as a word of its own only; with braces
 * anywhere. */
static bool is_bare_variable(const char *value) {
        if (*value != '$' || (!isalpha((unsigned char) value[1]) && value[1] != '_'))
                return false;
        for (value++; *value; value++)
                if (!isalnum((unsigned char) *value) && *value != '_')
                        return false;
        return true;
}

/* Text that is made here lives as long as the command. @text is taken, NULL when there was no memory for it.
 */
static char *keep(LauncherCommand *command, char *text) {
        if (strv_take(&command->texts, text) < 0) {
                command->error = -ENOMEM;
                return NULL;
        }
        return text;
}

/* As asprintf(3), but kept. */
__attribute__((format(printf, 2, 3))) static char *keep_format(
                LauncherCommand *command, const char *format, ...) {
        char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        return keep(command, r < 0 ? NULL : text);
}

/* "--key=value"; @option has dashes and '='. Nothing for a value that was not given. */
static void add_option(LauncherCommand *command, const char *option, const char *value) {
        if (value && is_bare_variable(value))
                value = keep_format(command, "${%s}", value + 1);
        if (value)
                add(command, (UnitWord){ value, true, option });
}

static void add_list(LauncherCommand *command, const char *option, char *const *list) {
        for (; list && *list; list++)
                add_option(command, option, *list);
}

static void add_switch(LauncherCommand *command, const char *option, bool wanted) {
        if (wanted)
                add_word(command, option, false);
}

/* Paths joined by ':' are one option each. */
static void add_paths(LauncherCommand *command, const char *option, char *const *list) {
        for (; list && *list; list++) {
                char *rest = keep(command, strdup(*list)), *path;

                while ((path = strsep(&rest, ":")))
                        add_option(command, option, path);
        }
}

static void add_program(LauncherCommand *command, const Container *c) {
        add_option(command, "--image=", c->image);
        add_option(command, "--rootfs=", c->rootfs);
        add_list(command, "--entrypoint=", c->entrypoint);
        if (c->entrypoint && !c->entrypoint[0])
                add_word(command, "--entrypoint=", false);
        add_list(command, "--env=", c->environment);
        add_list(command, "--env-file=", c->environment_file);
        add_switch(command, "--env-host", c->environment_host == CHOICE_YES);
        add_switch(command, "--http-proxy=no", c->http_proxy == CHOICE_NO);
}

static void add_user(LauncherCommand *command, const Container *c) {
        if (c->user && c->group)
                add_option(command, "--user=", keep_format(command, "%s:%s", c->user, c->group));
        else
                add_option(command, "--user=", c->user);
        add_list(command, "--group-add=", c->group_add);
        add_option(command, "--workdir=", c->working_dir);
}

static void add_network(LauncherCommand *command, const Container *c) {
        add_option(command, "--hostname=", c->hostname);
        add_option(command, "--network=", c->network ? c->network[0] : "private");
        add_list(command, "--add-host=", c->add_host);
        add_list(command, "--dns=", c->dns);
        add_list(command, "--dns-option=", c->dns_option);
        add_list(command, "--dns-search=", c->dns_search);
}

static void add_confinement(LauncherCommand *command, const Container *c) {
        add_option(command, "--userns=", c->userns ? c->userns : "auto");
        add_list(command, "--cap-add=", c->cap_add);
        add_list(command, "--cap-drop=", c->cap_drop);
        add_switch(command, "--no-new-privileges", c->no_new_privs == CHOICE_YES);
        add_option(command, "--seccomp=", c->seccomp);
        add_switch(command, "--read-only", c->read_only == CHOICE_YES);
        add_switch(command, "--read-only-tmpfs=no", c->read_only_tmp == CHOICE_NO);
}

static void add_storage(LauncherCommand *command, const Container *c) {
        /* What podman's own translation of the old key has in it. */
        if (c->volatile_tmp == CHOICE_YES && c->read_only != CHOICE_YES)
                add_word(command, "--tmpfs=/tmp:rw,size=512M,mode=1777", false);
        add_list(command, "--tmpfs=", c->tmpfs);
        add_list(command, "--volume=", c->volume);
        add_list(command, "--mount=", c->mount);
        add_list(command, "--device=", c->device);
        add_option(command, "--shm-size=", c->shm_size);
        add_list(command, "--secret=", c->secret);
        add_paths(command, "--mask=", c->mask);
        add_paths(command, "--unmask=", c->unmask);
        add_list(command, "--sysctl=", c->sysctl);
        add_list(command, "--ulimit=", c->ulimit);
}

/* What the journal's own streams do not know, see plan/log.h. */
static void add_log(LauncherCommand *command, const Container *c) {
        autostrv char **fields = NULL;
        char *tag = NULL;

        if (log_tag(c, &tag) < 0 || log_fields(c, &fields) < 0)
                command->error = -ENOMEM;
        if (tag)
                add_option(command, "--log-tag=", keep(command, tag));
        for (char **field = fields; field && *field; field++)
                add_option(command, "--log-field=", keep(command, strdup(*field)));
}

static void add_rest(LauncherCommand *command, const Container *c) {
        const char *console = container_console(c);

        add_option(command, "--timezone=", c->timezone);
        add_switch(command, "--init", c->init == CHOICE_YES);
        add_option(command, "--stop-signal=", c->stop_signal);
        add_option(command, "--notify=", c->notify);
        add_list(command, "--label=", c->label);
        add_list(command, "--annotation=", c->annotation);
        add_option(command, "--console=", console);
        add_log(command, c);
        add_option(command, "--pull=", c->pull);
}

static void add_health(LauncherCommand *command, const Health *h) {
        add_option(command, "--health-cmd=", h->command);
        add_option(command, "--health-interval=", h->interval);
        add_option(command, "--health-timeout=", h->timeout);
        add_option(command, "--health-retries=", h->retries);
        add_option(command, "--health-start-period=", h->start_period);
        add_option(command, "--health-start-interval=", h->start_interval);
        add_option(command, "--health-on-failure=", h->on_failure);
        add_option(command, "--health-log-destination=", h->log_destination);
        add_option(command, "--health-max-log-count=", h->max_log_count);
        add_option(command, "--health-max-log-size=", h->max_log_size);
        add_option(command, "--health-startup-cmd=", h->startup_command);
        add_option(command, "--health-startup-interval=", h->startup_interval);
        add_option(command, "--health-startup-timeout=", h->startup_timeout);
        add_option(command, "--health-startup-retries=", h->startup_retries);
        add_option(command, "--health-startup-success=", h->startup_success);
}

int launcher_command_build(const Container *container, LauncherCommand *ret) {
        LauncherCommand command = {};

        add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway-nspawn", false);
        add_word(&command, container->name, true);
        add_program(&command, container);
        add_user(&command, container);
        add_network(&command, container);
        add_confinement(&command, container);
        add_storage(&command, container);
        add_rest(&command, container);
        add_health(&command, &container->health);

        if (container->command && container->command[0]) {
                add_word(&command, "--", false);
                for (char **word = container->command; *word; word++)
                        add_word(&command, *word, true);
        }

        if (command.error < 0) {
                launcher_command_done(&command);
                return -ENOMEM;
        }
        *ret = command;
        return 0;
}

void launcher_command_done(LauncherCommand *command) {
        strv_free(command->texts);
        free(command->words);
        *command = (LauncherCommand){};
}
