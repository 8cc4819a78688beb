/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>

/**
 * stop_signal_catch() - have SIGTERM and SIGINT noted, and delivered only where it is waited
 * @ret_unblocked: the mask to wait with, as ppoll(2) takes it: so no signal is lost between a look and a
 * wait
 *
 * Return: what is 1 from then on when one of them has come.
 */
const volatile sig_atomic_t *stop_signal_catch(sigset_t *ret_unblocked);
