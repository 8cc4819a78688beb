/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/link-session.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/cleanup.h"

int link_error(int r) {
        static const struct {
                int nle, error;
        } table[] = {
                { NLE_NOMEM, ENOMEM },
                { NLE_EXIST, EEXIST },
                { NLE_OBJ_NOTFOUND, ENOENT },
                { NLE_NODEV, ENODEV },
                { NLE_PERM, EPERM },
                { NLE_NOACCESS, EACCES },
                { NLE_BUSY, EBUSY },
                { NLE_INVAL, EINVAL },
                { NLE_RANGE, ERANGE },
                { NLE_OPNOTSUPP, EOPNOTSUPP },
                { NLE_AF_NOSUPPORT, EAFNOSUPPORT },
                { NLE_NOADDR, EADDRNOTAVAIL },
        };

        if (r >= 0)
                return r;
        for (size_t i = 0; i < ELEMENTS(table); i++)
                if (table[i].nle == -r)
                        return -table[i].error;
        return -EIO;
}

int link_session_open(LinkSession **ret, Fault *fault) {
        LinkSession *session = calloc(1, sizeof(*session));
        int r = session ? 0 : -ENOMEM;

        if (r >= 0) {
                session->socket = nl_socket_alloc();
                r = session->socket ? link_error(nl_connect(session->socket, NETLINK_ROUTE)) : -ENOMEM;
        }
        if (r < 0) {
                if (session)
                        link_session_close(session);
                return fault_wrap(fault, r, "cannot speak to the kernel about networks");
        }
        *ret = session;
        return 0;
}

void link_session_close(LinkSession *session) {
        if (session->socket)
                nl_socket_free(session->socket);
        free(session);
}
