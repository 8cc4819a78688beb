/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/verity-client.h"

#include <stdio.h>

#include "image/wire.h"
#include "lib/notify.h"

/* To make the image may take longer than a unit may take to start. */
static void tell_manager(const char *note) {
        (void) notify_send("EXTEND_TIMEOUT_USEC=30000000");
        (void) notify_status("%s", note);
}

/* Return: 1 when this was the last word, 0 when there is more to come. */
static int take_answer(Message *message, int *ret, Fault *fault) {
        const char *note = json_string_value(json_object_get(message->body, "note"));

        if (note) {
                tell_manager(note);
                return 0;
        }
        if (!json_object_get(message->body, "end"))
                return wire_raise(message->body, fault);
        *ret = message_take_fd(message, 0);
        return *ret < 0 ? fault_raise(fault, FAULT_SYNTAX, EBADMSG, "slipway-verity has sent no mount") : 1;
}

int verity_mount(const Digest *image, const char *root_hash, int *ret, Fault *fault) {
        autofd int fd = wire_connect(VERITY_SOCKET, fault);
        char id[DIGEST_HEX + 8];
        int r = fd;

        if (fd < 0)
                return fd;
        (void) snprintf(id, sizeof(id), "sha256:%s", image->hex);
        r = wire_send_new(fd,
                        json_pack("{s:s, s:s, s:s*}", "do", "mount", "image", id, "root_hash", root_hash),
                        NULL, 0);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot ask slipway-verity");
        do {
                automessage Message message = MESSAGE_EMPTY;

                r = wire_receive(fd, &message, fault);
                if (r == 0)
                        return fault_raise(fault, FAULT_SYSTEM, EPIPE,
                                        "slipway-verity has ended without a word; see 'journalctl -u "
                                        "slipway-verity@*'");
                if (r > 0)
                        r = take_answer(&message, ret, fault);
        } while (r == 0);
        return r < 0 ? r : 0;
}
