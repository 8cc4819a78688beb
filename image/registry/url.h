/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where an address leads
 *
 * A registry tells the fetcher where to go: for tokens, for blobs, for the
 * next page. Whom credentials may be shown to, and which neighbours of this
 * machine must not be asked on a stranger's behalf, is decided here.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

/**
 * url_parse() - take a URL of http or https apart
 * @url:        what a stranger says
 * @ret_origin: "https://host:port", always with the port; may be NULL
 * @ret_host:   "host", an IPv6 address with brackets; may be NULL
 *
 * Return: 0, -EINVAL for what is no URL, is of another scheme, or has a user in it; with a fault.
 */
int url_parse(const char *url, char **ret_origin, char **ret_host, Fault *fault);

/* What "Location: @location" means in the answer to @base. Return: 0, -EINVAL with a fault. */
int url_resolve(const char *base, const char *location, char **ret, Fault *fault);

/* Scheme, host and port are the same. */
bool url_is_same_origin(const char *a, const char *b);

bool url_is_https(const char *url);

/* @host of a URL is that of @endpoint, which may have a port. */
bool host_is_same(const char *host, const char *endpoint);

/* "localhost", "127.0.0.1", "[::1]", with or without a port: what is said never leaves this machine. */
bool host_is_loopback(const char *host);

/* Names and literal addresses that no stranger may make us ask. */
bool host_is_metadata(const char *host);

/* Link-local addresses, where clouds keep the machine's own secrets, and those that are no address. */
bool address_is_metadata(const struct sockaddr *address);
bool address_is_loopback(const struct sockaddr *address);

/* What may be in a path and in a query as it is stays; the rest is written as %XX. */
int url_escape(const char *text, char **ret);
