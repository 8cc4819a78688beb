/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/idrange.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/options.h"
#include "nspawn-glue/userns.h"

#define SLOT_FIRST (ID_RANGE_FIRST / IDS_PER_CONTAINER)
#define SLOTS ((ID_RANGE_LAST - ID_RANGE_FIRST + 1) / IDS_PER_CONTAINER)

static int claim(IdClaims *claims, uint32_t first, uint32_t last) {
        struct IdClaim *grown;

        /* What is outside of our range cannot be in the way. */
        if (last < ID_RANGE_FIRST || first > ID_RANGE_LAST)
                return 0;
        grown = reallocarray(claims->list, claims->n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        grown[claims->n++] = (struct IdClaim){ first, last };
        claims->list = grown;
        return 0;
}

static bool parse_id(const char *text, uint32_t *ret) {
        unsigned long long n;
        char *end;

        if (!text || *text < '0' || *text > '9')
                return false;
        errno = 0;
        n = strtoull(text, &end, 10);
        if (errno != 0 || *end || n > UINT32_MAX)
                return false;
        *ret = (uint32_t) n;
        return true;
}

/* The field @index of a line of fields with colons in between, cut out of it. */
static char *field(char *line, unsigned index) {
        char *found = NULL;

        for (unsigned i = 0; i <= index; i++)
                found = strsep(&line, ":");
        return found;
}

int id_claims_add_ids(IdClaims *claims, char *text) {
        char *line;

        while ((line = strsep(&text, "\n"))) {
                uint32_t id;

                if (parse_id(field(line, 2), &id) && claim(claims, id, id) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int id_claims_add_ranges(IdClaims *claims, char *text) {
        char *line;

        while ((line = strsep(&text, "\n"))) {
                uint32_t first, count;
                char *rest = line;

                (void) strsep(&rest, ":");
                if (!rest || !parse_id(strsep(&rest, ":"), &first) || !parse_id(rest, &count) || count == 0)
                        continue;
                if (claim(claims, first, count > UINT32_MAX - first ? UINT32_MAX : first + count - 1) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int id_claims_read(IdClaims *claims, int etc_fd) {
        static const struct {
                const char *file;
                int (*add)(IdClaims *claims, char *text);
        } files[] = {
                { "passwd", id_claims_add_ids },
                { "group", id_claims_add_ids },
                { "subuid", id_claims_add_ranges },
                { "subgid", id_claims_add_ranges },
        };

        for (size_t i = 0; i < ELEMENTS(files); i++) {
                autofree char *text = NULL;
                int r = io_read_file(etc_fd, files[i].file, 16 << 20, &text, NULL);

                if (r == -ENOENT)
                        continue;
                if (r >= 0)
                        r = files[i].add(claims, text);
                if (r < 0)
                        return r;
        }
        return 0;
}

void id_claims_done(IdClaims *claims) {
        free(claims->list);
        *claims = (IdClaims){};
}

/* FNV-1a: short names spread well, and it is the same everywhere. */
uint32_t id_range_guess(const char *name) {
        uint32_t hash = 2166136261U;

        for (const unsigned char *c = (const unsigned char *) name; *c; c++)
                hash = (hash ^ *c) * 16777619U;
        return (SLOT_FIRST + hash % SLOTS) * IDS_PER_CONTAINER;
}

/* Whose link it is. Return: 1 for @name's, 0 for somebody else's, -ENOENT for nobody's, -errno. */
static int whose(int dir_fd, const char *link, const char *name) {
        char text[CONTAINER_NAME_MAX + 2];
        ssize_t n = readlinkat(dir_fd, link, text, sizeof(text) - 1);

        if (n < 0)
                return errno == EINVAL ? 0 : -errno;
        text[n] = '\0';
        return strcmp(text, name) == 0;
}

static bool is_claimed(const IdClaims *claims, uint32_t base) {
        for (size_t i = 0; i < claims->n; i++)
                if (claims->list[i].first < base + IDS_PER_CONTAINER && claims->list[i].last >= base)
                        return true;
        return false;
}

typedef struct Taken {
        unsigned char slots[(SLOTS + 7) / 8];
        uint32_t own; /* 0 when @name has none yet */
} Taken;

static int read_taken(int dir_fd, const char *name, Taken *taken) {
        int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autoclosedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;

        if (!dir)
                return -errno;

        while ((entry = readdir(dir))) {
                uint32_t base, slot;

                if (!parse_id(entry->d_name, &base) || base % IDS_PER_CONTAINER != 0 ||
                                base < ID_RANGE_FIRST || base > ID_RANGE_LAST)
                        continue;
                slot = base / IDS_PER_CONTAINER - SLOT_FIRST;
                taken->slots[slot / 8] |= (unsigned char) (1 << slot % 8);
                if (whose(dir_fd, entry->d_name, name) == 1)
                        taken->own = base;
        }
        return 0;
}

/* From the guess on, the first slot that nobody has. */
static int choose(const Taken *taken, const IdClaims *claims, const char *name, uint32_t *ret) {
        uint32_t start = id_range_guess(name) / IDS_PER_CONTAINER - SLOT_FIRST;

        for (uint32_t i = 0; i < SLOTS; i++) {
                uint32_t slot = (start + i) % SLOTS, base = (SLOT_FIRST + slot) * IDS_PER_CONTAINER;

                if (taken->slots[slot / 8] & 1 << slot % 8 || is_claimed(claims, base))
                        continue;
                *ret = base;
                return 0;
        }
        return -EUSERS;
}

/* With the lock held: nobody else reads or makes links. */
static int take_locked(int dir_fd, int etc_fd, const char *name, uint32_t *ret, Fault *fault) {
        AUTO(id_claims_done) IdClaims claims = {};
        autofree Taken *taken = calloc(1, sizeof(Taken));
        char link[16];
        uint32_t base;
        int r;

        if (!taken)
                return -ENOMEM;
        r = read_taken(dir_fd, name, taken);
        if (r < 0)
                return r;
        if (taken->own != 0) {
                *ret = taken->own;
                return 0;
        }

        r = id_claims_read(&claims, etc_fd);
        if (r < 0)
                return r;
        r = choose(taken, &claims, name, &base);
        if (r < 0)
                return fault_raise(fault, FAULT_CONFLICT, -r, "all %u ranges of ids are taken", SLOTS);

        (void) snprintf(link, sizeof(link), "%u", base);
        if (symlinkat(name, dir_fd, link) < 0)
                return -errno;
        *ret = base;
        return 0;
}

int id_range_take(int dir_fd, int etc_fd, const char *name, uint32_t *ret, Fault *fault) {
        uint32_t guess = id_range_guess(name);
        autofd int lock = -1;
        char link[16];

        /* A link of ours is changed by nobody else, so this needs no lock. */
        (void) snprintf(link, sizeof(link), "%u", guess);
        if (whose(dir_fd, link, name) == 1) {
                *ret = guess;
                return 0;
        }

        lock = openat(dir_fd, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lock < 0 || flock(lock, LOCK_EX) < 0)
                return -errno;
        return take_locked(dir_fd, etc_fd, name, ret, fault);
}

int id_range_return(int dir_fd, const char *name, uint32_t base) {
        autofd int lock = openat(dir_fd, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        char link[16];

        if (lock < 0 || flock(lock, LOCK_EX) < 0)
                return -errno;
        (void) snprintf(link, sizeof(link), "%u", base);
        if (whose(dir_fd, link, name) != 1)
                return 0;
        return unlinkat(dir_fd, link, 0) < 0 ? -errno : 0;
}
