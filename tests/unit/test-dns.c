/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <utime.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/socket-address.h"
#include "nspawn-glue/dns/answer.h"
#include "nspawn-glue/dns/upstream.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

/* What a test asks: text is a name. */
static size_t make_query(uint8_t *data, const char *name, DnsType type) {
        static const uint8_t head[DNS_HEADER] = { 0x12, 0x34, 1, 0, 0, 1 };
        size_t size = DNS_HEADER;

        memcpy(data, head, sizeof(head));
        size += dns_name_to_wire(name, strlen(name), data + size);
        data[size++] = 0;
        data[size++] = (uint8_t) type;
        data[size++] = 0;
        data[size++] = DNS_CLASS_IN;
        return size;
}

START_TEST(a_name_fits_or_is_none)
{
        static const struct {
                size_t labels[5];
                size_t size;
        } cases[] = {
                { { 63 }, 65 },
                { { 64 }, 0 },
                { { 63, 63, 63, 61 }, 255 },
                { { 63, 63, 63, 62 }, 0 },
        };
        uint8_t wire[DNS_NAME_MAX];

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                char name[300] = "";

                for (size_t j = 0; cases[i].labels[j]; j++)
                        (void) sprintf(name + strlen(name), "%s%0*d", j > 0 ? "." : "",
                                        (int) cases[i].labels[j], 1);
                ck_assert_uint_eq(dns_name_to_wire(name, strlen(name), wire), cases[i].size);
        }
        ck_assert_uint_eq(dns_name_to_wire("a..b", 4, wire), 0);
        ck_assert_uint_eq(dns_name_to_wire("", 0, wire), 0);
}
END_TEST

START_TEST(an_odd_label_is_no_name_of_ours)
{
        uint8_t data[DNS_QUERY_MAX];
        size_t size = make_query(data, "web", DNS_A);
        DnsQuery query;

        ck_assert_int_eq(dns_read_query(data, size, &query), DNS_OK);
        ck_assert_str_eq(query.name, "web");
        for (const char *c = ". #\x01\x7f\xff"; *c; c++) {
                data[DNS_HEADER + 2] = (uint8_t) *c;
                ck_assert_int_eq(dns_read_query(data, size, &query), DNS_OK);
                ck_assert_str_eq(query.name, "");
                ck_assert_uint_eq(query.wire_size, 5);
        }
        data[DNS_HEADER + 2] = '\0';
        ck_assert_int_eq(dns_read_query(data, size, &query), DNS_OK);
        ck_assert_str_eq(query.name, "");
}
END_TEST

START_TEST(a_query_cut_anywhere_is_malformed)
{
        uint8_t data[DNS_QUERY_MAX];
        size_t size = make_query(data, "www.example.com", DNS_A);
        DnsQuery query;

        for (size_t i = 0; i < size; i++)
                ck_assert_int_eq(dns_read_query(data, i, &query), i < DNS_HEADER ? -EBADMSG : DNS_MALFORMED);
        ck_assert_int_eq(dns_read_query(data, size, &query), DNS_OK);
}
END_TEST

START_TEST(a_reply_has_to_be_to_the_question)
{
        uint8_t data[DNS_QUERY_MAX], other[DNS_QUERY_MAX];
        size_t size = make_query(data, "example.com", DNS_A);
        DnsQuery query;

        ck_assert_int_eq(dns_read_query(data, size, &query), DNS_OK);
        ck_assert(!dns_is_reply(data, size, &query, 0x1234));
        data[2] |= 0x80;
        ck_assert(dns_is_reply(data, size, &query, 0x1234));
        ck_assert(!dns_is_reply(data, size, &query, 0x1235));
        for (size_t i = 0; i < size; i++)
                ck_assert(!dns_is_reply(data, i, &query, 0x1234));
        data[DNS_HEADER + 1] = 'E';
        ck_assert(dns_is_reply(data, size, &query, 0x1234));

        size = make_query(other, "example.org", DNS_A);
        other[2] |= 0x80;
        ck_assert(!dns_is_reply(other, size, &query, 0x1234));
        size = make_query(other, "example.com", DNS_AAAA);
        other[2] |= 0x80;
        ck_assert(!dns_is_reply(other, size, &query, 0x1234));
}
END_TEST

static const char lines[] = "10.0.0.5 web www\n"
                            "#0.0.0.6 web\n"
                            "10.0.0.5 again # web2\n"
                            "10.0.0.5\n"
                            "fd00::5\tWEB\r\n"
                            "not.an.address web\n"
                            "10.0.0.7   other  web \n";

START_TEST(names_have_all_their_addresses)
{
        const Names names = { .text = (char *) lines, .size = sizeof(lines) - 1 };
        Address found[4];
        bool exists;

        ck_assert_uint_eq(names_find(&names, "web", AF_INET, found, 4, &exists), 2);
        ck_assert(exists);
        ck_assert_uint_eq(found[0].bytes[3], 5);
        ck_assert_uint_eq(found[1].bytes[3], 7);
        ck_assert_uint_eq(names_find(&names, "web", AF_INET6, found, 4, &exists), 1);
        ck_assert_uint_eq(names_find(&names, "web", AF_INET, found, 1, &exists), 1);
        ck_assert_uint_eq(names_find(&names, "www", AF_INET6, found, 4, &exists), 0);
        ck_assert(exists);
        ck_assert_uint_eq(names_find(&names, "web2", AF_INET, found, 4, &exists), 0);
        ck_assert(!exists);
}
END_TEST

START_TEST(addresses_have_all_their_names)
{
        static const char *const expected[] = { "web", "www", "again" };
        const Names names = { .text = (char *) lines, .size = sizeof(lines) - 1 };
        const Address address = { .family = AF_INET, .bytes = { 10, 0, 0, 5 } };
        size_t at = 0, length, n = 0;
        const char *name;

        while ((name = names_next_of(&names, &address, &at, &length))) {
                ck_assert_uint_lt(n, ELEMENTS(expected));
                ck_assert_uint_eq(length, strlen(expected[n]));
                ck_assert_int_eq(memcmp(name, expected[n++], length), 0);
        }
        ck_assert_uint_eq(n, ELEMENTS(expected));
}
END_TEST

/* An old file is read once; one that is as young as its last change, again and again. */
START_TEST(a_file_is_read_when_it_may_have_changed)
{
        char dir[] = "/tmp/test-dns.XXXXXX";
        const struct utimbuf old = { 1000, 1000 };
        Names names = {};
        Address found[1];
        char path[64];
        bool exists;
        int fd;

        ck_assert_ptr_nonnull(mkdtemp(dir));
        (void) snprintf(path, sizeof(path), "%s/hosts", dir);
        names.path = path;
        ck_assert_int_eq(names_refresh(&names), 0);
        ck_assert_uint_eq(names.size, 0);

        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(io_write_all(fd, "10.0.0.5 web\n", 13), 0);
        ck_assert_int_eq(names_refresh(&names), 0);
        ck_assert_uint_eq(names_find(&names, "web", AF_INET, found, 1, &exists), 1);
        ck_assert_int_eq(pwrite(fd, "#", 1, 0), 1);
        ck_assert_int_eq(names_refresh(&names), 0);
        ck_assert_uint_eq(names_find(&names, "web", AF_INET, found, 1, &exists), 0);

        ck_assert_int_eq(pwrite(fd, "1", 1, 0), 1);
        ck_assert_int_eq(utime(path, &old), 0);
        ck_assert_int_eq(names_refresh(&names), 0);
        ck_assert(names.is_fresh);
        ck_assert_uint_eq(names_find(&names, "web", AF_INET, found, 1, &exists), 1);
        names.text[0] = 'x';
        ck_assert_int_eq(names_refresh(&names), 0);
        ck_assert_int_eq(names.text[0], 'x');

        names_done(&names);
        (void) close(fd);
        remove_scratch(dir);
}
END_TEST

START_TEST(a_stub_is_replaced_by_whom_it_asks)
{
        char dir[] = "/tmp/test-dns.XXXXXX", host[64], behind[64];
        Network network = { .n_subnets = 1 };
        Upstream upstream = { .paths = { host, behind }, .network = &network };
        Address address;
        uint16_t port;
        int fd;

        ck_assert_ptr_nonnull(mkdtemp(dir));
        (void) snprintf(host, sizeof(host), "%s/host", dir);
        (void) snprintf(behind, sizeof(behind), "%s/behind", dir);
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(address_parse("10.0.0.1", &network.subnets[0].gateway), 0);

        ck_assert_int_eq(io_replace_file(fd, "host", "nameserver 127.0.0.53\n", 22, 0600), 0);
        upstream_refresh(&upstream);
        ck_assert_uint_eq(upstream.n, 1);

        ck_assert_int_eq(
                        io_replace_file(fd, "behind", "nameserver 10.0.0.1\nnameserver 9.9.9.9\n", 39, 0600),
                        0);
        upstream_refresh(&upstream);
        ck_assert_uint_eq(upstream.n, 1);
        address = socket_address(&upstream.servers[0], &port);
        ck_assert_uint_eq(address.bytes[0], 9);
        ck_assert_uint_eq(port, 53);

        ck_assert_int_eq(io_replace_file(fd, "host", "nameserver 8.8.8.8\nnameserver ::1\n", 34, 0600), 0);
        upstream_refresh(&upstream);
        ck_assert_uint_eq(upstream.n, 2);
        ck_assert_int_eq(upstream.servers[1].ss_family, AF_INET6);
        (void) close(fd);
        remove_scratch(dir);
}
END_TEST

/* Every server there is room for fits, and nothing more. */
START_TEST(more_servers_than_there_is_room_for_do_no_harm)
{
        const Network network = {};
        Upstream upstream = { .network = &network };
        char text[4096] = "";

        for (int i = 0; i < 100; i++)
                (void) sprintf(text + strlen(text), "nameserver 10.0.0.%d\n", i);
        ck_assert(!upstream_take_text(&upstream, text));
        ck_assert_uint_eq(upstream.n, SERVERS_MAX);
}
END_TEST

START_TEST(an_answer_of_any_length_fits)
{
        static uint8_t data[DNS_MESSAGE_MAX];
        uint8_t asked[DNS_QUERY_MAX];
        size_t size = make_query(asked, "web", DNS_A);
        DnsQuery query;
        DnsReply reply;

        ck_assert_int_eq(dns_read_query(asked, size, &query), DNS_OK);
        for (size_t room = DNS_UDP_PLAIN; room < DNS_UDP_PLAIN + 64; room++) {
                unsigned n = 0;

                memset(data, 0xee, sizeof(data));
                query.has_edns = room % 2;
                dns_reply_begin(&reply, &query, data, room);
                while (dns_reply_add(&reply, DNS_A, "abcd", 4))
                        n++;
                size = dns_reply_end(&reply, &query, DNS_OK, true);
                ck_assert_uint_le(size, room);
                ck_assert_uint_gt(size + 16, room);
                ck_assert_uint_eq((unsigned) (data[6] << 8 | data[7]), n);
                ck_assert_uint_eq(data[room], 0xee);
                ck_assert(data[2] & 0x02);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("dns");
        TCase *tc = tcase_create("dns");

        tcase_add_test(tc, a_name_fits_or_is_none);
        tcase_add_test(tc, an_odd_label_is_no_name_of_ours);
        tcase_add_test(tc, a_query_cut_anywhere_is_malformed);
        tcase_add_test(tc, a_reply_has_to_be_to_the_question);
        tcase_add_test(tc, names_have_all_their_addresses);
        tcase_add_test(tc, addresses_have_all_their_names);
        tcase_add_test(tc, a_file_is_read_when_it_may_have_changed);
        tcase_add_test(tc, a_stub_is_replaced_by_whom_it_asks);
        tcase_add_test(tc, more_servers_than_there_is_room_for_do_no_harm);
        tcase_add_test(tc, an_answer_of_any_length_fits);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
