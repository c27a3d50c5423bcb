#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests data in both directions over iSCSI, in every way to transfer it, and stopping the daemon under load.

load lib

setup_file() {
	jb_start --slots 4 --drives 2
	iso "$BATS_FILE_TMPDIR/x.iso" 8
	cp "$BATS_FILE_TMPDIR/x.iso" "$MNT/drives/0/x.iso"
}
teardown_file() { jb_cleanup; }

sectors() { echo $(($(stat -c %s "$BATS_FILE_TMPDIR/x.iso") / 2048)); }

@test "the whole disc reads as its image, with and without header digests" {
	for option in "" -d; do
		# shellcheck disable=SC2086
		icdb $option "$(url 1)" read 0 "$(sectors)" | cmp - "$BATS_FILE_TMPDIR/x.iso"
	done
}

@test "reads of every size about the limits come whole and with no residual" {
	for n in 1 15 16 17 31 32 33 127 128 129 512; do
		icdb "$(url 1)" - > "$BATS_TEST_TMPDIR/out" <<- END
			clear-ua
			in $((n * 2048)) 28 00 00 00 00 05 00 $(printf '%02x %02x' $((n / 256)) $((n % 256))) 00
			expect residual none
			expect length $((n * 2048))
			save $BATS_TEST_TMPDIR/got
		END
		cmp "$BATS_TEST_TMPDIR/got" \
			<(dd if="$BATS_FILE_TMPDIR/x.iso" bs=2048 skip=5 count=$n status=none)
	done
}

@test "residual counts are right for reads and for writes" {
	icdb "$(url 1)" - <<- 'END'
		clear-ua
		in 4096 28 00 00 00 00 00 00 00 01 00
		expect residual under 2048
		expect length 2048
		in 2048 28 00 00 00 00 00 00 00 02 00
		expect residual over 2048
		expect length 2048
		in 200 28 00 00 00 00 00 00 00 01 00
		expect residual over 1848
		expect length 200
		in 135168 28 00 00 00 00 00 00 00 20 00
		expect residual under 69632
		expect length 65536
	END
}

@test "writes in all combinations of InitialR2T and ImmediateData burn the same" {
	head -c $((300 * 2048)) /dev/urandom > "$BATS_TEST_TMPDIR/data"
	for r2t in yes no; do
		for immediate in yes no; do
			touch "$MNT/drives/1/b.iso"
			icdb --initial-r2t $r2t --immediate $immediate "$(url 2)" \
				write 0 "$BATS_TEST_TMPDIR/data"
			icdb "$(url 2)" --clear-ua 35 00 00 00 00 00 00 00 00 00
			icdb "$(url 2)" read 0 300 | cmp - "$BATS_TEST_TMPDIR/data"
			rm "$MNT/drives/1/b.iso"
		done
	done
}

@test "iscsi-test-cu's own iSCSI tests: none fails" {
	for family in iSCSIcmdsn iSCSIResiduals iSCSITMF; do
		run -0 iscsi-test-cu -V -t "iSCSI.$family" "$(url 1)"
		grep -E '^ +tests +[1-9]' <<< "$output" # it ran some
	done
}

@test "SIGTERM in the midst of reading: the daemon ends in time and with status 0" {
	local pids=()
	for _ in 1 2 3; do
		(while icdb "$(url 1)" read 0 "$(sectors)"; do :; done) > /dev/null 2>&1 3>&- &
		pids+=($!)
	done
	wait_for 30 "test -s '$MNT/ctl/target/sessions'"
	jb_stop
	wait "${pids[@]}" || true
}
