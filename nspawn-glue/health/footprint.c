/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/footprint.h"

#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_SEGMENTS = 8 };

typedef struct Code {
        struct {
                void *begin;
                size_t size;
        } segments[MOST_SEGMENTS];
        int n;
} Code;

/* Only what cannot have been written to: what has, is not in the file. The first object is the program. */
static int find_code(struct dl_phdr_info *info, size_t size, void *data) {
        uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);
        Code *code = data;

        for (int i = 0; i < info->dlpi_phnum && code->n < MOST_SEGMENTS; i++) {
                const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
                uintptr_t begin = (info->dlpi_addr + segment->p_vaddr) & ~(page - 1);
                uintptr_t end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);

                if (segment->p_type != PT_LOAD || segment->p_flags & PF_W || end == begin)
                        continue;
                code->segments[code->n].begin = (void *) begin;
                code->segments[code->n++].size = end - begin;
        }
        return 1;
}

/* From the first madvise(2) on, as little as possible is called: each page that is, comes with its
 * neighbours. */
int footprint_wait(struct pollfd *polled, nfds_t n, const struct timespec *timeout) {
        static Code code;

        if (code.n == 0)
                (void) dl_iterate_phdr(find_code, &code);
        (void) malloc_trim(0);
        for (int i = code.n - 1; i >= 0; i--)
                (void) madvise(code.segments[i].begin, code.segments[i].size, MADV_DONTNEED);
        return ppoll(polled, n, timeout, NULL);
}
