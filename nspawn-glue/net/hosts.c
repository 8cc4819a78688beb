/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/hosts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"

enum {
        LINE_MAX_NAMES = 180, /* what stands before the tag */
        LINE_STEP = 32, /* lines are made as long as a multiple of it, so that they suit others later */
        LINE_SIZE = 256,
        BLOCK = 1024, /* what readers get in one piece, and the kernel takes: musl has the smallest buffer */
        CROWDED = 64 * 1024,
};

#define NETWORKS_MARK "# networks: "

/* Of lines with the machine's address that were written late. No container is called so. */
#define GATEWAY_TAG "~gateway"

const Address hosts_later = { .family = AF_INET6, .bytes = { [10] = 0xff, [11] = 0xff } };

void hosts_view_name(char *const *networks, const char *owner, bool is_own, char ret[static 256]) {
        autofree char *joined = strv_join(networks, "+");

        if (is_own || !joined || strlen(joined) > 200)
                (void) snprintf(ret, 256, "~%s", owner);
        else
                (void) snprintf(ret, 256, "%s", joined);
}

static int open_view(const char *view, int flags) {
        autofd int dir_fd = net_open(NET_HOSTS);
        int fd;

        if (dir_fd < 0)
                return dir_fd;
        fd = openat(dir_fd, view, flags | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}

int hosts_open_view(const char *view) {
        return open_view(view, O_PATH);
}

/* The tag of a line: behind its last '#'. Ends the text before it. */
static char *cut_tag(char *line) {
        char *tag = strrchr(line, '#');

        if (!tag || tag == line)
                return NULL;
        *tag++ = '\0';
        tag[strcspn(tag, " ")] = '\0';
        return tag;
}

/* Whether a view shows a network: what it shows is in its first line. */
static bool shows(const char *text, const char *network) {
        const char *at = text + strlen(NETWORKS_MARK);
        size_t n = strlen(network);

        if (strncmp(text, NETWORKS_MARK, strlen(NETWORKS_MARK)) != 0)
                return false;
        for (;;) {
                size_t length = strcspn(at, "+\n");

                if (length == n && strncmp(at, network, n) == 0)
                        return true;
                if (at[length] != '+')
                        return false;
                at += length + 1;
        }
}

/* A line that was taken back and is as long as the new one. Return: its offset, -1 for none. */
static off_t find_dead(const char *text, size_t length) {
        for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
                const char *end = strchr(line + 1, '\n');

                if (end && line[1] == '#' && (size_t) (end - line) == length)
                        return line + 1 - text;
        }
        return -1;
}

static int write_at(int fd, const char *text, size_t size, off_t at) {
        ssize_t n = pwrite(fd, text, size, at);

        return n < 0 ? -errno : (size_t) n < size ? -ENOSPC : 0;
}

/* How much has to be filled, so that a line is in one block. */
static size_t gap_before(size_t size, size_t length) {
        size_t room = BLOCK - size % BLOCK;

        return length <= room ? 0 : room;
}

/* A comment, or an empty line where there is no room for one. */
static void format_gap(char gap[static LINE_SIZE], size_t length) {
        memset(gap, ' ', length);
        gap[0] = '#';
        gap[length - 1] = '\n';
}

static int append_line(int fd, size_t size, const char *line, size_t length) {
        size_t gap = gap_before(size, length);
        char filler[LINE_SIZE];
        int r = 0;

        if (gap > 0) {
                format_gap(filler, gap);
                r = write_at(fd, filler, gap, (off_t) size);
        }
        return r < 0 ? r : write_at(fd, line, length, (off_t) (size + gap));
}

/*
 * A reader may have been stopped within a line that has been taken back since, and go on in what is written
 * there next. So lines are used again when the file has been left alone for a while, or has become long.
 */
static bool is_settled(int fd, size_t size) {
        time_t now = time(NULL);
        struct stat st;

        return size > CROWDED || fstat(fd, &st) < 0 || now > st.st_mtim.tv_sec + 1 ||
               now < st.st_mtim.tv_sec;
}

/* @line has its line break. The first byte makes it true. */
static int put_line(int fd, const char *text, size_t size, const char *line, size_t length) {
        off_t dead = find_dead(text, length);
        int r;

        if (dead < 0 || !is_settled(fd, size))
                return append_line(fd, size, line, length);
        r = write_at(fd, line + 1, length - 1, dead + 1);
        return r < 0 ? r : write_at(fd, line, 1, dead);
}

/* Calls for each view that shows the network. */
typedef int EditView(int fd, char *text, size_t size, const void *data);

static int edit_view(const char *view, const char *network, EditView *edit, const void *data) {
        autofd int fd = open_view(view, O_RDWR);
        autofree char *text = NULL;
        size_t size;
        int r;

        if (fd < 0)
                return fd;
        r = io_read_fd(fd, NET_FILE_MAX, &text, &size);
        if (r < 0)
                return r;
        return shows(text, network) ? edit(fd, text, size, data) : 0;
}

static int edit_views(const char *network, EditView *edit, const void *data) {
        autoclosedir DIR *directory = opendir(NET_HOSTS);
        struct dirent *entry;
        int r = 0;

        if (!directory)
                return -errno;
        while ((entry = readdir(directory))) {
                int q = entry->d_name[0] == '.' ? 0 : edit_view(entry->d_name, network, edit, data);

                /* One that cannot be changed keeps no other from it. */
                if (q < 0 && q != -ENOENT)
                        r = q;
        }
        return r;
}

/* Takes words of @names from *@at on, as many as there is room for. */
static size_t format_line(char line[static LINE_SIZE], const char *address, char *const *names, size_t *at,
                const char *tag) {
        size_t n = (size_t) snprintf(line, LINE_SIZE, "%s", address);

        for (; names[*at]; (*at)++) {
                size_t length = strlen(names[*at]);

                if (strlen(address) + 1 + length > LINE_MAX_NAMES)
                        continue;
                if (n + 1 + length > LINE_MAX_NAMES)
                        break;
                n += (size_t) snprintf(line + n, LINE_SIZE - n, " %s", names[*at]);
        }
        n += (size_t) snprintf(line + n, LINE_SIZE - n, " #%.64s", tag);
        while ((n + 1) % LINE_STEP != 0 && n + 1 < LINE_SIZE)
                line[n++] = ' ';
        line[n++] = '\n';
        return n;
}

typedef struct NewLine {
        const char *text;
        size_t length;
} NewLine;

static int add_line(int fd, char *text, size_t size, const void *data) {
        const NewLine *line = data;

        return put_line(fd, text, size, line->text, line->length);
}

int hosts_add(const char *network, const Address *address, char *const *names, const char *tag) {
        char text[ADDRESS_TEXT_MAX], line[LINE_SIZE];
        size_t at = 0;
        int r = 0;

        (void) address_format(address, text);
        while (names && names[at] && r >= 0) {
                NewLine new = { .text = line };

                new.length = format_line(line, text, names, &at, tag);
                r = edit_views(network, add_line, &new);
        }
        return r;
}

typedef struct OldLines {
        const char *tag;
} OldLines;

static int remove_lines(int fd, char *text, size_t size, const void *data) {
        const OldLines *old = data;
        char *rest = text, *line;
        int r = 0;

        while ((line = strsep(&rest, "\n"))) {
                off_t at = line - text;
                const char *tag = *line && *line != '#' ? cut_tag(line) : NULL;

                if (tag && strcmp(tag, old->tag) == 0 && r >= 0)
                        r = write_at(fd, "#", 1, at);
        }
        return r;
}

int hosts_remove(const char *network, const char *tag) {
        const OldLines old = { .tag = tag };

        return edit_views(network, remove_lines, &old);
}

static void copy_line(FILE *to, const char *line) {
        size_t gap = gap_before((size_t) ftello(to), strlen(line) + 1);
        char filler[LINE_SIZE];

        if (gap > 0) {
                format_gap(filler, gap);
                (void) fwrite(filler, 1, gap, to);
        }
        (void) fprintf(to, "%s\n", line);
}

/* The living lines of a network's own view. */
static int copy_lines(const char *network, FILE *to) {
        autofd int fd = open_view(network, O_RDONLY);
        autofree char *text = NULL;
        char *rest, *line;
        int r;

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        r = io_read_fd(fd, NET_FILE_MAX, &text, NULL);
        if (r < 0)
                return r;
        for (rest = text; (line = strsep(&rest, "\n"));)
                /* Only what came with somebody has a tag. */
                if (*line && *line != '#' && strrchr(line, '#') && !strstr(line, "#" GATEWAY_TAG))
                        copy_line(to, line);
        return 0;
}

static int format_view(char *const *networks, const HostsHead *head, char **ret, size_t *ret_size) {
        autofree char *joined = strv_join(networks, "+");
        char address[ADDRESS_TEXT_MAX];
        FILE *file = open_memstream(ret, ret_size);
        int r = 0;

        if (!joined || !file)
                return -ENOMEM;
        (void) fprintf(file,
                        NETWORKS_MARK "%s\n127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
                        joined);
        if (head->gateway)
                (void) fprintf(file, "%s host.containers.internal host.docker.internal\n",
                                address_format(head->gateway, address));
        if (head->extra)
                (void) fputs(head->extra, file);
        for (char *const *network = networks; network && *network && r >= 0; network++)
                r = copy_lines(*network, file);
        return fclose(file) != 0 ? -ENOMEM : r;
}

/* One that waits, or that has the machine's address of another day. */
static bool is_unsettled(const char *line, size_t length, const char *address) {
        char later[ADDRESS_TEXT_MAX];
        size_t n;

        (void) address_format(&hosts_later, later);
        n = strlen(later);
        if (length > n && strncmp(line, later, n) == 0 && strchr(" \t", line[n]))
                return true;
        n = strlen(address);
        return *line != '#' && memmem(line, length, "#" GATEWAY_TAG, strlen("#" GATEWAY_TAG)) &&
               (strncmp(line, address, n) != 0 || line[n] != ' ');
}

static int append_names(int fd, off_t *end, const char *address, char *const *names) {
        char line[LINE_SIZE];
        size_t at = 0;
        int r = 0;

        while (names && names[at] && *address && r >= 0) {
                size_t length = format_line(line, address, names, &at, GATEWAY_TAG);

                r = write_at(fd, line, length, *end);
                *end += (off_t) length;
        }
        return r;
}

/* The same names with @address, and then not with the old one any more. */
static int settle_line(int fd, const char *line, size_t length, off_t at, off_t *end, const char *address) {
        autofree char *copy = strndup(line, length);
        autostrv char **names = NULL;
        char *rest = copy, *word;
        int r;

        if (!copy)
                return -ENOMEM;
        copy[strcspn(copy, "#")] = '\0';
        (void) strsep(&rest, " \t");
        while ((word = strsep(&rest, " \t")))
                if (*word && strv_append(&names, word) < 0)
                        return -ENOMEM;
        r = append_names(fd, end, address, names);
        return r < 0 ? r : write_at(fd, "#", 1, at);
}

int hosts_settle(const char *view, const Address *gateway) {
        autofd int fd = open_view(view, O_RDWR);
        char address[ADDRESS_TEXT_MAX] = "";
        autofree char *text = NULL;
        size_t size;
        off_t end;
        int r;

        if (fd < 0)
                return fd;
        r = io_read_fd(fd, NET_FILE_MAX, &text, &size);
        end = r < 0 ? 0 : (off_t) size;
        if (gateway)
                (void) address_format(gateway, address);
        for (size_t at = 0, length; r >= 0 && at < size; at += length + 1) {
                length = strcspn(text + at, "\n");
                if (is_unsettled(text + at, length, address))
                        r = settle_line(fd, text + at, length, (off_t) at, &end, address);
        }
        return r;
}

int hosts_make_view(const char *view, char *const *networks, const HostsHead *head) {
        autofd int dir_fd = net_open(NET_HOSTS);
        autofree char *text = NULL;
        size_t size;
        int r;

        if (dir_fd < 0)
                return dir_fd;
        if (*view != '~' && faccessat(dir_fd, view, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        r = format_view(networks, head, &text, &size);
        if (r >= 0)
                r = io_replace_file(dir_fd, view, text, size, 0644);
        return r < 0 ? r : 1;
}

int hosts_networks(const char *view, char ***ret) {
        autofd int fd = open_view(view, O_RDONLY);
        autofree char *text = NULL;
        autostrv char **networks = NULL;
        char *rest, *name;
        int r;

        if (fd < 0)
                return fd;
        r = io_read_fd(fd, NET_FILE_MAX, &text, NULL);
        if (r < 0)
                return r;
        text[strcspn(text, "\n")] = '\0';
        rest = strncmp(text, NETWORKS_MARK, strlen(NETWORKS_MARK)) == 0 ? text + strlen(NETWORKS_MARK)
                                                                        : NULL;
        while ((name = strsep(&rest, "+")))
                if (*name && strv_append(&networks, name) < 0)
                        return -ENOMEM;
        *ret = TAKE(networks);
        return 0;
}

void hosts_remove_view(const char *view) {
        net_remove(NET_HOSTS, view);
}

static int unlink_view(int fd, char *text, size_t size, const void *data) {
        return 1;
}

void hosts_remove_views(const char *network) {
        autoclosedir DIR *directory = opendir(NET_HOSTS);
        struct dirent *entry;

        while (directory && (entry = readdir(directory)))
                if (entry->d_name[0] != '.' && edit_view(entry->d_name, network, unlink_view, NULL) > 0)
                        hosts_remove_view(entry->d_name);
}
