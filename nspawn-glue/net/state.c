/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/state.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"

/* All may read: responders and people, who are not root. */
static int make_directories(void) {
        static const char *const directories[] = { NET_NETWORKS, NET_LEASES, NET_MEMBERS, NET_HOSTS,
                NET_RESOLV };

        for (size_t i = 0; i < ELEMENTS(directories); i++) {
                int r = access(directories[i], F_OK) >= 0 ? 0 : io_mkdir_p(directories[i], 0755);

                if (r < 0)
                        return r;
        }
        return 0;
}

int net_lock(int *ret, Fault *fault) {
        autofd int fd = -1;
        int r;

        r = make_directories();
        if (r < 0)
                return fault_wrap(fault, r, "cannot make '" NET_DIR "'");
        fd = open(NET_DIR "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return fault_wrap(fault, -errno, "cannot open '" NET_DIR "/lock'");
        while (flock(fd, LOCK_EX) < 0)
                if (errno != EINTR)
                        return fault_wrap(fault, -errno, "cannot lock '" NET_DIR "/lock'");
        *ret = TAKE_FD(fd);
        return 0;
}

bool network_name_is_valid(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n > NETWORK_NAME_MAX || !isalnum((unsigned char) *name))
                return false;
        return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == n;
}

int net_open(const char *directory) {
        int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

int net_read(const char *directory, const char *name, json_t **ret) {
        autofd int dir_fd = net_open(directory);
        autofree char *text = NULL;
        json_t *document;
        size_t size;
        int r;

        if (dir_fd < 0)
                return dir_fd;
        r = io_read_file(dir_fd, name, NET_FILE_MAX, &text, &size);
        if (r < 0)
                return r;
        document = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(document)) {
                json_decref(document);
                return -EBADMSG;
        }
        *ret = document;
        return 0;
}

int net_write(const char *directory, const char *name, const json_t *document) {
        autofd int dir_fd = net_open(directory);
        autofree char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);

        if (dir_fd < 0)
                return dir_fd;
        if (!text)
                return -ENOMEM;
        /* Nobody could read it. */
        if (strlen(text) > NET_FILE_MAX)
                return -EFBIG;
        return io_replace_file(dir_fd, name, text, strlen(text), 0644);
}

bool net_has(const char *directory, const char *name) {
        autofd int dir_fd = net_open(directory);

        return dir_fd >= 0 && faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

void net_remove(const char *directory, const char *name) {
        autofd int dir_fd = net_open(directory);

        if (dir_fd >= 0)
                (void) unlinkat(dir_fd, name, 0);
}

const char *net_string(const json_t *object, const char *key) {
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

long long net_number(const json_t *object, const char *key) {
        return json_integer_value(json_object_get(object, key));
}

bool net_flag(const json_t *object, const char *key) {
        return json_is_true(json_object_get(object, key));
}

static int compare_names(const void *one, const void *two) {
        return strcmp(*(char *const *) one, *(char *const *) two);
}

int net_list(const char *path, char ***ret) {
        autoclosedir DIR *directory = opendir(path);
        autostrv char **names = NULL;
        struct dirent *entry;

        if (!directory && errno != ENOENT)
                return -errno;
        while (directory && (entry = readdir(directory)))
                if (network_name_is_valid(entry->d_name) && strv_append(&names, entry->d_name) < 0)
                        return -ENOMEM;
        if (names)
                qsort(names, strv_length(names), sizeof(char *), compare_names);
        *ret = TAKE(names);
        return 0;
}

json_t *net_strings_to_json(char *const *list) {
        json_t *array = json_array();

        for (; list && *list; list++)
                (void) json_array_append_new(array, json_string(*list));
        return array;
}

int net_strings(const json_t *object, const char *key, char ***ret) {
        const json_t *list = json_object_get(object, key);

        for (size_t i = 0; i < json_array_size(list); i++) {
                const char *text = json_string_value(json_array_get(list, i));

                if (text && strv_append(ret, text) < 0)
                        return -ENOMEM;
        }
        return 0;
}
