/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/leftovers.h"

#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/state.h"
#include "lib/paths.h"

void leftovers_clean(void) {
        static const char launcher[] = SLIPWAY_LIBEXEC_DIR "/slipway-nspawn";
        pid_t pid;

        if (strcmp(state_directory(), SLIPWAY_STATE_DIR) != 0)
                return;
        if (posix_spawn(&pid, launcher, NULL, NULL,
                            (char *[]){ (char *) launcher, (char *) "--clean", NULL }, environ) == 0)
                (void) waitpid(pid, NULL, 0);
}
