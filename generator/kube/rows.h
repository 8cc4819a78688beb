/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How rows of tables of fields are written; for the files that have such tables only. */

#include "generator/kube/fields.h"
#include "lib/cleanup.h"

#define TEXT FIELD_TEXT
#define BOOLEAN FIELD_BOOLEAN
#define QUANTITY FIELD_QUANTITY
#define PORT FIELD_PORT
#define TEXTS FIELD_TEXTS
#define NUMBERS FIELD_NUMBERS
#define TEXT_MAP FIELD_TEXT_MAP
#define QUANTITY_MAP FIELD_QUANTITY_MAP
#define ANY FIELD_ANY
#define NUMBER(a, b) FIELD_NUMBER, .min = (a), .max = (b)
#define ONE_OF(list) FIELD_TEXT, .words = (list)
#define A_TABLE(of) FIELD_TABLE, .table = &of##_table
#define TABLES(of) FIELD_TABLES, .table = &of##_table

#define REQUIRED .is_required = true
#define SILENT .use = FIELD_SILENT
#define NOTICED(text) .use = FIELD_NOTICED, .why = (text)
#define REFUSED(text) .use = FIELD_REFUSED, .why = (text)
#define UNLESS(text) .harmless = (text)

/* The table of the rows above it. */
#define TABLE(of) static const FieldTable of##_table = { of##_rows, ELEMENTS(of##_rows) }
