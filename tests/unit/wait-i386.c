/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program of 32 bits that waits for SIGTERM by rt_sigtimedwait(2)
 *
 * For test-signal-fate.c; has no library, because there is none of 32 bits where it is built.
 */

void _start(void);

void _start(void) {
        static const unsigned long long awaited = 1ULL << 14;

        for (;;)
                __asm__ volatile("int $0x80"
                                 :
                                 : "a"(177), "b"(&awaited), "c"(0), "d"(0), "S"(sizeof(awaited))
                                 : "memory");
}
