# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Steps of the scripts that write tables, matrix.sh and whole.sh; cells.sh describes them. Before its steps a
# row sets $step to 0 and $reason to the empty string.
settled() { until_true 20 sg_turs "$CDSG"; }
reload() {
	until_true 15 unload "$slotno"
	run load "$slotno"
	good "$tool: $((++step)) out and in"
}
does() {
	check "$tool: $((++step)) $*" "$@"
	# Writes to a DVD-RAM go through the cache of the kernel. Its errors would be reported to the next
	# program.
	sync
	settled
}
# in_its_words REGEX: prints the line of $out that matches. For wodim, which first reports the failed command,
# also the name of the sense.
in_its_words() {
	local line sense
	line=$(grep -iE -- "$1" <<< "$out" | grep -v '^[[:space:]]*$' | head -1)
	sense=$(sed -nE 's/^Sense Code: .*\((.*)\).*/\1/p' <<< "$out" | head -1)
	case $line in
	*scsi\ sendcmd:*) line="${line##*error), }: $sense" ;;
	esac
	tr -s '\t ' ' ' <<< "$line" | cut -c1-200
}
why() {
	local re=$1
	shift
	refuse "$tool: $((++step)) $*" "$re" "$@" || return 1
	reason=$(in_its_words "$re")
	settled
}
disc() {
	local words=(blank appendable complete others)
	settled
	hex "$CDSG" 34 51 00 00 00 00 00 00 00 22 00
	is "$tool: $((++step)) the disc is $1" "${words[0x${out:4:2} & 3]}" "$1"
	[ "$1" != blank ] || nsessions=0
}
