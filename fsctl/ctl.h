/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with a value written to a text file of the mount, one function per name in the
 * STORE column of tree.def.
 */
#ifndef FSCTL_CTL_H
#define FSCTL_CTL_H

#include "fsctl/node.h"

node_store store_SETTING, store_LOGOUT, store_PORTALS, store_USER_SECRET, store_TRAY, store_EJECT,
	store_FAULT;

#endif
