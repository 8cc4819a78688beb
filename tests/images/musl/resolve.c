/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Asks musl for the addresses of a name, and prints them, each on a line
 *
 * With --wait it does nothing: a container to ask in.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const void *address_of(const struct addrinfo *info) {
        if (info->ai_family == AF_INET6)
                return &((const struct sockaddr_in6 *) info->ai_addr)->sin6_addr;
        return &((const struct sockaddr_in *) info->ai_addr)->sin_addr;
}

int main(int argc, char **argv) {
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
        char text[INET6_ADDRSTRLEN];

        if (argc != 2)
                return EXIT_FAILURE;
        if (strcmp(argv[1], "--wait") == 0)
                for (;;)
                        (void) pause();
        if (getaddrinfo(argv[1], NULL, &hints, &list) != 0)
                return 2;
        for (const struct addrinfo *info = list; info; info = info->ai_next)
                if (inet_ntop(info->ai_family, address_of(info), text, sizeof(text)))
                        (void) puts(text);
        freeaddrinfo(list);
        return EXIT_SUCCESS;
}
