/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What plugins of CNI answer
 *
 * Bytes of somebody else's program: what is taken from them is checked and bounded, the rest is only handed
 * on to other plugins.
 */

#include <jansson.h>

#include "nspawn-glue/net/member.h"

enum { CNI_LIST_MAX = 16 };

typedef struct CniResult {
        Prefix prefixes[ATTACHMENT_PREFIXES_MAX]; /* of the container's interface */
        size_t n_prefixes;
        Address gateways[2];                   /* of IPv4 and IPv6, not set for none */
        uint8_t mac[6];                        /* zeros when it does not say */
        char **servers, **searches, **options; /* for resolv.conf */
} CniResult;

void cni_result_done(CniResult *result);

/**
 * cni_result_parse() - the result of ADD, of any version of the specification
 * @interface:  how the container's is called; what is of others is left out
 * @ret_document: all of it, as JSON
 *
 * Return: 0; -EBADMSG with a fault.
 */
int cni_result_parse(const char *text, size_t size, const char *interface, CniResult *ret,
                json_t **ret_document, Fault *fault);

/**
 * cni_error_raise() - why a plugin has failed
 * @text:       what it has written, which should be an error of the specification
 * @words:      the last line of its standard error
 *
 * Return: -EIO.
 */
int cni_error_raise(const char *plugin, const char *text, size_t size, const char *words, Fault *fault);
