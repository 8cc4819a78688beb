/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/list.h"

#include <fcntl.h>
#include <string.h>

#include "image/doc.h"
#include "image/lookup.h"
#include "image/reference.h"
#include "lib/io.h"

/* Return: NULL with errno. */
static DIR *open_list(Store *store, const char *directory) {
        int fd = openat(store->fd, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir;

        if (fd < 0)
                return NULL;
        dir = fdopendir(fd);
        if (!dir)
                (void) close(fd);
        return dir;
}

static int cannot_list(Store *store, const char *directory, int error, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, error, "cannot read '%.200s/%s': %s", store->path, directory,
                        strerror(error));
}

static int compare_digests(const void *a, const void *b) {
        return strcmp(((const Digest *) a)->hex, ((const Digest *) b)->hex);
}

/* Room for one more in an array that doubles. */
static int grow(void *items, size_t n, size_t size) {
        void *grown;

        if (n > 0 && (n & (n - 1)) != 0)
                return 0;
        grown = reallocarray(*(void **) items, n > 0 ? 2 * n : 1, size);
        if (!grown)
                return -ENOMEM;
        *(void **) items = grown;
        return 0;
}

int store_list_digests(Store *store, const char *directory, IdList *ret, Fault *fault) {
        autoclosedir DIR *dir = open_list(store, directory);
        AUTO(id_list_done) IdList list = {};
        struct dirent *entry;
        Digest id;

        if (!dir)
                return errno == ENOENT ? 0 : cannot_list(store, directory, errno, fault);

        while ((errno = 0, entry = readdir(dir))) {
                if (digest_from_hex(entry->d_name, &id) < 0)
                        continue;
                if (grow(&list.items, list.n, sizeof(Digest)) < 0)
                        return -ENOMEM;
                list.items[list.n++] = id;
        }
        if (errno != 0)
                return cannot_list(store, directory, errno, fault);

        id_list_sort(&list);
        *ret = list;
        list = (IdList){};
        return 0;
}

int store_list_images(Store *store, IdList *ret, Fault *fault) {
        return store_list_digests(store, "images", ret, fault);
}

static int compare_names(const void *a, const void *b) {
        return strcmp(((const NameEntry *) a)->name, ((const NameEntry *) b)->name);
}

int store_list_names(Store *store, NameList *ret, Fault *fault) {
        autoclosedir DIR *dir = open_list(store, "names");
        AUTO(name_list_done) NameList list = {};
        struct dirent *entry;

        if (!dir)
                return errno == ENOENT ? 0 : cannot_list(store, "names", errno, fault);

        while ((errno = 0, entry = readdir(dir))) {
                autofree char *name = NULL;
                Digest id;

                if (entry->d_name[0] == '.' || reference_unescape(entry->d_name, &name) < 0 ||
                                image_find(store, name, &id, NULL, NULL) < 0)
                        continue; /* not ours */
                if (grow(&list.items, list.n, sizeof(NameEntry)) < 0)
                        return -ENOMEM;
                list.items[list.n++] = (NameEntry){ TAKE(name), id };
        }
        if (errno != 0)
                return cannot_list(store, "names", errno, fault);

        if (list.n > 0)
                qsort(list.items, list.n, sizeof(NameEntry), compare_names);
        *ret = list;
        list = (NameList){};
        return 0;
}

/* A container is made of one image, and may have others mounted: a line each. */
static bool has_line(char *text, const char *hex) {
        char *line;

        while ((line = strsep(&text, "\n")))
                if (strcmp(strncmp(line, "sha256:", 7) == 0 ? line + 7 : line, hex) == 0)
                        return true;
        return false;
}

int store_find_user(Store *store, const Digest *id, char **ret_container, Fault *fault) {
        autoclosedir DIR *dir = open_list(store, "containers");
        struct dirent *entry;

        if (!dir)
                return errno == ENOENT ? -ENOENT : cannot_list(store, "containers", errno, fault);

        while ((errno = 0, entry = readdir(dir))) {
                autofree char *text = NULL;
                char path[300];

                if (entry->d_name[0] == '.')
                        continue;
                (void) snprintf(path, sizeof(path), "%s/image", entry->d_name);
                if (io_read_file(dirfd(dir), path, 65536, &text, NULL) < 0)
                        continue;
                if (!has_line(text, id->hex))
                        continue;
                *ret_container = strdup(entry->d_name);
                return *ret_container ? 0 : -ENOMEM;
        }
        return errno != 0 ? cannot_list(store, "containers", errno, fault) : -ENOENT;
}

static int parse_info(const char *text, size_t size, const char *what, LayerInfo *ret, Fault *fault) {
        autofree char *diff_id = NULL;
        autojson json_t *document = NULL;
        LayerInfo info = {};
        int r;

        if ((r = doc_parse(text, size, what, &document, fault)) < 0 ||
                        (r = doc_string(document, "diff_id", &diff_id, fault)) < 0 ||
                        (r = doc_number(document, "archive_size", &info.archive_size, fault)) < 0 ||
                        (r = doc_number(document, "size", &info.size, fault)) < 0 ||
                        (r = doc_number(document, "entries", &info.entries, fault)) < 0)
                return r;
        r = digest_parse(diff_id ? diff_id : "", &info.diff_id, fault);
        if (r < 0)
                return r;
        *ret = info;
        return 0;
}

int store_layer_info(Store *store, const Digest *chain_id, LayerInfo *ret, Fault *fault) {
        autofree char *text = NULL;
        char path[16 + DIGEST_HEX + 16];
        size_t size;
        int r;

        (void) snprintf(path, sizeof(path), "layers/%s/layer.json", chain_id->hex);
        r = io_read_file(store->fd, path, DOC_LIMIT, &text, &size);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read '%.200s/%s': %s", store->path, path,
                                strerror(-r));
        return parse_info(text, size, path, ret, fault);
}

int layer_info_read(int layer_fd, LayerInfo *ret) {
        autofree char *text = NULL;
        size_t size;
        int r = io_read_file(layer_fd, "layer.json", DOC_LIMIT, &text, &size);

        return r < 0 ? r : parse_info(text, size, "layer.json", ret, NULL);
}

void name_list_done(NameList *list) {
        for (size_t i = 0; i < list->n; i++)
                free(list->items[i].name);
        free(list->items);
        *list = (NameList){};
}

void id_list_done(IdList *list) {
        free(list->items);
        *list = (IdList){};
}

void id_list_sort(IdList *list) {
        if (list->n > 0)
                qsort(list->items, list->n, sizeof(Digest), compare_digests);
}

bool id_list_has(const IdList *list, const Digest *id) {
        return list->n > 0 && bsearch(id, list->items, list->n, sizeof(Digest), compare_digests);
}
