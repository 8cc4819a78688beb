/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/alive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/locked.h"
#include "nspawn-glue/net/pod.h"
#include "nspawn-glue/record.h"

bool member_is_alive(const Member *member) {
        char path[sizeof(RECORD_DIR) + sizeof(PODS_DIR) + sizeof(member->owner) + 16];
        int r;

        if (member->is_pod) {
                (void) snprintf(path, sizeof(path), PODS_DIR "/%s", member->owner);
                return access(path, F_OK) >= 0 || errno != ENOENT;
        }
        (void) snprintf(path, sizeof(path), RECORD_DIR "/.%s.lock", member->owner);
        r = locked_by_somebody(AT_FDCWD, path);
        return r != 0 && r != -ENOENT;
}
