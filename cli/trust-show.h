/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/listing.h"

/* What is wanted of an image of this name, as text or JSON. Return: 0 or -errno with a fault. */
int trust_show(const char *text, bool json, Fault *fault);

/* All keys and masks. */
int trust_list(const ListingStyle *style, Fault *fault);
