/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Written by tests/unit/trust/make. */
#define SIGNER "df41b17d81d4d9c3f68a08df1a503d36794b74bf"
#define OTHER "83108d64ae1bb4addfdccbe124761fd428c3cfb2"
#define EXPIRED "1c351edb10b73d4a0f9d258d8c157b7c0829a67e"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER_DIGEST "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
