/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/proxy/target.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "nspawn-glue/net/member.h"

static void read_record(Target *target) {
        AUTO(member_done) Member member = {};
        bool was_there = target->is_there;

        target->is_there = member_read(target->name, &member) >= 0;
        target->n = 0;
        for (size_t i = 0; i < member.n_attachments; i++)
                for (size_t k = 0; k < member.attachments[i].n_prefixes; k++)
                        if (target->n < TARGET_ADDRESSES_MAX)
                                target->addresses[target->n++] = member.attachments[i].prefixes[k].address;
        if (target->is_there && !was_there) {
                target->generation++;
                target->since = loop_now();
        }
}

static bool is_about(const struct inotify_event *event, const char *name) {
        return event->mask & IN_Q_OVERFLOW || (event->len > 0 && strcmp(event->name, name) == 0);
}

static void on_event(LoopWatch *watch, uint32_t events) {
        Target *target = watch->owner;
        char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
        bool has_changed = false, was_gone = false;
        ssize_t n;

        (void) events;
        while ((n = read(watch->fd, buffer, sizeof(buffer))) > 0)
                for (ssize_t at = 0; at < n;) {
                        const struct inotify_event *event = (const void *) (buffer + at);

                        if (is_about(event, target->name)) {
                                has_changed = true;
                                was_gone = was_gone || event->mask & IN_DELETE;
                        }
                        at += (ssize_t) (sizeof(*event) + event->len);
                }
        if (!has_changed)
                return;
        /* Gone and there again before we have looked: it is another one. */
        if (was_gone)
                target->is_there = false;
        read_record(target);
        target->on_change(target);
}

int target_open(Target *target, Loop *loop, Fault *fault) {
        int r;

        target->watch = (LoopWatch){
                .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .on_event = on_event, .owner = target
        };
        if (target->watch.fd < 0)
                return fault_wrap(fault, -errno, "cannot watch records of containers");
        if (inotify_add_watch(target->watch.fd, NET_MEMBERS,
                            IN_CREATE | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot watch '" NET_MEMBERS "': %s",
                                strerror(errno));
        r = loop_add(loop, &target->watch, EPOLLIN);
        if (r < 0)
                return fault_wrap(fault, r, "cannot watch records of containers");
        read_record(target);
        return 0;
}

void target_close(Target *target) {
        fd_closep(&target->watch.fd);
}
