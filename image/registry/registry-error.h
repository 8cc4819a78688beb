/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a registry says when it says no: {"errors": [{"code", "message", "detail"}]}, for people. */

#include <stddef.h>

/**
 * registry_error_text() - the registry's own words
 * @body:       what came with the status; may be NULL, or anything at all
 * @text:       the words, tamed; empty when there are none that a person could read
 */
void registry_error_text(const char *body, size_t n, char *text, size_t size);
