#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Checks that tests/guest/MATRIX.md has every cell that the suite runs, for every medium, and that none has
# failed.  Checks FULL.md in the same way for whole discs.  Tests the comparison of a run with these pages.

load lib

matrix() { "$TOP/tests/guest/make-matrix" "$@"; }
# copy: makes a copy of what make-matrix needs; the pages and the results are made up
copy() {
	local t=$BATS_TEST_TMPDIR/top
	mkdir -p "$t/tests" "$t/build/matrix" "$t/build/full"
	cp -r "$TOP/tests/guest" "$t/tests/"
	matrix=$t/tests/guest/make-matrix kept=$t/build
	"$matrix" --rows | while IFS=$'\t' read -r program medium mode _; do
		printf 'cell\t%s\t%s\t%s\tpasses\t2\n' "$program" "$medium" "$mode" >> "$kept/matrix/27-matrix.$medium"
	done
	"$matrix" --full --rows | while IFS=$'\t' read -r program medium mode _; do
		printf 'whole\t%s\t%s\t%s\tpasses\twhole\t3\t7\tno room\tno sector\t20\n' "$program" "$medium" "$mode" >> "$kept/full/full-size.$medium"
	done
	"$matrix" --renew
	"$matrix" --full --renew
}

@test "MATRIX.md has a row for each cell of cells.sh, and each passes or quotes the program" {
	matrix --check "$TOP/tests/guest/MATRIX.md"
}

@test "FULL.md has a row for each whole disc of full-size.sh, and none fails" {
	matrix --full --check "$TOP/tests/guest/FULL.md"
}

@test "whole discs: one that failed, one too few and one of another size are found" {
	local full=$BATS_TEST_TMPDIR/FULL.md
	sed '0,/| passes |/s//| FAILS |/' "$TOP/tests/guest/FULL.md" > "$full"
	refused "$TOP/tests/guest/make-matrix" --full --check "$full" "neither pass"
	sed '0,/| passes |/{/| passes |/d}' "$TOP/tests/guest/FULL.md" > "$full"
	refused "$TOP/tests/guest/make-matrix" --full --check "$full" "make full-size"
	sed 's/| 2295104 |/| 2295103 |/' "$TOP/tests/guest/FULL.md" > "$full"
	refused "$TOP/tests/guest/make-matrix" --full --check "$full" "make full-size"
}

@test "every family has a whole disc: CD, DVD and BD that are written once, and over again" {
	local m
	for m in cd-r cd-rw dvd-r dvd-rw dvd-ram dvd+r dvd+r-dl dvd+rw bd-r bd-re; do
		grep -qF "| $m |" "$TOP/tests/guest/FULL.md" || { echo "$m"; return 1; }
	done
}

@test "every medium that can be written has cells that run natively, and some that need a kernel" {
	local m cells
	cells=$(matrix --rows)
	for m in cd-r cd-rw dvd-r dvd-r-dl dvd-rw dvd-rw-ro dvd-ram dvd+r dvd+r-dl dvd+rw bd-r bd-re; do
		echo "$m"
		awk -F '\t' -v m="$m" '$2 == m { n[$4]++ } END { exit !(n["native"] && n["guest"]) }' <<< "$cells"
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

@test "a run whose cells are as in MATRIX.md passes, and leaves that page as it is" {
	copy
	cp "$(dirname "$matrix")/MATRIX.md" "$BATS_TEST_TMPDIR/before"
	run "$matrix" --page
	[ "$status" = 0 ]
	[ "$(grep -c '^ok matrix: ' <<< "$output")" = "$("$matrix" --rows | cut -f2 | sort -u | wc -l)" ]
	[ "$(grep -c '^not ok' <<< "$output")" = 0 ]
	cmp "$(dirname "$matrix")/MATRIX.md" "$BATS_TEST_TMPDIR/before"
	grep -q 's natively and ' "$kept/MATRIX.md"
	"$matrix" --full --page
	grep -qF '| 3 s | 7 s | 20 KiB |' "$kept/FULL.md"
}

@test "a run with a cell that fails, one that was not run, or one that says otherwise, is told" {
	copy
	sed -i '1s/passes/FAILS/; 2d' "$kept/matrix/27-matrix.dvd-r"
	sed -i '3s/passes/No room at all/' "$kept/matrix/27-matrix.bd-re"
	run "$matrix" --page
	[ "$status" = 1 ]
	[ "$(grep -c '^not ok' <<< "$output")" = 3 ]
	grep -q '^not ok matrix: .* on dvd-r: .*: FAILS' <<< "$output"
	grep -q '^not ok matrix: .* on dvd-r: .*: not run' <<< "$output"
	grep -q '^not ok matrix: .* on bd-re: .*: “No room at all”, in MATRIX.md it is: passes' <<< "$output"
	[ "$(grep -cE '^ok matrix: (dvd-r|bd-re):' <<< "$output")" = 0 ]
	grep -q '^ok matrix: cd-r: ' <<< "$output"
}

@test "a whole disc that fails, and one of which the program says otherwise, is told" {
	copy
	sed -i 's/passes/FAILS/' "$kept/full/full-size.dvd+r"
	sed -i 's/no room/nothing at all/' "$kept/full/full-size.cd-r"
	run "$matrix" --full --page
	[ "$status" = 1 ]
	[ "$(grep -c '^not ok' <<< "$output")" = 2 ]
	grep -q '^not ok full: growisofs on dvd+r: .*: FAILS' <<< "$output"
	grep -q '^not ok full: wodim on cd-r: .*“nothing at all”.*, in FULL.md it is: ' <<< "$output"
}

@test "each script of the guest runs somewhere, each but for a reason natively" {
	local s native guest
	cd "$TOP"
	native=$(tests/guest/run-all --list native)
	guest=$(tests/guest/run-all --list guest)$'\n'$(tests/guest/run-all --list both)
	for s in tests/guest/scripts/[0-9]*.sh; do
		echo "$s"
		grep -qE "^$s( |\$)" <<< "$native"$'\n'"$guest"
	done
	while read -r s _; do
		echo "$s"
		grep -qE '^# (kernel|both places): .' "$s"
	done <<< "$guest"
}

@test "each medium's cells are a job, and all that needs a kernel is in two" {
	local jobs
	cd "$TOP"
	diff <(tests/guest/run-all --list native tests/guest/scripts/27-matrix.sh | cut -d' ' -f2- | sort) \
		<(matrix --rows | awk -F '\t' '$4 == "native" {print $2}' | sort -u)
	jobs=$(tests/guest/run-all --list guest tests/guest/scripts/27-kernel.sh | cut -d' ' -f2-)
	[ "$(wc -l <<< "$jobs")" = 2 ]
	diff <(tr ' ' '\n' <<< "$jobs" | sort) <(matrix --rows | awk -F '\t' '$4 == "guest" {print $2}' | sort -u)
}

@test "tests/golden/guest has a file for each medium of the table, for CDs with audio, and no other" {
	local golden=$TOP/tests/golden/guest
	[ "$(cd "$golden" && printf '%s\n' *.txt | sort)" = \
		"$({
			printf '%s\n' none cd-r-audio cd-r-mixed cd-r-extra
			sed -nE 's/^\t\t\.suffix = "(.*)",$/\1/p' "$TOP/changer/recording/medium_table.c"
		} | sed 's/$/.txt/' | sort)" ]
}
