#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Measures reads and burns of jukeboxd and of tgtd, side by side in one run (make bench).
#
#	JUKEBOXD	the daemon; without it tgtd is measured alone
#	BENCH		directory of bench_io
#	BENCH_QUICK=1	half a minute instead of three
#	BENCH_DIR	where the discs lie; a directory on a real disk (default /var/tmp)
#	BENCH_CC	TCP congestion control, given to loopback in a network namespace of our own;
#			"host" leaves everything as it is.  Default cubic, which is Debian's: under
#			bbr without fq a host's loopback is paced, and all figures change
#
# tgtd is measured twice: as installed, and "tuned", with a malloc that keeps its buffers (twice as fast for
# large reads); for burns tuned also has its write cache enabled. The three take turns, A B C C B A, and the
# ratios are medians over the turns, so that other load of the machine affects all of them alike.
set -euo pipefail

BENCH_CC=${BENCH_CC:-cubic}
if [ "$BENCH_CC" != host ] && [ -z "${BENCH_INSIDE:-}" ]; then
	if unshare -n true 2> /dev/null; then
		BENCH_INSIDE=1 exec unshare -n "$0" "$@"
	fi
	echo "bench: cannot make a network namespace: the host's congestion control it is" >&2
fi
if [ -n "${BENCH_INSIDE:-}" ]; then
	ip link set lo up
	ip route replace local 127.0.0.0/8 dev lo table local proto kernel scope host \
		src 127.0.0.1 congctl "$BENCH_CC"
	ip route replace local 127.0.0.1 dev lo table local proto kernel scope host \
		src 127.0.0.1 congctl "$BENCH_CC"
else
	BENCH_CC=$(cat /proc/sys/net/ipv4/tcp_congestion_control)
fi

BENCH=${BENCH:?directory of bench_io}
dir=$(mktemp -d "${BENCH_DIR:-/var/tmp}/jukeboxd-bench.XXXXXX")
mnt=$dir/mnt
pids=()
declare -A url serves control # by target: where to measure, its process, its control port

# tgtd ignores SIGTERM while it has targets.
finish() {
	local pid n
	for pid in "${pids[@]}"; do
		kill "$pid" 2> /dev/null || true
	done
	for ((n = 0; n < 30; n++)); do
		kill -0 "${serves[jukeboxd]:-999999999}" 2> /dev/null || break
		sleep 0.1
	done
	for pid in "${pids[@]}"; do
		kill -9 "$pid" 2> /dev/null || true
		wait "$pid" 2> /dev/null || true
	done
	! mountpoint -q "$mnt" || umount -l "$mnt"
	rm -rf --one-file-system "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

if [ -n "${BENCH_QUICK:-}" ]; then
	size_mib=256 burn_mib=32 seconds=0.25 passes=1 burn_passes=1
else
	size_mib=512 burn_mib=192 seconds=0.7 passes=2 burn_passes=1
fi

# Columns: name; options of bench_io (or of the program that is named first); the column that is shown.
reads='seq 256K q8|-p seq -b 256K -q 8|mb_s
seq 1M q8|-p seq -b 1M -q 8|mb_s
seq 256K q8, 4 connections|-p seq -b 256K -q 8 -c 4|mb_s
seq 256K q8, copying nothing|bench_raw -p seq -b 256K -q 8|mb_s
rnd 64K q32|-p rnd -b 64K -q 32|mb_s
rnd 2K q32|-p rnd -b 2K -q 32|iops
rnd 2K q1|-p rnd -b 2K -q 1|iops'
burns='burn 64K q1|-b 64K -q 1|mb_s
burn 64K q8|-b 64K -q 8|mb_s'

# ---- the targets ---------------------------------------------------------------------------------

free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2> /dev/null ||
		echo $((20000 + RANDOM))
}

await() {
	local n=0
	until "$@" > /dev/null 2>&1; do
		n=$((n + 1))
		if [ $n -gt 100 ]; then
			echo "bench: waited 10 s in vain for: $*" >&2
			exit 1
		fi
		sleep 0.1
	done
}

targets=()

tgt() { # NAME tgtadm's arguments
	tgtadm -C "${control[$1]}" --lld iscsi "${@:2}"
}

start_tgtd() { # NAME, environment
	local name=$1 port
	shift
	port=$(free_port)
	control[$name]=$((100 + RANDOM % 20000))
	env "$@" tgtd -f -C "${control[$name]}" --iscsi "portal=127.0.0.1:$port" \
		> "$dir/$name.log" 2>&1 &
	serves[$name]=$!
	pids+=($!)
	await tgt "$name" --mode target --op new --tid 1 -T "iqn.2026-01.org.example:$name"
	tgt "$name" --mode target --op bind --tid 1 -I ALL
	tgt "$name" --mode logicalunit --op new --tid 1 --lun 1 -b "$dir/disc.iso" --device-type=cd
	url[$name]=127.0.0.1:$port/iqn.2026-01.org.example:$name
	targets+=("$name")
}

start_jukeboxd() {
	local port
	port=$(free_port)
	mkdir "$dir/store" "$mnt"
	"$JUKEBOXD" --portal "127.0.0.1:$port" "$dir/store" "$mnt" > "$dir/jukeboxd.log" 2>&1 &
	serves[jukeboxd]=$!
	pids+=($!)
	await grep -q '^jukeboxd: ready' "$dir/jukeboxd.log"
	url[jukeboxd]=127.0.0.1:$port/$(cat "$mnt/ctl/target/name")
	cp "$dir/disc.iso" "$mnt/slots/1/"
	mv "$mnt/slots/1/disc.iso" "$mnt/drives/0/"
	targets+=(jukeboxd)
}

# Replaces the disc by a blank DVD+R: in LUN 2 of tgtd, or in jukeboxd's drive.
insert_blank() { # NAME
	local params
	case $1 in
	jukeboxd)
		rm "$mnt"/drives/0/*
		touch "$mnt/slots/2/B.iso"
		mv "$mnt/slots/2/B.iso" "$mnt/drives/0/"
		;;
	*)
		tgt "$1" --mode logicalunit --op delete --tid 1 --lun 2 2> /dev/null || true
		rm -f "$dir/$1.blank"
		tgtimg --op new --device-type cd --type dvd+r --file "$dir/$1.blank" > /dev/null
		tgt "$1" --mode logicalunit --op new --tid 1 --lun 2 -b "$dir/$1.blank" \
			--device-type=cd
		if [ "$1" = tuned ]; then
			# The caching page with WCE.
			params=8:0:10:0x4:0:0:0:0:0:0:0:0:0
			tgt "$1" --mode logicalunit --op update --tid 1 --lun 2 \
				--params "mode_page=$params"
		fi
		;;
	esac
}

burnt_file() { # NAME
	case $1 in
	jukeboxd) echo "$mnt/drives/0/B.iso" ;;
	*) echo "$dir/$1.blank" ;;
	esac
}

# ---- measuring -----------------------------------------------------------------------------------

# Appends "row<TAB>target<TAB>turn<TAB>the line of bench_io" to the results.
measure() { # ROW NAME TURN LUN OPTION...
	local row=$1 name=$2 turn=$3 lun=$4 program=bench_io
	shift 4
	case $1 in
	bench_*)
		program=$1
		shift
		;;
	esac
	printf '%s\t%s\t%s\t%s\n' "$row" "$name" "$turn" \
		"$("$BENCH/$program" -P "${serves[$name]}" "$@" "${url[$name]}/$lun")" >> "$dir/results"
}

# Prints the targets in their order, and then in reverse order, so that none is always the first.
turns() { # PASSES
	local p i
	for ((p = 0; p < $1; p++)); do
		for ((i = 0; i < ${#targets[@]}; i++)); do
			echo "$((2 * p)) ${targets[i]}"
		done
		for ((i = ${#targets[@]} - 1; i >= 0; i--)); do
			echo "$((2 * p + 1)) ${targets[i]}"
		done
	done
}

measure_reads() {
	local row options column turn name
	while IFS='|' read -r row options column; do
		echo "$column" >> "$dir/columns"
		while read -r turn name <&3; do
			# shellcheck disable=SC2086 # options are words
			measure "$row" "$name" "$turn" 1 $options -s "$seconds"
		done 3< <(turns "$passes")
	done <<< "$reads"
}

measure_burns() {
	local row options column turn name
	while IFS='|' read -r row options column; do
		echo "$column" >> "$dir/columns"
		while read -r turn name <&3; do
			insert_blank "$name"
			# shellcheck disable=SC2086
			measure "$row" "$name" "$turn" "$([ "$name" = jukeboxd ] && echo 1 || echo 2)" \
				-m burn -n "${burn_mib}M" -f "$dir/disc.iso" $options
			cmp -n $((burn_mib << 20)) "$dir/disc.iso" "$(burnt_file "$name")"
		done 3< <(turns "$burn_passes")
	done <<< "$burns"
}

report() {
	awk -F '\t' -v targets="${targets[*]}" -v columns="$(tr '\n' ' ' < "$dir/columns")" '
	function median(list, n,	i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
				t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
			}
		return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
	}
	function of(row, name, what,	n, k, list) {
		for (k = 0; k < turns; k++)
			if ((row, name, k, what) in value)
				list[++n] = value[row, name, k, what]
		return n ? median(list, n) : 0
	}
	# The median of the ratios of the turns, not the ratio of the medians.
	function ratio(row, a, b, what,	n, k, list) {
		for (k = 0; k < turns; k++)
			if ((row, a, k, what) in value && value[row, b, k, what] > 0)
				list[++n] = value[row, a, k, what] / value[row, b, k, what]
		return n ? median(list, n) : 0
	}
	{
		if (!($1 in seen)) { seen[$1] = 1; rows[++nrows] = $1 }
		if ($3 + 1 > turns) turns = $3 + 1
		n = split($4, f, " ")
		for (i = 1; i < n; i += 2)
			value[$1, $2, $3, f[i]] = f[i + 1]
		other[NR] = value[$1, $2, $3, "other"]
	}
	END {
		ntargets = split(targets, names, " ")
		split(columns, shown, " ")
		both = ntargets == 3
		printf "%-30s%-6s", "", ""
		for (i = 1; i <= ntargets; i++) printf "%10s", names[i]
		printf "  |"
		for (i = 1; i <= ntargets; i++) printf "%10s", names[i]
		printf "  |"
		for (i = 1; i <= ntargets; i++) printf "%15s", names[i]
		if (both) printf "  | jukeboxd / tuned"
		printf "\n%-30s%-6s", "", ""
		for (i = 1; i <= ntargets; i++) printf "%10s", "rate"
		printf "  |"
		for (i = 1; i <= ntargets; i++) printf "%10s", "CPU s/GiB"
		printf "  |"
		for (i = 1; i <= ntargets; i++) printf "%15s", "p50/p99 us"
		if (both) printf "  |     rate   CPU"
		printf "\n"
		for (r = 1; r <= nrows; r++) {
			row = rows[r]; what = shown[r]
			printf "%-30s%-6s", row, what == "iops" ? "IOPS" : "MB/s"
			for (i = 1; i <= ntargets; i++) printf "%10.0f", of(row, names[i], what)
			printf "  |"
			for (i = 1; i <= ntargets; i++)
				printf "%10.3f", of(row, names[i], "cpu_s_gib")
			printf "  |"
			for (i = 1; i <= ntargets; i++)
				printf "%15s", of(row, names[i], "p50_us") == 0 ? "-" : \
					sprintf("%.0f/%.0f", of(row, names[i], "p50_us"),
						of(row, names[i], "p99_us"))
			if (both) {
				x = ratio(row, "jukeboxd", "tuned", what)
				printf "  | %7.2fx %5.2fx", x, \
					ratio(row, "jukeboxd", "tuned", "cpu_s_gib")
				if (x < 1) slower = slower "\n  " row
			}
			printf "\n"
		}
		printf "\nOther work on the machine took %.0f %% of its CPUs (median; at most %.0f %%).\n",
			100 * median(other, NR), 100 * other[NR]
		if (other[int((NR + 1) / 2)] > 0.1)
			print "That is too much for these rates to say anything; compare CPU s/GiB."
		if (both)
			print slower == "" ? "jukeboxd is in no row slower than tuned tgtd." : \
				"jukeboxd is slower than tuned tgtd in:" slower
	}' "$dir/results"
}

export TGT_IPC_SOCKET=$dir/tgt
head -c $((size_mib << 20)) /dev/urandom > "$dir/disc.iso"
start_tgtd tgtd
start_tgtd tuned MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824 \
	MALLOC_TOP_PAD_=67108864
[ -z "${JUKEBOXD:-}" ] || start_jukeboxd
# Reads everything once, so that it is in memory.
for name in "${targets[@]}"; do
	"$BENCH/bench_io" -p seq -b 256K -q 8 -s 0.5 "${url[$name]}/1" > "$dir/warm"
done
echo "Discs of $size_mib MiB in memory, burns of $burn_mib MiB to $(df --output=fstype "$dir" |
	tail -1); TCP $BENCH_CC; $(nproc) CPUs."
echo
measure_reads
measure_burns
report
