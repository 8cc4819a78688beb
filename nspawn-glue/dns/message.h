/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * DNS messages, as far as a responder has to know them (RFC 1035, RFC 6891)
 *
 * A query is one question and what EDNS says. The question's name stands where
 * nothing stood before it that a pointer could lead to, so no pointer is ever
 * followed: all that is read is read once, from front to back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        DNS_HEADER = 12,
        DNS_NAME_MAX = 255,   /* of a name as it is sent */
        DNS_UDP_PLAIN = 512,  /* what everybody can receive */
        DNS_UDP_OWN = 1232,   /* what goes through any network in one piece */
        DNS_QUERY_MAX = 4096, /* what is read of a query */
        DNS_MESSAGE_MAX = 65535,
};

typedef enum DnsType {
        DNS_A = 1,
        DNS_PTR = 12,
        DNS_AAAA = 28,
        DNS_OPT = 41,
        DNS_FIRST_META = 249, /* TKEY, TSIG, IXFR, AXFR, MAILB, MAILA */
        DNS_LAST_META = 254,
        DNS_ANY = 255,
} DnsType;

enum { DNS_CLASS_IN = 1 };

typedef enum DnsCode {
        DNS_OK = 0,
        DNS_MALFORMED = 1, /* FORMERR */
        DNS_FAILED = 2,    /* SERVFAIL */
        DNS_NO_NAME = 3,   /* NXDOMAIN */
        DNS_UNKNOWN = 4,   /* NOTIMP */
        DNS_REFUSED = 5,
        DNS_VERSION = 16, /* BADVERS */
} DnsCode;

typedef struct DnsQuery {
        uint16_t id, flags;
        uint16_t type, class;
        uint8_t wire[DNS_NAME_MAX]; /* the name as it was sent, with its letters' case */
        size_t wire_size;           /* 0 when there is no question to repeat */
        char name[DNS_NAME_MAX];    /* lower case, no dot at the end; empty for what has odd characters */
        bool has_edns, dnssec_ok;
        uint8_t edns_version;
        uint16_t udp_size; /* what the sender can receive */
} DnsQuery;

/**
 * dns_read_query() - understand a query
 *
 * Return: DNS_OK, another code that it has to be answered with, or -EBADMSG for what is not to be answered.
 */
int dns_read_query(const uint8_t *data, size_t size, DnsQuery *ret);

/* Whether a message is the answer to @query with that id, for its question. */
bool dns_is_reply(const uint8_t *data, size_t size, const DnsQuery *query, uint16_t id);

/* The code in the header of a message. */
DnsCode dns_code(const uint8_t *data);

void dns_set_id(uint8_t *data, uint16_t id);

/* How long an answer may be. */
size_t dns_room(const DnsQuery *query, bool is_stream);

/* An answer that is being written. What does not fit sets its truncation bit. */
typedef struct DnsReply {
        uint8_t *data;
        size_t size, room;
        unsigned n_answers;
        bool is_truncated;
} DnsReply;

/* @data has place for @room, which is DNS_UDP_PLAIN at least. */
void dns_reply_begin(DnsReply *reply, const DnsQuery *query, uint8_t *data, size_t room);

/* A record about the name in question. Return: whether it has fitted. */
bool dns_reply_add(DnsReply *reply, DnsType type, const void *data, size_t size);

/* A PTR record: @name is text, of @length bytes. */
bool dns_reply_add_name(DnsReply *reply, const char *name, size_t length);

/* Writes the header. Return: the size of the message. */
size_t dns_reply_end(DnsReply *reply, const DnsQuery *query, DnsCode code, bool is_own);

/* A whole answer without records. */
size_t dns_reply_code(const DnsQuery *query, DnsCode code, bool is_own, uint8_t *data, size_t room);

/**
 * dns_name_to_wire() - labels from a text
 * Return: bytes in @ret, 0 when it is no name.
 */
size_t dns_name_to_wire(const char *name, size_t length, uint8_t ret[static DNS_NAME_MAX]);
