/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Work in a container's tree with the rights of its root, and no more
 *
 * A child of ours enters the user namespace of the container, becomes its root there, and gives up all that
 * files do not need. It stays in the mount namespace of the host, so no library and no character set of the
 * image is loaded (CVE-2019-14271), and in its process namespace, where nothing in the container can see it;
 * nor can anybody trace it. Of the container it has one descriptor, that of the root; what it opens, it
 * opens below that (openat2(2), RESOLVE_IN_ROOT). A link that the container exchanges at the worst moment
 * (CVE-2018-15664) leads nowhere but into the container, and if it led elsewhere, the child could do nothing
 * there.
 */

#include "nspawn-glue/running.h"

/**
 * BorrowWork - what to do in the child
 * @root_fd:    O_PATH of the container's root
 * @fd:         the other end of what is sent or received
 * @left_out:   how many files could not be dealt with, each of which was told
 */
typedef int BorrowWork(int root_fd, int fd, void *data, unsigned *left_out, Fault *fault);

typedef struct Borrow {
        pid_t pid;
        int result_fd;
} Borrow;

/**
 * borrow_start() - let a child work
 * @running:    NULL for a child on the host that keeps its rights
 * @fd:         for @work; closed here, also on failure
 *
 * The child is killed when we end. Not for programs with threads. Return: 0 or -errno with a fault.
 */
int borrow_start(const Running *running, int fd, BorrowWork *work, void *data, Borrow *ret, Fault *fault);

/* Waits for the child. Return: what @work has returned, with its fault. */
int borrow_finish(Borrow *borrow, unsigned *ret_left_out, Fault *fault);
