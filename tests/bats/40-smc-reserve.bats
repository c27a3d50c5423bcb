#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Several hosts at one changer: who has it for itself, and that all see the same.

load lib
load smc

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 2
}
teardown() { jb_cleanup; }

# key KEY SERVICE-KEY FLAGS: the parameters of PERSISTENT RESERVE OUT
key() { printf '%016x %016x 00000000 %02x 000000' "$1" "$2" "$3"; }

@test "a persistent reservation with APTPL outlives the daemon, also when it is killed; one without does not" {
	iso "$MNT/slots/1/a.iso" 1
	smc <<- END
		out $(key 0 170 1) -- 5f 00 00 0000 00000018 00
		out $(key 170 0 0) -- 5f 01 03 0000 00000018 00
		lun 1
		clear-ua
		out $(key 0 187 0) -- 5f 00 00 0000 00000018 00
		out $(key 187 0 0) -- 5f 01 03 0000 00000018 00
	END
	jb_kill9
	jb_restart
	smc <<- END
		$(move "$(slot 1)" "$(slot 2)")
		expect conflict
		in 64 5e 01 000000000000 40 00
		expect data @8 00000000000000aa 00000000 00 03
		in 64 5e 02 000000000000 40 00
		expect data 0008 11 81
		lun 1
		clear-ua
		in 64 5e 01 000000000000 40 00
		expect length 8
		lun 0
		out $(key 0 204 1) -- 5f 00 00 0000 00000018 00
		out $(key 204 170 0) -- 5f 04 03 0000 00000018 00
		$(move "$(slot 1)" "$(slot 2)")
		out $(key 204 0 0) -- 5f 03 00 0000 00000018 00
	END
	[ ! -e "$STORE/ctl/reservations/0" ]
	jb_restart
	move "$(slot 2)" "$(slot 1)" | smc
}

@test "what was kept and makes no sense is none, and is said" {
	jb_stop
	mkdir -p "$STORE/ctl/reservations"
	echo nonsense > "$STORE/ctl/reservations/0"
	jb_restart
	grep -q 'ctl/reservations/0 cannot be used' "$JBLOG"
	smc <<- END
		in 64 5e 00 000000000000 40 00
		expect length 8
	END
}
