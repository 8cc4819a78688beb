/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How a container's health is probed. */

#include "generator/values/value.h"

/* A JSON array, or a line with "CMD", "CMD-SHELL" or "NONE" in front or not; "none" for no probe. */
ValueParse health_parse_command;
ValueParse health_parse_action;          /* none, kill, restart, stop */
ValueParse health_parse_log_destination; /* local, events_logger, or an absolute directory */
