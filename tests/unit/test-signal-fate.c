/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "lib/cleanup.h"
#include "nspawn-glue/signal-fate.h"
#include "tests/suite.h"

static void on_signal(int number) {
        (void) number;
}

static void wait_for_ever(void) {
        for (;;)
                (void) pause();
}

static void block(void) {
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
}

static void be_careless(void) {
}

static void handle(void) {
        (void) signal(SIGTERM, on_signal);
}

static void ignore(void) {
        (void) signal(SIGTERM, SIG_IGN);
}

static void handle_another(void) {
        (void) signal(SIGINT, on_signal);
}

static void read_by_descriptor(void) {
        sigset_t set;

        block();
        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) signalfd(-1, &set, 0);
}

/* As tini does; the mask has no SIGTERM while it waits. */
static void wait_for_signal(int number) {
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, number);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        for (;;)
                (void) sigwaitinfo(&set, NULL);
}

static void wait_for_it(void) {
        wait_for_signal(SIGTERM);
}

static void wait_for_another(void) {
        wait_for_signal(SIGUSR1);
}

static void *loaf(void *nothing) {
        wait_for_ever();
        return nothing;
}

/* Signals go to the first thread before all others, and its mask counts. */
static void have_threads(void) {
        pthread_t thread;

        block();
        (void) pthread_create(&thread, NULL, loaf, NULL);
}

static const struct {
        void (*prepare)(void);
        SignalFate fate;
} cases[] = {
        { be_careless, SIGNAL_DEFAULT },
        { handle, SIGNAL_TAKEN },
        { ignore, SIGNAL_IGNORED },
        { handle_another, SIGNAL_DEFAULT },
        { block, SIGNAL_TAKEN },
        { read_by_descriptor, SIGNAL_TAKEN },
        { wait_for_it, SIGNAL_TAKEN },
        { wait_for_another, SIGNAL_DEFAULT },
        { have_threads, SIGNAL_TAKEN },
};

/* Check has handlers of its own, which a child inherits. */
static pid_t fork_careless(void) {
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void) signal(SIGTERM, SIG_DFL);
                (void) signal(SIGINT, SIG_DFL);
        }
        return pid;
}

/* A child that does as it is told, and sleeps then. */
static pid_t start(void (*prepare)(void)) {
        pid_t pid = fork_careless();

        if (pid == 0) {
                prepare();
                wait_for_ever();
        }
        return pid;
}

static SignalFate settled_fate(pid_t pid, SignalFate expected) {
        SignalFate fate = SIGNAL_DEFAULT;

        for (int i = 0; i < 200; i++) {
                ck_assert_int_eq(signal_fate(pid, SIGTERM, &fate), 0);
                if (fate == expected && (expected != SIGNAL_DEFAULT || i > 10))
                        break;
                (void) usleep(5000);
        }
        return fate;
}

static void end(pid_t pid) {
        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, NULL, 0);
}

START_TEST(masks_tell_what_becomes_of_a_signal)
{
        pid_t pid = start(cases[_i].prepare);

        ck_assert_int_eq(settled_fate(pid, cases[_i].fate), cases[_i].fate);
        end(pid);
}
END_TEST

START_TEST(who_has_ended_is_not_there)
{
        pid_t pid = fork();
        SignalFate fate;
        siginfo_t info;

        if (pid == 0)
                _exit(EXIT_SUCCESS);
        ck_assert_int_eq(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), 0);
        ck_assert_int_eq(signal_fate(pid, SIGTERM, &fate), -ESRCH);
        (void) waitpid(pid, NULL, 0);
        ck_assert_int_eq(signal_fate(pid, SIGTERM, &fate), -ESRCH);
}
END_TEST

#ifdef WAIT_I386
START_TEST(a_program_of_32_bits_has_numbers_of_its_own)
{
        pid_t pid = fork_careless();

        if (pid == 0) {
                (void) execl(WAIT_I386, WAIT_I386, (char *) NULL);
                _exit(77);
        }
        ck_assert_int_eq(settled_fate(pid, SIGNAL_TAKEN), SIGNAL_TAKEN);
        end(pid);
}
END_TEST
#endif

/* A family: the careless one has a child that handles the signal and one that does not, which has one that
 * does. */
static void have_children(void) {
        (void) start(handle);
        if (fork_careless() == 0) {
                (void) start(handle);
                (void) start(ignore);
                wait_for_ever();
        }
        (void) start(be_careless);
}

START_TEST(of_a_family_those_are_found_who_take_it)
{
        pid_t pid = start(have_children), takers[8] = {};
        size_t n = 0;

        for (int i = 0; i < 200 && n != 2; i++) {
                n = signal_find_takers(pid, SIGTERM, takers, ELEMENTS(takers));
                (void) usleep(5000);
        }
        ck_assert_uint_eq(n, 2);
        ck_assert_int_ne(takers[0], takers[1]);
        ck_assert_uint_eq(signal_find_takers(pid, SIGTERM, takers, 1), 1);
        ck_assert_uint_eq(signal_find_takers(pid, SIGUSR2, takers, ELEMENTS(takers)), 0);
        end(pid);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("signal-fate");
        TCase *tests = tcase_create("signal-fate");

        tcase_add_loop_test(tests, masks_tell_what_becomes_of_a_signal, 0, (int) ELEMENTS(cases));
        tcase_add_test(tests, who_has_ended_is_not_there);
#ifdef WAIT_I386
        tcase_add_test(tests, a_program_of_32_bits_has_numbers_of_its_own);
#endif
        tcase_add_test(tests, of_a_family_those_are_found_who_take_it);
        suite_add_tcase(suite, tests);
        return suite_main(suite);
}
