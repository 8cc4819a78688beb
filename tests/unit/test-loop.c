/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/loop.h"
#include "tests/suite.h"

typedef struct Pipe {
        LoopWatch watch;
        Loop *loop;
        struct Pipe *other;
        int end;
        unsigned calls;
} Pipe;

/* Takes the other one out, though it has something to do as well. */
static void on_event(LoopWatch *watch, uint32_t events) {
        Pipe *self = watch->owner;

        ck_assert_uint_ne(events & EPOLLIN, 0);
        self->calls++;
        if (self->other)
                loop_remove(self->loop, &self->other->watch);
}

static void pipe_open(Pipe *self, Loop *loop) {
        int ends[2];

        ck_assert_int_eq(pipe(ends), 0);
        *self = (Pipe){ .watch = { ends[0], on_event, self }, .loop = loop, .end = ends[1] };
        ck_assert_int_eq(loop_add(loop, &self->watch, EPOLLIN), 0);
        ck_assert_int_eq(write(self->end, "x", 1), 1);
}

static void pipe_close(Pipe *self) {
        (void) close(self->watch.fd);
        (void) close(self->end);
}

START_TEST(whoever_is_taken_out_is_not_called_any_more)
{
        Pipe one, two;
        Loop loop;

        ck_assert_int_eq(loop_open(&loop), 0);
        pipe_open(&one, &loop);
        pipe_open(&two, &loop);
        one.other = &two;
        two.other = &one;
        ck_assert_int_eq(loop_turn(&loop, 0, NULL), 2);
        ck_assert_uint_eq(one.calls + two.calls, 1);
        one.other = two.other = NULL;
        ck_assert_int_eq(loop_turn(&loop, 0, NULL), 1);
        ck_assert_uint_eq(one.calls + two.calls, 2);
        pipe_close(&one);
        pipe_close(&two);
        ck_assert_int_eq(loop_turn(&loop, 1, NULL), 0);
        loop_close(&loop);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("loop");
        TCase *tc = tcase_create("loop");

        tcase_add_test(tc, whoever_is_taken_out_is_not_called_any_more);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
