/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * All that is wrong with one manifest
 *
 * Someone who mistyped three keys wants to hear of three, not of the first.
 * So reading goes on after a fault, and each one is put on a list. A list that
 * cannot grow for lack of memory still knows how many faults there were.
 *
 * A warning is something that a person should hear of, while the unit is made
 * all the same.
 */

#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef struct FaultEntry {
        Fault fault;
        bool is_warning;
} FaultEntry;

/* Who gives us something that is no manifest at all needs no more to see it. Half of it is for errors only.
 */
#define FAULTS_MOST 200

typedef struct FaultList {
        FaultEntry *entries; /* in the order in which they were found */
        size_t n_entries;
        size_t n_errors;  /* also counts those that are not on the list */
        size_t n_dropped; /* beyond FAULTS_MOST */
} FaultList;

/**
 * faults_raise() - put a fault on the list
 * @faults:     the list
 * @place:      where it is, NULL when no file is to blame
 * @kind:       what sort of failure this is
 * @format:     what could not be done, why, and what to do about it
 *
 * Return: a negative errno that suits @kind, to be returned as is.
 */
int faults_raise(FaultList *faults, const Place *place, FaultKind kind, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/* The same for something that does not stop the unit. */
void faults_warn(FaultList *faults, const Place *place, FaultKind kind, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/* Puts a raised fault on the list that somebody else filled in. Return: its negative errno. */
int faults_take(FaultList *faults, const Fault *fault);

/* All that is on one list goes on another one; @from is empty then. */
void faults_move(FaultList *from, FaultList *to);

/* In the order of lines; what is about @path comes first, and what has no line last of its file. */
void faults_sort(FaultList *faults, const char *path);

/* The first fault that is not a warning; NULL when there is none. */
const Fault *faults_first_error(const FaultList *faults);

void faults_done(FaultList *faults);
