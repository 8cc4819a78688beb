/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "image/change.h"
#include "image/pull/turn.h"
#include "lib/io.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

static char root[] = "/tmp/slipway-test-XXXXXX";
static Store store;
static Digest layers[3];

static void setup(void) {
        (void) snprintf(root, sizeof(root), "/tmp/slipway-test-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        ck_assert_int_eq(store_create(root, &store, NULL), 0);
        for (int i = 0; i < 3; i++) {
                memset(layers[i].hex, 'a' + i, DIGEST_HEX);
                layers[i].hex[DIGEST_HEX] = '\0';
        }
}

static void teardown(void) {
        store_close(&store);
        remove_scratch(root);
}

static void make_layer(int draft_fd, const Digest *layer, const char *description) {
        autofd int fd = -1;
        char name[80];

        (void) snprintf(name, sizeof(name), "layer-%s", layer->hex);
        ck_assert_int_eq(mkdirat(draft_fd, name, 0700), 0);
        fd = openat(draft_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(mkdirat(fd, "fs", 0700), 0);
        if (description)
                ck_assert_int_eq(io_replace_file(fd, "layer.json", description, strlen(description), 0600),
                                0);
}

static void leave_a_dead_draft(const char *boot) {
        Draft draft;

        ck_assert_int_eq(draft_begin_import(&store, &draft, NULL), 0);
        make_layer(draft.fd, &layers[0], "{}");
        make_layer(draft.fd, &layers[1], NULL);
        if (boot)
                ck_assert_int_eq(io_replace_file(draft.fd, "boot", boot, strlen(boot), 0600), 0);
        (void) close(draft.fd); /* as the end of a process would */
        free(draft.name);
}

static int count_drafts(void) {
        autoclosedir DIR *dir = fdopendir(openat(store.fd, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        struct dirent *entry;
        int n = 0;

        while ((entry = readdir(dir)))
                n += entry->d_name[0] != '.' || entry->d_name[1] == 'p';
        return n;
}

START_TEST(a_finished_layer_of_the_dead_is_adopted_and_no_other)
{
        autodraft Draft draft = { .fd = -1 };
        bool adopted[3] = {};
        char name[80];

        leave_a_dead_draft(NULL);
        ck_assert_int_eq(draft_begin_import(&store, &draft, NULL), 0);
        ck_assert_int_eq(count_drafts(), 2);
        ck_assert_int_eq(draft_adopt(&draft, layers, 3, adopted, NULL), 0);
        ck_assert(adopted[0] && !adopted[1] && !adopted[2]);
        (void) snprintf(name, sizeof(name), "layer-%s/fs", layers[0].hex);
        ck_assert_int_eq(faccessat(draft.fd, name, F_OK, 0), 0);
        ck_assert_int_eq(count_drafts(), 1);
        draft_end(&draft);
        ck_assert_int_eq(count_drafts(), 0);
}
END_TEST

START_TEST(what_was_there_before_the_machine_was_started_is_not_adopted)
{
        autodraft Draft draft = { .fd = -1 };
        bool adopted[3] = {};

        leave_a_dead_draft("01234567-0123-0123-0123-0123456789ab");
        ck_assert_int_eq(draft_begin_import(&store, &draft, NULL), 0);
        ck_assert_int_eq(count_drafts(), 1);
        ck_assert_int_eq(draft_adopt(&draft, layers, 3, adopted, NULL), 0);
        ck_assert(!adopted[0]);
}
END_TEST

START_TEST(who_is_no_import_removes_all_of_the_dead)
{
        autodraft Draft draft = { .fd = -1 };

        leave_a_dead_draft(NULL);
        ck_assert_int_eq(draft_begin(&store, &draft, NULL), 0);
        ck_assert_int_eq(count_drafts(), 1);
}
END_TEST

START_TEST(a_draft_of_the_living_is_left_alone)
{
        autodraft Draft first = { .fd = -1 }, second = { .fd = -1 };
        bool adopted[3] = {};

        ck_assert_int_eq(draft_begin_import(&store, &first, NULL), 0);
        make_layer(first.fd, &layers[0], "{}");
        ck_assert_int_eq(draft_begin_import(&store, &second, NULL), 0);
        ck_assert_int_eq(draft_adopt(&second, layers, 3, adopted, NULL), 0);
        ck_assert(!adopted[0]);
        draft_end(&second);
        ck_assert_int_eq(draft_begin(&store, &second, NULL), 0);
        ck_assert_int_eq(count_drafts(), 2);
}
END_TEST

START_TEST(who_leaves_a_draft_leaves_what_is_finished)
{
        autodraft Draft draft = { .fd = -1 };
        bool adopted[3] = {};

        ck_assert_int_eq(draft_begin_import(&store, &draft, NULL), 0);
        make_layer(draft.fd, &layers[0], NULL);
        draft_leave(&draft);
        ck_assert_int_eq(count_drafts(), 0);

        ck_assert_int_eq(draft_begin_import(&store, &draft, NULL), 0);
        make_layer(draft.fd, &layers[1], "{}");
        make_layer(draft.fd, &layers[2], "");
        draft_leave(&draft);
        ck_assert_int_eq(draft_begin_import(&store, &draft, NULL), 0);
        ck_assert_int_eq(draft_adopt(&draft, layers, 3, adopted, NULL), 0);
        ck_assert(!adopted[0] && adopted[1] && !adopted[2]);
}
END_TEST

START_TEST(pulls_of_one_document_take_turns)
{
        Turn turn = TURN_NONE, other = TURN_NONE;

        ck_assert_int_eq(turn_take(&store, &layers[0], &turn), 1);
        ck_assert_int_eq(turn_take(&store, &layers[0], &other), 0);
        ck_assert_int_eq(turn_take(&store, &layers[1], &other), 1);
        turn_end(&other);
        turn_end(&turn);
        ck_assert_int_eq(count_drafts(), 0);
        ck_assert_int_eq(turn_take(&store, &layers[0], &other), 1);
        turn_end(&other);
}
END_TEST

START_TEST(the_turn_of_the_dead_is_removed_by_the_next_change)
{
        autodraft Draft draft = { .fd = -1 };
        Turn turn = TURN_NONE, other = TURN_NONE;

        ck_assert_int_eq(turn_take(&store, &layers[0], &turn), 1);
        ck_assert_int_eq(turn_take(&store, &layers[1], &other), 1);
        (void) close(turn.fd);
        ck_assert_int_eq(draft_begin_import(&store, &draft, NULL), 0);
        ck_assert_int_eq(count_drafts(), 2); /* the draft, and the turn of the living */
        turn_end(&other);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("draft");
        TCase *tc = tcase_create("draft");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, a_finished_layer_of_the_dead_is_adopted_and_no_other);
        tcase_add_test(tc, what_was_there_before_the_machine_was_started_is_not_adopted);
        tcase_add_test(tc, who_is_no_import_removes_all_of_the_dead);
        tcase_add_test(tc, a_draft_of_the_living_is_left_alone);
        tcase_add_test(tc, who_leaves_a_draft_leaves_what_is_finished);
        tcase_add_test(tc, pulls_of_one_document_take_turns);
        tcase_add_test(tc, the_turn_of_the_dead_is_removed_by_the_next_change);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
