/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway cp: files into containers and out of them. */

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/borrow.h"
#include "cli/options.h"
#include "cli/target.h"
#include "cli/tree-receive.h"
#include "cli/tree-send.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "nspawn-glue/inside.h"

/* clang-format off */
static const Option options[] = {
        { 'a', "archive",     NULL, "keep owners, set-id bits and capabilities" },
        { 'L', "follow-link", NULL, "if the source is a link, copy what it leads to" },
        { 'q', "quiet",       NULL, "as without it; for those who are used to it" },
};
/* clang-format on */

typedef enum SideKind {
        SIDE_HOST,
        SIDE_CONTAINER,
        SIDE_STREAM, /* "-" */
} SideKind;

/* One of the two arguments. */
typedef struct Side {
        SideKind kind;
        const char *argument;
        char *path; /* without the container's name */
        Running running;
        int root_fd; /* of the container, or the host's "/" or working directory */
        bool exists, is_directory;
} Side;

/* How the copy is to be made: which tree, and where to under which name. */
typedef struct Copy {
        Side from, to;
        bool keeps, follows;
        char *source_name; /* the last part of its path; "." for the contents of a directory */
        char *target_base; /* directory that exists */
        char *as;          /* name in the archive; "." for the contents alone */
} Copy;

static void side_done(Side *side) {
        free(side->path);
        fd_closep(&side->root_fd);
        running_close(&side->running);
}

static void copy_done(Copy *copy) {
        side_done(&copy->from);
        side_done(&copy->to);
        free(copy->source_name);
        free(copy->target_base);
        free(copy->as);
}

/* --- the two sides --- */

/* "web:/etc": a colon before any slash. A path of the host with a colon is written as ./a:b. */
static int open_side(const char *argument, Side *ret, Fault *fault) {
        size_t n = strcspn(argument, ":/");
        autofree char *name = NULL;
        int r;

        ret->argument = argument;
        if (strcmp(argument, "-") == 0) {
                ret->kind = SIDE_STREAM;
                return 0;
        }
        if (argument[n] != ':' || n == 0 || *argument == '.') {
                ret->kind = SIDE_HOST;
                ret->path = strdup(argument);
                ret->root_fd = open(*argument == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
                return !ret->path ? -ENOMEM : ret->root_fd < 0 ? -errno : 0;
        }
        ret->kind = SIDE_CONTAINER;
        name = strndup(argument, n);
        ret->path = strdup(argument[n + 1] ? argument + n + 1 : "/");
        if (!name || !ret->path)
                return -ENOMEM;
        r = target_open(name, &ret->running, fault);
        return r < 0 ? r : target_open_root(&ret->running, &ret->root_fd, fault);
}

static int open_at(const Side *side, const char *path, int flags, int *ret) {
        int fd;

        if (side->kind == SIDE_CONTAINER)
                return inside_open(side->root_fd, path, flags, ret);
        fd = openat(AT_FDCWD, path, flags | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

/* Looks only; what is decided by this, the copy itself finds out again. */
static int probe(Side *side, bool follows, Fault *fault) {
        autofd int fd = -1;
        struct stat st;
        int r;

        if (side->kind == SIDE_STREAM)
                return 0;
        r = open_at(side, side->path, O_PATH | (follows ? 0 : O_NOFOLLOW), &fd);
        if (r == -ENOENT)
                return 0;
        if (r == -ENOTDIR)
                return fault_raise(fault, FAULT_VALUE, ENOTDIR, "'%s' is no directory, or is in none",
                                side->argument);
        if (r < 0 || fstat(fd, &st) < 0)
                return fault_raise(fault, FAULT_MISSING, r < 0 ? -r : errno, "cannot look at '%s': %s",
                                side->argument, strerror(r < 0 ? -r : errno));
        side->exists = true;
        side->is_directory = S_ISDIR(st.st_mode);
        return 0;
}

static bool ends_with(const char *path, const char *end) {
        size_t n = strlen(path), k = strlen(end);

        return n >= k && strcmp(path + n - k, end) == 0;
}

/* "a/b/" is "b" in "a"; "/" is "." in "/". */
static int split(const char *path, char **ret_parent, char **ret_name) {
        size_t n = strlen(path), start;

        while (n > 1 && path[n - 1] == '/')
                n--;
        for (start = n; start > 0 && path[start - 1] != '/'; start--)
                ;
        if (start == n) {
                *ret_parent = strdup("/");
                *ret_name = strdup(".");
        } else {
                *ret_parent = start == 0 ? strdup(".") : strndup(path, start);
                *ret_name = strndup(path + start, n - start);
        }
        return *ret_parent && *ret_name ? 0 : -ENOMEM;
}

/* --- plan
 * ----------------------------------------------------------------------------------------------------------
 */

static int plan_source(Copy *copy, Fault *fault) {
        autofree char *parent = NULL;
        Side *from = &copy->from;
        int r;

        if (from->kind == SIDE_STREAM)
                return 0;
        r = probe(from, copy->follows || ends_with(from->path, "/") || ends_with(from->path, "/."), fault);
        if (r < 0)
                return r;
        if (!from->exists)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no '%s'", from->argument);
        r = split(from->path, &parent, &copy->source_name);
        if (r >= 0 && strcmp(copy->source_name, "..") == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' may not end in '..'", from->argument);
        return r;
}

static int copy_text(const char *text, char **ret) {
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

/* As docker cp has it, and cp(1) nearly. */
static int plan_target(Copy *copy, Fault *fault) {
        Side *to = &copy->to;
        int r;

        if (to->kind == SIDE_STREAM)
                return copy_text(copy->source_name, &copy->as);
        r = probe(to, true, fault);
        if (r < 0)
                return r;
        if (copy->from.kind == SIDE_STREAM) {
                if (!to->exists || !to->is_directory)
                        return fault_raise(fault, FAULT_VALUE, ENOTDIR,
                                        "'%s' is no directory that an archive could be unpacked in",
                                        to->argument);
                return copy_text(to->path, &copy->target_base);
        }
        if (to->exists && to->is_directory) {
                r = copy_text(to->path, &copy->target_base);
                return r < 0 ? r : copy_text(copy->source_name, &copy->as);
        }
        if (to->exists && copy->from.is_directory)
                return fault_raise(fault, FAULT_CONFLICT, ENOTDIR, "'%s' is a directory, and '%s' is none",
                                copy->from.argument, to->argument);
        if ((ends_with(to->path, "/") || ends_with(to->path, "/.")) && !copy->from.is_directory)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no directory '%s'", to->argument);

        /* It gets a name of its own; "dir/." gives that name to what is in "dir". */
        r = split(to->path, &copy->target_base, &copy->as);
        if (r >= 0 && (strcmp(copy->as, "..") == 0 || strcmp(copy->as, ".") == 0))
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no directory '%s'", to->argument);
        return r;
}

static int check_base(const Copy *copy, Fault *fault) {
        autofd int fd = -1;
        int r;

        if (copy->to.kind == SIDE_STREAM)
                return 0;
        r = open_at(&copy->to, copy->target_base, O_PATH | O_DIRECTORY, &fd);
        if (r < 0)
                return fault_raise(fault, FAULT_MISSING, -r, "there is no directory for '%s': %s",
                                copy->to.argument, strerror(-r));
        return 0;
}

/* --- sending and receiving --- */

static int send_from(const Copy *copy, int root_fd, int fd, unsigned *left_out, Fault *fault) {
        TreeSend send = { .as = copy->as };
        Side here = copy->from;
        autofd int top = -1;
        int r;

        here.root_fd = root_fd;
        r = open_at(&here, here.path, O_PATH | (copy->follows ? 0 : O_NOFOLLOW), &top);
        if (r < 0)
                return fault_raise(fault, FAULT_MISSING, -r, "cannot read '%s': %s", here.argument,
                                strerror(-r));
        send.top_fd = top;
        return tree_send(&send, fd, left_out, fault);
}

static int receive_at(const Copy *copy, int root_fd, int fd, unsigned *left_out, Fault *fault) {
        bool in_container = copy->to.kind == SIDE_CONTAINER;
        char place[PATH_MAX];
        autofd int base = -1;
        TreeReceive receive = {
                .root_fd = root_fd,
                .base = copy->target_base,
                .follows_links = in_container,
                .keeps = copy->keeps,
                .uid = in_container ? 0 : geteuid(),
                .gid = in_container ? 0 : getegid(),
                .is_root = in_container,
                .place = place,
        };

        (void) snprintf(place, sizeof(place), "%s%s%s%s", in_container ? copy->to.running.name : "",
                        in_container ? ":" : "", copy->target_base,
                        ends_with(copy->target_base, "/") ? "" : "/");
        if (!in_container) {
                int r = open_at(&copy->to, copy->target_base, O_PATH | O_DIRECTORY, &base);

                if (r < 0)
                        return r;
                receive.root_fd = base;
                receive.base = ".";
        }
        return tree_receive(&receive, fd, left_out, fault);
}

static int send_inside(int root_fd, int fd, void *data, unsigned *left_out, Fault *fault) {
        return send_from(data, root_fd, fd, left_out, fault);
}

static int receive_inside(int root_fd, int fd, void *data, unsigned *left_out, Fault *fault) {
        return receive_at(data, root_fd, fd, left_out, fault);
}

static int send_host(int root_fd, int fd, void *data, unsigned *left_out, Fault *fault) {
        return send_from(data, root_fd, fd, left_out, fault);
}

/* Starts whoever sends. A sender on the host is a child, too, so that it can run beside the receiver. */
static int start_sender(Copy *copy, int fd, Borrow *ret, Fault *fault) {
        if (copy->from.kind == SIDE_CONTAINER)
                return borrow_start(&copy->from.running, fd, send_inside, copy, ret, fault);
        return borrow_start(NULL, fd, send_host, copy, ret, fault);
}

static int receive(Copy *copy, int fd, unsigned *left_out, Fault *fault) {
        autofd int given = fd;
        Borrow borrow;
        int r;

        if (copy->to.kind != SIDE_CONTAINER)
                return receive_at(copy, -1, given, left_out, fault);
        r = borrow_start(&copy->to.running, TAKE_FD(given), receive_inside, copy, &borrow, fault);
        return r < 0 ? r : borrow_finish(&borrow, left_out, fault);
}

/* Sender and receiver at once. Whoever gives up first makes the other fail: the reason is the receiver's,
 * unless it only missed the end. */
static int transfer(Copy *copy, unsigned *left_out, Fault *fault) {
        Fault sender_fault = {};
        int pipes[2], r, sent;
        Borrow sender;

        if (pipe2(pipes, O_CLOEXEC) < 0)
                return -errno;
        (void) fcntl(pipes[0], F_SETPIPE_SZ, 1 << 20);
        r = start_sender(copy, pipes[1], &sender, fault);
        if (r < 0) {
                (void) close(pipes[0]);
                return r;
        }
        r = receive(copy, pipes[0], left_out, fault);
        sent = borrow_finish(&sender, left_out, &sender_fault);
        if (sent < 0 && sent != -EPIPE) {
                if (fault)
                        *fault = sender_fault;
                return sent;
        }
        return r;
}

static int to_stream(Copy *copy, unsigned *left_out, Fault *fault) {
        int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), r;
        Borrow sender;

        if (fd < 0)
                return -errno;
        if (isatty(fd)) {
                (void) close(fd);
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "an archive is nothing for a terminal; redirect it");
        }
        r = start_sender(copy, fd, &sender, fault);
        if (r < 0)
                return r;
        r = borrow_finish(&sender, left_out, fault);
        return r == -EPIPE ? fault_raise(fault, FAULT_SYSTEM, EPIPE, "nobody reads the archive any more")
                           : r;
}

static int from_stream(Copy *copy, unsigned *left_out, Fault *fault) {
        int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

        return fd < 0 ? -errno : receive(copy, fd, left_out, fault);
}

static int copy_files(Copy *copy, char *const *arguments, unsigned *left_out, Fault *fault) {
        int r;

        r = open_side(arguments[0], &copy->from, fault);
        if (r >= 0)
                r = open_side(arguments[1], &copy->to, fault);
        if (r < 0)
                return r;
        if (copy->from.kind != SIDE_CONTAINER && copy->to.kind != SIDE_CONTAINER)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "neither '%s' nor '%s' is in a container; write it as NAME:PATH",
                                arguments[0], arguments[1]);
        r = plan_source(copy, fault);
        if (r >= 0)
                r = plan_target(copy, fault);
        if (r >= 0)
                r = check_base(copy, fault);
        if (r < 0)
                return r;
        if (copy->from.kind == SIDE_STREAM)
                return from_stream(copy, left_out, fault);
        return copy->to.kind == SIDE_STREAM ? to_stream(copy, left_out, fault)
                                            : transfer(copy, left_out, fault);
}

int verb_cp(int argc, char **argv) {
        AUTO(copy_done)
        Copy copy = {
                .from = { .running = RUNNING_CLOSED, .root_fd = -1 },
                .to = { .running = RUNNING_CLOSED, .root_fd = -1 },
        };
        unsigned left_out = 0;
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'a')
                        copy.keeps = true;
                else if (key == 'L')
                        copy.follows = true;
                else if (key != 'q')
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (argc - optind != 2)
                return options_misused(argv[0], "a source and a destination are needed");

        (void) signal(SIGPIPE, SIG_IGN);
        r = copy_files(&copy, argv + optind, &left_out, &fault);
        if (r >= 0)
                return left_out > 0 ? VERB_FAILED : VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot copy '%.200s'", argv[optind]);
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
