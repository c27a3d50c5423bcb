# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Before the first bats file: the daemon and the tools are there.  `make check` has built them;
# `bats tests/bats/30-*.bats` by hand gets here too.
setup_suite() {
	local top=${BASH_SOURCE[0]%/*}/../.. build=${BUILD:-build/release}
	[ -n "${JB_BUILT:-}" ] || make -s -C "$top" BUILD="$build" all tools >&2
}
