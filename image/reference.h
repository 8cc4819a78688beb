/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Image references
 *
 *      [DOMAIN[:PORT]/]PATH[:TAG][@DIGEST]
 *
 * A reference is read as Docker reads it: without a domain it is one of
 * docker.io, there without a directory it is one of library/, and without a
 * tag it is :latest. So "nginx" is "docker.io/library/nginx:latest". The
 * grammar is strict, since a reference becomes a file name.
 */

#include <stdbool.h>

#include "image/digest.h"
#include "lib/cleanup.h"

typedef struct Reference {
        char *domain;  /* "docker.io", "localhost:5000" */
        char *path;    /* "library/nginx" */
        char *tag;     /* "latest"; NULL when only a digest was given */
        Digest digest; /* unset when there was none */
} Reference;

/**
 * reference_parse() - read a reference as a person writes it
 * @text:       the reference
 * @ret:        its parts; untouched on failure
 *
 * A leading "docker://" is accepted, as the name of the transport that it is.
 *
 * Return: 0, -EINVAL, -ENAMETOOLONG, -EOPNOTSUPP (digest algorithm) or -ENOMEM.
 */
int reference_parse(const char *text, Reference *ret, Fault *fault);

/* "DOMAIN/PATH:TAG" or "DOMAIN/PATH@DIGEST". Both given: the digest decides, and the tag is left out. */
int reference_format(const Reference *reference, char **ret);

/* The whole way, from what a person wrote to the one name that the store knows it by. */
int reference_normalise(const char *text, char **ret, Fault *fault);

/* A name as a file name and back: '/' is "%2F". */
int reference_escape(const char *name, char **ret);
int reference_unescape(const char *file, char **ret);

void reference_done(Reference *reference);
