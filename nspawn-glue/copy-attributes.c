/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/copy-attributes.h"

#include <endian.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>
#include <string.h>
#include <sys/xattr.h>

#include "lib/cleanup.h"

#define NOBODY 65534
#define VALUE_MAX (64 * 1024)

uid_t copy_shift(const CopyOwners *owners, uid_t id) {
        if (!owners)
                return id;
        return id >= owners->base && id - owners->base < owners->count ? id - owners->base : NOBODY;
}

/* Capabilities of a file are those over the namespace whose root is named; where they are kept that is 0. */
static ssize_t shift_capability(const CopyOwners *owners, char *value, size_t size) {
        struct vfs_ns_cap_data data;

        if (size == sizeof(struct vfs_cap_data))
                return owners->base == 0 ? (ssize_t) size : -EINVAL;
        if (size != sizeof(data))
                return -EINVAL;
        memcpy(&data, value, sizeof(data));
        if (le32toh(data.rootid) != owners->base)
                return -EINVAL;
        data.magic_etc = htole32(
                        (le32toh(data.magic_etc) & ~(uint32_t) VFS_CAP_REVISION_MASK) | VFS_CAP_REVISION_2);
        memcpy(value, &data, sizeof(struct vfs_cap_data));
        return sizeof(struct vfs_cap_data);
}

static ssize_t shift_access_list(const CopyOwners *owners, char *value, size_t size) {
        size_t at = sizeof(struct posix_acl_xattr_header);

        if (size < at || (size - at) % sizeof(struct posix_acl_xattr_entry) != 0)
                return -EINVAL;
        for (; at < size; at += sizeof(struct posix_acl_xattr_entry)) {
                struct posix_acl_xattr_entry entry;

                memcpy(&entry, value + at, sizeof(entry));
                if (le16toh(entry.e_tag) != ACL_USER && le16toh(entry.e_tag) != ACL_GROUP)
                        continue;
                entry.e_id = htole32(copy_shift(owners, le32toh(entry.e_id)));
                memcpy(value + at, &entry, sizeof(entry));
        }
        return (ssize_t) size;
}

ssize_t copy_attribute_shift(const CopyOwners *owners, const char *name, char *value, size_t size) {
        if (strncmp(name, XATTR_USER_PREFIX, XATTR_USER_PREFIX_LEN) == 0)
                return (ssize_t) size;
        if (strcmp(name, XATTR_NAME_CAPS) == 0)
                return shift_capability(owners, value, size);
        if (strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS) == 0 ||
                        strcmp(name, XATTR_NAME_POSIX_ACL_DEFAULT) == 0)
                return shift_access_list(owners, value, size);
        /* Labels are given by who mounts, and what is trusted is the store's own. */
        return -EINVAL;
}

static int copy_one(int from, int to, const char *name, char *value, const CopyOwners *owners) {
        ssize_t size = fgetxattr(from, name, value, VALUE_MAX);

        if (size < 0)
                return errno == ENODATA || errno == ENOTSUP || errno == ERANGE ? 0 : -errno;
        size = copy_attribute_shift(owners, name, value, (size_t) size);
        if (size < 0)
                return 0;
        if (fsetxattr(to, name, value, (size_t) size, 0) < 0 && errno != ENOTSUP && errno != EINVAL)
                return -errno;
        return 0;
}

int copy_attributes(int from, int to, const CopyOwners *owners) {
        char names[8192];
        ssize_t n = flistxattr(from, names, sizeof(names));
        autofree char *value = n > 0 ? malloc(VALUE_MAX) : NULL;

        if (n <= 0)
                return n < 0 && errno != ENOTSUP && errno != ERANGE ? -errno : 0;
        if (!value)
                return -ENOMEM;
        for (const char *name = names; name < names + n; name += strlen(name) + 1) {
                int r = copy_one(from, to, name, value, owners);

                if (r < 0)
                        return r;
        }
        return 0;
}
