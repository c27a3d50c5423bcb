# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Makes a folder for one run of a benchmark: dir, in BENCH_DIR or /var/tmp, with mnt in it. However the script
# ends, the daemon whose process id is in pid is ended and the folder is removed.
dir=$(mktemp -d "${BENCH_DIR:-/var/tmp}/jukeboxd-scale.XXXXXX")
mnt=$dir/mnt
pid=

finish() {
	local n
	if [ -n "$pid" ]; then
		kill "$pid" 2> /dev/null || true
		for ((n = 0; n < 100; n++)); do
			kill -0 "$pid" 2> /dev/null || break
			sleep 0.1
		done
		kill -9 "$pid" 2> /dev/null || true
	fi
	! mountpoint -q "$mnt" || umount -l "$mnt"
	rm -rf --one-file-system "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM
