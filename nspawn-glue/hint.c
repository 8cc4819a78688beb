/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/hint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "nspawn-glue/memory-events.h"

static const char *const places[] = { SLIPWAY_STATE_DIR, SLIPWAY_RUNTIME_DIR };

/* Root may use what is set aside for it, so that is counted as free. */
static const char *find_full(char *ret, size_t size) {
        for (size_t i = 0; i < ELEMENTS(places); i++) {
                struct statvfs st;

                if (statvfs(places[i], &st) < 0)
                        continue;
                /* Files are not counted everywhere. */
                if (st.f_files > 0 && st.f_ffree == 0)
                        (void) snprintf(ret, size, "no more files fit on the file system of %s, see df -i",
                                        places[i]);
                else if (st.f_bfree < 16)
                        (void) snprintf(ret, size, "the file system of %s is full", places[i]);
                else
                        continue;
                return ret;
        }
        return NULL;
}

static const char *find_read_only(char *ret, size_t size) {
        for (size_t i = 0; i < ELEMENTS(places); i++) {
                struct statvfs st;

                if (statvfs(places[i], &st) < 0 || !(st.f_flag & ST_RDONLY))
                        continue;
                (void) snprintf(ret, size, "%s is mounted read-only", places[i]);
                return ret;
        }
        return NULL;
}

#define TOO_FEW_FILES "LimitNOFILE= of the unit is too low"
#define TOO_FEW_TASKS "TasksMax= of the unit or of a slice, or LimitNPROC=, is too low"

const char *hint_for_unit(void) {
        struct rlimit files;

        if (task_was_refused())
                return TOO_FEW_TASKS;
        return getrlimit(RLIMIT_NOFILE, &files) >= 0 && files.rlim_cur < 64 ? TOO_FEW_FILES : NULL;
}

/* That is mostly why systemd-nspawn ends before it has begun. */
static const char *find_short(char *ret, size_t size) {
        return hint_for_unit();
}

/* clang-format off */
static const struct {
        int error;
        const char *(*find)(char *ret, size_t size);    /* NULL when nothing can be found out */
        const char *words;                              /* when nothing was found out; may be NULL */
} hints[] = {
        { EAGAIN, NULL,           TOO_FEW_TASKS },
        { EDQUOT, NULL,           "a quota of " SLIPWAY_STATE_DIR " is used up" },
        { EMFILE, NULL,           TOO_FEW_FILES },
        { ENFILE, NULL,           "the system has too many open files, see /proc/sys/fs/file-max" },
        { ENOMEM, NULL,           "there is too little memory; see MemoryMax= of the unit and of its slices" },
        { ENOSPC, find_full,      NULL },
        { EPIPE,  find_short,     NULL },
        { EROFS,  find_read_only, NULL },
};
/* clang-format on */

void hint_add(Fault *fault) {
        for (size_t i = 0; i < ELEMENTS(hints); i++) {
                char text[128];
                const char *hint;
                size_t n = strlen(fault->text);

                if (hints[i].error != fault->error)
                        continue;
                hint = hints[i].find ? hints[i].find(text, sizeof(text)) : NULL;
                hint = hint ?: hints[i].words;
                if (hint)
                        (void) snprintf(fault->text + n, sizeof(fault->text) - n, "; %s", hint);
                return;
        }
}
