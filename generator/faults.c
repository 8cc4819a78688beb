/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a caller that only looks at numbers learns. */
static const int errnos[_FAULT_KIND_MAX] = {
        [FAULT_NONE] = EINVAL,
        [FAULT_SYSTEM] = EIO,
        [FAULT_SYNTAX] = EBADMSG,
        [FAULT_VALUE] = EINVAL,
        [FAULT_UNKNOWN_KEY] = ENOENT,
        [FAULT_UNSUPPORTED] = EOPNOTSUPP,
        [FAULT_MISSING] = ENOENT,
        [FAULT_CONFLICT] = EEXIST,
        [FAULT_INTEGRITY] = EBADMSG,
        [FAULT_HOSTILE] = EPERM,
};

/* Return: NULL when there is no memory, or nobody would read that far. */
static FaultEntry *append(FaultList *faults, bool is_warning) {
        FaultEntry *grown;

        faults->n_errors += !is_warning;
        if (faults->n_entries >= (is_warning ? FAULTS_MOST / 2 : FAULTS_MOST)) {
                faults->n_dropped++;
                return NULL;
        }

        /* Grows in powers of two. */
        if ((faults->n_entries & (faults->n_entries - 1)) == 0) {
                size_t room = faults->n_entries > 0 ? faults->n_entries * 2 : 1;

                grown = reallocarray(faults->entries, room, sizeof(FaultEntry));
                if (!grown)
                        return NULL;
                faults->entries = grown;
        }

        faults->entries[faults->n_entries] = (FaultEntry){ .is_warning = is_warning };
        return &faults->entries[faults->n_entries++];
}

__attribute__((format(printf, 5, 0))) static int add(FaultList *faults, bool is_warning, const Place *place,
                FaultKind kind, const char *format, va_list ap) {
        FaultEntry *entry = append(faults, is_warning);
        char text[sizeof(entry->fault.text)];

        if (!entry)
                return -ENOMEM;
        if (place)
                fault_locate(&entry->fault, place);

        (void) vsnprintf(text, sizeof(text), format, ap);
        return fault_raise(&entry->fault, kind, errnos[kind], "%s", text);
}

int faults_raise(FaultList *faults, const Place *place, FaultKind kind, const char *format, ...) {
        va_list ap;
        int r;

        va_start(ap, format);
        r = add(faults, false, place, kind, format, ap);
        va_end(ap);
        return r;
}

void faults_warn(FaultList *faults, const Place *place, FaultKind kind, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        (void) add(faults, true, place, kind, format, ap);
        va_end(ap);
}

int faults_take(FaultList *faults, const Fault *fault) {
        FaultEntry *entry = append(faults, false);

        if (!entry)
                return -ENOMEM;
        entry->fault = *fault;
        return -fault->error;
}

void faults_move(FaultList *from, FaultList *to) {
        for (size_t i = 0; i < from->n_entries; i++) {
                FaultEntry *entry = append(to, from->entries[i].is_warning);

                if (entry)
                        entry->fault = from->entries[i].fault;
        }
        to->n_dropped += from->n_dropped;
        faults_done(from);
}

static int compare_place(const Fault *one, const Fault *other, const char *path) {
        int c = strcmp(one->path, other->path);

        if (c != 0)
                return strcmp(one->path, path) == 0 ? -1 : strcmp(other->path, path) == 0 ? 1 : c;
        /* Unsigned, so that 0 for no line becomes the largest. */
        if (one->line != other->line)
                return one->line - 1 < other->line - 1 ? -1 : 1;
        return one->column < other->column ? -1 : one->column > other->column;
}

/* By insertion: lists are short, and what is at one place has to stay in its order. */
void faults_sort(FaultList *faults, const char *path) {
        for (size_t i = 1; i < faults->n_entries; i++) {
                FaultEntry entry = faults->entries[i];
                size_t k = i;

                for (; k > 0 && compare_place(&entry.fault, &faults->entries[k - 1].fault, path) < 0; k--)
                        faults->entries[k] = faults->entries[k - 1];
                faults->entries[k] = entry;
        }
}

const Fault *faults_first_error(const FaultList *faults) {
        for (size_t i = 0; i < faults->n_entries; i++)
                if (!faults->entries[i].is_warning)
                        return &faults->entries[i].fault;
        return NULL;
}

void faults_done(FaultList *faults) {
        free(faults->entries);
        *faults = (FaultList){};
}
