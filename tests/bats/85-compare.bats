#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests tests/tools/cdb-compare with records that this file makes, of the commands that a target received.

load lib

# record FILE CDB...: makes part 01 of a record with these CDBs; words that begin with "-" come before the
# part
record() {
	local file=$1 cdb
	local -a before=() part=()
	shift
	for cdb; do
		if [[ $cdb == -* ]]; then before+=("1 ${cdb#-}"); else part+=("1 $cdb"); fi
	done
	printf '%s\n' "1 c5 00" "${before[@]}" "1 c5 01" "${part[@]}" "1 c5 00" > "$file"
}
# compared STATUS LINE...: checks the status and the output of cdb-compare for native and guest
compared() {
	local status=$1 line
	shift
	run -"$status" "$TOP/tests/tools/cdb-compare" native guest
	for line; do grep -Fx -- "$line" <<< "$output"; done
}
setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }
read_16='28 00 00 00 00 10 00 00 01 00' read_17='28 00 00 00 00 11 00 00 01 00'
read_both='28 00 00 00 00 10 00 00 02 00' write_16='2a 00 00 00 00 10 00 00 01 00' page='5a 08 2a 00 00 00 00 00 0c 00'

@test "the same commands are the same, polls and the kernel's own apart" {
	record native "$write_16" '00 00' "$page"
	record guest '12 00' "$write_16" "$page" '51 00' '4a 01'
	compared 0 "ok part 01: 2 commands, and 2 of the kernel's own"
}

@test "another order, one too few, one too many and other bytes differ" {
	record native "$write_16" '35 00'
	record guest '35 00' "$write_16"
	compared 1 "# guest only: 1 35 00" "# native, and not in the guest at this place: 1 35 00"
	record guest "$write_16"
	compared 1 "# native, and not in the guest at this place: 1 35 00"
	record guest "$write_16" '35 00' '5b 00'
	compared 1 "# guest only: 1 5b 00"
	record guest "${write_16/01 00/02 00}" '35 00'
	compared 1 "# guest only: 1 ${write_16/01 00/02 00}"
}

@test "a part that is empty or in one run only is not compared" {
	record native
	record guest
	compared 1 "not ok part 01: 0 commands, and 0 of the kernel's own"
	record native "$write_16"
	printf '1 c5 00\n' > guest
	compared 1 "not ok part 01: only one of the two runs has it"
}

@test "sectors that the guest has read already come from its page cache" {
	record native "$page" "$read_16" "$write_16" "$read_17"
	record guest "$read_both" "$page" "$write_16"
	compared 0 "ok part 01: 4 commands, and 1 of the kernel's own"
	record guest "-$read_both" "$page" "$write_16"
	compared 0
	record guest "$page" "$write_16"
	compared 1 "# native, and not in the guest at this place: 1 $read_16"
	record guest "$read_16" "$page" "$write_16"
	compared 1 "# native, and not in the guest at this place: 1 $read_17"
}
