/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Asking the store to take an image
 *
 * slipway-store has no network and may write the store; slipway-fetch has
 * the network and may not. slipway pull has asked the fetcher for what the
 * name leads to, and if that is not in the store yet, it hands document and
 * connection to slipway-store, which asks the fetcher for the rest.
 *
 *      {"do": "pull", "name", "type", "digest", "platform", "entries", "bytes"}
 *                              + file: the document, + socket: the connection to the fetcher
 *              "type": its media type as the registry said, "platform": absent for the machine's
 *              "entries", "bytes": the budget (UnpackBudget), absent for the default
 *
 * and is told, until it has ended:
 *
 *      {"layers": [{"digest", "size", "have": true or false}, …]}      once, base first
 *      {"layer": N, "fetched": BYTES, "unpacked": BYTES}               so far; of the archive, for
 * "unpacked"
 *      {"layer": N, "done": true}
 *      {"layer": N, "again": "why"}                                    it begins anew
 *      {"note": "…"}                                                   what a person should know
 *      {"end": {"id", "names": […], "layers", "new", "bytes", "devices", "attributes", "rule", "key"}}
 *      {"error": {"kind", "errno", "text"}}
 *
 * To hang up is to cancel: the store stays as it was. Layers that were unpacked and verified by then are
 * kept for the next try, as are the bytes that the fetcher has got.
 */

#define STORE_SOCKET "/run/slipway/store.socket"
