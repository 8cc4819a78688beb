/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/verbs.h"

/* clang-format off */
const Verb verbs[] = {
        { "attach", "[OPTION…] NAME", "connect to a container's standard streams", verb_attach },
        { "cat", "[OPTION…] NAME|FILE…", "show the unit that becomes of a manifest", verb_cat },
        { "check", "[OPTION…] [FILE|DIRECTORY|NAME…]", "say what is wrong with manifests", verb_check },
        { "cp", "[OPTION…] NAME:PATH|PATH|- NAME:PATH|PATH|-", "copy files into containers and out of them", verb_cp },
        { "df", "[OPTION…]", "show what takes up the room", verb_df },
        { "diff", "[OPTION…] NAME", "show what a container has changed in its image", verb_diff },
        { "events", "[OPTION…] [PATTERN…]", "show what has happened to containers and images", verb_events },
        VERB_EXEC,
        { "export", "[OPTION…] NAME", "write the tree of a container as an archive", verb_export },
        { "fsck", "[OPTION…]", "look for what crashes have left, and repair it", verb_fsck },
        { "gc", "[OPTION…]", "remove images that nobody needs", verb_gc },
        { "help", "[VERB]", "show all verbs, or how one is used", verb_help },
        { "images", "[OPTION…]", "list images", verb_images },
        { "import", "[OPTION…] SOURCE [NAME]", "bring an image into the store", verb_import },
        { "inspect", "[OPTION…] NAME|IMAGE…", "show all about containers and images", verb_inspect },
        { "kill", "[OPTION…] NAME…", "send a signal to the app of containers", verb_kill },
        { "list", "[OPTION…] [PATTERN…]", "list containers and how they are", verb_list },
        { "logs", "[OPTION…] NAME…", "show what containers have said", verb_logs },
        { "network", "ls|inspect|rm [OPTION…] [NETWORK…]", "list networks, and remove them", verb_network },
        { "pause", "[OPTION…] NAME…", "freeze containers", verb_pause },
        { "pod", "ls|inspect|start|stop|restart [OPTION…] [POD…]", "list pods, start and stop them", verb_pod },
        { "pull", "[OPTION…] IMAGE…", "bring images from registries", verb_pull },
        { "push", "[OPTION…] IMAGE [DESTINATION]", "send an image to a registry, or write it elsewhere", verb_push },
        { "restart", "[OPTION…] NAME…", "stop containers and start them again", verb_restart },
        { "rm", "[OPTION…] NAME…", "remove what is left of containers", verb_rm },
        { "rmi", "[OPTION…] IMAGE…", "remove names and images", verb_rmi },
        { "run", "[OPTION…] IMAGE [COMMAND [ARGUMENT…]]", "run a container that has no manifest", verb_run },
        { "save", "[OPTION…] IMAGE…", "write images as an archive or a directory", verb_save },
        { "secret", "create|list|rm [OPTION…] [NAME] [FILE|-]", "make, list and remove secrets", verb_secret },
        { "start", "[OPTION…] NAME…", "start containers", verb_start },
        { "stats", "[OPTION…] [NAME…]", "show what containers use, as it goes on", verb_stats },
        { "stop", "[OPTION…] NAME…", "stop containers", verb_stop },
        { "tag", "[OPTION…] IMAGE NAME…", "give an image another name", verb_tag },
        { "top", "[OPTION…] NAME [COLUMN…]", "show the processes of a container", verb_top },
        { "trust", "add|list|rm|show [OPTION…] [FILE|FINGERPRINT|IMAGE…]", "say whose signatures images need", verb_trust },
        { "unpause", "[OPTION…] NAME…", "let frozen containers go on", verb_unpause },
        { "update", "[OPTION…]", "restart containers for which there is a newer image", verb_update },
        { "verify", "[OPTION…] IMAGE…", "compare images with what has to be signed", verb_verify },
        { "volume", "create|export|import|inspect|ls|prune|rm [OPTION…] [VOLUME…] [FILE|-]", "list, make and remove volumes", verb_volume },
        { "wait", "[OPTION…] NAME…", "wait until containers have ended", verb_wait },
};
/* clang-format on */
const size_t n_verbs = sizeof(verbs) / sizeof(verbs[0]);
