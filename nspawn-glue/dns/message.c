/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/dns/message.h"

#include <errno.h>
#include <string.h>

enum {
        FLAG_RESPONSE = 0x8000,
        FLAG_OPCODE = 0x7800,
        FLAG_OWN = 0x0400, /* AA */
        FLAG_TRUNCATED = 0x0200,
        FLAG_RECURSE = 0x0100,   /* RD */
        FLAG_RECURSES = 0x0080,  /* RA */
        FLAG_UNCHECKED = 0x0010, /* CD */
        FLAG_CODE = 0x000f,

        LABEL_MAX = 63,
        POINTER = 0xc0,
        RECORD_HEAD = 10, /* behind its name: type, class, TTL, length */
        EDNS_SIZE = 11,
        EDNS_DNSSEC = 0x8000,
};

/* What is left of a message. Reading over the end makes it broken, and yields zeros. */
typedef struct Cursor {
        const uint8_t *data;
        size_t at, size;
        bool is_broken;
} Cursor;

static const uint8_t *take(Cursor *cursor, size_t n) {
        const uint8_t *from = cursor->data + cursor->at;

        if (cursor->is_broken || n > cursor->size - cursor->at) {
                cursor->is_broken = true;
                return NULL;
        }
        cursor->at += n;
        return from;
}

static uint8_t take_byte(Cursor *cursor) {
        const uint8_t *from = take(cursor, 1);

        return from ? *from : 0;
}

static uint16_t take_number(Cursor *cursor) {
        const uint8_t *from = take(cursor, 2);

        return from ? (uint16_t) (from[0] << 8 | from[1]) : 0;
}

static void put_number(uint8_t *to, unsigned number) {
        to[0] = (uint8_t) (number >> 8);
        to[1] = (uint8_t) number;
}

static char lower(uint8_t c) {
        return (char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* What can be in a name of a hosts file; a dot inside of a label would make it another name. */
static bool is_plain(uint8_t c) {
        return c > ' ' && c < 0x7f && c != '.' && c != '#';
}

/* The name of the question. A text with an odd character in it is no name of ours, whatever follows. */
static void take_name(Cursor *cursor, DnsQuery *query) {
        size_t text = 0;
        bool is_odd = false;

        for (;;) {
                uint8_t n = take_byte(cursor);
                const uint8_t *label = take(cursor, n);

                if (n > LABEL_MAX || query->wire_size + n + 1 > sizeof(query->wire))
                        cursor->is_broken = true;
                if (cursor->is_broken || !label)
                        return;
                query->wire[query->wire_size++] = n;
                if (n == 0)
                        break;
                memcpy(query->wire + query->wire_size, label, n);
                query->wire_size += n;
                if (text > 0)
                        query->name[text++] = '.';
                for (size_t i = 0; i < n; i++) {
                        is_odd = is_odd || !is_plain(label[i]);
                        query->name[text++] = lower(label[i]);
                }
        }
        query->name[is_odd ? 0 : text] = '\0';
}

/* Moves over a name, to which a pointer is an end. */
static void skip_name(Cursor *cursor) {
        for (;;) {
                uint8_t n = take_byte(cursor);

                if ((n & POINTER) == POINTER) {
                        (void) take_byte(cursor);
                        return;
                }
                if (n > LABEL_MAX)
                        cursor->is_broken = true;
                if (n == 0 || !take(cursor, n))
                        return;
        }
}

/* A record of which only OPT is of interest. Return: whether it was one. */
static bool take_record(Cursor *cursor, DnsQuery *query) {
        bool is_root = cursor->at < cursor->size && cursor->data[cursor->at] == 0;
        uint16_t type, class, flags;
        uint8_t version;

        skip_name(cursor);
        type = take_number(cursor);
        class = take_number(cursor);
        (void) take_byte(cursor);
        version = take_byte(cursor);
        flags = take_number(cursor);
        (void) take(cursor, take_number(cursor));
        if (cursor->is_broken || type != DNS_OPT)
                return false;
        if (!is_root || query->has_edns)
                cursor->is_broken = true;
        query->has_edns = true;
        query->edns_version = version;
        query->dnssec_ok = flags & EDNS_DNSSEC;
        query->udp_size = class < DNS_UDP_PLAIN ? DNS_UDP_PLAIN : class;
        return true;
}

static void take_question(Cursor *cursor, DnsQuery *query) {
        take_name(cursor, query);
        query->type = take_number(cursor);
        query->class = take_number(cursor);
        if (cursor->is_broken) {
                query->wire_size = 0;
                *query->name = '\0';
        }
}

int dns_read_query(const uint8_t *data, size_t size, DnsQuery *ret) {
        Cursor cursor = { .data = data, .size = size };
        unsigned questions, before, additional;

        *ret = (DnsQuery){ .udp_size = DNS_UDP_PLAIN };
        ret->id = take_number(&cursor);
        ret->flags = take_number(&cursor);
        questions = take_number(&cursor);
        before = take_number(&cursor);
        before += take_number(&cursor);
        additional = take_number(&cursor);
        if (cursor.is_broken || ret->flags & FLAG_RESPONSE)
                return -EBADMSG;
        if (ret->flags & FLAG_OPCODE)
                return DNS_UNKNOWN;
        if (questions != 1)
                return DNS_MALFORMED;

        take_question(&cursor, ret);
        for (unsigned i = 0; i < before && !cursor.is_broken; i++)
                if (take_record(&cursor, ret))
                        cursor.is_broken = true;
        for (unsigned i = 0; i < additional && !cursor.is_broken; i++)
                (void) take_record(&cursor, ret);
        if (cursor.is_broken)
                return DNS_MALFORMED;
        return ret->has_edns && ret->edns_version > 0 ? DNS_VERSION : DNS_OK;
}

static bool is_same_name(const uint8_t *a, const uint8_t *b, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (lower(a[i]) != lower(b[i]))
                        return false;
        return true;
}

bool dns_is_reply(const uint8_t *data, size_t size, const DnsQuery *query, uint16_t id) {
        Cursor cursor = { .data = data, .size = size };
        uint16_t from = take_number(&cursor), flags = take_number(&cursor), questions = take_number(&cursor);
        const uint8_t *name;

        (void) take(&cursor, 6);
        if (cursor.is_broken || from != id || !(flags & FLAG_RESPONSE) || flags & FLAG_OPCODE)
                return false;
        /* Who could not read the question cannot repeat it. */
        if (questions == 0)
                return flags & FLAG_CODE;
        name = take(&cursor, query->wire_size);
        return questions == 1 && name && is_same_name(name, query->wire, query->wire_size) &&
               take_number(&cursor) == query->type && take_number(&cursor) == query->class &&
               !cursor.is_broken;
}

DnsCode dns_code(const uint8_t *data) {
        return data[3] & FLAG_CODE;
}

void dns_set_id(uint8_t *data, uint16_t id) {
        put_number(data, id);
}

size_t dns_room(const DnsQuery *query, bool is_stream) {
        if (is_stream)
                return DNS_MESSAGE_MAX;
        if (!query->has_edns)
                return DNS_UDP_PLAIN;
        return query->udp_size < DNS_UDP_OWN ? query->udp_size : DNS_UDP_OWN;
}

void dns_reply_begin(DnsReply *reply, const DnsQuery *query, uint8_t *data, size_t room) {
        *reply = (DnsReply){ .data = data, .size = DNS_HEADER, .room = room };
        if (query->has_edns)
                reply->room -= EDNS_SIZE;
        if (query->wire_size == 0)
                return;
        memcpy(data + reply->size, query->wire, query->wire_size);
        reply->size += query->wire_size;
        put_number(data + reply->size, query->type);
        put_number(data + reply->size + 2, query->class);
        reply->size += 4;
}

bool dns_reply_add(DnsReply *reply, DnsType type, const void *data, size_t size) {
        uint8_t *to = reply->data + reply->size;

        if (reply->is_truncated || reply->room - reply->size < 2 + RECORD_HEAD + size) {
                reply->is_truncated = true;
                return false;
        }
        put_number(to, POINTER << 8 | DNS_HEADER);
        put_number(to + 2, type);
        put_number(to + 4, DNS_CLASS_IN);
        memset(to + 6, 0, 4); /* nobody keeps it: the next moment it may be another one */
        put_number(to + 10, (unsigned) size);
        memcpy(to + 12, data, size);
        reply->size += 12 + size;
        reply->n_answers++;
        return true;
}

bool dns_reply_add_name(DnsReply *reply, const char *name, size_t length) {
        uint8_t wire[DNS_NAME_MAX];
        size_t n = dns_name_to_wire(name, length, wire);

        return n > 0 && dns_reply_add(reply, DNS_PTR, wire, n);
}

size_t dns_reply_end(DnsReply *reply, const DnsQuery *query, DnsCode code, bool is_own) {
        unsigned flags = FLAG_RESPONSE | FLAG_RECURSES | (code & FLAG_CODE) |
                         (query->flags & (FLAG_OPCODE | FLAG_RECURSE | FLAG_UNCHECKED));
        uint8_t *to = reply->data;

        if (is_own)
                flags |= FLAG_OWN;
        if (reply->is_truncated)
                flags |= FLAG_TRUNCATED;
        put_number(to, query->id);
        put_number(to + 2, flags);
        put_number(to + 4, query->wire_size > 0);
        put_number(to + 6, reply->n_answers);
        put_number(to + 8, 0);
        put_number(to + 10, query->has_edns);
        if (!query->has_edns)
                return reply->size;

        to += reply->size;
        to[0] = 0;
        put_number(to + 1, DNS_OPT);
        put_number(to + 3, DNS_UDP_OWN);
        to[5] = (uint8_t) (code >> 4);
        to[6] = 0;
        put_number(to + 7, query->dnssec_ok ? EDNS_DNSSEC : 0);
        put_number(to + 9, 0);
        return reply->size + EDNS_SIZE;
}

size_t dns_reply_code(const DnsQuery *query, DnsCode code, bool is_own, uint8_t *data, size_t room) {
        DnsReply reply;

        dns_reply_begin(&reply, query, data, room);
        return dns_reply_end(&reply, query, code, is_own);
}

size_t dns_name_to_wire(const char *name, size_t length, uint8_t ret[static DNS_NAME_MAX]) {
        size_t size = 0;

        while (length > 0) {
                const char *dot = memchr(name, '.', length);
                size_t n = dot ? (size_t) (dot - name) : length;

                if (n == 0 || n > LABEL_MAX || size + n + 2 > DNS_NAME_MAX)
                        return 0;
                ret[size++] = (uint8_t) n;
                memcpy(ret + size, name, n);
                size += n;
                length -= dot ? n + 1 : n;
                name += dot ? n + 1 : n;
        }
        if (size > 0)
                ret[size++] = 0;
        return size;
}
