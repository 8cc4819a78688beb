/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The first byte says what the rest is: a query to a network of a few names, an
 * answer of a server to a query, a hosts file, or a resolv.conf.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/dns/answer.h"
#include "nspawn-glue/dns/upstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char lines[] = "10.0.0.5 web www.example.com\n#0.0.0.6 gone\nfd00::7 db\n10.0.0.7 db\n";

static Network network(bool is_internal) {
        Network ret = { .name = "net", .internal = is_internal, .n_subnets = 2 };

        assert(prefix_parse("10.0.0.0/24", &ret.subnets[0].prefix) == 0);
        assert(prefix_parse("fd00::/64", &ret.subnets[1].prefix) == 0);
        return ret;
}

/* An answer fits where it has to, is one, and is read as the answer to its query. */
static void check_answer(const DnsQuery *query, const uint8_t *answer, size_t size, size_t room) {
        assert(size >= DNS_HEADER && size <= room);
        assert(dns_is_reply(answer, size, query, query->id) || query->wire_size == 0);
        assert(answer[2] & 0x80);
        if (!(answer[2] & 0x02) && query->wire_size == 0)
                assert(answer[4] == 0 && answer[5] == 0);
}

static void try_query(const uint8_t *data, size_t size, Names *names, bool is_internal) {
        static uint8_t answer[DNS_MESSAGE_MAX];
        const Network net = network(is_internal);
        Responder responder = { .network = &net, .names = names, .random = 5 };
        DnsQuery query;
        int r = dns_read_query(data, size, &query);

        assert(r == -EBADMSG || (r >= 0 && r <= DNS_VERSION));
        if (r < 0)
                return;
        assert(strlen(query.name) < DNS_NAME_MAX && query.wire_size <= DNS_NAME_MAX);
        assert(query.udp_size >= DNS_UDP_PLAIN);
        for (int is_stream = 0; is_stream < 2; is_stream++) {
                size_t room = dns_room(&query, is_stream), n;

                if (r != DNS_OK)
                        n = dns_reply_code(&query, (DnsCode) r, false, answer, DNS_UDP_PLAIN);
                else
                        n = responder_answer(&responder, &query, answer, room);
                if (n > 0)
                        check_answer(&query, answer, n, room);
                assert(n > 0 || !is_internal);
        }
}

static void try_reply(const uint8_t *data, size_t size) {
        static const uint8_t asked[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1";
        DnsQuery query;

        assert(dns_read_query(asked, sizeof(asked) - 1, &query) == DNS_OK);
        if (dns_is_reply(data, size, &query, 0x1234))
                assert(size >= DNS_HEADER && data[0] == 0x12 && data[1] == 0x34 && dns_code(data) < 16);
}

/* Every address that a name has is found, and has that name. */
static void try_hosts(char *text, size_t size) {
        Names names = { .text = text, .size = size };
        const Address web = { .family = AF_INET, .bytes = { 10, 0, 0, 5 } };
        Address found[8];
        size_t at = 0, length, n = 0;
        const char *name;
        bool exists;

        while ((name = names_next_of(&names, &web, &at, &length))) {
                assert(name >= text && length > 0 && name + length <= text + size);
                assert(!memchr(name, '\n', length) && !memchr(name, ' ', length));
                n++;
                assert(n <= size);
        }
        n = names_find(&names, "web", AF_INET, found, ELEMENTS(found), &exists);
        assert(n <= ELEMENTS(found) && (exists || n == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Names names = { .text = (char *) lines, .size = sizeof(lines) - 1 };
        const Network net = network(false);
        Upstream upstream = { .network = &net };
        char *text;

        if (size == 0)
                return 0;
        /* A copy of its own size, so that a byte too far is seen. */
        text = malloc(size);
        assert(text);
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';

        if (*data == 'q' || *data == 'i')
                try_query((const uint8_t *) text, size - 1, &names, *data == 'i');
        else if (*data == 'r')
                try_reply((const uint8_t *) text, size - 1);
        else if (*data == 'h')
                try_hosts(text, size - 1);
        else if (*data == 'u') {
                (void) upstream_take_text(&upstream, text);
                assert(upstream.n <= SERVERS_MAX);
        }
        free(text);
        return 0;
}
