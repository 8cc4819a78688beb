/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/cleanup.h"
#include "nspawn-glue/net/hosts.h"
#include "tests/unit/net.h"

#define LOCALHOST "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"

static int lock = -1;

static void setup(void) {
        net_enter();
        ck_assert_int_eq(net_lock(&lock, NULL), 0);
}

static void teardown(void) {
        (void) close(lock);
}

static void make_view(const char *view, const char *one, const char *two) {
        char *networks[] = { (char *) one, (char *) two, NULL };
        const HostsHead head = {};

        ck_assert_int_eq(hosts_make_view(view, networks, &head), 1);
}

static void add(const char *network, const char *address, const char *name, const char *tag) {
        char *names[] = { (char *) name, NULL };
        Address parsed = net_address(address);

        ck_assert_int_eq(hosts_add(network, &parsed, names, tag), 0);
}

static const char *path_of(const char *view) {
        static char path[512];

        (void) snprintf(path, sizeof(path), NET_HOSTS "/%s", view);
        return path;
}

/* The living lines that came with somebody, without blanks at their end, each with "|" behind it. */
static const char *lines_of(const char *view) {
        static char ret[65536];
        autofree char *text = strdup(net_read_text(path_of(view)));
        char *rest = text, *line;
        size_t n = 0;

        *ret = '\0';
        while ((line = strsep(&rest, "\n"))) {
                size_t length = strlen(line);

                if (!strchr(line, '#') || *line == '#')
                        continue;
                while (length > 0 && line[length - 1] == ' ')
                        line[--length] = '\0';
                n += (size_t) snprintf(ret + n, sizeof(ret) - n, "%s|", line);
        }
        return ret;
}

static off_t size_of(const char *view) {
        struct stat st;

        ck_assert_int_eq(stat(path_of(view), &st), 0);
        return st.st_size;
}

/* As if nobody had written to it for a while. */
static void let_rest(const char *view) {
        const struct timespec times[] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

        ck_assert_int_eq(utimensat(AT_FDCWD, path_of(view), times, 0), 0);
}

START_TEST(views_are_called_after_what_they_show)
{
        char *many[4] = { (char *) "a", (char *) "b", NULL, NULL }, name[256], long_name[129];

        hosts_view_name(many, "web", false, name);
        ck_assert_str_eq(name, "a+b");
        hosts_view_name(many, "web", true, name);
        ck_assert_str_eq(name, "~web");
        memset(long_name, 'x', 128);
        long_name[128] = '\0';
        many[0] = many[1] = long_name;
        hosts_view_name(many, "web", false, name);
        ck_assert_str_eq(name, "~web");
}
END_TEST

START_TEST(a_view_begins_with_what_everybody_has)
{
        char *networks[] = { (char *) "front", NULL };
        Address gateway = net_address("10.1.0.1");
        const HostsHead head = { .gateway = &gateway, .extra = "192.0.2.1 db\n" };

        ck_assert_int_eq(hosts_make_view("front", networks, &head), 1);
        ck_assert_str_eq(net_read_text(path_of("front")),
                        "# networks: front\n" LOCALHOST "10.1.0.1 host.containers.internal "
                        "host.docker.internal\n192.0.2.1 db\n");
        /* What is there stays as it is, for those who have it mounted. */
        ck_assert_int_eq(hosts_make_view("front", networks, &(const HostsHead){}), 0);
        ck_assert_ptr_nonnull(strstr(net_read_text(path_of("front")), " db\n"));
}
END_TEST

START_TEST(ones_own_view_is_made_anew)
{
        char *networks[] = { (char *) "front", NULL };
        const HostsHead one = { .extra = "192.0.2.1 db\n" }, two = { .extra = "192.0.2.2 db\n" };

        ck_assert_int_eq(hosts_make_view("~web", networks, &one), 1);
        ck_assert_int_eq(hosts_make_view("~web", networks, &two), 1);
        ck_assert_str_eq(net_read_text(path_of("~web")), "# networks: front\n" LOCALHOST "192.0.2.2 db\n");
}
END_TEST

START_TEST(names_come_and_go)
{
        make_view("front", "front", NULL);
        add("front", "10.1.0.2", "web", "web");
        add("front", "10.1.0.3", "db", "db");
        add("front", "fd00::3", "db", "db");
        ck_assert_str_eq(lines_of("front"), "10.1.0.2 web #web|10.1.0.3 db #db|fd00::3 db #db|");
        ck_assert_int_eq(hosts_remove("front", "db"), 0);
        ck_assert_str_eq(lines_of("front"), "10.1.0.2 web #web|");
        ck_assert_int_eq(hosts_remove("front", "nobody"), 0);
        ck_assert_str_eq(lines_of("front"), "10.1.0.2 web #web|");
}
END_TEST

START_TEST(a_tag_is_a_whole_word)
{
        make_view("front", "front", NULL);
        add("front", "10.1.0.2", "web", "web");
        add("front", "10.1.0.3", "web", "web2");
        add("front", "10.1.0.4", "x", "a-web");
        ck_assert_int_eq(hosts_remove("front", "web"), 0);
        ck_assert_str_eq(lines_of("front"), "10.1.0.3 web #web2|10.1.0.4 x #a-web|");
}
END_TEST

START_TEST(one_byte_takes_a_line_back)
{
        autofree char *before = NULL;
        const char *after;
        size_t n = 0;

        make_view("front", "front", NULL);
        add("front", "10.1.0.2", "web", "web");
        before = strdup(net_read_text(path_of("front")));
        ck_assert_int_eq(hosts_remove("front", "web"), 0);
        after = net_read_text(path_of("front"));
        ck_assert_uint_eq(strlen(before), strlen(after));
        for (size_t i = 0; before[i]; i++)
                if (before[i] != after[i]) {
                        ck_assert_int_eq(after[i], '#');
                        n++;
                }
        ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(what_is_dead_for_a_while_is_used_again)
{
        off_t size;

        make_view("front", "front", NULL);
        add("front", "10.1.0.2", "web", "web");
        size = size_of("front");
        ck_assert_int_eq(hosts_remove("front", "web"), 0);
        let_rest("front");
        add("front", "10.1.0.3", "db", "db");
        ck_assert_int_eq(size_of("front"), size);
        ck_assert_str_eq(lines_of("front"), "10.1.0.3 db #db|");
}
END_TEST

START_TEST(what_has_just_died_is_not_used_again)
{
        off_t size;

        make_view("front", "front", NULL);
        add("front", "10.1.0.2", "web", "web");
        size = size_of("front");
        ck_assert_int_eq(hosts_remove("front", "web"), 0);
        add("front", "10.1.0.3", "db", "db");
        ck_assert_int_gt(size_of("front"), size);
}
END_TEST

START_TEST(a_file_does_not_grow_for_ever)
{
        make_view("front", "front", NULL);
        for (unsigned i = 0; i < 6000; i++) {
                add("front", "10.1.0.2", "web", "web");
                ck_assert_int_eq(hosts_remove("front", "web"), 0);
        }
        ck_assert_int_lt(size_of("front"), 80 * 1024);
}
END_TEST

START_TEST(a_view_of_two_networks_has_names_of_both)
{
        make_view("a", "a", NULL);
        make_view("b", "b", NULL);
        add("a", "10.1.0.2", "web", "web");
        add("b", "10.2.0.2", "db", "db");
        make_view("a+b", "a", "b");
        ck_assert_str_eq(lines_of("a+b"), "10.1.0.2 web #web|10.2.0.2 db #db|");
        add("a", "10.1.0.3", "new", "new");
        ck_assert_str_eq(lines_of("a+b"), "10.1.0.2 web #web|10.2.0.2 db #db|10.1.0.3 new #new|");
        ck_assert_str_eq(lines_of("b"), "10.2.0.2 db #db|");
        ck_assert_int_eq(hosts_remove("b", "db"), 0);
        ck_assert_str_eq(lines_of("a+b"), "10.1.0.2 web #web|10.1.0.3 new #new|");
        ck_assert_str_eq(lines_of("b"), "");
        ck_assert_str_eq(lines_of("a"), "10.1.0.2 web #web|10.1.0.3 new #new|");
}
END_TEST

START_TEST(a_network_goes_with_all_views_that_show_it)
{
        make_view("a", "a", NULL);
        make_view("b", "b", NULL);
        make_view("a+b", "a", "b");
        make_view("~web", "b", "a");
        make_view("ab", "ab", NULL);
        hosts_remove_views("a");
        ck_assert_int_lt(access(path_of("a"), F_OK), 0);
        ck_assert_int_lt(access(path_of("a+b"), F_OK), 0);
        ck_assert_int_lt(access(path_of("~web"), F_OK), 0);
        ck_assert_int_eq(access(path_of("b"), F_OK), 0);
        ck_assert_int_eq(access(path_of("ab"), F_OK), 0);
}
END_TEST

START_TEST(many_names_are_told_in_many_lines)
{
        enum { N = 40 };
        char names[N][32], *list[N + 1] = {};
        autofree char *text = NULL;
        Address address = net_address("fd00:1111:2222:3333:4444:5555:6666:7777");
        unsigned n_lines = 0;
        char tag[65];

        memset(tag, 't', 64);
        tag[64] = '\0';
        for (unsigned i = 0; i < N; i++) {
                (void) snprintf(names[i], sizeof(names[i]), "name-number-%u.example.net", i);
                list[i] = names[i];
        }
        make_view("front", "front", NULL);
        ck_assert_int_eq(hosts_add("front", &address, list, tag), 0);
        text = strdup(net_read_text(path_of("front")));
        for (unsigned i = 0; i < N; i++)
                ck_assert_ptr_nonnull(strstr(text, names[i]));
        for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
                ck_assert_uint_le(strcspn(line, "\n") + 1, 256);
                n_lines += strstr(line, "fd00") == line;
        }
        ck_assert_uint_gt(n_lines, 4);
        ck_assert_int_eq(hosts_remove("front", tag), 0);
        ck_assert_str_eq(lines_of("front"), "");
}
END_TEST

START_TEST(a_name_that_fits_nowhere_keeps_no_other_away)
{
        char long_name[254], *names[] = { (char *) "web", long_name, (char *) "alias", NULL };
        Address address = net_address("10.1.0.2");

        memset(long_name, 'x', 253);
        long_name[253] = '\0';
        make_view("front", "front", NULL);
        ck_assert_int_eq(hosts_add("front", &address, names, "web"), 0);
        ck_assert_str_eq(lines_of("front"), "10.1.0.2 web alias #web|");
}
END_TEST

START_TEST(no_line_lies_across_pieces_that_readers_take)
{
        char names[3][200], *list[] = { names[0], NULL };
        autofree char *text = NULL;
        Address address = net_address("10.1.0.2");

        make_view("front", "front", NULL);
        for (unsigned i = 0; i < 100; i++) {
                memset(names[0], 'n', 150);
                names[0][1 + i * 37 % 150] = '\0';
                ck_assert_int_eq(hosts_add("front", &address, list, "web"), 0);
        }
        make_view("front+b", "front", "b");
        for (unsigned i = 0; i < 2; i++) {
                free(text);
                text = strdup(net_read_text(path_of(i == 0 ? "front" : "front+b")));
                for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
                        size_t at = (size_t) (line - text), length = strcspn(line, "\n") + 1;

                        ck_assert_uint_eq(at / 1024, (at + length - 1) / 1024);
                }
        }
        ck_assert_str_eq(lines_of("front+b"), lines_of("front"));
}
END_TEST

/* Reads as programs do, in pieces, until it is told that all is over. Return: what is wrong, 0 for nothing.
 */
static int read_all_the_time(int stop) {
        char line[1024], c;

        for (unsigned long n = 0; n < 100 || read(stop, &c, 1) < 0; n++) {
                autofclose FILE *file = fopen(path_of("front"), "re");

                if (!file)
                        return 1;
                if (n % 2)
                        (void) setvbuf(file, NULL, _IOFBF, 1024);
                while (fgets(line, sizeof(line), file)) {
                        char address[64], name[64], tag[64], more[8];
                        unsigned number;

                        if (*line == '#' || !strchr(line, '#'))
                                continue;
                        if (!strchr(line, '\n') ||
                                        sscanf(line, "%63s %63s #%63s %1s", address, name, tag, more) != 3 ||
                                        sscanf(address, "10.1.0.%u", &number) != 1 ||
                                        (unsigned) strtoul(tag + 1, NULL, 10) != number ||
                                        strcmp(name + 1, tag + 1) != 0)
                                return 2;
                }
        }
        return 0;
}

START_TEST(who_reads_all_the_time_finds_no_half_line)
{
        time_t end = time(NULL) + 3;
        unsigned seed = 1;
        int stop[2], status;
        bool has[50] = {};
        pid_t pid;

        make_view("front", "front", NULL);
        ck_assert_int_eq(pipe2(stop, O_CLOEXEC | O_NONBLOCK), 0);
        pid = fork();
        if (pid == 0)
                _exit(read_all_the_time(stop[0]));
        while (time(NULL) < end) {
                unsigned i = (unsigned) rand_r(&seed) % 50;
                char address[32], name[64], tag[16];

                (void) snprintf(tag, sizeof(tag), "t%u", i);
                (void) snprintf(name, sizeof(name), "n%u", i);
                (void) snprintf(address, sizeof(address), "10.1.0.%u", i);
                if (has[i])
                        ck_assert_int_eq(hosts_remove("front", tag), 0);
                else
                        add("front", address, name, tag);
                has[i] = !has[i];
        }
        ck_assert_int_eq(write(stop[1], "", 1), 1);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(who_is_killed_while_he_writes_leaves_no_half_line)
{
        make_view("front", "front", NULL);
        for (unsigned i = 0; i < 60; i++) {
                pid_t pid = fork();

                if (pid == 0)
                        for (;;) {
                                add("front", "10.1.0.7", "n7", "t7");
                                (void) hosts_remove("front", "t7");
                        }
                (void) usleep(1000 + i * 37);
                ck_assert_int_eq(kill(pid, SIGKILL), 0);
                ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
                ck_assert_int_eq(hosts_remove("front", "t7"), 0);
                ck_assert_str_eq(lines_of("front"), "");
        }
        let_rest("front");
        add("front", "10.1.0.8", "n8", "t8");
        ck_assert_str_eq(lines_of("front"), "10.1.0.8 n8 #t8|");
}
END_TEST

START_TEST(what_is_no_view_is_left_alone)
{
        ck_assert_int_eq(net_write_text(path_of("strange"), "10.1.0.2 web #web\n"), 0);
        ck_assert_int_eq(net_write_text(path_of("empty"), ""), 0);
        ck_assert_int_eq(symlink("strange", path_of("link")), 0);
        make_view("front", "front", NULL);
        (void) hosts_remove("front", "web");
        ck_assert_str_eq(net_read_text(path_of("strange")), "10.1.0.2 web #web\n");
        ck_assert_str_eq(net_read_text(path_of("empty")), "");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("net-hosts");
        TCase *tc = tcase_create("hosts");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_set_timeout(tc, 60);
        tcase_add_test(tc, views_are_called_after_what_they_show);
        tcase_add_test(tc, a_view_begins_with_what_everybody_has);
        tcase_add_test(tc, ones_own_view_is_made_anew);
        tcase_add_test(tc, names_come_and_go);
        tcase_add_test(tc, a_tag_is_a_whole_word);
        tcase_add_test(tc, one_byte_takes_a_line_back);
        tcase_add_test(tc, what_is_dead_for_a_while_is_used_again);
        tcase_add_test(tc, what_has_just_died_is_not_used_again);
        tcase_add_test(tc, a_file_does_not_grow_for_ever);
        tcase_add_test(tc, a_view_of_two_networks_has_names_of_both);
        tcase_add_test(tc, a_network_goes_with_all_views_that_show_it);
        tcase_add_test(tc, many_names_are_told_in_many_lines);
        tcase_add_test(tc, a_name_that_fits_nowhere_keeps_no_other_away);
        tcase_add_test(tc, no_line_lies_across_pieces_that_readers_take);
        tcase_add_test(tc, who_reads_all_the_time_finds_no_half_line);
        tcase_add_test(tc, who_is_killed_while_he_writes_leaves_no_half_line);
        tcase_add_test(tc, what_is_no_view_is_left_alone);
        suite_add_tcase(suite, tc);
        return net_main(suite);
}
