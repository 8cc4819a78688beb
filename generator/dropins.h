/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which drop-ins belong to a manifest
 *
 * For "foo-bar@1.container" they are in foo-bar@1.container.d/, foo-bar@.container.d/,
 * foo-@.container.d/, foo-.container.d/ and container.d/, of every directory that is searched.
 * Of files with one name only the first counts: the most specific directory, then
 * the most important place. What is left is read in the order of file names.
 */

#include "generator/arena.h"
#include "generator/search.h"

/**
 * dropins_directories() - names of the directories, without their ".d"
 * @name:       file name of the manifest
 * @ret:        list of them, the most specific first
 *
 * Return: 0 or -ENOMEM.
 */
int dropins_directories(const char *name, char ***ret);

/**
 * dropins_find() - the drop-ins of one manifest
 * @search:     what was found
 * @name:       file name of the manifest
 * @ret:        array of pointers into @search, in the order of reading
 * @ret_n:      how many; 0 leaves @ret untouched
 *
 * Return: 0 or -ENOMEM.
 */
int dropins_find(const Search *search, const char *name, const SearchFile ***ret, size_t *ret_n);
