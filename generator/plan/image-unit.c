/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/frontend.h"
#include "generator/model/image.h"
#include "generator/plan/command.h"
#include "lib/cleanup.h"
#include "lib/paths.h"

/* The way to an archive has to be there; what only systemd knows is left out. */
static void require_archive(const Image *image, UnitWriter *unit) {
        const char *path = strchr(image->image, ':');
        autofree char *copy = NULL;

        if (!path || path[1] != '/' || strstr(path, "${"))
                return;
        copy = strndup(path + 1, strcspn(path + 1, ":"));
        if (copy)
                unit_set_words(unit, "RequiresMountsFor", &(UnitWord){ copy, true }, 1);
}

void image_write_unit(const Image *image, UnitWriter *unit) {
        unit_set(unit, "RequiresMountsFor", SLIPWAY_STATE_DIR);
        require_archive(image, unit);
}

static void write_command(const Image *image, UnitWriter *unit) {
        AUTO(command_done) Command command = {};

        command_add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway", false);
        command_add_word(&command, "pull", false);
        command_add_word(&command, "--for-unit", false);
        command_add_option(&command, "--policy=", image->policy ? image->policy : "always");
        command_add_option(&command, "--arch=", image->arch);
        command_add_option(&command, "--os=", image->os);
        command_add_option(&command, "--variant=", image->variant);
        command_add_option(&command, "--authfile=", image->auth_file);
        command_add_option(&command, "--cert-dir=", image->cert_dir);
        command_add_option(&command, "--creds=", image->credentials);
        command_add_option(&command, "--retry=", image->retry);
        command_add_option(&command, "--retry-delay=", image->retry_delay);
        command_add_switch(&command, "--tls-verify=no", image->tls_verify == CHOICE_NO);
        command_add_switch(&command, "--all-tags", image->all_tags == CHOICE_YES);
        command_add_option(&command, "--name=", image->tag);
        command_add_word(&command, "--", false);
        command_add_word(&command, image->image, true);

        command_write(&command, unit, "ExecStart", "");
}

/*
 * It is root who pulls, and it has little to do: the network is slipway-fetch's, and the store is that of
 * slipway-store. What is left to it is what helpers for credentials need, and archives that may be anywhere.
 */
static void write_sandbox(UnitWriter *unit) {
        static const char *const switches[] = {
                "LockPersonality",
                "NoNewPrivileges",
                "ProtectClock",
                "ProtectControlGroups",
                "ProtectHostname",
                "ProtectKernelLogs",
                "ProtectKernelModules",
                "ProtectKernelTunables",
                "RestrictNamespaces",
                "RestrictRealtime",
        };

        for (size_t i = 0; i < ELEMENTS(switches); i++)
                unit_set(unit, switches[i], "yes");
        unit_set(unit, "ProtectSystem", "full");
}

void image_write_service(const Image *image, UnitWriter *unit) {
        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "RemainAfterExit", "yes");
        unit_set(unit, "NotifyAccess", "main");
        unit_set(unit, "Slice", "slipway.slice");
        unit_set(unit, "SyslogIdentifier", "%N");
        /* From the system's stores of credentials, if there is one; what a manifest says of it comes later.
         */
        unit_set(unit, "LoadCredential", "slipway.auth");
        write_sandbox(unit);
        write_command(image, unit);
}

void image_write_info(const Image *image, UnitWriter *unit) {
        unit_set_words(unit, "Image", &(UnitWord){ image->tag ? image->tag : image->image, true }, 1);
}
