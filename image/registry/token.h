/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Tokens: what a registry wants to see instead of a password
 *
 * Its challenge names a server (the realm) that gives them away, for a
 * service and a scope. Credentials go there, so where it may be is limited.
 */

#include <stdint.h>

#include "image/registry/challenge.h"
#include "image/registry/http.h"

#define TOKEN_REPLY_LIMIT (1u << 20)

typedef struct Token {
        char *key; /* realm, service and scope that it is for */
        char *text;
        uint64_t expires; /* seconds of CLOCK_MONOTONIC */
        struct Token *next;
} Token;

/**
 * token_parse_reply() - read what a token server says
 * @ret:          the token: visible characters only, as it becomes a part of a header
 * @ret_seconds:  for how long it is good
 *
 * Return: 0, -EINVAL with a fault, -ENOMEM.
 */
int token_parse_reply(const char *text, size_t size, char **ret, uint64_t *ret_seconds, Fault *fault);

/* Whether a realm may be told credentials by who asks this endpoint. Return: 0, -EACCES with a fault. */
int token_check_realm(const char *realm, const Endpoint *endpoint, Fault *fault);

/**
 * token_fetch() - ask for one
 * @challenge:  with a realm
 * @scopes:     separated by blanks; NULL for none
 *
 * Return: 0, -EACCES when the credentials are not accepted, -errno; with a fault.
 */
int token_fetch(Http *http, const Challenge *challenge, const char *scopes, const Endpoint *endpoint,
                const atomic_bool *canceled, Token *ret, Fault *fault);

/* "Basic …" for a user and a password. Return: 0 or -ENOMEM. */
int basic_authorization(const char *user, const char *password, char **ret);

uint64_t monotonic_seconds(void);

/* Wiped and freed, but for the struct itself. */
void token_done(Token *token);
