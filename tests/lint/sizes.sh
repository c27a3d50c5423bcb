#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sizes.sh FILE...: reports functions over 60 lines and files over 500. Fails if a function has over 80 lines,
# a file over 700 or a header over 250. A table of data is not a function. A header of tests has functions in
# it, so it counts as a file.
set -uo pipefail
soft_function=60 hard_function=80 soft_file=500 hard_file=700 hard_header=250
bad=0
while read -r lines file; do
	most=$hard_file
	case $file in
	tests/*) ;;
	*.h) most=$hard_header ;;
	esac
	if [ "$lines" -gt $most ]; then
		echo "$file: $lines lines, at most $most"
		bad=1
	elif [ "$lines" -gt $soft_file ]; then
		echo "$file: $lines lines"
	fi
done < <(wc -l "$@" | grep -v ' total$')
while read -r lines name where; do
	if [ "$lines" -gt $hard_function ]; then
		echo "$where: $name has $lines lines, at most $hard_function"
		bad=1
	elif [ "$lines" -gt $soft_function ]; then
		echo "$where: $name has $lines lines"
	fi
done < <(ctags -x --c-kinds=f --fields=+ne --_xformat='%{end} %n %N %F' "$@" |
	awk '$1 != "" && $1 ~ /^[0-9]+$/ { print $1 - $2 + 1, $3, $4 ":" $2 }')
exit $bad
