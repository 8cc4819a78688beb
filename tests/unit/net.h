/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A machine of its own for what keeps its state in fixed places: /run and /var/lib are empty, and there are
 * no interfaces. net_main() runs a suite, or says that it has to be skipped; net_enter() is a fixture.
 */

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/io.h"
#include "nspawn-glue/net/member.h"
#include "tests/suite.h"

static inline int net_write_text(const char *path, const char *text) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        int r = fd < 0 ? -errno : io_write_all(fd, text, strlen(text));

        if (fd >= 0)
                (void) close(fd);
        return r;
}

static inline int net_unshare(void) {
        char map[64];
        unsigned uid = getuid();

        if (unshare(CLONE_NEWNS | CLONE_NEWNET) >= 0)
                return 0;
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0)
                return -errno;
        (void) snprintf(map, sizeof(map), "0 %u 1", uid);
        return net_write_text("/proc/self/uid_map", map);
}

static inline int net_try_enter(void) {
        int r = net_unshare();

        if (r < 0)
                return r;
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                        mount("tmpfs", "/run", "tmpfs", 0, "mode=755") < 0 ||
                        mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=755") < 0)
                return -errno;
        return 0;
}

static inline void net_enter(void) {
        ck_assert_int_eq(net_try_enter(), 0);
}

/* Each test is a process of its own, and so may enter; but not when there is a debugger. */
static inline int net_main(Suite *suite) {
        int status = 0;
        pid_t pid = fork();

        if (pid == 0)
                _exit(net_try_enter() < 0 ? 77 : 0);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
                (void) printf("1..0 # SKIP no namespaces can be made here\n");
                return EXIT_SUCCESS;
        }
        return suite_main(suite);
}

static inline Address net_address(const char *text) {
        Address address;

        ck_assert_msg(address_parse(text, &address) >= 0, "%s", text);
        return address;
}

static inline Prefix net_prefix(const char *text) {
        Prefix prefix;

        ck_assert_msg(prefix_parse(text, &prefix) >= 0, "%s", text);
        return prefix;
}

/* The text of an address, good until the fourth call after this one. */
static inline const char *net_text(const Address *address) {
        static char texts[4][ADDRESS_TEXT_MAX];
        static unsigned next;

        return address_format(address, texts[next++ % 4]);
}

/* A subnet that gives away what is from @first to @last. */
static inline Subnet net_subnet(
                const char *prefix, const char *gateway, const char *first, const char *last) {
        return (Subnet){ .prefix = net_prefix(prefix),
                .gateway = *gateway ? net_address(gateway) : (Address){},
                .first = net_address(first),
                .last = net_address(last) };
}

/* A network that is up, of one subnet. */
static inline Network net_network(const char *name, Subnet subnet) {
        Network network = { .interface = "sw-test", .subnets = { subnet }, .n_subnets = 1 };

        (void) snprintf(network.name, sizeof(network.name), "%s", name);
        return network;
}

static inline void net_make_record(const char *owner) {
        Member member = {};

        (void) snprintf(member.owner, sizeof(member.owner), "%s", owner);
        ck_assert_int_eq(member_write(&member), 0);
}

/* What is in a file, good until the next call; "" for none. */
static inline const char *net_read_text(const char *path) {
        static char *text;

        free(text);
        text = NULL;
        return io_read_file(AT_FDCWD, path, 1 << 20, &text, NULL) < 0 ? "" : text;
}
