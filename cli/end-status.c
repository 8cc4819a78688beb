/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/end-status.h"

#include <string.h>
#include <sys/wait.h>

#include "lib/signals.h"

int end_status_of(const Record *record, const UnitReport *report) {
        int signal;

        if (report->code == CLD_KILLED || report->code == CLD_DUMPED)
                return 128 + report->exit_status;
        if (report->exit_status != 1 || strcmp(record->exit_code, "killed") != 0)
                return report->exit_status;
        signal = signal_from_name(record->exit_status);
        return signal < 0 ? report->exit_status : 128 + signal;
}

int end_status(const char *name, const UnitReport *report) {
        Record record = {};

        (void) record_read_last(name, &record);
        return end_status_of(&record, report);
}

bool end_was_out_of_memory(const char *name) {
        Record record = {};

        return record_read_last(name, &record) >= 0 && record.out_of_memory;
}
