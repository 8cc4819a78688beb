/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pulling one image
 *
 * What the host's files say becomes a list of endpoints; slipway-fetch is
 * asked what the name leads to; if that is not here yet, slipway-store is
 * given the document and the connection to the fetcher, and brings the rest.
 * Neither of them is started for an image that is here and has not changed
 * but for that one question.
 */

#include "cli/pull-progress.h"
#include "image/fetch.h"
#include "image/platform.h"
#include "image/registries/plan.h"
#include "image/unpack.h"

typedef enum PullPolicy {
        PULL_ALWAYS,  /* ask the registry whether it is still the same */
        PULL_MISSING, /* only if it is not here */
        PULL_NEVER,
        PULL_NEWER, /* ask, and be content with what is here when nobody answers */
        _PULL_POLICY_MAX,
} PullPolicy;

typedef struct PullOptions {
        PullAudience audience;
        PullPolicy policy;
        Platform platform;
        bool platform_is_given;
        UnpackBudget budget; /* 0: what slipway-store thinks fit */
        const char *authfile, *cert_dir;
        char *user, *password;
        TlsVerify tls;
        unsigned retries;
        unsigned retry_delay_ms;
        bool explain; /* say what would be asked, and ask nobody */

        /* Whether what the registry has now for a name is to be fetched, by the digest of its document;
         * NULL: yes. Where it is not, the pull ends well with what is here. */
        bool (*is_wanted)(void *data, const char *name, const Digest *top, bool is_here);
        void *data;
} PullOptions;

typedef struct PullClient {
        const PullOptions *options;
        Registries registries;
        bool has_started_sockets;
} PullClient;

/* Reads registries.conf. Return: 0 or -errno with a fault. */
int pull_client_open(PullClient *client, const PullOptions *options, Fault *fault);
void pull_client_close(PullClient *client);

/**
 * pull_client_pull() - bring an image, and tell how it goes
 * @text:       its name as a person writes it
 * @ret_name:   what the store knows it by
 * @ret_id:     unset when it was only to be explained
 *
 * Return: 0 or -errno with a fault; -ECANCELED when a signal has ended it.
 */
int pull_client_pull(PullClient *client, const char *text, char **ret_name, Digest *ret_id, Fault *fault);

/* A connection to the fetcher that is about @text, for who wants something else than an image. */
int pull_client_fetcher(
                PullClient *client, const char *text, RegistryPlan *ret_plan, Fetch **ret, Fault *fault);

/* All tags of a repository, "HOST/PATH:TAG" each. Return: 0 or -errno with a fault. */
int pull_client_tags(PullClient *client, const char *text, char ***ret, Fault *fault);

/* The signal that has ended a pull, 0 for none. */
int pull_client_signal(void);
