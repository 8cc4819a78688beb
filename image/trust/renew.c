/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Deciding anew about an image that is in the store, from what was kept with it. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "image/list.h"
#include "image/reference.h"
#include "image/trust/trust.h"
#include "lib/strv.h"

#define TRANSPORT_UNKNOWN "unknown"

/* An image that is older than the records of origins gets one, so that a verdict can be kept. */
static int make_origin(Store *store, const char *name, const Digest *image, Fault *fault) {
        Origin origin = { .name = (char *) name,
                .transport = (char *) TRANSPORT_UNKNOWN,
                .image = *image,
                .time = time(NULL) };
        autofree char *file = NULL, *parent = NULL, *path = NULL;
        autofd int fd = -1;
        int r = reference_escape(name, &file);

        if (r >= 0 && asprintf(&parent, "origins/%s", file) < 0)
                parent = NULL;
        if (parent && asprintf(&path, "%s/%s", parent, image->hex) < 0)
                path = NULL;
        if (!path)
                return r < 0 ? r : -ENOMEM;
        if ((mkdirat(store->fd, "origins", 0700) < 0 && errno != EEXIST) ||
                        (mkdirat(store->fd, parent, 0700) < 0 && errno != EEXIST) ||
                        (mkdirat(store->fd, path, 0700) < 0 && errno != EEXIST))
                r = -errno;
        fd = r < 0 ? -1 : openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (r >= 0)
                r = fd < 0 ? -errno : origin_write(fd, &origin);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r,
                                       "cannot note where the image '%.200s' came from: %s", name,
                                       strerror(-r))
                     : 0;
}

/* What of it was signed is known from the last time. */
static int read_manifest(int dir_fd, TrustSubject *subject) {
        autoverdict TrustVerdict verdict = {};
        int r = trust_read_verdict(dir_fd, &verdict, NULL);

        if (r >= 0)
                subject->manifest = verdict.digest;
        return r == -ENOMEM ? r : 0;
}

/* Whoever does not find a signature may find one by asking the registry again. */
static int explain(const TrustSubject *subject, const SignatureList *signatures, int r, Fault *fault) {
        char text[sizeof(((Fault *) NULL)->text)];

        if (r != -EKEYREJECTED || !fault || signatures->n > 0 || strcmp(subject->transport, "docker") != 0)
                return r;
        (void) snprintf(text, sizeof(text), "%.440s; pull it again if it has been signed since",
                        fault->text);
        memcpy(fault->text, text, sizeof(text));
        return r;
}

static int decide(const TrustPolicy *policy, Store *store, const Digest *image, const char *name,
                const Origin *origin, TrustVerdict *ret, Fault *fault) {
        TrustSubject subject = {
                .transport = origin->transport ?: TRANSPORT_UNKNOWN, .name = name, .top = origin->top
        };
        AUTO(signature_list_done) SignatureList signatures = {};
        autoverdict TrustVerdict verdict = {};
        autofd int fd = origin_open(store, name, image, fault);
        int r = fd < 0 && fd != -ENOENT ? fd : 0;

        if (fd >= 0)
                r = trust_read_signatures(fd, &signatures, fault);
        if (fd >= 0 && r >= 0)
                r = read_manifest(fd, &subject);
        if (r >= 0)
                r = explain(&subject, &signatures,
                                trust_verify(policy, &subject, &signatures, &verdict, fault), fault);
        if (r >= 0 && fd < 0)
                r = make_origin(store, name, image, fault);
        if (r >= 0 && fd < 0)
                fd = origin_open(store, name, image, fault);
        if (r >= 0)
                r = fd < 0 ? fd : trust_record(fd, NULL, &verdict, fault);
        if (r < 0)
                return r;
        *ret = verdict;
        verdict = (TrustVerdict){};
        return 0;
}

static int renew_name(const TrustPolicy *policy, Store *store, const Digest *image, const char *name,
                TrustVerdict *ret, Fault *fault) {
        AUTO(origin_done) Origin origin = {};
        int r = origin_read(store, name, image, &origin, fault);

        if (r < 0 && r != -ENOENT)
                return r;
        return decide(policy, store, image, name, &origin, ret, fault);
}

/* Names that it has, and those that it had. */
static int list_names(Store *store, const Digest *image, char ***ret, Fault *fault) {
        AUTO(name_list_done) NameList names = {};
        autoclosedir DIR *dir = NULL;
        autostrv char **list = NULL;
        struct dirent *entry;
        int fd, r;

        r = store_list_names(store, &names, fault);
        for (size_t i = 0; i < names.n && r >= 0; i++)
                if (digest_equal(&names.items[i].id, image))
                        r = strv_append(&list, names.items[i].name);
        fd = r < 0 ? -1 : openat(store->fd, "origins", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        while (r >= 0 && dir && (entry = readdir(dir))) {
                autofree char *name = NULL;
                autofd int origin = -1;

                if (entry->d_name[0] == '.' || reference_unescape(entry->d_name, &name) < 0 ||
                                strv_find(list, name))
                        continue;
                origin = origin_open(store, name, image, NULL);
                if (origin >= 0)
                        r = strv_append(&list, name);
        }
        if (r < 0)
                return r;
        *ret = TAKE(list);
        return 0;
}

/* One that never had a name can only be accepted by what holds for all. */
static int renew_nameless(const TrustPolicy *policy, Store *store, const Digest *image, TrustVerdict *ret,
                Fault *fault) {
        TrustSubject subject = { .transport = TRANSPORT_UNKNOWN };
        autoverdict TrustVerdict verdict = {};
        SignatureList none = {};
        char path[sizeof("images/") + DIGEST_HEX];
        autofd int fd = -1;
        int r = trust_verify(policy, &subject, &none, &verdict, fault);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "images/%s", image->hex);
        fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%s/%s': %s", store->path, path,
                                strerror(errno));
        r = trust_record(fd, NULL, &verdict, fault);
        if (r < 0)
                return r;
        *ret = verdict;
        verdict = (TrustVerdict){};
        return 0;
}

int trust_renew(const TrustPolicy *policy, Store *store, const Digest *image, const char *name,
                TrustVerdict *ret, Fault *fault) {
        autostrv char **names = NULL;
        int r;

        if (name)
                return renew_name(policy, store, image, name, ret, fault);
        r = list_names(store, image, &names, fault);
        if (r < 0)
                return r;
        if (!names)
                return renew_nameless(policy, store, image, ret, fault);
        for (size_t i = 0; names[i]; i++) {
                fault_clear(fault);
                r = renew_name(policy, store, image, names[i], ret, fault);
                if (r != -EKEYREJECTED)
                        return r;
        }
        return r;
}

/* Who may pose as a name decides the policy, and a signature for another one does not do. */
int trust_tag_record(void *data, const Origin *origin, int from_fd, int to_fd, Fault *fault) {
        TrustSubject subject = { .transport = origin->transport, .name = origin->name, .top = origin->top };
        autosignatures SignatureList signatures = {};
        autoverdict TrustVerdict verdict = {};
        autotrust TrustPolicy *policy = NULL;
        int r;

        (void) data;
        if ((r = trust_load(NULL, &policy, fault)) < 0 ||
                        (r = trust_read_signatures(from_fd, &signatures, fault)) < 0 ||
                        (r = read_manifest(from_fd, &subject)) < 0 ||
                        (r = trust_verify(policy, &subject, &signatures, &verdict, fault)) < 0)
                return r;
        return trust_record(to_fd, &signatures, &verdict, fault);
}
