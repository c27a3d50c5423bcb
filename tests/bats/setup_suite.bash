# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Runs before the first bats file: builds the daemon and the tools if they are missing.  `make check` has built
# them already, but `bats tests/bats/30-*.bats` may be run by hand.
setup_suite() {
	local top=${BASH_SOURCE[0]%/*}/../.. build=${BUILD:-build/release}
	[ -n "${JB_BUILT:-}" ] || make -s -C "$top" BUILD="$build" all tools >&2
}
