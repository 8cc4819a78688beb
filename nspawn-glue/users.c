/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/users.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A piece of a text that is not ours to cut. */
typedef struct Span {
        const char *text;
        size_t n;
} Span;

/* A line, field by field. passwd has 7, group has 4. */
typedef struct Line {
        Span fields[7];
        size_t n;
} Line;

static bool is(Span span, Span other) {
        return span.n == other.n && memcmp(span.text, other.text, span.n) == 0;
}

static Span span_of(const char *text) {
        return (Span){ text, strlen(text) };
}

/* Return: 0; -EINVAL for what is no number; -ERANGE beyond 2^31-1, where some programs see negative ones. */
static int to_id(Span span, uint32_t *ret) {
        uint64_t n = 0;

        if (span.n == 0)
                return -EINVAL;
        for (size_t i = 0; i < span.n; i++) {
                if (span.text[i] < '0' || span.text[i] > '9')
                        return -EINVAL;
                n = n * 10 + (uint64_t) (span.text[i] - '0');
                if (n > INT32_MAX)
                        n = UINT64_C(1) << 32;
        }
        if (n > INT32_MAX)
                return -ERANGE;
        *ret = (uint32_t) n;
        return 0;
}

/* The next line, cut at colons. Return: whether there is one. */
static bool next_line(const char **text, Line *ret) {
        const char *at = *text, *end;

        if (!*at)
                return false;
        end = at + strcspn(at, "\n");
        *text = *end ? end + 1 : end;

        ret->n = 0;
        for (;;) {
                const char *colon = memchr(at, ':', (size_t) (end - at));

                if (!colon || ret->n + 1 == sizeof(ret->fields) / sizeof(ret->fields[0]))
                        colon = end;
                ret->fields[ret->n++] = (Span){ at, (size_t) (colon - at) };
                if (colon == end)
                        return true;
                at = colon + 1;
        }
}

/*
 * A line of the user with the name or the number @who. A number is never taken for a name: an image may have
 * a user who is called "1000" and is root.
 */
static bool find_user(const char *passwd, Span who, bool is_number, uint32_t id, Line *ret) {
        while (next_line(&passwd, ret)) {
                uint32_t other;

                if (ret->n < 6)
                        continue;
                if (is_number ? to_id(ret->fields[2], &other) >= 0 && other == id : is(ret->fields[0], who))
                        return true;
        }
        return false;
}

static int resolve_user(const char *passwd, Span who, User *user, Span *ret_name, Fault *fault) {
        Line line;
        uint32_t id = 0;
        int r = to_id(who, &id);
        bool found;

        if (r == -ERANGE)
                return fault_raise(fault, FAULT_VALUE, ERANGE, "user id %.*s is too large", (int) who.n,
                                who.text);

        found = find_user(passwd, who, r >= 0, id, &line);
        if (!found && r < 0)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "no user '%.*s' in the image's /etc/passwd",
                                (int) who.n, who.text);

        *ret_name = found ? line.fields[0] : (Span){ "", 0 };
        user->uid = id;
        if (!found)
                return 0;
        if (to_id(line.fields[2], &user->uid) < 0 || to_id(line.fields[3], &user->gid) < 0)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL,
                                "the image's /etc/passwd has no valid ids for user '%.*s'", (int) who.n,
                                who.text);
        if (line.fields[5].n > 0 && line.fields[5].n < sizeof(user->home))
                (void) snprintf(user->home, sizeof(user->home), "%.*s", (int) line.fields[5].n,
                                line.fields[5].text);
        return 0;
}

static int resolve_group(const char *group, Span who, gid_t *ret, Fault *fault) {
        uint32_t id;
        Line line;
        int r = to_id(who, &id);

        if (r == -ERANGE)
                return fault_raise(fault, FAULT_VALUE, ERANGE, "group id %.*s is too large", (int) who.n,
                                who.text);
        if (r >= 0) {
                *ret = id;
                return 0;
        }
        while (next_line(&group, &line))
                if (line.n >= 3 && is(line.fields[0], who) && to_id(line.fields[2], ret) >= 0)
                        return 0;
        return fault_raise(fault, FAULT_MISSING, ENOENT, "no group '%.*s' in the image's /etc/group",
                        (int) who.n, who.text);
}

static int add_group(User *user, gid_t gid) {
        for (size_t i = 0; i < user->n_groups; i++)
                if (user->groups[i] == gid)
                        return 0;
        if (user->n_groups == USERS_GROUPS_MAX)
                return -E2BIG;
        user->groups[user->n_groups++] = gid;
        return 0;
}

static bool is_member(Span members, Span name) {
        while (members.n > 0) {
                const char *comma = memchr(members.text, ',', members.n);
                size_t n = comma ? (size_t) (comma - members.text) : members.n;

                if (is((Span){ members.text, n }, name))
                        return true;
                if (!comma)
                        break;
                members.text += n + 1;
                members.n -= n + 1;
        }
        return false;
}

static int add_memberships(const char *group, Span name, User *user) {
        Line line;

        while (name.n > 0 && next_line(&group, &line)) {
                gid_t gid;

                if (line.n < 4 || !is_member(line.fields[3], name) || to_id(line.fields[2], &gid) < 0)
                        continue;
                if (add_group(user, gid) < 0)
                        return -E2BIG;
        }
        return 0;
}

int users_resolve(const char *passwd, const char *group, const char *spec, char *const *more, User *ret,
                Fault *fault) {
        const char *who = spec && *spec ? spec : "0", *colon = strchr(who, ':');
        Span name = { "", 0 }, user = { who, colon ? (size_t) (colon - who) : strlen(who) };
        User found = { .home = "/" };
        int r;

        /* ":GROUP" is root with another group. */
        if (user.n == 0)
                user = span_of("0");
        r = resolve_user(passwd, user, &found, &name, fault);
        if (r >= 0 && colon && colon[1])
                r = resolve_group(group, span_of(colon + 1), &found.gid, fault);
        if (r >= 0)
                r = add_group(&found, found.gid);
        if (r >= 0 && !(colon && colon[1]))
                r = add_memberships(group, name, &found);
        for (; r >= 0 && more && *more; more++) {
                gid_t gid;

                r = resolve_group(group, span_of(*more), &gid, fault);
                if (r >= 0)
                        r = add_group(&found, gid);
        }
        if (r >= 0)
                *ret = found;
        return r;
}
