/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Values that are one of a few words, or that are soon checked. */

#include "generator/values/value.h"

ValueParse word_parse_pull;        /* missing, never, always, newer */
ValueParse word_parse_platform;    /* an architecture, its variant, an operating system */
ValueParse word_parse_auto_update; /* registry, local */
ValueParse word_parse_log_driver;  /* journald, passthrough, none */
ValueParse word_parse_log_opt;     /* tag=TEXT, label=NAME[=VALUE], labels=NAME,…, env=NAME,… */
ValueParse word_parse_activation;  /* socket */
ValueParse word_parse_verity;      /* boolean, or 64 digits */
ValueParse word_parse_console;     /* journal, pipe, direct, null, terminal, interactive */
ValueParse word_parse_notify;      /* yes, healthy */
ValueParse word_parse_cgroups;     /* split, enabled, no-conmon */
ValueParse word_parse_remap;       /* manual, auto, keep-id */
ValueParse word_parse_timezone;    /* local, Area/City */
ValueParse word_parse_user;        /* USER[:GROUP] */
ValueParse word_parse_group;       /* GROUP */
ValueParse word_parse_pod;         /* NAME.pod */
ValueParse word_parse_share;       /* [+]NAME[,NAME…] of ipc, net, uts, pid; to pid, or nothing */
ValueParse word_parse_exit_policy; /* stop, continue */
ValueParse word_parse_service;     /* a unit's name without ".service" */
ValueParseNumber word_parse_pids;  /* a number, -1 or 0 for no limit */
