/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes lines back in what is said to be a hosts file, and puts one in. */

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>

#include "nspawn-glue/net/hosts.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *read_all(int fd, size_t *ret_size) {
        char *text = NULL;

        assert(lseek(fd, 0, SEEK_SET) == 0);
        assert(io_read_fd(fd, NET_FILE_MAX, &text, ret_size) >= 0);
        return text;
}

/* Of one file, as edit_view() does. */
static void edit(int fd, EditView *how, const void *what) {
        autofree char *text = NULL;
        size_t size;

        text = read_all(fd, &size);
        assert(how(fd, text, size, what) >= 0);
}

static void check(int fd, const char *before) {
        char *names[] = { (char *) "name", NULL }, line[LINE_SIZE];
        const OldLines old = { .tag = "fuzz" };
        NewLine new = { .text = line };
        autofree char *removed = NULL, *added = NULL, *again = NULL;
        size_t at = 0, size, grown;

        edit(fd, remove_lines, &old);
        removed = read_all(fd, &size);
        for (size_t i = 0; i < size; i++)
                assert(removed[i] == before[i] || (removed[i] == '#' && (i == 0 || before[i - 1] == '\n')));

        new.length = format_line(line, "10.0.0.1", names, &at, "fuzz");
        assert(new.length % LINE_STEP == 0 && line[new.length - 1] == '\n');
        edit(fd, add_line, &new);
        added = read_all(fd, &grown);
        assert(grown >= size && memmem(added, grown, line, new.length));
        edit(fd, remove_lines, &old);
        again = read_all(fd, &size);
        assert(size == grown);
        if (size == 0 || !memchr(before, '\0', size))
                assert(!memmem(again, size, line, new.length) || memmem(before, size, "#fuzz", 5));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = NULL;
        autofd int fd = -1;

        if (size > 65536 || memchr(data, '\0', size))
                return 0;
        text = strndup((const char *) data, size);
        fd = memfd_create("hosts", MFD_CLOEXEC);
        assert(text && fd >= 0 && write(fd, text, size) == (ssize_t) size);
        (void) shows(text, "front");
        check(fd, text);
        return 0;
}
