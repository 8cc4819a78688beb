/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/credential.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/credentials.h"
#include "lib/strv.h"

int credential_open_directory(int *ret) {
        const char *path = getenv("CREDENTIALS_DIRECTORY");

        *ret = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        return *ret >= 0 ? 0 : path ? -errno : -ENOENT;
}

/* Into one piece of memory that does not move, so that nothing is left behind in another. */
int credential_read(int directory, const char *id, Credential *ret) {
        autofd int fd = openat(directory, id, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
        AUTO(credential_done) Credential credential = {};
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        if (st.st_size > CREDENTIAL_MAX)
                return -EFBIG;
        credential.data = malloc((size_t) st.st_size + 1);
        if (!credential.data)
                return -ENOMEM;

        while (credential.size < (size_t) st.st_size) {
                ssize_t n = read(fd, credential.data + credential.size,
                                (size_t) st.st_size - credential.size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                credential.size += (size_t) n;
        }
        credential.data[credential.size] = '\0';
        *ret = credential;
        credential = (Credential){};
        return 0;
}

static bool is_absent(const Credential *credential) {
        return credential->size == strlen(CREDENTIAL_ABSENT) &&
               memcmp(credential->data, CREDENTIAL_ABSENT, credential->size) == 0;
}

int credential_read_secret(int directory, const char *name, Credential *ret) {
        char plain[sizeof(CREDENTIAL_PLAIN) + SECRET_NAME_MAX];
        int r = credential_read(directory, name, ret);

        if (r < 0 && r != -ENOENT)
                return r;
        if (r >= 0 && !is_absent(ret))
                return 0;
        if (r >= 0)
                credential_done(ret);
        (void) snprintf(plain, sizeof(plain), CREDENTIAL_PLAIN "%s", name);
        return credential_read(directory, plain, ret);
}

void credential_done(Credential *credential) {
        if (credential->data)
                explicit_bzero(credential->data, credential->size);
        free(credential->data);
        *credential = (Credential){};
}

/* "NAME" and "plain@NAME" of a secret. */
static bool is_secret(const char *id, char *const *secrets) {
        const char *name = strncmp(id, CREDENTIAL_PLAIN, strlen(CREDENTIAL_PLAIN)) == 0
                                           ? id + strlen(CREDENTIAL_PLAIN)
                                           : id;
        size_t n = strlen(name);

        for (; secrets && *secrets; secrets++)
                if (strncmp(*secrets, name, n) == 0 && ((*secrets)[n] == ',' || !(*secrets)[n]))
                        return true;
        return false;
}

static int compare_text(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int credential_list(int directory, char *const *secrets, char ***ret) {
        autostrv char **list = NULL;
        autoclosedir DIR *stream = NULL;
        struct dirent *entry;
        int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        stream = fd < 0 ? NULL : fdopendir(fd);
        if (!stream)
                return -errno;
        while ((errno = 0, entry = readdir(stream)))
                if (*entry->d_name != '.' && !is_secret(entry->d_name, secrets) &&
                                strv_append(&list, entry->d_name) < 0)
                        return -ENOMEM;
        if (errno != 0)
                return -errno;
        if (list)
                qsort(list, strv_length(list), sizeof(char *), compare_text);
        *ret = TAKE(list);
        return 0;
}
