/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Jobs of the service manager, and why they fail
 *
 *     r = jobs_open(&jobs, bus, fault);
 *     r = jobs_queue(&jobs, "StartUnit", "web.service", fault);    as often as there are units
 *     r = jobs_wait(&jobs, fault);
 *     for each: if (!job_is_done(&jobs.jobs[i])) job_explain(…)
 *
 * All jobs run at the same time, as those of systemctl(1) do.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "cli/generated.h"
#include "lib/fault.h"

typedef struct Job {
        char *unit;
        char *path;      /* the job's object */
        char result[16]; /* done, failed, timeout, canceled, dependency, skipped …; empty while it runs */
} Job;

typedef struct Jobs {
        sd_bus *bus; /* borrowed */
        sd_bus_slot *slot;
        Job *jobs;
        size_t n;
} Jobs;

/* What a service says of itself, as far as it matters for why it has ended. */
typedef struct UnitReport {
        bool is_known;     /* it is loaded */
        char active[16];   /* active, inactive, failed, … */
        char sub[24];      /* running, dead, … */
        char result[24];   /* success, exit-code, signal, timeout, … */
        char status[1024]; /* STATUS= of sd_notify(3), or empty */
        char invocation[33];
        int code;        /* CLD_EXITED, CLD_KILLED, CLD_DUMPED of the main process; 0 while it runs */
        int exit_status; /* exit status or signal of the main process */
        uint32_t main_pid;
} UnitReport;

/* Return: 0, or -errno with a fault. */
int jobs_open(Jobs *jobs, sd_bus *bus, Fault *fault);

/* Queues a job of a unit: StartUnit, StopUnit, RestartUnit. Return: 0, or -errno with a fault. */
int jobs_queue(Jobs *jobs, const char *method, const char *unit, Fault *fault);

/* A job that something else has made, by its object path. */
int jobs_adopt(Jobs *jobs, const char *unit, const char *path);

/* Until all jobs are over. Return: 0, or -errno with a fault when systemd does not speak to us any more. */
int jobs_wait(Jobs *jobs, Fault *fault);

/* The same, but not longer than that many microseconds. Return: 1 when all are over, 0 when not, -errno. */
int jobs_wait_for(Jobs *jobs, uint64_t usec, Fault *fault);

bool jobs_are_over(const Jobs *jobs);

bool job_is_done(const Job *job);

void jobs_close(Jobs *jobs);

/* Asks a unit how it is. Nothing that cannot be found out is a failure. */
void unit_report_read(sd_bus *bus, const char *unit, UnitReport *ret);

/**
 * job_explain() - the reason why a job has failed, as a fault
 * @what:       completes "cannot …": "start 'web'"
 * @result:     of the job
 * @report:     of the unit; if it was read after the job was over
 *
 * Return: always negative, with a fault that has the unit's own words, or what systemd knows.
 */
int job_explain(const char *what, const char *unit, const char *result, const UnitReport *report,
                Fault *fault);

/* The last lines that an invocation of a unit has logged, as notes on standard error. */
void job_last_words(const char *unit, const UnitReport *report);

/* A fault for an error that the service manager has answered with. Return: -errno. */
int manager_fault(sd_bus_error *error, int r, const char *what, Fault *fault);
