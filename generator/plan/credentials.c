/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/plan/credentials.h"

#include <string.h>

#include "lib/credentials.h"

/* A secret may be wanted twice, as a file and as a variable: the unit loads it once. */
static bool is_repeated(char *const *first, char *const *secret, size_t n) {
        for (; first < secret; first++)
                if (strncmp(*first, *secret, n) == 0 && ((*first)[n] == ',' || !(*first)[n]))
                        return true;
        return false;
}

/* Its name has letters, digits, "_.-" and specifiers: nothing to quote. */
void credentials_write(const Container *container, UnitWriter *unit) {
        for (char **secret = container->secret; secret && *secret; secret++) {
                int n = (int) strcspn(*secret, ",");

                if (is_repeated(container->secret, secret, (size_t) n))
                        continue;
                unit_setf(unit, "SetCredential", "%.*s:" CREDENTIAL_ABSENT, n, *secret);
                unit_setf(unit, "LoadCredentialEncrypted", "%.*s:" CREDSTORE_ENCRYPTED_DIR "/%.*s", n,
                                *secret, n, *secret);
                unit_setf(unit, "LoadCredential", CREDENTIAL_PLAIN "%.*s:%.*s", n, *secret, n, *secret);
        }
}
