/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/dns/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/io.h"

enum { FILE_MAX = 16 << 20 };

/* Coarser than any clock by which a kernel stamps files: what is as young as that can change unseen. */
#define TICK_NS (20 * INT64_C(1000000))

static int64_t nanoseconds(const struct timespec *t) {
        return (int64_t) t->tv_sec * 1000000000 + t->tv_nsec;
}

static bool is_same_file(const struct stat *a, const struct stat *b) {
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
               nanoseconds(&a->st_mtim) == nanoseconds(&b->st_mtim);
}

void names_done(Names *names) {
        free(names->text);
        names->text = NULL;
        names->size = 0;
        names->is_fresh = false;
}

static int read_again(Names *names, const struct stat *seen) {
        autofree char *text = NULL;
        struct timespec now;
        size_t size;
        int r = io_read_file(AT_FDCWD, names->path, FILE_MAX, &text, &size);
        const char *last;

        if (r < 0)
                return r;
        (void) clock_gettime(CLOCK_REALTIME, &now);

        /* Of a line that is just being written there may be a part. */
        last = size > 0 ? memrchr(text, '\n', size) : NULL;
        free(names->text);
        names->text = TAKE(text);
        names->size = last ? (size_t) (last - names->text) + 1 : 0;
        names->seen = *seen;
        names->is_fresh = names->size == (size_t) seen->st_size &&
                          nanoseconds(&now) - nanoseconds(&seen->st_mtim) > TICK_NS;
        return 0;
}

int names_refresh(Names *names) {
        struct stat seen;
        int r;

        r = stat(names->path, &seen) < 0 ? -errno : 0;
        if (r >= 0 && names->is_fresh && is_same_file(&seen, &names->seen))
                return 0;
        if (r >= 0)
                r = read_again(names, &seen);
        if (r == -ENOENT) {
                names_done(names);
                return 0;
        }
        return r;
}

/* What is left of a line. */
typedef struct Words {
        const char *at, *end;
} Words;

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
}

/* Return: NULL at the end of the line, or where a comment begins. */
static const char *next_word(Words *words, size_t *ret_length) {
        const char *from;

        while (words->at < words->end && is_blank(*words->at))
                words->at++;
        from = words->at;
        if (from == words->end || *from == '#')
                return NULL;
        while (words->at < words->end && !is_blank(*words->at))
                words->at++;
        *ret_length = (size_t) (words->at - from);
        return from;
}

static bool next_line(const Names *names, size_t *at, Words *ret) {
        const char *end;

        if (*at >= names->size)
                return false;
        ret->at = names->text + *at;
        end = memchr(ret->at, '\n', names->size - *at);
        ret->end = end ? end : names->text + names->size;
        *at = (size_t) (ret->end - names->text) + 1;
        return true;
}

static bool take_address(Words *words, Address *ret) {
        char text[INET6_ADDRSTRLEN];
        size_t n = 0;
        const char *word = next_word(words, &n);

        if (!word || n >= sizeof(text))
                return false;
        memcpy(text, word, n);
        text[n] = '\0';
        return address_parse(text, ret) >= 0;
}

static bool has_name(Words *words, const char *name, size_t length) {
        const char *word;
        size_t n;

        while ((word = next_word(words, &n)))
                if (n == length && strncasecmp(word, name, n) == 0)
                        return true;
        return false;
}

static bool is_among(const Address *list, size_t n, const Address *address) {
        for (size_t i = 0; i < n; i++)
                if (address_compare(&list[i], address) == 0)
                        return true;
        return false;
}

size_t names_find(const Names *names, const char *name, int family, Address *ret, size_t max,
                bool *ret_exists) {
        size_t length = strlen(name), n = 0, at = 0;
        Words words;

        *ret_exists = false;
        while (next_line(names, &at, &words)) {
                Words rest = words;
                Address address;
                size_t ignored;

                /* Most lines are of others, and names are cheaper to compare than addresses to parse. */
                if (!next_word(&rest, &ignored) || !has_name(&rest, name, length) ||
                                !take_address(&words, &address))
                        continue;
                *ret_exists = true;
                if (address.family == family && n < max && !is_among(ret, n, &address))
                        ret[n++] = address;
        }
        return n;
}

const char *names_next_of(const Names *names, const Address *address, size_t *at, size_t *ret_length) {
        Words words;
        Address other;

        /* @at is in the middle of a line when a name of it has been given out. */
        for (;;) {
                size_t begin = *at;
                const char *word;

                if (!next_line(names, at, &words))
                        return NULL;
                if (begin > 0 && names->text[begin - 1] != '\n')
                        word = next_word(&words, ret_length);
                else
                        word = take_address(&words, &other) && address_compare(&other, address) == 0
                                               ? next_word(&words, ret_length)
                                               : NULL;
                if (!word)
                        continue;
                *at = (size_t) (word - names->text) + *ret_length;
                return word;
        }
}
