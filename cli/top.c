/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway top: the processes of a container. */

#include <getopt.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "cli/cgroup.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/process.h"
#include "cli/target.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/strv.h"

typedef struct TopRow {
        const Processes *all;
        const Process *process;
        unsigned long long now, hertz; /* ticks since boot, and how many there are in a second */
} TopRow;

/* Writes what a column shows. @ret has room for COLUMN_MAX bytes; a longer text is returned instead. */
typedef const char *ColumnShow(const TopRow *row, char *ret);
enum { COLUMN_MAX = 256 };

typedef struct Column {
        const char *name, *header, *also;
        ColumnShow *show;
        bool is_number; /* for programs */
} Column;

static const char *number(char *ret, long long value) {
        (void) snprintf(ret, COLUMN_MAX, "%lld", value);
        return ret;
}

static const char *show_args(const TopRow *row, char *ret) {
        return row->process->arguments;
}

static const char *show_comm(const TopRow *row, char *ret) {
        return row->process->comm;
}

static const char *clock_time(char *ret, unsigned long long seconds, bool with_days) {
        unsigned long long days = with_days ? seconds / 86400 : 0;

        seconds -= days * 86400;
        if (days > 0)
                (void) snprintf(ret, COLUMN_MAX, "%llu-%02llu:%02llu:%02llu", days, seconds / 3600,
                                seconds / 60 % 60, seconds % 60);
        else
                (void) snprintf(ret, COLUMN_MAX, "%02llu:%02llu:%02llu", seconds / 3600, seconds / 60 % 60,
                                seconds % 60);
        return ret;
}

static unsigned long long age_of(const TopRow *row) {
        return row->now > row->process->started ? row->now - row->process->started : 0;
}

static const char *show_etime(const TopRow *row, char *ret) {
        return clock_time(ret, age_of(row) / row->hertz, true);
}

static const char *show_time(const TopRow *row, char *ret) {
        return clock_time(ret, row->process->ticks / row->hertz, true);
}

static const char *show_pcpu(const TopRow *row, char *ret) {
        unsigned long long age = age_of(row);

        (void) snprintf(ret, COLUMN_MAX, "%.1f",
                        age > 0 ? 100.0 * (double) row->process->ticks / (double) age : 0.0);
        return ret;
}

static const char *show_user(const TopRow *row, char *ret) {
        return id_name(row->all->passwd, id_inside(row->all->uid_map, row->process->huid), ret, COLUMN_MAX);
}

static const char *show_group(const TopRow *row, char *ret) {
        return id_name(row->all->group, id_inside(row->all->gid_map, row->process->hgid), ret, COLUMN_MAX);
}

static const char *show_uid(const TopRow *row, char *ret) {
        return number(ret, id_inside(row->all->uid_map, row->process->huid));
}

static const char *show_gid(const TopRow *row, char *ret) {
        return number(ret, id_inside(row->all->gid_map, row->process->hgid));
}

static const char *show_huser(const TopRow *row, char *ret) {
        return number(ret, row->process->huid);
}

static const char *show_hgroup(const TopRow *row, char *ret) {
        return number(ret, row->process->hgid);
}

static const char *show_pid(const TopRow *row, char *ret) {
        return number(ret, row->process->pid);
}

static const char *show_ppid(const TopRow *row, char *ret) {
        return number(ret, row->process->ppid);
}

static const char *show_hpid(const TopRow *row, char *ret) {
        return number(ret, row->process->hpid);
}

static const char *show_nice(const TopRow *row, char *ret) {
        return number(ret, row->process->nice);
}

static const char *show_rss(const TopRow *row, char *ret) {
        return number(ret, (long long) (row->process->rss / 1024));
}

static const char *show_vsz(const TopRow *row, char *ret) {
        return number(ret, (long long) (row->process->vsize / 1024));
}

static const char *show_state(const TopRow *row, char *ret) {
        (void) snprintf(ret, COLUMN_MAX, "%c", row->process->state);
        return ret;
}

static const char *show_tty(const TopRow *row, char *ret) {
        unsigned tty = (unsigned) row->process->tty;

        if (tty == 0)
                return "?";
        if (major(tty) >= 136 && major(tty) < 144)
                (void) snprintf(ret, COLUMN_MAX, "pts/%u", (major(tty) - 136) * 256 + minor(tty));
        else
                (void) snprintf(ret, COLUMN_MAX, "%u:%u", major(tty), minor(tty));
        return ret;
}

/* Names are those of ps(1) and of podman-top(1). */
/* clang-format off */
static const Column columns[] = {
        { "args",   "COMMAND",  "cmd command",   show_args,   false },
        { "comm",   "COMM",     "ucmd ucomm",    show_comm,   false },
        { "etime",  "ELAPSED",  "",              show_etime,  false },
        { "gid",    ">GID",     "egid",          show_gid,    true },
        { "group",  "GROUP",    "egroup",        show_group,  false },
        { "hgroup", ">HGROUP",  "",              show_hgroup, true },
        { "hpid",   ">HPID",    "",              show_hpid,   true },
        { "huser",  ">HUSER",   "",              show_huser,  true },
        { "nice",   ">NI",      "ni",            show_nice,   true },
        { "pcpu",   ">%CPU",    "%cpu c",        show_pcpu,   false },
        { "pid",    ">PID",     "",              show_pid,    true },
        { "ppid",   ">PPID",    "",              show_ppid,   true },
        { "rss",    ">RSS",     "rssize rsz",    show_rss,    true },
        { "state",  "S",        "s stat",        show_state,  false },
        { "time",   ">TIME",    "cputime",       show_time,   false },
        { "tty",    "TTY",      "tt tname",      show_tty,    false },
        { "uid",    ">UID",     "euid",          show_uid,    true },
        { "user",   "USER",     "euser uname",   show_user,   false },
        { "vsz",    ">VSZ",     "vsize",         show_vsz,    true },
};

static const char *const usual[] = { "user", "pid", "ppid", "hpid", "pcpu", "etime", "tty", "time", "args" };
static const char *const full[] = { "user", "pid", "hpid", "huser", "pcpu", "vsz", "rss", "tty", "state", "etime", "time", "args" };

static const Option options[] = {
        { 'o', "columns", "COLUMN,…", "which columns to show" },
        { 'q', "quiet",   NULL,       "print process ids of the host only" },
        LISTING_OPTIONS,
};
/* clang-format on */

static bool is_listed(const char *list, const char *word) {
        size_t n = strlen(word);

        for (const char *at = list; (at = strstr(at, word)); at += n)
                if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
                        return true;
        return false;
}

static const Column *find_column(const char *name) {
        for (size_t i = 0; i < ELEMENTS(columns); i++)
                if (strcmp(columns[i].name, name) == 0 || is_listed(columns[i].also, name))
                        return &columns[i];
        return NULL;
}

static int add_column(const char *name, const Column **list, size_t *n, Fault *fault) {
        const Column *column = find_column(name);
        autofree char *names = NULL;
        size_t size;
        FILE *stream;

        if (column && *n < ELEMENTS(columns)) {
                list[(*n)++] = column;
                return 0;
        }
        stream = open_memstream(&names, &size);
        if (!stream)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTS(columns); i++)
                (void) fprintf(stream, " %s", columns[i].name);
        (void) fclose(stream);
        if (column)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there are too many columns; each can be shown once");
        return fault_raise(
                        fault, FAULT_VALUE, EINVAL, "there is no column '%.50s'; there are%s", name, names);
}

/* "pid,user args", as podman and ps take it; "aux" and "-ef", as people type it. */
static int choose_columns(const char *const *words, const Column **list, size_t *n, Fault *fault) {
        static const char *const the_usual[] = { "ef", NULL };
        int r = 0;

        for (; r >= 0 && *words; words++) {
                autofree char *copy = strdup(*words);
                char *save = NULL;

                if (!copy)
                        return -ENOMEM;
                if (strcmp(copy, "aux") == 0)
                        for (size_t i = 0; r >= 0 && i < ELEMENTS(full); i++)
                                r = add_column(full[i], list, n, fault);
                else if (strcmp(copy, "ef") == 0)
                        for (size_t i = 0; r >= 0 && i < ELEMENTS(usual); i++)
                                r = add_column(usual[i], list, n, fault);
                else
                        for (char *word = strtok_r(copy, ", ", &save); r >= 0 && word;
                                        word = strtok_r(NULL, ", ", &save))
                                r = add_column(word, list, n, fault);
        }
        if (r >= 0 && *n == 0)
                return choose_columns(the_usual, list, n, fault);
        return r;
}

static void put_rows(Listing *listing, const Processes *processes, const Column *const *list, size_t n) {
        TopRow row = { .all = processes, .hertz = (unsigned long long) sysconf(_SC_CLK_TCK) };
        struct timespec now;

        (void) clock_gettime(CLOCK_BOOTTIME, &now);
        row.now = (unsigned long long) now.tv_sec * row.hertz +
                  (unsigned long long) now.tv_nsec * row.hertz / 1000000000;
        for (size_t i = 0; i < processes->n; i++) {
                row.process = &processes->list[i];
                for (size_t k = 0; k < n; k++) {
                        char buffer[COLUMN_MAX];
                        const char *text = list[k]->show(&row, buffer);

                        if (list[k]->is_number)
                                listing_value(listing, json_integer(strtoll(text, NULL, 10)), text,
                                                TABLE_PLAIN);
                        else
                                listing_text(listing, text, TABLE_PLAIN);
                }
        }
}

static int top(const char *name, const char *const *words, const ListingStyle *style, Fault *fault) {
        static const char *const pids[] = { "hpid", NULL };
        AUTO(running_close) Running running = RUNNING_CLOSED;
        AUTO(processes_done) Processes processes = {};
        const Column *list[ELEMENTS(columns)];
        autolisting Listing *listing = NULL;
        Field fields[ELEMENTS(columns)];
        size_t n = 0;
        int r;

        r = choose_columns(style->quiet ? pids : words, list, &n, fault);
        if (r >= 0)
                r = target_open(name, &running, fault);
        if (r >= 0)
                r = processes_read(&running, &processes, fault);
        if (r < 0)
                return r;
        for (size_t k = 0; k < n; k++)
                fields[k] = (Field){ list[k]->name, list[k]->name, list[k]->header, NULL };
        listing = listing_new(fields, n);
        put_rows(listing, &processes, list, n);
        return listing_print(listing, style, fault);
}

int verb_top(int argc, char **argv) {
        AUTO(strv_freep) char **words = NULL;
        ListingStyle style = {};
        Fault fault = {};
        int key, r = 0;

        /* As Docker's users type it. These two are no options of ours. */
        for (char **word = argv + 1; *word; word++)
                if (strcmp(*word, "-ef") == 0 || strcmp(*word, "-aux") == 0)
                        (*word)++;
        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'o')
                        r = strv_append(&words, optarg);
                else if (!listing_option(&style, key))
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (optind == argc)
                return options_misused(argv[0], "the name of a container is needed");
        if (r >= 0)
                r = strv_extend(&words, argv + optind + 1);
        if (r >= 0)
                r = top(argv[optind], words ? (const char *const *) words : (const char *const[]){ NULL },
                                &style, &fault);
        if (r >= 0)
                return VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot show the processes of '%.100s'", argv[optind]);
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
