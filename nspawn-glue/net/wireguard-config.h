/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The configuration of a WireGuard link, as wg-quick(8) has it
 *
 * What is ours of it is an interface's addresses and routes; keys and peers are for wg(8), and are handed
 * on. Keys are in no message.
 */

#include "nspawn-glue/net/network.h"

typedef struct WireguardConfig {
        Prefix addresses[SUBNETS_MAX]; /* Address=, with their own bits */
        size_t n_addresses;
        Prefix *routes; /* AllowedIPs=, each once */
        size_t n_routes;
        char **servers, **searches; /* DNS= */
        unsigned mtu;               /* 0: the kernel's choice */
        char *text;                 /* what wg setconf reads */
        char **secrets;             /* private and preshared keys */
} WireguardConfig;

/* Overwrites what is secret. */
void wireguard_config_done(WireguardConfig *config);

/**
 * wireguard_config_parse() - read a text
 * @path:       where it comes from, for faults
 *
 * Return: 0, -EINVAL or -EOPNOTSUPP with a fault that has the line, -ENOMEM.
 */
int wireguard_config_parse(const char *text, const char *path, WireguardConfig *ret, Fault *fault);

/* The same of a file, which only root may read. */
int wireguard_config_read(const char *path, WireguardConfig *ret, Fault *fault);
