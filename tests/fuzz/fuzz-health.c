/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What health checks print, their commands, and files of their state. A line with nothing but "%" is between
 * the three. */

#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/health-state.h"
#include "nspawn-glue/health/command.h"
#include "nspawn-glue/health/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was printed, the log is JSON, and lines are text on one line. */
static void check_output(const char *output, size_t size) {
        HealthResult result = { .output = malloc(size + 1), .size = size, .exit_status = 1 };
        AUTO(health_log_done) HealthLog log = {};
        autofree char *text = NULL;
        char line[100], field[4096];
        size_t text_size;
        json_t *json;

        if (!result.output || health_log_init(&log, 2) < 0) {
                free(result.output);
                return;
        }
        memcpy(result.output, output, size);
        health_log_add(&log, &result);
        health_last_line(&result, line, sizeof(line));
        health_output(&result, field, sizeof(field));
        for (const char *c = line; *c; c++)
                assert((unsigned char) *c >= ' ' && *c != 0x7f);
        json = json_string(line);
        assert(json);
        json_decref(json);
        json = json_string(field);
        assert(json);
        json_decref(json);

        if (health_log_to_json(&log, HEALTH_HEALTHY, 0, &text, &text_size) < 0)
                return;
        json = json_loadb(text, text_size, JSON_ALLOW_NUL, NULL);
        assert(json && json_array_size(json_object_get(json, "Log")) == 1);
        json_decref(json);
}

static void check_command(const char *text) {
        autostrv char **words = NULL;
        Fault fault = {};

        if (health_command_of_text(text, NULL, &words, &fault) < 0)
                assert(!words && fault_is_raised(&fault));
        else
                assert(!words || (words[0] && *words[0]));
}

static void check_state(char *text) {
        HealthState state;

        health_state_parse(text, &state);
        assert(state.status <= _HEALTH_STATUS_MAX);
        assert(*health_status_to_string(state.status));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *end = memmem(data, size, "%\n", 2);
        size_t n = end ? (size_t) (end - data) : size;
        autofree char *rest = NULL;
        char *state;

        if (size > 65536)
                return 0;
        check_output((const char *) data, n);
        if (!end)
                return 0;
        rest = strndup((const char *) end + 2, size - n - 2);
        if (!rest)
                return 0;
        state = strstr(rest, "%\n");
        if (state)
                *state = '\0';
        check_command(rest);
        if (state)
                check_state(state + 2);
        return 0;
}
