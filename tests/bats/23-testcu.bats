#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# libiscsi's own test program on three media: what does not pass is in tests/testcu/KNOWN, with the reason.
load lib

setup_file() {
	jb_start --slots 2 --drives 3
	head -c 20000000 /dev/urandom > "$BATS_FILE_TMPDIR/R.dvd-rom.iso"
	cp "$BATS_FILE_TMPDIR/R.dvd-rom.iso" "$MNT/drives/0/"
	touch "$MNT/drives/1/A.dvd-ram.iso" "$MNT/drives/2/B.bd-re.iso"
	printf '\0\202\0\010\0\0\0\0\0\0\0\0' | icdb "$(url 3)" --clear-ua -w - 04 11 00 00 00 00
}
teardown_file() { jb_cleanup; }

# Most of its time it waits, so it runs on the three media at once.
@test "iscsi-test-cu -t ALL on DVD-ROM, DVD-RAM and BD-RE: all is known that does not pass" {
	local lun media=(- dvd-rom dvd-ram bd-re) pids=()
	for lun in 1 2 3; do
		iscsi-test-cu -v --dataloss -t ALL -i "iqn.2026-11.test:cu$lun" -I "iqn.2026-11.test:other$lun" \
			"$(url $lun)" > "$BATS_TEST_TMPDIR/${media[lun]}" 2>&1 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}" || true
	"$TOP/tests/testcu/compare" "$TOP/tests/testcu/KNOWN" dvd-rom="$BATS_TEST_TMPDIR/dvd-rom" \
		dvd-ram="$BATS_TEST_TMPDIR/dvd-ram" bd-re="$BATS_TEST_TMPDIR/bd-re" | sed "s/^/# /" | tee -a "$BATS_TEST_TMPDIR/sums" >&3
	[ "$(grep -c 'all of them known' "$BATS_TEST_TMPDIR/sums")" = 3 ]
	jb_log_clean
}
