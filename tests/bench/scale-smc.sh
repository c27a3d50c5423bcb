#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Measures a large changer: 10 000 slots and 16 drives, then 60 000 slots, every slot with a disc; and tgtd's
# changer with 10 000 slots in the same run (make bench).
#
#	JUKEBOXD	the daemon
#	BENCH		directory of bench_smc
#	BENCH_DIR	where the stores lie (default /var/tmp)
#	SCALE_SLOTS	other numbers of slots, in one word each
#	SCALE_TGTD	how many slots tgtd gets; 0: it is left out (default 10000)
#
# Times are those of a READ ELEMENT STATUS of all slots with volume tags, as a host sees it: by one command,
# or by several commands of 64 KiB each. "one" is a single element.
set -euo pipefail

BENCH=${BENCH:?directory of bench_smc}
# shellcheck source=tests/bench/lib/slots.sh
. "$(dirname "$0")/lib/slots.sh"
# shellcheck source=tests/bench/lib/scratch.sh
. "$(dirname "$0")/lib/scratch.sh"

now_ms() { date +%s%3N; }
rss_mib() { awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$pid/status"; }

row() { printf '%-30s %9s %9s %9s %12s %12s %10s %9s\n' "$@"; }

# field NAME LINE: prints a field of bench_smc's line
field() { awk -v name="$1" '{ for (i = 1; i < NF; i += 2) if ($i == name) print $(i + 1) }' <<< "$2"; }

measure() { # NAME START-MS URL SLOTS
	local whole pieces one
	whole=$("$BENCH/bench_smc" -m whole -P "$pid" "$3")
	pieces=$("$BENCH/bench_smc" -m pieces -P "$pid" "$3")
	one=$("$BENCH/bench_smc" -m one -P "$pid" "$3")
	# tgtd leaves out the last slot: its reports are 8 bytes short.
	[ "$(field elements "$whole")" = "$4" ] ||
		echo "$1: one command told of $(field elements "$whole") slots"
	row "$1" "$2" "$(rss_mib)" "$(field bytes "$whole")" \
		"$(field p50_us "$whole")/$(field p99_us "$whole")" \
		"$(field p50_us "$pieces")/$(field p99_us "$pieces")" \
		"$(field p50_us "$one")" "$(field cpu_us "$whole")"
}

# ---- jukeboxd ------------------------------------------------------------------------------------

stop() {
	kill "$pid"
	wait "$pid" || true
	pid=
}

# start OPTION...: starts the daemon; sets url and took
start() { # OPTION...
	local begin
	: > "$dir/log"
	begin=$(now_ms)
	: > "$dir/log" # what the one before has said
	"$JUKEBOXD" --portal 127.0.0.1:0 "$@" "$dir/store" "$mnt" > "$dir/log" 2>&1 &
	pid=$!
	until grep -q '^jukeboxd: ready' "$dir/log"; do
		kill -0 "$pid" || { cat "$dir/log" >&2; exit 1; }
		sleep 0.01
	done
	took=$(($(now_ms) - begin))
	url=$(head -n 1 "$mnt/ctl/target/portals")/$(cat "$mnt/ctl/target/name")/0
}

fill() { # SLOTS
	touch "$mnt/slots/1/DISC00001.iso"
	stop
	fill_slots "$dir/store" "$1"
}

scale() { # SLOTS
	mkdir -p "$dir/store" "$mnt"
	start --slots "$1" --drives 16
	measure "jukeboxd, $1 empty" "$took" "$url" "$1"
	fill "$1"
	start
	measure "jukeboxd, $1 full" "$took" "$url" "$1"
	stop
	rm -rf --one-file-system "$dir/store"
}

# ---- tgtd ----------------------------------------------------------------------------------------

tgt() { tgtadm -C "$control" --lld iscsi "$@"; }

tgtd_scale() { # SLOTS
	local port begin n
	control=$((100 + RANDOM % 20000))
	port=$((20000 + RANDOM % 20000))
	begin=$(now_ms)
	tgtd -f -C "$control" --iscsi "portal=127.0.0.1:$port" > "$dir/tgtd.log" 2>&1 &
	pid=$!
	until tgt --mode target --op new --tid 1 -T iqn.2026-01.org.example:tgtd 2> /dev/null; do
		kill -0 "$pid" || { cat "$dir/tgtd.log" >&2; exit 1; }
		sleep 0.05
	done
	tgt --mode target --op bind --tid 1 -I ALL
	for ((n = 1; n <= 16; n++)); do
		tgt --op new --mode logicalunit --tid 1 --lun "$n" -Y cd
	done
	truncate -s 1K "$dir/smc"
	tgt --op new --mode logicalunit --tid 1 --lun 17 -b "$dir/smc" --device-type=changer
	for params in "element_type=4,start_address=1,quantity=16" \
		"element_type=1,start_address=752,quantity=1" "media_home=$dir" \
		"element_type=2,start_address=1024,quantity=$1"; do
		tgt --op update --mode logicalunit --tid 1 --lun 17 --params "$params"
	done
	url=127.0.0.1:$port/iqn.2026-01.org.example:tgtd/17
	measure "tgtd, $1 empty" "$(($(now_ms) - begin))" "$url" "$1"
	seq -f "$dir/DISC%05.0f" "$1" | xargs touch
	for ((n = 1; n <= $1; n++)); do
		tgt --op update --mode logicalunit --tid 1 --lun 17 \
			--params "element_type=2,address=$((1023 + n)),barcode=$(printf 'DISC%05d' "$n"),sides=1"
	done
	measure "tgtd, $1 full" "$(($(now_ms) - begin))" "$url" "$1"
	kill -9 "$pid" # it takes no notice of SIGTERM while it has targets
	wait "$pid" 2> /dev/null || true
	pid=
}

row "" "start ms" "RSS MiB" "bytes" "whole us" "pieces us" "one us" "CPU us"
row "" "" "" "of whole" "p50/p99" "p50/p99" "p50" "of whole"
for slots in ${SCALE_SLOTS:-10000 60000}; do scale "$slots"; done
if [ "${SCALE_TGTD:-10000}" != 0 ] && command -v tgtd > /dev/null; then
	tgtd_scale "${SCALE_TGTD:-10000}"
fi
