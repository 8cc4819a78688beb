/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Directives of units as properties on the bus
 *
 * StartTransientUnit takes no unit file, but typed properties with names that
 * are mostly those of the directives. One table says for each directive what
 * it is there. What the generator writes is all in it, which a test makes
 * sure of; so is what people put into [Service] most. The rest is refused.
 *
 * To add one: add a row, with the function that suits its type.
 */

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

#include "cli/directives.h"
#include "lib/fault.h"

typedef struct PropertyRow PropertyRow;

/* Appends one "(sv)" for a value, or several. Return: 0, or -errno with a fault. */
typedef int PropertyAppend(sd_bus_message *message, const PropertyRow *row, const char *value,
                const char *unit, Fault *fault);

struct PropertyRow {
        const char *directive; /* "TimeoutStopSec" */
        const char *section;   /* "Unit" or "Service" */
        PropertyAppend *append;
        const char *property; /* "TimeoutStopUSec" */
};

/* Sorted by directive, as in strcmp(3). */
extern const PropertyRow properties[];
extern const size_t n_properties;

/* Return: NULL for what cannot be set without a unit file. */
const PropertyRow *property_find(const char *directive);

/* Whether a directive belongs in [Unit]; what is not known belongs in [Service]. */
bool property_is_of_unit(const char *directive);

/**
 * properties_append() - the array "a(sv)" of StartTransientUnit, without its container
 * @unit:       its name, for specifiers
 *
 * Return: 0, or -errno with a fault whose key is the directive.
 */
int properties_append(sd_bus_message *message, const Directives *directives, const char *unit, Fault *fault);

/* property-scalars.c: one value */
PropertyAppend append_text;     /* s, with specifiers */
PropertyAppend append_word;     /* s, as it is */
PropertyAppend append_bool;     /* b */
PropertyAppend append_time;     /* t, microseconds */
PropertyAppend append_timeout;  /* the same, where 0 is no limit */
PropertyAppend append_size;     /* t, bytes; a percentage is the property with "Scale" behind its name */
PropertyAppend append_count;    /* the same for a number */
PropertyAppend append_unsigned; /* u */
PropertyAppend append_int;      /* i */
PropertyAppend append_mode;     /* u, octal */
PropertyAppend append_signal;   /* i */
PropertyAppend append_quota;    /* t, of a percentage of a second */
PropertyAppend append_weight;   /* t; "idle" is 0 */
PropertyAppend append_level;    /* i, a priority of syslog(3) */
PropertyAppend append_limit;    /* two t, hard and soft */
PropertyAppend append_stream;   /* s, whose property depends on what it is */

/* property-lists.c: several */
PropertyAppend append_words;       /* as, of words with specifiers */
PropertyAppend append_units;       /* as, of names in which a backslash is a letter */
PropertyAppend append_fields;      /* aay */
PropertyAppend append_command;     /* a(sasb) or a(sasas) */
PropertyAppend append_device;      /* a(ss) */
PropertyAppend append_device_size; /* a(st) */
PropertyAppend append_credential;  /* a(ss), with a colon between */
PropertyAppend append_secret;      /* a(say) */
PropertyAppend append_files;       /* a(sb), "-" in front is true */
PropertyAppend append_statuses;    /* (aiai) */
PropertyAppend append_delegate;    /* b, or as */
PropertyAppend append_condition;   /* a(sbbs) */
PropertyAppend append_binds;       /* a(ssbt) */
PropertyAppend append_filter;      /* (bas) */
PropertyAppend append_cpus;        /* ay, a bit for each */
