/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/manifests.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "generator/translate.h"

static bool has_path(const Workspace *workspace, const char *path) {
        for (size_t i = 0; i < workspace->set.n_manifests; i++)
                if (strcmp(workspace->set.manifests[i]->path, path) == 0)
                        return true;
        for (size_t i = 0; i < workspace->search.n_dropins; i++)
                if (strcmp(workspace->search.dropins[i].path, path) == 0)
                        return true;
        return false;
}

/* Where a file is, with its directory resolved and its own name kept: a link's name is what counts. */
static int resolve_file(const char *argument, char **ret_directory, char **ret_path) {
        autofree char *copy = strdup(argument), *directory = NULL;
        const char *name;
        char *slash;

        if (!copy)
                return -ENOMEM;
        slash = strrchr(copy, '/');
        name = slash ? slash + 1 : copy;
        if (slash == copy)
                directory = strdup("/");
        else if (slash) {
                *slash = '\0';
                directory = realpath(copy, NULL);
        } else
                directory = realpath(".", NULL);
        if (!directory)
                return -errno;

        if (asprintf(ret_path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name) < 0)
                return -ENOMEM;
        *ret_directory = TAKE(directory);
        return 0;
}

/* A drop-in makes sense only with what is beside its directory. */
static void leave_dropin_directory(char *directory) {
        size_t n = strlen(directory);

        if (n > 2 && strcmp(directory + n - 2, ".d") == 0)
                *strrchr(directory, '/') = '\0';
}

static int open_in(ManifestsView *view, SearchScope scope, char *directory) {
        char *roots[] = { directory, NULL };

        return workspace_open(&view->workspace, scope, directory ? roots : NULL);
}

static int open_file(ManifestsView *view, SearchScope scope, const char *argument, Fault *fault) {
        autofree char *directory = NULL;
        int r = resolve_file(argument, &directory, &view->path);

        if (r < 0)
                return fault_wrap(fault, r, "cannot look at '%s'", argument);

        r = open_in(view, scope, NULL);
        view->is_installed = r >= 0 && has_path(&view->workspace, view->path);
        if (r < 0 || view->is_installed)
                return r < 0 ? fault_wrap(fault, r, "cannot read the manifests") : 0;

        workspace_close(&view->workspace);
        leave_dropin_directory(directory);
        r = open_in(view, scope, directory);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read the manifests");
        if (!has_path(&view->workspace, view->path))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is no manifest: its name would have to end in .container, or another "
                                "type "
                                "that Quadlet knows",
                                argument);
        return 0;
}

/* Not a file that there is, but the name of a manifest on the search path. */
static int open_named(ManifestsView *view, SearchScope scope, const char *name, Fault *fault) {
        const Manifest *manifest;
        int r = open_in(view, scope, NULL);

        if (r < 0)
                return fault_wrap(fault, r, "cannot read the manifests");
        manifest = manifests_view_find(view, name);
        if (!manifest)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is neither a file nor a manifest '%s'", name);
        view->is_installed = true;
        view->path = strdup(manifest->path);
        return view->path ? 0 : -ENOMEM;
}

int manifests_view_open(ManifestsView *view, SearchScope scope, const char *argument, Fault *fault) {
        autofree char *directory = NULL;
        struct stat st;
        int r;

        *view = (ManifestsView){};
        if (argument && !strchr(argument, '/') && lstat(argument, &st) < 0 && errno == ENOENT)
                return open_named(view, scope, argument, fault);
        if (argument && lstat(argument, &st) < 0)
                return fault_wrap(fault, -errno, "cannot look at '%s'", argument);

        /* A directory with the name of a manifest is checked as the mistake that it is. */
        if (argument && (manifest_type_from_name(argument) >= 0 || stat(argument, &st) < 0 ||
                                        !S_ISDIR(st.st_mode)))
                return open_file(view, scope, argument, fault);

        if (argument) {
                directory = realpath(argument, NULL);
                if (!directory)
                        return fault_wrap(fault, -errno, "cannot look at '%s'", argument);
        }
        view->is_installed = !directory;
        r = open_in(view, scope, directory);
        return r < 0 ? fault_wrap(fault, r, "cannot read the manifests") : 0;
}

void manifests_view_close(ManifestsView *view) {
        workspace_close(&view->workspace);
        free(view->path);
        view->path = NULL;
}

int manifests_view_translate(ManifestsView *view, Manifest *manifest, UnitWriter *unit) {
        AUTO(arena_freep) Arena *scratch = arena_new();
        InstallPlan install;

        if (!scratch)
                return -ENOMEM;
        return translate_manifest(
                        manifest, &view->workspace.set, view->workspace.scope, scratch, unit, &install);
}

/* Whether @service is "web@.service" and @name "web@1.service". */
static bool is_instance_of(const char *service, const char *name) {
        size_t prefix = strcspn(service, "@");

        return service[prefix] == '@' && service[prefix + 1] == '.' &&
               strncmp(service, name, prefix + 1) == 0 && strcmp(strrchr(name, '.'), ".service") == 0;
}

Manifest *manifests_view_find(const ManifestsView *view, const char *name) {
        const ManifestSet *set = &view->workspace.set;
        char service[NAME_MAX + 1];
        Manifest *found = NULL;
        size_t n = strlen(name);

        (void) snprintf(service, sizeof(service), "%s%s", name,
                        n > 8 && strcmp(name + n - 8, ".service") == 0 ? "" : ".service");

        for (size_t i = 0; i < set->n_manifests; i++) {
                Manifest *manifest = set->manifests[i];

                if (manifest->is_masked)
                        continue;
                if (strcmp(manifest->name, name) == 0)
                        return manifest;
                if (!manifest->is_shadowed && strcmp(manifest->service, service) == 0)
                        return manifest;
                if (is_instance_of(manifest->service, service))
                        found = manifest;
        }
        return found;
}
