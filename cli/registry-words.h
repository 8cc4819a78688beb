/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Values of options that all verbs have which speak to registries. */

#include "image/registries/plan.h"

/* --tls-verify= */
int registry_word_tls(const char *text, TlsVerify *ret, Fault *fault);

/* --creds=USER[:PASSWORD]; takes the password out of @text, which everybody can read. */
int registry_word_creds(char *text, char **user, char **password, Fault *fault);

/* Asks for the password of @user if there is a terminal. */
int registry_ask_password(const char *user, char **ret, Fault *fault);
