/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/challenge.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct {
        const char *name;
        size_t offset;
} parameters[] = {
        { "realm",   offsetof(Challenge, realm)   },
        { "service", offsetof(Challenge, service) },
        { "scope",   offsetof(Challenge, scope)   },
        { "error",   offsetof(Challenge, error)   },
};
/* clang-format on */

static bool is_token_char(char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
               (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void skip_blanks(const char **at) {
        while (**at == ' ' || **at == '\t')
                (*at)++;
}

static size_t token_length(const char *at) {
        size_t n = 0;

        while (is_token_char(at[n]))
                n++;
        return n;
}

static void challenge_done(Challenge *challenge) {
        for (size_t i = 0; i < ELEMENTS(parameters); i++)
                free(*(char **) ((char *) challenge + parameters[i].offset));
        *challenge = (Challenge){};
}

void challenges_done(Challenges *challenges) {
        for (size_t i = 0; i < challenges->n; i++)
                challenge_done(&challenges->items[i]);
        free(challenges->items);
        *challenges = (Challenges){};
}

static int wrong(const char *why, Fault *fault) {
        return fault_raise(fault, FAULT_SYNTAX, EINVAL,
                        "the registry's WWW-Authenticate: cannot be read: %s", why);
}

/* From behind the opening quote to behind the closing one. */
static int read_quoted(const char **at, char **ret, Fault *fault) {
        autofree char *value = malloc(strlen(*at) + 1);
        char *to = value;

        if (!value)
                return -ENOMEM;
        for (; **at != '"'; (*at)++) {
                if (**at == '\\')
                        (*at)++;
                if ((unsigned char) **at < 0x20 && **at != '\t')
                        return wrong("a quote is not closed", fault);
                *to++ = **at;
        }
        (*at)++;
        *to = '\0';
        *ret = TAKE(value);
        return 0;
}

static int read_value(const char **at, char **ret, Fault *fault) {
        size_t n;

        skip_blanks(at);
        if (**at == '"') {
                (*at)++;
                return read_quoted(at, ret, fault);
        }
        n = token_length(*at);
        if (n == 0)
                return wrong("a parameter has no value", fault);
        *ret = strndup(*at, n);
        *at += n;
        return *ret ? 0 : -ENOMEM;
}

/* Takes @value. */
static int keep(Challenge *challenge, const char *name, size_t n, char *value, Fault *fault) {
        for (size_t i = 0; i < ELEMENTS(parameters); i++) {
                char **to = (char **) ((char *) challenge + parameters[i].offset);

                if (strlen(parameters[i].name) != n || strncasecmp(parameters[i].name, name, n) != 0)
                        continue;
                if (*to) {
                        free(value);
                        return wrong("it says the same thing twice", fault);
                }
                *to = value;
                return 0;
        }
        free(value);
        return 0;
}

/* The length of the name of a parameter at @at, or 0 if it is the beginning of another challenge. */
static size_t parameter_length(const char *at) {
        size_t n = token_length(at);
        const char *behind = at + n;

        skip_blanks(&behind);
        return n > 0 && *behind == '=' && behind[1] != '=' && behind[1] != '\0' ? n : 0;
}

/* What Negotiate and NTLM have in the place of parameters: characters of base64. */
static void skip_token68(const char **at) {
        size_t n = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/");
        const char *end = *at + n;

        end += strspn(end, "=");
        skip_blanks(&end);
        if (n > 0 && (*end == ',' || *end == '\0'))
                *at = end;
}

/* The parameters behind a scheme, up to the end or the next challenge. */
static int read_parameters(const char **at, Challenge *challenge, Fault *fault) {
        for (;;) {
                size_t n;
                const char *name;
                char *value = NULL;
                int r;

                while (**at == ',' || **at == ' ' || **at == '\t')
                        (*at)++;
                n = parameter_length(*at);
                if (n == 0)
                        return 0;
                name = *at;
                *at += n;
                skip_blanks(at);
                (*at)++;
                r = read_value(at, &value, fault);
                if (r < 0)
                        return r;
                r = keep(challenge, name, n, value, fault);
                if (r < 0)
                        return r;
                skip_blanks(at);
                if (**at != ',' && **at != '\0')
                        return wrong("there is no comma between two parameters", fault);
        }
}

static ChallengeScheme scheme_of(const char *name, size_t n) {
        if (n == 5 && strncasecmp(name, "Basic", n) == 0)
                return CHALLENGE_BASIC;
        if (n == 6 && strncasecmp(name, "Bearer", n) == 0)
                return CHALLENGE_BEARER;
        return CHALLENGE_OTHER;
}

static int read_challenge(const char **at, Challenge *ret, Fault *fault) {
        size_t n = token_length(*at);

        if (n == 0)
                return wrong("there is no scheme where one should be", fault);
        ret->scheme = scheme_of(*at, n);
        *at += n;
        if (**at != ' ' && **at != '\t' && **at != ',' && **at != '\0')
                return wrong("a scheme is followed by something else than a blank", fault);
        skip_blanks(at);
        if (parameter_length(*at) == 0)
                skip_token68(at);
        return read_parameters(at, ret, fault);
}

static int append(Challenges *challenges, Challenge *challenge) {
        Challenge *grown = reallocarray(challenges->items, challenges->n + 1, sizeof(Challenge));

        if (!grown)
                return -ENOMEM;
        challenges->items = grown;
        grown[challenges->n++] = *challenge;
        *challenge = (Challenge){};
        return 0;
}

static int parse(const char *at, Challenges *challenges, Fault *fault) {
        for (;;) {
                AUTO(challenge_done) Challenge challenge = {};
                int r;

                while (*at == ',' || *at == ' ' || *at == '\t')
                        at++;
                if (*at == '\0')
                        return 0;
                if (challenges->n == CHALLENGES_LIMIT)
                        return wrong("it has too many challenges", fault);
                if ((r = read_challenge(&at, &challenge, fault)) < 0 ||
                                (r = append(challenges, &challenge)) < 0)
                        return r;
        }
}

int challenges_parse(const char *text, Challenges *challenges, Fault *fault) {
        autochallenges Challenges parsed = {};
        int r;

        r = parse(text, &parsed, fault);
        if (r < 0)
                return r;
        for (size_t i = 0; i < parsed.n; i++) {
                r = append(challenges, &parsed.items[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

const Challenge *challenges_choose(const Challenges *challenges) {
        const Challenge *best = NULL;

        for (size_t i = 0; i < challenges->n; i++) {
                const Challenge *item = &challenges->items[i];

                if (item->scheme != CHALLENGE_OTHER && (!best || item->scheme > best->scheme))
                        best = item;
        }
        return best;
}
