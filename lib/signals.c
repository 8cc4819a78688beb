/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/signals.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"

/* clang-format off */
static const struct {
        const char *name;
        int number;
} signals[] = {
        { "HUP",    SIGHUP    }, { "INT",  SIGINT  }, { "QUIT",  SIGQUIT  }, { "ILL",    SIGILL    },
        { "TRAP",   SIGTRAP   }, { "ABRT", SIGABRT }, { "BUS",   SIGBUS   }, { "FPE",    SIGFPE    },
        { "KILL",   SIGKILL   }, { "USR1", SIGUSR1 }, { "SEGV",  SIGSEGV  }, { "USR2",   SIGUSR2   },
        { "PIPE",   SIGPIPE   }, { "ALRM", SIGALRM }, { "TERM",  SIGTERM  }, { "STKFLT", SIGSTKFLT },
        { "CHLD",   SIGCHLD   }, { "CONT", SIGCONT }, { "STOP",  SIGSTOP  }, { "TSTP",   SIGTSTP   },
        { "TTIN",   SIGTTIN   }, { "TTOU", SIGTTOU }, { "URG",   SIGURG   }, { "XCPU",   SIGXCPU   },
        { "XFSZ",   SIGXFSZ   }, { "PROF", SIGPROF }, { "WINCH", SIGWINCH }, { "IO",     SIGIO     },
        { "VTALRM", SIGVTALRM }, { "PWR",  SIGPWR  }, { "SYS",   SIGSYS   },

        /* Second names, after the first ones: a number gets the first that is found. */
        { "IOT",    SIGABRT   }, { "CLD",  SIGCHLD }, { "POLL",  SIGIO    },
};
/* clang-format on */

/* One to three digits and nothing else; -EINVAL otherwise. */
static int number_from_text(const char *text) {
        int number = 0;

        if (!*text || strlen(text) > 3)
                return -EINVAL;
        for (; *text; text++) {
                if (!isdigit((unsigned char) *text))
                        return -EINVAL;
                number = number * 10 + (*text - '0');
        }
        return number;
}

/* The real-time ones: "RTMIN", "RTMIN+3", "RTMAX", "RTMAX-1". glibc keeps the kernel's first two. */
static int realtime_from_name(const char *name) {
        bool from_min = strncasecmp(name, "RTMIN", 5) == 0;
        int offset = 0, number;

        if (!from_min && strncasecmp(name, "RTMAX", 5) != 0)
                return -EINVAL;

        name += 5;
        if (*name) {
                if (*name != (from_min ? '+' : '-'))
                        return -EINVAL;
                offset = number_from_text(name + 1);
                if (offset < 0)
                        return -EINVAL;
        }

        number = from_min ? SIGRTMIN + offset : SIGRTMAX - offset;
        return number >= SIGRTMIN && number <= SIGRTMAX ? number : -EINVAL;
}

int signal_from_name(const char *name) {
        int number = number_from_text(name);

        if (number >= 0)
                return number >= 1 && number <= SIGRTMAX ? number : -EINVAL;

        if (strncasecmp(name, "SIG", 3) == 0)
                name += 3;

        for (size_t i = 0; i < ELEMENTS(signals); i++)
                if (strcasecmp(name, signals[i].name) == 0)
                        return signals[i].number;

        return realtime_from_name(name);
}

const char *signal_to_name(int number, char *buffer, size_t size) {
        const char *name = "";

        for (size_t i = 0; i < ELEMENTS(signals) && !*name; i++)
                if (signals[i].number == number)
                        name = signals[i].name;

        if (*name || number < SIGRTMIN || number > SIGRTMAX)
                (void) snprintf(buffer, size, "%s", name);
        else
                (void) snprintf(buffer, size, "RTMIN+%d", number - SIGRTMIN);
        return buffer;
}
