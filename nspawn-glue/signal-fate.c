/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/signal-fate.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "lib/cleanup.h"
#include "lib/io.h"

/* How many processes are looked at before those that are left are taken for the rest of a crowd. */
#define FAMILY_MAX 64

static int open_process(pid_t pid, int *ret) {
        char path[32];

        (void) snprintf(path, sizeof(path), "/proc/%d", (int) pid);
        *ret = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return *ret < 0 ? (errno == ENOENT ? -ESRCH : -errno) : 0;
}

typedef struct Masks {
        uint64_t blocked, ignored,
                        caught; /* bit N - 1 for signal N, of the thread that signals go to first */
        bool ended;
} Masks;

static int read_masks(int process, Masks *ret) {
        autofree char *text = NULL;
        Masks masks = {};
        char *line, *rest;
        int r = io_read_file(process, "status", 64 * 1024, &text, NULL);

        if (r < 0)
                return r;
        for (rest = text; (line = strsep(&rest, "\n"));) {
                if (strncmp(line, "State:", 6) == 0)
                        masks.ended = strpbrk(line + 6, "ZX") != NULL;
                else if (strncmp(line, "SigBlk:", 7) == 0)
                        masks.blocked = strtoull(line + 7, NULL, 16);
                else if (strncmp(line, "SigIgn:", 7) == 0)
                        masks.ignored = strtoull(line + 7, NULL, 16);
                else if (strncmp(line, "SigCgt:", 7) == 0)
                        masks.caught = strtoull(line + 7, NULL, 16);
        }
        *ret = masks;
        return 0;
}

/* The numbers of rt_sigtimedwait(2) are those of the process's own kind of machine. */
static bool is_wait(int process, unsigned long number) {
        unsigned char head[EI_CLASS + 1] = {};
        autofd int fd = openat(process, "exe", O_RDONLY | O_CLOEXEC);

        if (fd < 0 || read(fd, head, sizeof(head)) != sizeof(head))
                return true;
        if (head[EI_CLASS] == ELFCLASS32 && sizeof(long) == 8)
                return number == 177 || number == 421 /* rt_sigtimedwait_time64 */
                       || number == (0x40000000 | 523) /* x32 */;
        return number == SYS_rt_sigtimedwait;
}

/*
 * Who waits for signals by rt_sigtimedwait(2) has blocked them, but not while it waits: then the kernel
 * keeps the mask elsewhere, and shows one without them. So the set is read out of the process itself.
 */
static bool waits_for(int process, uint64_t bit) {
        autofree char *text = NULL;
        autofd int memory = -1;
        unsigned long number, set;
        uint64_t awaited = 0;

        if (io_read_file(process, "syscall", 4096, &text, NULL) < 0)
                return true;
        if (sscanf(text, "%lu %lx", &number, &set) != 2 || !is_wait(process, number))
                return false;
        memory = openat(process, "mem", O_RDONLY | O_CLOEXEC);
        if (memory < 0 || pread(memory, &awaited, sizeof(awaited), (off_t) set) != sizeof(awaited))
                return true;
        return awaited & bit;
}

static int fate_of(int process, int number, SignalFate *ret) {
        uint64_t bit = UINT64_C(1) << (number - 1);
        bool waited = waits_for(process, bit);
        Masks masks;
        int r;

        r = read_masks(process, &masks);
        if (r < 0)
                return r;
        if (masks.ended)
                return -ESRCH;

        /* Asked for again, in case that it was at work just then, and is waiting by now. */
        if ((masks.caught | masks.blocked) & bit || waited || waits_for(process, bit))
                *ret = SIGNAL_TAKEN;
        else
                *ret = masks.ignored & bit ? SIGNAL_IGNORED : SIGNAL_DEFAULT;
        return 0;
}

int signal_fate(pid_t pid, int number, SignalFate *ret) {
        autofd int process = -1;
        int r = open_process(pid, &process);

        return r < 0 ? r : fate_of(process, number, ret);
}

typedef struct Family {
        pid_t list[FAMILY_MAX]; /* those that have been found; the first ones have been asked */
        size_t n;
} Family;

static void add_children_of_thread(Family *family, int threads, const char *thread) {
        autofree char *text = NULL;
        char path[64], *at;

        (void) snprintf(path, sizeof(path), "%s/children", thread);
        if (io_read_file(threads, path, 64 * 1024, &text, NULL) < 0)
                return;
        for (at = text; *at && family->n < FAMILY_MAX;) {
                long pid = strtol(at, &at, 10);

                at += strspn(at, " \n");
                if (pid > 0)
                        family->list[family->n++] = (pid_t) pid;
        }
}

/* Each thread has children of its own. */
static void add_children(Family *family, int process) {
        autofd int fd = openat(process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autoclosedir DIR *threads = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!threads)
                return;
        (void) TAKE_FD(fd);
        while (family->n < FAMILY_MAX && (entry = readdir(threads)))
                if (entry->d_name[0] != '.')
                        add_children_of_thread(family, dirfd(threads), entry->d_name);
}

size_t signal_find_takers(pid_t pid, int number, pid_t *ret, size_t size) {
        Family family = { .list = { pid }, .n = 1 };
        size_t found = 0;

        for (size_t i = 0; i < family.n && found < size; i++) {
                autofd int process = -1;
                SignalFate fate;

                if (open_process(family.list[i], &process) < 0)
                        continue;
                if (i > 0 && fate_of(process, number, &fate) >= 0 && fate == SIGNAL_TAKEN)
                        ret[found++] = family.list[i];
                else
                        add_children(&family, process);
        }
        return found;
}
