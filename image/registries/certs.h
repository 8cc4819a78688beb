/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * certs.d: whom to believe about a host, and what to show it
 *
 * A directory HOST[:PORT] has authorities in *.crt, and a certificate to
 * show in NAME.cert with its key in NAME.key.
 */

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef struct Certs {
        char *ca, *certificate, *key; /* PEM, NULL for none */
        char *directory;              /* where they are from, NULL for none */
} Certs;

/**
 * certs_load() - read what there is for a host
 * @hosts:      names it goes by, the first with a directory counts; NULL-terminated
 * @given:      a directory to read instead; NULL to look in the usual places
 *
 * Return: 0, also when there is nothing; -errno with a fault that names the file.
 */
int certs_load(const char *const *hosts, const char *given, Certs *ret, Fault *fault);

void certs_done(Certs *certs);
