/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The syntax of unit files
 *
 * Reads as systemd.syntax(7) says and as systemd does, with two differences. What systemd skips with a
 * line in its log is a fault here. And a backslash that only blanks follow continues the line, because
 * Podman reads it so; that is a warning.
 *
 * Text is taken apart in place: lines are joined and ended within the buffer that was read.
 */

#include "generator/faults.h"
#include "generator/quadlet/manifest.h"

/* No file may be longer, hence no line. It is the limit systemd has for lines. */
#define SYNTAX_LONGEST_FILE (1024 * 1024)

/* What was read: of several files, when several are read into it. */
typedef struct Syntax {
        Assignment *assignments;
        size_t n_assignments, assignments_room;
        Joint *joints;
        size_t n_joints, joints_room;
} Syntax;

/**
 * syntax_read() - take a file apart
 * @syntax:     what was read before, and is continued
 * @path:       the file's name, for places; must outlive @syntax
 * @text:       what is in it, with a NUL behind; is changed, and must outlive @syntax
 * @size:       its length without that NUL
 * @faults:     what was wrong; reading goes on with the next line
 *
 * Return: 0 or -ENOMEM.
 */
int syntax_read(Syntax *syntax, const char *path, char *text, size_t size, FaultList *faults);

/* Forgets what was read and keeps the memory for the next. */
void syntax_reset(Syntax *syntax);

void syntax_done(Syntax *syntax);

/* Where @at is in its file: on the line of @line and @column, which starts at @origin, or on one joined to
 * it. */
Place syntax_place(const Joint *joints, size_t n_joints, const char *origin, unsigned line, unsigned column,
                const char *at);
