/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/frontend.h"
#include "generator/model/build.h"
#include "generator/plan/command.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "lib/paths.h"

/* What only systemd knows is left out. */
static void require_path(UnitWriter *unit, const char *path) {
        if (path && *path == '/' && !strchr(path, '$'))
                unit_set_words(unit, "RequiresMountsFor", &(UnitWord){ path, true }, 1);
}

/* It is another program that fetches what the image begins with, and that does not wait for the network. */
void build_write_unit(const Build *build, UnitWriter *unit) {
        unit_set(unit, "RequiresMountsFor", SLIPWAY_STATE_DIR " " SLIPWAY_CACHE_DIR);
        require_path(unit, build->context);
        require_path(unit, build->file);
        if (!build->without_network) {
                unit_set(unit, "Wants", "network-online.target");
                unit_set(unit, "After", "network-online.target");
        }
}

/* What is about the image, and how it is made. */
static void add_image(Command *command, const Build *build) {
        command_add_word(command, "--layers", false);
        command_add_option(command, "--file=", build->file);
        command_add_option(command, "--ignorefile=", build->ignore_file);
        command_add_option(command, "--target=", build->target);
        command_add_option(command, "--arch=", build->arch);
        command_add_option(command, "--variant=", build->variant);
        command_add_list(command, "--annotation=", build->annotations);
        command_add_list(command, "--label=", build->labels);
        command_add_list(command, "--build-arg=", build->build_args);
        command_add_list(command, "--env=", build->environment);
        if (build->force_rm != CHOICE_OPEN)
                command_add_word(command,
                                build->force_rm == CHOICE_YES ? "--force-rm=true" : "--force-rm=false",
                                false);
}

/* As the host, unless something else is said: networks of containers are not for builds. */
static void add_surroundings(Command *command, const Build *build) {
        const char *network = build->networks ? build->networks[0] : "host";

        command_add_option(command, "--network=", strncmp(network, "ns:/", 4) == 0 ? network + 3 : network);
        command_add_list(command, "--dns=", build->dns);
        command_add_list(command, "--dns-option=", build->dns_options);
        command_add_list(command, "--dns-search=", build->dns_searches);
        command_add_list(command, "--group-add=", build->groups);
        command_add_list(command, "--secret=", build->secrets);
        command_add_list(command, "--volume=", build->volumes);
}

static void add_sources(Command *command, const Build *build) {
        command_add_option(command, "--authfile=", build->auth_file);
        command_add_option(command, "--pull=", build->pull);
        command_add_option(command, "--retry=", build->retry);
        command_add_option(command, "--retry-delay=", build->retry_delay);
        if (build->tls_verify != CHOICE_OPEN)
                command_add_word(command,
                                build->tls_verify == CHOICE_YES ? "--tls-verify=true" : "--tls-verify=false",
                                false);
}

/* Ours come before "--", and those of who builds behind it. */
static void write_command(const Build *build, UnitWriter *unit) {
        AUTO(command_done) Command command = {};

        command_add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway-build", false);
        for (char **tag = build->tags; tag && *tag; tag++)
                command_add_word(&command, *tag, true);
        command_add_option(&command, "--context=", build->context);
        command_add_word(&command, "--", false);
        add_image(&command, build);
        add_surroundings(&command, build);
        add_sources(&command, build);
        for (char **option = build->passed; option && *option; option++)
                command_add_word(&command, *option, true);

        command_write(&command, unit, "ExecStart", "");
}

/* As with Podman, it does not stay active: whoever needs the image has it built anew, from what is cached.
 */
void build_write_service(const Build *build, UnitWriter *unit) {
        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "NotifyAccess", "main");
        unit_set(unit, "Slice", "slipway.slice");
        unit_set(unit, "Delegate", "yes");
        unit_set(unit, "SyslogIdentifier", "%N");
        write_command(build, unit);
}

void build_write_info(const Build *build, UnitWriter *unit) {
        unit_set_words(unit, "Image", &(UnitWord){ build->tags[0], true }, 1);
}
