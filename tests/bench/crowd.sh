#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Measures what crowds at the target cost others (make bench): strangers who hold connections without a login
# and discovery sessions, and hosts with idle sessions.
#
#	JUKEBOXD	the daemon
#	BENCH		directory of bench_io
#	BENCH_DIR	where the store lies (default /var/tmp)
#	BENCH_QUICK=1	seconds instead of a minute
#
# A row for each crowd, and one without it before: how many of 50 hosts could log in, each beside the busy
# sessions; random reads of 64 KiB by them; memory and open files of the daemon.
set -euo pipefail

# shellcheck source=tests/bench/lib/scratch.sh
. "$(dirname "$0")/lib/scratch.sh"
tools=$(dirname "$0")/../tools
seconds=8 logins=50
[ -z "${BENCH_QUICK:-}" ] || seconds=2 logins=10
iqn=iqn.2026-01.org.example:bench
crowd=

start() {
	mkdir -p "$dir/store" "$mnt"
	# Each connection takes a file descriptor.
	ulimit -n "$(ulimit -H -n)"
	"$JUKEBOXD" --portal 127.0.0.1:0 --name "$iqn" --slots 1 --drives 1 "$dir/store" "$mnt" > "$dir/log" 2>&1 &
	pid=$!
	until grep -q '^jukeboxd: ready' "$dir/log"; do
		kill -0 "$pid" || { cat "$dir/log" >&2; exit 1; }
		sleep 0.05
	done
	portal=$(head -n 1 "$mnt/ctl/target/portals")
	head -c 64M /dev/urandom > "$dir/disc.iso"
	cp "$dir/disc.iso" "$mnt/slots/1/"
	mv "$mnt/slots/1/disc.iso" "$mnt/drives/0/"
}

gather() { # COUNT...: as crowd.py takes them
	"$tools/crowd.py" "$portal" "$iqn" "$@" > "$dir/crowd" 2>&1 &
	crowd=$!
	until grep -q '^held' "$dir/crowd"; do
		kill -0 "$crowd" || { cat "$dir/crowd" >&2; exit 1; }
		sleep 0.1
	done
}
scatter() {
	kill "$crowd"
	wait "$crowd" || true
	crowd=
	until [ -z "$(cat "$mnt/ctl/target/sessions" "$mnt/ctl/target/connections")" ]; do sleep 0.1; done
}

row() { # NAME SESSIONS
	local good=0 i load memory files
	"$BENCH/bench_io" -m read -p rnd -b 64K -q 1 -c "$2" -s "$seconds" -P "$pid" "$portal/$iqn/1" > "$dir/io" &
	load=$!
	for ((i = 0; i < logins; i++)); do
		! "$tools/iscsi-login.py" "$portal" "$iqn" from=127.0.0.3 "initiator=iqn.2026-01.org.example:h$i" |
			grep -q '^0000$' || good=$((good + 1))
	done
	memory=$(awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$pid/status")
	files=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
	wait "$load"
	awk -v name="$1" -v good="$good of $logins" -v memory="$memory" -v files="$files" '{
		for (i = 1; i < NF; i += 2)
			is[$i] = $(i + 1)
		printf "%-44s %9s %8s %9s %9s %6s %6s\n", name, good, is["iops"], is["p50_us"], is["p99_us"], memory, files
	}' "$dir/io"
}

finish_crowd() {
	[ -z "$crowd" ] || kill "$crowd" || true
	finish
}
trap finish_crowd EXIT

start
printf '%-44s %9s %8s %9s %9s %6s %6s\n' crowd logins reads/s p50,us p99,us MiB files
row "none; 1 busy session" 1
gather silent=10000 discovery=1024
row "10,000 silent, 1024 discovery; 1 busy" 1
cp "$mnt/metrics" "$dir/metrics"
scatter
sed 's/^/# strangers: /' "$dir/crowd"
row "none again; 1 busy session" 1
row "none; 100 busy sessions" 100
gather sessions=900
row "900 idle sessions; 100 busy" 100
scatter
row "none again; 100 busy sessions" 100
grep '^jukebox_refused_total' "$dir/metrics" | grep -v ' 0$' | sed 's/^/# /' || true
