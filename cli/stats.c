/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway stats: what containers use, as it goes on. */

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/cgroup.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/pager.h"
#include "cli/target.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/strv.h"

enum { OPT_INTERVAL = LISTING_KEYS_END, OPT_NO_STREAM, OPT_NO_RESET };

/* clang-format off */
static const Option options[] = {
        { 'i',           "interval",  "SECONDS", "how long to wait between two looks (default: 1)" },
        { OPT_NO_RESET,  "no-reset",  NULL,      "go on below, do not clear the screen" },
        { OPT_NO_STREAM, "no-stream", NULL,      "show it once and end" },
        { 'q',           "quiet",     NULL,      "print names only" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Name",        "name",         "NAME",       "ID Container" },
        { "CPUPerc",     "cpu_percent",  ">CPU %",     "CPU" },
        { "MemUsage",    "memory",       ">MEM",       NULL },
        { "MemLimit",    "memory_limit", ">LIMIT",     NULL },
        { "MemPerc",     "memory_percent", ">MEM %",   "Mem" },
        { "NetInput",    "net_read",     ">NET IN",    "NetIO" },
        { "NetOutput",   "net_sent",     ">NET OUT",   NULL },
        { "BlockInput",  "io_read",      ">DISK READ", "BlockIO" },
        { "BlockOutput", "io_write",     ">WRITE",     NULL },
        { "Pids",        "pids",         ">PIDS",      NULL },
        { "PidsLimit",   "pids_limit",   NULL,         NULL },
        { "CPUTime",     "cpu",          NULL,         NULL },
        { "MemCache",    "memory_cache", NULL,         NULL },
};
/* clang-format on */

/* A container, and the last look at it. */
typedef struct Watched {
        char name[65];
        Cgroup cgroup;
        Running running;
        Usage usage;
        uint64_t at; /* nanoseconds, 0 before the first look */
        double cpu;  /* percent of one processor since the look before, negative when it is not known */
} Watched;

typedef struct WatchedList {
        Watched *items;
        size_t n;
} WatchedList;

typedef struct StatsCall {
        ListingStyle style;
        char *const *names; /* NULL-terminated; empty for all that run */
        double interval;
        bool once, no_reset;
} StatsCall;

static void watched_done(WatchedList *list) {
        for (size_t i = 0; i < list->n; i++)
                running_close(&list->items[i].running);
        free(list->items);
        *list = (WatchedList){};
}

static uint64_t now_ns(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

/* Owns @running on success. */
static int add(WatchedList *list, Running *running) {
        Watched *grown = reallocarray(list->items, list->n + 1, sizeof(*grown)), *watched;

        if (!grown)
                return -ENOMEM;
        list->items = grown;
        watched = &grown[list->n];
        *watched = (Watched){ .running = *running, .cpu = -1 };
        (void) snprintf(watched->name, sizeof(watched->name), "%s", running->name);
        (void) cgroup_find(running->nspawn, running->record.unit, &watched->cgroup);
        *running = RUNNING_CLOSED;
        list->n++;
        return 0;
}

static bool has(const WatchedList *list, const char *name) {
        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i].name, name) == 0)
                        return true;
        return false;
}

static int compare(const void *a, const void *b) {
        return strcmp(((const Watched *) a)->name, ((const Watched *) b)->name);
}

/* Those that have come since the last look. */
static int add_all(WatchedList *list) {
        autoclosedir DIR *directory = opendir(RECORD_DIR);
        struct dirent *entry;
        int r = 0;

        while (r >= 0 && directory && (entry = readdir(directory))) {
                AUTO(running_close) Running running = RUNNING_CLOSED;

                if (*entry->d_name != '.' && !has(list, entry->d_name) &&
                                running_open(entry->d_name, &running, NULL) >= 0)
                        r = add(list, &running);
        }
        if (list->n > 0)
                qsort(list->items, list->n, sizeof(Watched), compare);
        return r;
}

static int add_named(const StatsCall *call, WatchedList *list, Fault *fault) {
        int r = 0;

        for (char *const *name = call->names; r >= 0 && *name; name++) {
                AUTO(running_close) Running running = RUNNING_CLOSED;

                r = target_open(*name, &running, fault);
                if (r >= 0 && !has(list, running.name))
                        r = add(list, &running);
        }
        return r;
}

static void drop_ended(WatchedList *list) {
        for (size_t i = 0; i < list->n;)
                if (running_has_ended(&list->items[i].running)) {
                        running_close(&list->items[i].running);
                        memmove(&list->items[i], &list->items[i + 1], (--list->n - i) * sizeof(Watched));
                } else
                        i++;
}

static void look(Watched *watched) {
        uint64_t before = watched->usage.cpu, then = watched->at;

        cgroup_usage(&watched->cgroup, watched->running.init, &watched->usage);
        watched->at = now_ns();
        watched->cpu = -1;
        if (then > 0 && watched->at > then && watched->usage.cpu != CGROUP_UNKNOWN &&
                        before != CGROUP_UNKNOWN)
                watched->cpu = watched->usage.cpu > before ? 100.0 * (double) (watched->usage.cpu - before) /
                                                                             (double) (watched->at - then)
                                                           : 0;
}

/* --- printing --- */

static void put_bytes(Listing *listing, uint64_t bytes) {
        char text[32];

        format_bytes(bytes, text, sizeof(text));
        if (bytes == CGROUP_UNKNOWN)
                listing_text(listing, NULL, TABLE_PLAIN);
        else
                listing_value(listing, json_integer((json_int_t) bytes), text, TABLE_PLAIN);
}

static void put_number(Listing *listing, uint64_t number) {
        char text[32];

        (void) snprintf(text, sizeof(text), "%" PRIu64, number);
        if (number == CGROUP_UNKNOWN)
                listing_text(listing, NULL, TABLE_PLAIN);
        else
                listing_value(listing, json_integer((json_int_t) number), text, TABLE_PLAIN);
}

static void put_percent(Listing *listing, double percent) {
        char text[32];

        (void) snprintf(text, sizeof(text), "%.1f%%", percent);
        if (percent < 0)
                listing_text(listing, NULL, TABLE_PLAIN);
        else
                listing_value(listing, json_real(percent), text, TABLE_PLAIN);
}

/* What would be given up before anything else is not counted: it grows to fill any limit. */
static void put_row(Listing *listing, const Watched *watched) {
        const Usage *usage = &watched->usage;
        uint64_t cache = usage->memory_cache == CGROUP_UNKNOWN ? 0 : usage->memory_cache;
        uint64_t memory = usage->memory == CGROUP_UNKNOWN ? CGROUP_UNKNOWN
                          : usage->memory > cache         ? usage->memory - cache
                                                          : 0;

        listing_text(listing, watched->name, TABLE_PLAIN);
        put_percent(listing, watched->cpu);
        put_bytes(listing, memory);
        put_bytes(listing, usage->memory_limit);
        put_percent(listing, memory == CGROUP_UNKNOWN || usage->memory_limit == CGROUP_UNKNOWN ||
                                                             usage->memory_limit == 0
                                             ? -1
                                             : 100.0 * (double) memory / (double) usage->memory_limit);
        put_bytes(listing, usage->net_read);
        put_bytes(listing, usage->net_sent);
        put_bytes(listing, usage->io_read);
        put_bytes(listing, usage->io_write);
        put_number(listing, usage->pids);
        put_number(listing, usage->pids_limit);
        put_number(listing, usage->cpu);
        put_bytes(listing, cache);
}

static int print(const StatsCall *call, const WatchedList *list, bool is_first, Fault *fault) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        ListingStyle style = call->style;
        bool clears = !call->once && !call->no_reset && !style.json && !style.format && terminal_width() > 0;
        int r;

        for (size_t i = 0; i < list->n; i++)
                put_row(listing, &list->items[i]);
        if (!call->once)
                style.no_pager = true;
        if (!is_first && !clears)
                style.no_heading = true;
        if (clears)
                (void) fputs(is_first ? "\x1b[H\x1b[2J" : "\x1b[H\x1b[J", stdout);
        r = listing_print(listing, &style, fault);
        if (fflush(stdout) != 0 && r >= 0)
                r = -EPIPE;
        return r;
}

static void wait_for(double seconds) {
        struct timespec time = { .tv_sec = (time_t) seconds };

        time.tv_nsec = (long) ((seconds - (double) time.tv_sec) * 1e9);
        while (nanosleep(&time, &time) < 0 && errno == EINTR)
                ;
}

static int stats(const StatsCall *call, Fault *fault) {
        AUTO(watched_done) WatchedList list = {};
        int r = *call->names ? add_named(call, &list, fault) : add_all(&list);

        for (size_t i = 0; r >= 0 && i < list.n; i++)
                look(&list.items[i]);
        for (bool is_first = true; r >= 0; is_first = false) {
                if (list.n > 0 || !call->once)
                        wait_for(call->interval);
                drop_ended(&list);
                if (!*call->names)
                        r = add_all(&list);
                for (size_t i = 0; r >= 0 && i < list.n; i++)
                        look(&list.items[i]);
                if (r >= 0)
                        r = print(call, &list, is_first, fault);
                if (call->once || (*call->names && list.n == 0))
                        break;
        }
        return r;
}

static int take_interval(const char *text, double *ret) {
        char *end;
        double seconds = strtod(text, &end);

        if (end == text || *end || !(seconds >= 0.01) || seconds > 86400)
                return -EINVAL;
        *ret = seconds;
        return 0;
}

int verb_stats(int argc, char **argv) {
        StatsCall call = { .interval = 1 };
        bool goes_on = isatty(STDOUT_FILENO);
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == OPT_NO_STREAM)
                        call.once = true;
                else if (key == OPT_NO_RESET)
                        call.no_reset = true;
                else if (key == 'i') {
                        if (take_interval(optarg, &call.interval) < 0)
                                return options_misused(argv[0], "'%.50s' is no number of seconds", optarg);
                        goes_on = true;
                } else if (!listing_option(&call.style, key))
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;

        call.names = argv + optind;
        call.once = call.once || !goes_on;
        r = stats(&call, &fault);
        if (r >= 0 || r == -EPIPE)
                return VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot show what containers use");
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
