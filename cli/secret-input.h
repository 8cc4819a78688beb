/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A secret on its way from a person into the store
 *
 * What is read here is in one piece of memory, which is wiped when it is
 * released; none of it is printed, or put into an argument of a program.
 */

#include <stddef.h>

#include "lib/fault.h"

typedef struct SecretText {
        char *data;
        size_t size, room;
} SecretText;

/**
 * secret_read() - read a secret
 * @path:       a file, or "-" for standard input
 *
 * A terminal is asked for one line, which it does not show. Else it is all that there is, as it is.
 *
 * Return: 0; -ENODATA for nothing, -EFBIG for more than systemd takes, -ECANCELED, all with a fault.
 */
int secret_read(const char *name, const char *path, SecretText *ret, Fault *fault);

/* Asks the terminal @fd for a line, which it does not show. Return: 0, -ECANCELED, -ENOTTY, -EFBIG, -errno.
 */
int secret_ask(const char *prompt, int fd, SecretText *ret);

/**
 * secret_encrypt() - let systemd-creds(1) encrypt it
 * @with_key:   what systemd-creds takes for --with-key=
 * @ret:        what goes into the store
 */
int secret_encrypt(const char *name, const char *with_key, const SecretText *text, SecretText *ret,
                Fault *fault);

void secret_text_done(SecretText *text);
