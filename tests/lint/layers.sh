#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# layers.sh: checks the directions in which #include may point. A folder is a layer. It may include what its
# row USES_ in the Makefile names, and nothing else.
#
#	changer/*.h, changer/*.def	the face of the model, which every row with "face" may include
#	changer/ROOM			a room of the model (ROOMS), which only rooms above it see
#	changer/smc, target/mmc, fsctl	of the model, the face alone
#	fsctl/helpers, fsctl/tree	below fsctl: the processes beside the daemon, the files that are no discs.
#				One of the processes runs the parsers, so helpers sees the room of these too
#	target/*.c			sees all: it puts the parts together
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

declare -A uses is_room
while read -r layer _ row; do
	uses[$layer]=$row
done < <(make -pnq 2> /dev/null | sed -n 's/^USES_//p')
for room in $(make -pnq 2> /dev/null | sed -n 's/^ROOMS := //p'); do
	is_room[$room]=1
done
if [ ${#uses[@]} -lt 10 ] || [ ${#is_room[@]} -lt 5 ]; then
	echo "the makefile's rows are not to be found"
	exit 1
fi

folder() { # LAYER: the pattern of its files
	local dir
	[ "$1" != face ] || echo 'changer/[^/]*\.(h|def)'
	for dir in "changer/$1" "target/$1" "fsctl/$1" "$1"; do
		[ ! -d "$dir" ] || echo "$dir/[^/]*"
	done
}

row() { # LAYER: the pattern of what its files may include
	local layer
	for layer in ${uses[$1]:-}; do
		if [ -z "${is_room[$layer]:-}" ] || [ -n "${is_room[$1]:-}" ]; then
			folder "$layer"
		fi
	done | paste -sd '|'
}

declare -A allowed=(
	[changer]=$(row face)
	[target]='(target|fsctl|changer)/.*'
	[mnt-layout]='mnt-layout/[^/]*'
	[fsctl/tree]="$(row tree)|mnt-layout/[^/]*"
	[fsctl/helpers]="$(row helpers)|changer/foreign/[^/]*"
)
bad=0
while IFS=: read -r file line text; do
	what=${text#*\"}
	what=${what%%\"*}
	dir=${file%/*}
	[ -n "${allowed[$dir]:-}" ] || allowed[$dir]=$(row "${dir##*/}")
	if ! [ -e "$what" ]; then
		echo "$file:$line: \"$what\" is not a path from the top"
		bad=1
	elif ! [[ $what =~ ^(${allowed[$dir]:--})$ ]]; then
		echo "$file:$line: must not include $what"
		bad=1
	fi
done < <(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' -r changer target fsctl mnt-layout \
	--include='*.[ch]' --include='*.def')
exit $bad
