#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The catalogue of malformed logins and PDUs (tests/catalogue/TABLE), against one daemon, while a session that
# behaves well writes and reads a DVD-RAM.
load lib

USER_SECRET='a secret of alice'

setup_file() {
	jb_start --slots 2 --drives 1
	touch "$MNT/slots/1/R.dvd-ram.iso"
	mv "$MNT/slots/1/R.dvd-ram.iso" "$MNT/drives/0/"
}
teardown_file() { jb_cleanup; }

# catalogue SECTION [OPTION...]: runs the rows of a section, and prints what is wrong and the sums
catalogue() {
	run "$TOP/tests/catalogue/run" "$PORTAL" "$IQN" "$TOP/tests/catalogue/TABLE" "$@" busy=1
	grep -v '^ok ' <<< "$output" | tee -a "$BATS_FILE_TMPDIR/sums"
	[ "$status" = 0 ]
	jb_log_clean
}

@test "malformed: headers of logins" { catalogue header; }
@test "malformed: keys of logins" { catalogue keys; }
@test "malformed: PDUs after the login" { catalogue full; }

@test "malformed: CHAP" {
	mkdir "$MNT/ctl/access/users/alice"
	echo "$USER_SECRET" > "$MNT/ctl/access/users/alice/secret"
	echo "$USER_SECRET" > "$MNT/ctl/access/users/alice/secret"
	echo chap > "$MNT/ctl/access/auth"
	catalogue chap user=alice "secret=$USER_SECRET"
}

@test "malformed: the catalogue has 150 rows and more, and the daemon still serves" {
	echo none > "$MNT/ctl/access/auth"
	run -0 iscsi-inq "$(url 1)"
	run awk '/ rows, / { n += $1 } END { print n + 0 }' "$BATS_FILE_TMPDIR/sums"
	[ "$output" -ge 150 ]
	jb_stop
}
