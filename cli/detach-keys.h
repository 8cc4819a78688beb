/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Keys that end an attachment
 *
 * A sequence of keys, as podman and docker have it: "ctrl-p,ctrl-q". Keys that
 * could be the beginning of it are held back until it is clear that they are
 * not. Only in what a person types: in a file such bytes mean nothing.
 */

#include <stdbool.h>
#include <stddef.h>

enum { DETACH_KEYS_MAX = 16 };

#define DETACH_KEYS_DEFAULT "ctrl-p,ctrl-q"

typedef struct DetachKeys {
        char keys[DETACH_KEYS_MAX];
        size_t n;    /* 0: there are none */
        size_t held; /* how many of them were just typed */
} DetachKeys;

/* Letters, and "ctrl-" with one of a-z, @ [ \ ] ^ _, with commas in between; "" is none. Return: 0, -EINVAL.
 */
int detach_keys_parse(const char *text, DetachKeys *ret);

/**
 * detach_keys_feed() - look at what was typed
 * @typed:      @n bytes
 * @out:        what is to be passed on, room for @n + DETACH_KEYS_MAX bytes
 * @ret_n:      how much of it
 *
 * Return: whether the sequence is complete; what follows it in @typed is dropped.
 */
bool detach_keys_feed(DetachKeys *keys, const char *typed, size_t n, char *out, size_t *ret_n);
