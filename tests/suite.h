/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <check.h>
#include <stdlib.h>

/* Runs a suite and speaks TAP, so that meson lists every case by name. */
static inline int suite_main(Suite *suite) {
        SRunner *runner = srunner_create(suite);
        int failed;

        srunner_set_tap(runner, "-");
        srunner_run_all(runner, CK_SILENT);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);

        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
