/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "nspawn-glue/net/hosts.h"
#include "nspawn-glue/net/orphans.h"
#include "tests/unit/net.h"

static int lock = -1;

static void setup(void) {
        Network network;

        net_enter();
        ck_assert_int_eq(net_lock(&lock, NULL), 0);
        network = net_network("front", net_subnet("10.1.0.0/29", "10.1.0.1", "10.1.0.1", "10.1.0.6"));
        ck_assert_int_eq(network_write(&network), 0);
        net_make_record("web");
}

static void teardown(void) {
        (void) close(lock);
}

static int note(const Orphan *orphan, void *data) {
        return fprintf(data, "%d %s %s %s\n", (int) orphan->kind, orphan->subject, orphan->network ?: "-",
                               orphan->owner ?: "-") < 0
                               ? -EIO
                               : 0;
}

/* Good until the next call. */
static const char *orphans(void) {
        static char *text;
        size_t size;
        FILE *to;

        free(text);
        to = open_memstream(&text, &size);
        ck_assert_ptr_nonnull(to);
        ck_assert_int_eq(orphans_visit(note, to), 0);
        ck_assert_int_eq(fclose(to), 0);
        return text;
}

START_TEST(what_is_somebodys_is_none)
{
        static const HostsHead head = {};
        char *front[] = { (char *) "front", NULL }, *cni[] = { (char *) "cni:any", NULL };

        ck_assert_int_eq(net_write_text(NET_LEASES "/front", "10.1.0.2 web\n10.1.0.3 ~gone\n"), 0);
        ck_assert_int_eq(hosts_make_view("front", front, &head), 1);
        ck_assert_int_eq(hosts_make_view("~web", front, &head), 1);
        /* Of such a network nobody knows when it ends. */
        ck_assert_int_eq(hosts_make_view("cni:any", cni, &head), 1);
        ck_assert_int_eq(net_write_text(NET_RESOLV "/web", ""), 0);
        ck_assert_str_eq(orphans(), "");
}
END_TEST

START_TEST(an_address_without_a_record_is_one)
{
        ck_assert_int_eq(net_write_text(NET_LEASES "/front", "10.1.0.2 gone\n10.1.0.3 web\n"), 0);
        ck_assert_str_eq(orphans(), "0 " NET_LEASES "/front front gone\n");
}
END_TEST

START_TEST(a_file_of_nobody_is_one)
{
        static const HostsHead head = {};
        char *front[] = { (char *) "front", NULL };

        ck_assert_int_eq(hosts_make_view("~gone", front, &head), 1);
        ck_assert_str_eq(orphans(), "1 " NET_HOSTS "/~gone - -\n");
        hosts_remove_view("~gone");
        ck_assert_int_eq(net_write_text(NET_RESOLV "/gone", ""), 0);
        ck_assert_str_eq(orphans(), "1 " NET_RESOLV "/gone - -\n");
}
END_TEST

START_TEST(a_file_of_a_network_that_is_down_is_one)
{
        static const HostsHead head = {};
        char *both[] = { (char *) "front", (char *) "back", NULL };

        ck_assert_int_eq(hosts_make_view("front+back", both, &head), 1);
        ck_assert_str_eq(orphans(), "1 " NET_HOSTS "/front+back - -\n");
        /* What does not say what it shows may be anything. */
        ck_assert_int_eq(net_write_text(NET_HOSTS "/front+back", "127.0.0.1 localhost\n"), 0);
        ck_assert_str_eq(orphans(), "");
}
END_TEST

START_TEST(what_plugins_have_made_for_nobody_is_one)
{
        ck_assert_int_eq(io_mkdir_p(NET_CNI, 0700), 0);
        ck_assert_int_eq(net_write_text(NET_CNI "/gone", "{}"), 0);
        ck_assert_str_eq(orphans(), "2 " NET_CNI "/gone - gone\n");
}
END_TEST

START_TEST(a_visit_ends_when_it_is_told_to)
{
        FILE *full = fopen("/dev/full", "we");

        ck_assert_ptr_nonnull(full);
        ck_assert_int_eq(setvbuf(full, NULL, _IONBF, 0), 0);
        ck_assert_int_eq(net_write_text(NET_RESOLV "/gone", ""), 0);
        ck_assert_int_eq(orphans_visit(note, full), -EIO);
        ck_assert_int_eq(fclose(full), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("net-orphans");
        TCase *tc = tcase_create("orphans");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, what_is_somebodys_is_none);
        tcase_add_test(tc, an_address_without_a_record_is_one);
        tcase_add_test(tc, a_file_of_nobody_is_one);
        tcase_add_test(tc, a_file_of_a_network_that_is_down_is_one);
        tcase_add_test(tc, what_plugins_have_made_for_nobody_is_one);
        tcase_add_test(tc, a_visit_ends_when_it_is_told_to);
        suite_add_tcase(suite, tc);
        return net_main(suite);
}
