/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Faults
 *
 * A function that can fail returns 0 or a negative errno. One whose failure a
 * person will have to understand also takes a Fault: the errno is for the
 * caller's branch, the Fault is for the reader of the message.
 *
 * A Fault is a plain value on somebody's stack. It points at nothing, needs
 * no cleanup and cannot itself fail for lack of memory; a text that is too
 * long is cut. Library code raises faults and never prints. One place per
 * program, report_fault(), turns a Fault into words.
 */

#include <stdbool.h>

#include "lib/message-ids.h"

typedef enum FaultKind {
        FAULT_NONE,
        FAULT_SYSTEM,      /* the kernel or a library said no */
        FAULT_SYNTAX,      /* a file cannot be read as what it claims to be */
        FAULT_VALUE,       /* a key or option is known, its value is not acceptable */
        FAULT_UNKNOWN_KEY, /* a key is not in the table */
        FAULT_UNSUPPORTED, /* a key is valid, and cannot be honoured, now or ever */
        FAULT_MISSING,     /* something that was named is not there */
        FAULT_CONFLICT,    /* two things claim the same name, range or place */
        FAULT_INTEGRITY,   /* bytes are not what their digest promised */
        FAULT_HOSTILE,     /* an archive tried to reach outside of its root */
        _FAULT_KIND_MAX,
} FaultKind;

/* A spot in the user's own files, good for the length of one call. */
typedef struct Place {
        const char *path;
        unsigned line;   /* counted from 1, 0 when it is not known */
        unsigned column; /* counted from 1 in bytes, 0 when it is not known */
        const char *key; /* NULL outside of key parsing */
        bool is_field;   /* the key is a path in a document, as "spec.containers[0].image" */
} Place;

/* Copies what it is told: a fault travels further up than the buffers it came from. */
typedef struct Fault {
        FaultKind kind;
        int error;         /* positive errno, 0 until the fault is raised */
        MessageId message; /* what kind of event it is, if it is one that has a name */
        char path[256];    /* empty when no file is to blame */
        unsigned line;
        unsigned column;
        char key[128];
        bool is_field;  /* of a document, not the key of an assignment */
        char text[512]; /* "cannot …: why", lower case, no full stop */
} Fault;

/* Says where the work is, in case it fails. A NULL fault is fine, here and below. */
void fault_locate(Fault *fault, const Place *place);

/**
 * fault_raise() - record a failure
 * @fault:      where to record it, or NULL if nobody will read it
 * @kind:       what sort of failure this is
 * @error:      positive errno
 * @format:     what could not be done, and why
 *
 * A fault is raised once; what callers know on top is added by fault_wrap().
 *
 * Return: -@error, always negative, to be returned as is.
 */
int fault_raise(Fault *fault, FaultKind kind, int error, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/**
 * fault_wrap() - put what the caller was doing in front of a fault
 * @fault:      the raised fault, or NULL
 * @r:          the callee's negative errno
 * @format:     what the caller was doing
 *
 * A fault that was never raised (the callee had no words) gets the errno's text.
 *
 * Return: @r, unchanged.
 */
int fault_wrap(Fault *fault, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));

/**
 * fault_mark() - say what kind of event a fault is
 * @r:          the negative errno that raised it
 *
 * To be put around fault_raise(): the journal's entry gets the MESSAGE_ID=.
 *
 * Return: @r, unchanged.
 */
int fault_mark(Fault *fault, MessageId message, int r);

/*
 * Puts question marks in the place of control characters: a text quotes what others wrote, and that must
 * neither drive a terminal nor break a line of a log. Done for texts and keys of faults; a path stays as it
 * is.
 */
void fault_tame(char *text);

/* True once the fault was raised. */
bool fault_is_raised(const Fault *fault);

/* Forgets a raised fault, for callers who know better than to fail. Keeps the place. */
void fault_clear(Fault *fault);

const char *fault_kind_to_string(FaultKind kind);

/* Return: FAULT_NONE for a word that names no kind. */
FaultKind fault_kind_from_string(const char *word);
