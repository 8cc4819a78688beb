/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What has to wait, packed: a large layer has more directories than one would like to hold a path of each.
 */

#include <string.h>

#include "image/unpacker.h"
#include "lib/cleanup.h"

/* Of all layers of an image together. */
#define LATE_MEMORY (32u << 20)

typedef struct Record {
        uint16_t shared, rest; /* bytes of the path: as in the one before, and what follows */
        mode_t mode;
        uid_t uid;
        gid_t gid;
        uint32_t nsec;
        int64_t sec;
        bool implied;
} __attribute__((packed)) Record;

static size_t shared_with(const char *path, const char *last) {
        size_t n = 0;

        while (path[n] && path[n] == last[n])
                n++;
        return n;
}

static int make_room(LateList *list, size_t size) {
        size_t room = list->room ? list->room : 2048;
        char *grown;

        while (room < list->used + size)
                room *= 2;
        if (room == list->room)
                return 0;
        grown = realloc(list->records, room);
        if (!grown)
                return -ENOMEM;
        list->records = grown;
        list->room = room;
        return 0;
}

int late_add(Unpacker *unpacker, LateKind kind, const char *path, const Late *late, Fault *fault) {
        LateList *list = &unpacker->late[kind];
        size_t shared = shared_with(path, list->last), rest = strlen(path + shared);
        static const Late nothing = {};
        const Late *what = late ? late : &nothing;
        Record record = {
                .shared = (uint16_t) shared,
                .rest = (uint16_t) rest,
                .mode = what->attributes.mode,
                .uid = what->attributes.uid,
                .gid = what->attributes.gid,
                .nsec = (uint32_t) what->attributes.mtime.tv_nsec,
                .sec = what->attributes.mtime.tv_sec,
                .implied = what->implied,
        };
        size_t size = sizeof(record) + rest;

        if (make_room(list, size) < 0)
                return -ENOMEM;
        if (__atomic_add_fetch(&unpacker->budget->late, size, __ATOMIC_RELAXED) > LATE_MEMORY) {
                (void) __atomic_sub_fetch(&unpacker->budget->late, size, __ATOMIC_RELAXED);
                return fault_raise(fault, FAULT_HOSTILE, E2BIG, "the image has too many directories");
        }

        memcpy(list->records + list->used, &record, sizeof(record));
        memcpy(list->records + list->used + sizeof(record), path + shared, rest);
        list->used += size;
        (void) stpcpy(list->last + shared, path + shared);
        return 0;
}

bool late_next(const LateList *list, size_t *at, char *path, Late *ret) {
        Record record;

        if (*at >= list->used)
                return false;
        memcpy(&record, list->records + *at, sizeof(record));
        memcpy(path + record.shared, list->records + *at + sizeof(record), record.rest);
        path[record.shared + record.rest] = '\0';
        *at += sizeof(record) + record.rest;

        *ret = (Late){
                .attributes = { record.mode, record.uid, record.gid, { record.sec, (long) record.nsec } },
                .implied = record.implied,
        };
        return true;
}

void late_done(Unpacker *unpacker) {
        for (int kind = 0; kind < _LATE_KIND_MAX; kind++) {
                (void) __atomic_sub_fetch(
                                &unpacker->budget->late, unpacker->late[kind].used, __ATOMIC_RELAXED);
                free(unpacker->late[kind].records);
                unpacker->late[kind] = (LateList){};
        }
}
