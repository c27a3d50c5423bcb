#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nightly-verify.sh: reads all discs of a jukebox and compares them with their hashes.
#
#   nightly-verify.sh [-t SECONDS] [-d DAYS] JUKEBOX
#
#   -t   stop after SECONDS; the next run continues with the other discs
#   -d   skip discs that were found good in the last DAYS days (default 30)
#
# The jukebox keeps a SHA-256 of each complete disc, and verifies a disc itself while all other work goes
# first.  This script asks for that, one disc after the other, beginning with the disc whose last verification
# is the oldest.  A disc without a hash gets one, for the later verifications.  Discs that were inserted by
# reference (ln -s) are skipped, since their data is not in the jukebox.
#
# The script prints one line for each disc.  Exit status: 0 all discs are good, 1 some are not or could not be
# read, 2 wrong usage.
#
# By cron:     30 2 * * *  root  /usr/local/bin/nightly-verify.sh -t 14400 /srv/jukebox
# By systemd:  nightly-verify.service and nightly-verify.timer beside this file
#
# check: no, it needs a jukebox; tests/bats/80-examples.bats runs it
set -uo pipefail

usage() { sed -n 's/^#   nightly-verify.sh/usage: nightly-verify.sh/p' "$0" >&2; exit 2; }
limit=0 days=30
while getopts t:d: option; do
	case $option in
	t) limit=$OPTARG ;;
	d) days=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
if [ $# != 1 ] || [[ ! $limit$days =~ ^[0-9]+$ ]]; then usage; fi
jukebox=$1
[ -e "$jukebox/status" ] || { echo "no jukebox is mounted at $jukebox" >&2; exit 2; }

attribute() { getfattr --only-values --absolute-names -n "user.jukebox.$1" "$2" 2> /dev/null; }
ask() { setfattr -n "user.jukebox.$1" -v "$2" "$3" 2> /dev/null; }

# verified DISC: prints "ok" or "failed", and when; nothing if the disc was never verified.
verified() { attribute verify "$1"; }
since=$(date -u -d "$days days ago" +%Y-%m-%dT%H:%M:%SZ)

# Prints "TIME DISC", ended by NUL, for every disc that is due, the oldest first.
due() {
	local disc result when
	for disc in "$jukebox"/slots/*/* "$jukebox"/mailslots/*/* "$jukebox"/drives/*/*; do
		[ ! -L "$disc" ] || continue
		[ "$(attribute state "$disc")" = complete ] || continue
		read -r result when < <(verified "$disc")
		if [ "${result:-}" = ok ] && [[ ${when:-} > $since ]]; then continue; fi
		printf '%s %s\0' "${when:-never}" "$disc"
	done | sort -z
}

# wait_for DISC COMMAND...: waits until COMMAND succeeds; stops waiting if the disc or the jukebox is gone.
wait_for() {
	local disc=$1
	shift
	until "$@" "$disc"; do
		[ -f "$disc" ] || return 1
		[ "$limit" = 0 ] || [ $SECONDS -lt "$limit" ] || return 1
		sleep 0.5
	done
}
has_hash() { [ -n "$(attribute sha256 "$1")" ]; }
has_result() { [[ $(verified "$1") == ok* || $(verified "$1") == failed* ]]; }

good=0 bad=0 left=0
verify() {
	local disc=$1 name=${1#"$jukebox"/}
	if ! has_hash "$disc"; then
		ask sha256 compute "$disc" && wait_for "$disc" has_hash || return 3
	fi
	# The attribute has the new result only when the verification has ended.
	ask verify start "$disc" && wait_for "$disc" has_result || return 3
	echo "$name: $(verified "$disc")"
	[[ $(verified "$disc") == ok* ]]
}

while IFS= read -r -d '' line; do
	if [ "$limit" != 0 ] && [ $SECONDS -ge "$limit" ]; then
		left=$((left + 1))
		continue
	fi
	disc=${line#* }
	verify "$disc"
	case $? in
	0) good=$((good + 1)) ;;
	3)
		echo "${disc#"$jukebox"/}: not verified, it was moved or changed, or the time is over"
		ask verify stop "$disc"
		left=$((left + 1))
		;;
	*) bad=$((bad + 1)) ;;
	esac
done < <(due)

echo "$good good, $bad bad, $left left for the next run"
[ $bad = 0 ]
