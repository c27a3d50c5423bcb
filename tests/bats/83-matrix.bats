#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/guest/MATRIX.md has every cell that the guest's suite runs, and none of them fails; what
# programs print is there of every medium.  FULL.md likewise, of whole discs.

load lib

@test "MATRIX.md has a row for each cell of cells.sh, and each passes or quotes the program" {
	"$TOP/tests/guest/make-matrix" --check "$TOP/tests/guest/MATRIX.md"
}

@test "FULL.md has a row for each whole disc of full-size.sh, and none fails" {
	"$TOP/tests/guest/make-matrix" --check-full "$TOP/tests/guest/FULL.md"
}

@test "whole discs: one that failed, one too few and one of another size are found" {
	local full=$BATS_TEST_TMPDIR/FULL.md
	sed '0,/| passes |/s//| FAILS |/' "$TOP/tests/guest/FULL.md" > "$full"
	refused "$TOP/tests/guest/make-matrix" --check-full "$full" "do not pass"
	sed '0,/| passes |/{/| passes |/d}' "$TOP/tests/guest/FULL.md" > "$full"
	refused "$TOP/tests/guest/make-matrix" --check-full "$full" "make full-size"
	sed 's/| 2295104 |/| 2295103 |/' "$TOP/tests/guest/FULL.md" > "$full"
	refused "$TOP/tests/guest/make-matrix" --check-full "$full" "make full-size"
}

@test "every family has a whole disc: CD, DVD and BD that are written once, and over again" {
	local m
	for m in cd-r cd-rw dvd-r dvd-rw dvd-ram dvd+r dvd+r-dl dvd+rw bd-r bd-re; do
		grep -qF "| $m |" "$TOP/tests/guest/FULL.md" || { echo "$m"; return 1; }
	done
}

@test "every medium that can be written has quick cells, and some that run in make matrix only" {
	local m cells
	cells=$("$TOP/tests/guest/make-matrix" --cells)
	for m in cd-r cd-rw dvd-r dvd-r-dl dvd-rw dvd-rw-ro dvd-ram dvd+r dvd+r-dl dvd+rw bd-r bd-re; do
		echo "$m"
		awk -F '\t' -v m="$m" '$2 == m { n[$4]++ } END { exit !(n["quick"] && n["all"]) }' <<< "$cells"
	done
}

@test "a cell that failed, one too few and one too many are found" {
	local matrix=$BATS_TEST_TMPDIR/MATRIX.md
	sed '0,/| passes |/s//| FAILS |/' "$TOP/tests/guest/MATRIX.md" > "$matrix"
	refused "$TOP/tests/guest/make-matrix" --check "$matrix" "neither pass"
	sed '0,/| passes |/{/| passes |/d}' "$TOP/tests/guest/MATRIX.md" > "$matrix"
	refused "$TOP/tests/guest/make-matrix" --check "$matrix" "make matrix"
	{
		cat "$TOP/tests/guest/MATRIX.md"
		echo "| nothing | -x | passes | |"
	} > "$matrix"
	refused "$TOP/tests/guest/make-matrix" --check "$matrix" "make matrix"
}

@test "tests/golden/guest has a file for each medium of the table, for CDs with audio, and no other" {
	local golden=$TOP/tests/golden/guest
	[ "$(cd "$golden" && printf '%s\n' *.txt | sort)" = \
		"$({
			printf '%s\n' none cd-r-audio cd-r-mixed cd-r-extra
			sed -nE 's/^\t\t\.suffix = "(.*)",$/\1/p' "$TOP/changer/medium_table.c"
		} | sed 's/$/.txt/' | sort)" ]
}
