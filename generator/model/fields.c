/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/fields.h"

#include <stdlib.h>

#include "lib/strv.h"

void fields_free(void *model, const size_t *texts, size_t n_texts, const size_t *lists, size_t n_lists) {
        if (!model)
                return;

        /* Most are not there, and a thousand containers are freed at each boot. */
        for (size_t i = 0; i < n_texts; i++) {
                char *text = *(char **) ((char *) model + texts[i]);

                if (text)
                        free(text);
        }
        for (size_t i = 0; i < n_lists; i++) {
                char **list = *(char ***) ((char *) model + lists[i]);

                if (list)
                        strv_free(list);
        }
        free(model);
}
