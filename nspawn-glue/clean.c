/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/clean.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/paths.h"
#include "nspawn-glue/ending.h"
#include "nspawn-glue/launch.h"

static int clean(const char *name, Fault *fault) {
        const Options options = { .action = ACTION_CLEAN, .name = name };
        Launch launch = { .options = &options, .lock_fd = -1, .state_fd = -1 };
        int r;

        if ((r = FAULT_POINT("clean:lock")) < 0 || (r = launch_lock(&launch, fault)) < 0)
                return r;
        r = FAULT_POINT("clean:remove what is in the state directory");
        if (r >= 0)
                r = launch_clean_left_state(&launch, fault);
        (void) FAULT_POINT("clean:remove the record");
        launch_remove_state(&launch);
        launch_unlock(&launch);
        return r;
}

/*
 * A unit that was gone when its container ended had nothing to clean up with. Who has no lock does not run;
 * what cannot be removed now may be at another time.
 */
static int clean_dead(void) {
        autoclosedir DIR *directory = opendir(SLIPWAY_STATE_DIR "/containers");
        struct dirent *entry;

        if (!directory)
                return errno == ENOENT ? 0 : -errno;
        while ((errno = 0, entry = readdir(directory)))
                if (container_name_is_valid(entry->d_name))
                        (void) clean(entry->d_name, NULL);
        return -errno;
}

int clean_container(const Options *options, Fault *fault) {
        if (!options->name)
                return clean_dead();
        ending_tell(options->name);
        return clean(options->name, fault);
}
