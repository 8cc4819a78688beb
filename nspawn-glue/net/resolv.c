/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/resolv.h"

#include <fcntl.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/files.h"

/* The first line: what is open yet. */
#define OPEN_MARK "# open:"

/* One on the gateway knows the containers. */
static int add_resolver(const Network *network, char ***servers) {
        char text[ADDRESS_TEXT_MAX];
        int r = 0;

        for (size_t i = 0; i < network->n_subnets && r >= 0; i++)
                if (address_is_set(&network->subnets[i].gateway))
                        r = strv_append(servers, address_format(&network->subnets[i].gateway, text));
        return r;
}

int resolv_collect(const Member *member, char ***servers, char ***searches, char ***options) {
        int r = 0;

        for (size_t i = 0; i < member->n_attachments && r >= 0; i++) {
                const Attachment *attachment = &member->attachments[i];
                AUTO(network_done) Network network = {};

                r = network_read(attachment->network, &network, NULL);
                if (r >= 0)
                        r = network.resolver ? add_resolver(&network, servers)
                                             : strv_extend(servers, network.servers);
                if (r >= 0)
                        r = strv_extend(searches, network.searches);
                if (r >= 0)
                        r = strv_extend(servers, attachment->servers);
                if (r >= 0)
                        r = strv_extend(searches, attachment->searches);
                if (r >= 0)
                        r = strv_extend(options, attachment->options);
        }
        return r;
}

static int open_file(const char *owner, int flags) {
        autofd int dir_fd = net_open(NET_RESOLV);
        int fd;

        if (dir_fd < 0)
                return dir_fd;
        fd = openat(dir_fd, owner, flags | O_CLOEXEC | O_NOFOLLOW, 0644);
        return fd < 0 ? -errno : fd;
}

int resolv_make(const char *owner, const ResolvOpen *open, const char *text) {
        autofree char *whole = NULL;
        autofd int dir_fd = net_open(NET_RESOLV);
        int n, r;

        if (dir_fd < 0)
                return dir_fd;
        n = asprintf(&whole, OPEN_MARK "%s%s%s\n%s", open->servers ? " nameserver" : "",
                        open->searches ? " search" : "", open->options ? " options" : "", text);
        if (n < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        r = io_replace_file(dir_fd, owner, whole, (size_t) n, 0644);
        return r < 0 ? r : open_file(owner, O_PATH);
}

static bool is_open(const char *text, const char *word) {
        size_t line = strcspn(text, "\n");

        return strncmp(text, OPEN_MARK, strlen(OPEN_MARK)) == 0 && memmem(text, line, word, strlen(word));
}

/* Who has it mounted goes on seeing the same file; nobody looks yet. */
static int rewrite(int fd, const char *text) {
        size_t size = strlen(text);
        ssize_t n = pwrite(fd, text, size, 0);

        if (n < 0 || ftruncate(fd, (off_t) size) < 0)
                return -errno;
        return (size_t) n < size ? -ENOSPC : 0;
}

int resolv_settle(const Member *member) {
        autostrv char **servers = NULL, **searches = NULL, **options = NULL;
        autofd int fd = open_file(member->owner, O_RDWR);
        autofree char *text = NULL, *settled = NULL;
        int r;

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        r = io_read_fd(fd, NET_FILE_MAX, &text, NULL);
        if (r >= 0)
                r = resolv_collect(member, &servers, &searches, &options);
        if (r >= 0)
                r = files_resolv(text, is_open(text, " nameserver") ? servers : NULL,
                                is_open(text, " search") ? searches : NULL,
                                is_open(text, " options") ? options : NULL, &settled);
        return r < 0 ? r : rewrite(fd, settled);
}
