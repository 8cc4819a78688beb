/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/load.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "generator/dropins.h"
#include "generator/names.h"
#include "generator/quadlet/syntax.h"
#include "generator/sockets.h"

typedef struct Loader {
        ManifestSet *set;
        const Search *search;
        Arena *arena;
        Syntax syntax; /* used again for each manifest */

        const char *directory; /* of the file that was read last, which is often that of the next */
        int directory_fd;
} Loader;

/* One byte more than a file may have. Pages that no file reaches are never touched. */
static char buffer[SYNTAX_LONGEST_FILE + 1];

/*
 * Reads until the end, which of a plain file is where there is less than was asked for.
 * Return: how much, at most the size of the buffer; -errno.
 */
static ssize_t read_whole(int fd, bool is_plain) {
        size_t n = 0;
        bool at_end = false;

        while (n < sizeof(buffer) && !at_end) {
                ssize_t got = read(fd, buffer + n, sizeof(buffer) - n);

                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return -errno;
                n += (size_t) got;
                at_end = got == 0 || is_plain;
        }
        return (ssize_t) n;
}

/* A link may lead to anything; only what listing has seen to be a plain file is not looked at again. */
static int check_type(int fd, const SearchFile *file, bool *ret_masked) {
        struct stat st;

        *ret_masked = false;
        if (file->is_plain)
                return 0;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) {
                *ret_masked = true;
                return 0;
        }
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        return S_ISREG(st.st_mode) ? 0 : -EBADF;
}

static int cannot_read(const SearchFile *file, int error, FaultList *faults) {
        static const struct {
                int error;
                FaultKind kind;
                const char *text;
        } known[] = {
                { ENOENT, FAULT_MISSING, "the link leads nowhere" },
                { ELOOP, FAULT_MISSING, "the link leads in a circle" },
                { EISDIR, FAULT_VALUE, "this is a directory, where a file was expected" },
                { EBADF, FAULT_VALUE, "this is neither a file nor a link to one" },
                { ENXIO, FAULT_VALUE, "this is neither a file nor a link to one" },
                { EFBIG, FAULT_SYNTAX, "the file is longer than 1 MiB" },
        };
        Place place = { .path = file->path };

        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (known[i].error == error)
                        return faults_raise(faults, &place, known[i].kind, "%s", known[i].text);
        return faults_raise(faults, &place, FAULT_SYSTEM, "cannot read the file: %s", strerror(error));
}

/*
 * The directory is looked up once for all files in it. Where that fails, the file's path is opened.
 * A device or a FIFO must not keep the boot waiting, hence O_NONBLOCK.
 */
static int open_file(Loader *loader, const SearchFile *file) {
        const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

        if (loader->directory != file->directory) {
                fd_closep(&loader->directory_fd);
                loader->directory = file->directory;
                loader->directory_fd = open(file->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
        return loader->directory_fd < 0 ? open(file->path, flags)
                                        : openat(loader->directory_fd, file->name, flags);
}

static ssize_t read_file(Loader *loader, const SearchFile *file) {
        autofd int fd = file->is_directory ? -1 : open_file(loader, file);
        bool is_masked;
        ssize_t n;
        int r;

        if (fd < 0)
                return file->is_directory ? -EISDIR : -errno;
        r = check_type(fd, file, &is_masked);
        if (r < 0 || is_masked)
                return r;

        n = read_whole(fd, file->is_plain);
        return n == (ssize_t) sizeof(buffer) ? -EFBIG : n;
}

/**
 * load_file() - read one file into the syntax
 * Return: 1 when it was read (or its fault told), 0 when it is empty, and so masked, -ENOMEM.
 */
static int load_file(Loader *loader, const SearchFile *file, FaultList *faults) {
        ssize_t n = read_file(loader, file);
        char *text;
        int r;

        if (n < 0) {
                (void) cannot_read(file, (int) -n, faults);
                return 1;
        }
        if (n == 0)
                return 0;

        text = arena_copy(loader->arena, buffer, (size_t) n);
        if (!text)
                return -ENOMEM;
        r = syntax_read(&loader->syntax, file->path, text, (size_t) n, faults);
        return r < 0 ? r : 1;
}

static int load_dropins(Loader *loader, Manifest *manifest) {
        autofree const SearchFile **files = NULL;
        size_t n = 0;
        int r = dropins_find(loader->search, manifest->name, &files, &n);

        for (size_t i = 0; i < n && r >= 0; i++)
                r = load_file(loader, files[i], &manifest->faults);
        return r < 0 ? r : 0;
}

/* What was read moves from the loader to where it stays. */
static int keep_syntax(Loader *loader, Manifest *manifest) {
        const Syntax *syntax = &loader->syntax;

        manifest->n_assignments = syntax->n_assignments;
        manifest->assignments = arena_copy(
                        loader->arena, syntax->assignments, syntax->n_assignments * sizeof(Assignment));
        manifest->n_joints = syntax->n_joints;
        manifest->joints = arena_copy(loader->arena, syntax->joints, syntax->n_joints * sizeof(Joint));
        return manifest->assignments && manifest->joints ? 0 : -ENOMEM;
}

/* ServiceName= replaces what the file name says. A name that systemd would not take is a fault. */
static int name_service(Loader *loader, Manifest *manifest) {
        const Assignment *a = manifest_last(manifest, manifest_type_section(manifest->type), "ServiceName");
        char *service = names_service(loader->arena, manifest->type, manifest->stem);
        Place place = manifest_file_place(manifest);

        if (!service)
                return -ENOMEM;
        if (!unit_name_is_valid(service, UNIT_ANY)) {
                (void) faults_raise(&manifest->faults, &place, FAULT_VALUE,
                                "there cannot be a unit '%s': give the file a name of letters, digits and "
                                "':-_.@' only",
                                service);
                service = names_escape(loader->arena, service);
        }
        manifest->service = service;

        if (!service || !a || !*a->value)
                return service ? 0 : -ENOMEM;
        service = arena_format(loader->arena, "%s.service", a->value);
        if (!service)
                return -ENOMEM;
        if (unit_name_is_valid(service, UNIT_ANY)) {
                manifest->service = service;
                return 0;
        }

        place = assignment_place(a);
        (void) faults_raise(&manifest->faults, &place, FAULT_VALUE, "there cannot be a unit '%s'", service);
        return 0;
}

static Manifest *new_manifest(Loader *loader, const SearchFile *file) {
        Manifest *manifest = arena_alloc(loader->arena, sizeof(Manifest));
        char *stem = arena_copy(loader->arena, file->name, (size_t) (strrchr(file->name, '.') - file->name));

        if (!manifest || !stem)
                return NULL;
        *manifest = (Manifest){
                .type = manifest_type_from_name(file->name),
                .name = file->name,
                .path = file->path,
                .directory = file->directory,
                .stem = stem,
        };
        return manifest;
}

static int load_manifest(Loader *loader, const SearchFile *file, Manifest **ret) {
        Manifest *manifest = new_manifest(loader, file);
        int r;

        if (!manifest)
                return -ENOMEM;
        *ret = manifest;

        syntax_reset(&loader->syntax);
        r = load_file(loader, file, &manifest->faults);
        if (r < 0)
                return r;
        manifest->is_masked = r == 0;
        if (manifest->is_masked)
                return 0;

        r = load_dropins(loader, manifest);
        if (r >= 0)
                r = keep_syntax(loader, manifest);
        if (r >= 0)
                r = name_service(loader, manifest);
        return r < 0 ? r : sockets_name(manifest, loader->arena);
}

/* Hiding a file in a less important directory is a feature, hiding one's neighbour is an accident. */
static void tell_twins(Manifest *manifest, const SearchFile *first, const SearchFile *other) {
        Place place = manifest_file_place(manifest);

        if (other->root == first->root && !manifest->is_masked)
                (void) faults_raise(&manifest->faults, &place, FAULT_CONFLICT,
                                "there is another '%s', '%s': rename one of them", other->name, other->path);
}

/* Most manifests that others look for are few of a sort, among many containers. */
static int sort_by_type(ManifestSet *set) {
        size_t n = 0;

        set->typed = arena_alloc(set->arena, (set->n_manifests + 1) * sizeof(Manifest *));
        if (!set->typed)
                return -ENOMEM;
        for (ManifestType type = 0; type < _MANIFEST_TYPE_MAX; type++) {
                set->at[type] = n;
                for (size_t i = 0; i < set->n_manifests; i++)
                        if (set->manifests[i]->type == type)
                                set->typed[n++] = set->manifests[i];
        }
        set->at[_MANIFEST_TYPE_MAX] = n;
        return 0;
}

int manifests_load(ManifestSet *set, const Search *search, Arena *arena) {
        Loader loader = { .set = set, .search = search, .arena = arena, .directory_fd = -1 };
        int r = 0;

        set->arena = arena;
        set->manifests = arena_alloc(arena, search->n_manifests * sizeof(Manifest *));
        if (!set->manifests)
                return -ENOMEM;

        for (size_t i = 0, k; i < search->n_manifests && r >= 0; i = k) {
                const SearchFile *file = &search->manifests[i];

                r = load_manifest(&loader, file, &set->manifests[set->n_manifests]);
                for (k = i + 1; k < search->n_manifests &&
                                strcmp(search->manifests[k].name, file->name) == 0;
                                k++)
                        if (r >= 0)
                                tell_twins(set->manifests[set->n_manifests], file, &search->manifests[k]);
                set->n_manifests += r >= 0;
        }

        fd_closep(&loader.directory_fd);
        syntax_done(&loader.syntax);
        return r < 0 ? r : sort_by_type(set);
}

/* Return: where a manifest of that name belongs, or is. */
static size_t find_place(const ManifestSet *set, const char *name, bool *ret_taken) {
        size_t i = 0;

        while (i < set->n_manifests && strcmp(set->manifests[i]->name, name) < 0)
                i++;
        *ret_taken = i < set->n_manifests && strcmp(set->manifests[i]->name, name) == 0;
        return i;
}

static int insert(ManifestSet *set, Manifest *manifest) {
        bool is_taken;
        size_t at = find_place(set, manifest->name, &is_taken);
        Manifest **grown = arena_alloc(set->arena, (set->n_manifests + 1) * sizeof(Manifest *));

        if (!grown)
                return -ENOMEM;
        if (is_taken) {
                faults_done(&set->manifests[at]->faults);
                set->manifests[at] = manifest;
                return 0;
        }
        for (size_t i = 0; i < set->n_manifests; i++)
                grown[i + (i >= at)] = set->manifests[i];
        grown[at] = manifest;
        set->manifests = grown;
        set->n_manifests++;
        return 0;
}

static int compare_names(const void *a, const void *b) {
        return strcmp((*(Manifest *const *) a)->name, (*(Manifest *const *) b)->name);
}

int manifests_add(ManifestSet *set, Manifest *const *made, size_t n, FaultList *faults) {
        Manifest **grown = arena_alloc(set->arena, (set->n_manifests + n + 1) * sizeof(Manifest *));
        size_t kept = set->n_manifests;

        if (!grown)
                return -ENOMEM;
        memcpy(grown, set->manifests, set->n_manifests * sizeof(Manifest *));
        for (size_t i = 0; i < n; i++) {
                bool is_taken;
                size_t at = find_place(set, made[i]->name, &is_taken);

                if (is_taken)
                        (void) faults_raise(faults, &made[i]->origin, FAULT_CONFLICT,
                                        "there is a '%s' already, of '%s': rename one of them",
                                        made[i]->name, set->manifests[at]->path);
                else
                        grown[kept++] = made[i];
        }
        set->manifests = grown;
        set->n_manifests = kept;
        qsort(grown, kept, sizeof(Manifest *), compare_names);

        /* Those that were made are not of one name. */
        kept = kept > 0 ? 1 : 0;
        for (size_t i = 1; i < set->n_manifests; i++)
                if (strcmp(grown[i]->name, grown[kept - 1]->name) != 0)
                        grown[kept++] = grown[i];
                else
                        (void) faults_raise(faults, &grown[i]->origin, FAULT_CONFLICT,
                                        "there is a '%s' already: rename one of them", grown[i]->name);
        set->n_manifests = kept;
        return sort_by_type(set);
}

int manifests_load_text(ManifestSet *set, const char *name, const char *directory, const char *text,
                Manifest **ret) {
        Loader loader = { .set = set, .arena = set->arena, .directory_fd = -1 };
        SearchFile file = {
                .name = arena_string(set->arena, name),
                .directory = arena_string(set->arena, directory),
                .path = arena_format(set->arena, "%s/%s", directory, name),
        };
        char *copy = arena_string(set->arena, text);
        Manifest *manifest;
        int r;

        if (!file.name || !file.directory || !file.path || !copy)
                return -ENOMEM;
        manifest = new_manifest(&loader, &file);
        if (!manifest)
                return -ENOMEM;

        r = syntax_read(&loader.syntax, file.path, copy, strlen(copy), &manifest->faults);
        if (r >= 0)
                r = keep_syntax(&loader, manifest);
        if (r >= 0)
                r = name_service(&loader, manifest);
        if (r >= 0)
                r = insert(set, manifest);
        if (r >= 0)
                r = sort_by_type(set);
        if (r < 0)
                faults_done(&manifest->faults);
        else
                *ret = manifest;
        syntax_done(&loader.syntax);
        return r;
}

void manifests_done(ManifestSet *set) {
        for (size_t i = 0; i < set->n_manifests; i++)
                faults_done(&set->manifests[i]->faults);
}
