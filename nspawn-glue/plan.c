/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/plan.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/cleanup.h"
#include "lib/io.h"

#define PLAN_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* There may be secrets in it. */
static void forget(PlanWriter *plan) {
        if (plan->text)
                explicit_bzero(plan->text, plan->size);
        free(plan->text);
        plan->text = NULL;
}

/* Room for @n more bytes. */
static char *plan_room(PlanWriter *plan, size_t n) {
        size_t room = plan->room ? plan->room : 4096;
        char *grown;

        if (plan->error < 0)
                return NULL;
        if (n > PLAN_MAX || plan->size + n > PLAN_MAX) {
                plan->error = -E2BIG;
                return NULL;
        }

        while (room < plan->size + n)
                room *= 2;
        if (room != plan->room) {
                grown = malloc(room);
                if (!grown) {
                        plan->error = -ENOMEM;
                        return NULL;
                }
                if (plan->size > 0)
                        memcpy(grown, plan->text, plan->size);
                forget(plan);
                plan->text = grown;
                plan->room = room;
        }
        return plan->text + plan->size;
}

void plan_put(PlanWriter *plan, const char *verb, const char *value) {
        size_t v = strlen(verb), n = strlen(value);
        char *at = plan_room(plan, v + n + 2);

        if (!at)
                return;
        memcpy(at, verb, v);
        at[v] = '=';
        memcpy(at + v + 1, value, n + 1);
        plan->size += v + n + 2;
}

void plan_put_secret(PlanWriter *plan, const char *verb, const char *name, const char *value) {
        size_t v = strlen(verb), k = strlen(name), n = strlen(value);
        char *at = plan_room(plan, v + k + n + 3);

        if (!at)
                return;
        memcpy(at, verb, v);
        at[v] = '=';
        memcpy(at + v + 1, name, k);
        at[v + 1 + k] = '=';
        memcpy(at + v + k + 2, value, n + 1);
        plan->size += v + k + n + 3;
}

void plan_putf(PlanWriter *plan, const char *verb, const char *format, ...) {
        autofree char *value = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&value, format, ap);
        va_end(ap);

        if (n < 0) {
                value = NULL;
                plan->error = -ENOMEM;
                return;
        }
        plan_put(plan, verb, value);
}

int plan_seal(PlanWriter *plan, int *ret_fd) {
        autofd int fd = -1;
        int r;

        if (plan->error < 0)
                return plan->error;

        fd = memfd_create(PLAN_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (fd < 0)
                return -errno;
        r = io_write_all(fd, plan->text, plan->size);
        if (r < 0)
                return r;
        if (fcntl(fd, F_ADD_SEALS, PLAN_SEALS) < 0)
                return -errno;

        *ret_fd = TAKE_FD(fd);
        return 0;
}

void plan_done(PlanWriter *plan) {
        forget(plan);
        *plan = (PlanWriter){};
}

static size_t count_entries(const char *text, size_t size) {
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                if (text[i] == '\0')
                        n++;
        return n;
}

int plan_parse(char *text, size_t size, PlanEntry **ret, size_t *ret_n) {
        size_t n = count_entries(text, size);
        autofree PlanEntry *entries = NULL;
        char *at = text;

        if (size == 0 || text[size - 1] != '\0')
                return -EBADMSG;
        entries = calloc(n, sizeof(PlanEntry));
        if (!entries)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                char *end = at + strlen(at), *equals = strchr(at, '=');

                if (!equals || equals == at)
                        return -EBADMSG;
                *equals = '\0';
                entries[i] = (PlanEntry){ .verb = at, .value = equals + 1 };
                at = end + 1;
        }

        *ret = TAKE(entries);
        *ret_n = n;
        return 0;
}

int plan_read(int fd, char **ret_text, PlanEntry **ret, size_t *ret_n) {
        int seals = fcntl(fd, F_GET_SEALS), r;
        autofree char *text = NULL;
        size_t size;

        if (seals < 0)
                return -errno;
        if ((seals & PLAN_SEALS) != PLAN_SEALS)
                return -EPERM;
        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;

        r = io_read_fd(fd, PLAN_MAX, &text, &size);
        if (r < 0)
                return r;
        r = plan_parse(text, size, ret, ret_n);
        if (r < 0)
                return r;

        *ret_text = TAKE(text);
        return 0;
}
