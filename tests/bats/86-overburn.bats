#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests programs that burn more on a CD than it is said to hold.  The blanks are small ones, so that this is quick.

load 10-mount

CAPACITY=$((4000 * 2048)) # 4000 sectors

setup() {
	unset MNT STORE
	T=$BATS_TEST_TMPDIR
	export T
	iso "$T/x.iso" 9 OVERBURN
	N=$(($(stat -c %s "$T/x.iso") / 2048)) # about 4550
	export N
	jb_start --slots 4
	cd "$MNT" || return
	touch slots/1/A.cd-r.iso
	setfattr -n user.jukebox.capacity -v $CAPACITY slots/1/A.cd-r.iso
	mv slots/1/A.cd-r.iso drives/0/
}
teardown() {
	cd /
	jb_cleanup
}

shim() { "$TOP/tests/tools/with-shim" --hurry 20 --log "$T/cdbs" "$PORTAL" "$IQN" bash -euo pipefail -c "$1"; }
capacity() { getfattr --only-values -n user.jukebox.capacity "$1"; }
# The disc has the image, in the drive, out of it, and after a restart; and it is said to hold what it did.
holds_all() {
	[ "$(getfattr --only-values -n user.jukebox.state drives/0/A.cd-r.iso)" = complete ]
	[ "$(capacity drives/0/A.cd-r.iso)" -gt $CAPACITY ]
	cmp -n $((N * 2048)) "$T/x.iso" drives/0/A.cd-r.iso
	shim 'wodim -atip dev=/dev/sr0' > "$T/atip"
	grep -F 'ATIP start of lead out: 4000 ' "$T/atip" || { cat "$T/atip"; return 1; }
	shim 'dd if=/dev/sr0 bs=2048 count=$N status=none' | cmp - "$T/x.iso"
	cd /
	jb_kill9
	jb_restart
	cd "$MNT" || return
	cmp -n $((N * 2048)) "$T/x.iso" drives/0/A.cd-r.iso
	shim 'dd if=/dev/sr0 bs=2048 skip=4500 count=$((N - 4500)) status=none' | cmp - <(tail -c +$((4500 * 2048 + 1)) "$T/x.iso")
}

@test "wodim -overburn -sao" {
	run ! shim 'wodim gracetime=2 -sao -overburn dev=/dev/sr0 $T/x.iso'
	[ "$(getfattr --only-values -n user.jukebox.state drives/0/A.cd-r.iso)" = blank ]
	echo on > ctl/drives/0/overburn
	run ! shim 'wodim gracetime=2 -sao dev=/dev/sr0 $T/x.iso' # wodim itself does not
	shim 'wodim -v gracetime=2 -sao -overburn dev=/dev/sr0 $T/x.iso'
	holds_all
}

@test "wodim -overburn -tao, as far as the setting says" {
	echo 1000 > ctl/drives/0/overburn
	shim 'wodim -v gracetime=2 -tao -overburn dev=/dev/sr0 $T/x.iso'
	holds_all
	cd /
	jb_restart
	cd "$MNT" || return
	[ "$(< ctl/drives/0/overburn)" = 1000 ]
	touch slots/2/B.cd-r.iso
	setfattr -n user.jukebox.capacity -v $CAPACITY slots/2/B.cd-r.iso
	mv drives/0/A.cd-r.iso slots/1/
	mv slots/2/B.cd-r.iso drives/0/
	echo 100 > ctl/drives/0/overburn
	run ! shim 'wodim -v gracetime=2 -tao -overburn dev=/dev/sr0 $T/x.iso'
	grep -q '"event":"full"' events
}

@test "cdrdao --overburn" {
	echo on > ctl/drives/0/overburn
	printf 'CD_ROM\nTRACK MODE1\nDATAFILE "%s"\n' "$T/x.iso" > "$T/x.toc"
	run ! shim 'cdrdao write -n --driver generic-mmc:0x10 --device /dev/sr0 $T/x.toc'
	shim 'cdrdao write -n --overburn --driver generic-mmc:0x10 --device /dev/sr0 $T/x.toc'
	holds_all
}
