/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "lib/cleanup.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/terminal.h"

/* "FD": standard error of the app. What init was born with is that of systemd-nspawn. */
int init_take_errors(Init *init, const char *value, Fault *fault) {
        return dup2(atoi(value), STDERR_FILENO) < 0 ? -errno : 0;
}

/* "FD": a socket through which the other end leaves the container. */
int init_open_terminal(Init *init, const char *value, Fault *fault) {
        static const struct winsize unknown;
        autofd int master = -1;
        User user;
        int r;

        r = init_find_user(init, &user, fault);
        if (r >= 0)
                r = terminal_open(init->root_fd, user.uid, &unknown, &master, &init->terminal_fd, fault);
        return r < 0 ? r : control_send_descriptor(atoi(value), master);
}

/* "FD": where there is somebody who reads what the app writes. */
int init_take_rest(Init *init, const char *value, Fault *fault) {
        init->rest_fd = atoi(value);
        return 0;
}

/* The leader of a session takes it for its own, with all standard streams. */
int init_take_terminal(const Init *init) {
        for (int i = 0; i < 3; i++)
                if (dup2(init->terminal_fd, i) < 0)
                        return -errno;
        return ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0 ? -errno : 0;
}
