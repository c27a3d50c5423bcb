#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the attributes of discs: which can be read, which can be set, and what is refused.

load 10-mount

setup() {
	jb_start --slots 8 --drives 1
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 4 FIRST
	cd "$MNT" || return
}
teardown() {
	cd /
	jb_cleanup
}

set_x() { setfattr -n "user.jukebox.$1" -v "$2" "$3"; }
# no_set NAME VALUE FILE MESSAGE SENTENCE: checks that setfattr is refused, and that ctl/last-error says why
no_set() {
	refused setfattr -n "user.jukebox.$1" -v "$2" "$3" "$4"
	last_error "set user.jukebox.$1 of $3"
	last_error "$5"
}

@test "every attribute of the man page can be read, and there is no other" {
	touch slots/1/A1.dvd+r.iso
	full slots/1
	cp "$X" slots/2/
	diff <(awk '/^\.Sh/ { on = $2 == "ATTRIBUTES" } on && /^\.It Li/' "$TOP/mnt-layout/jukeboxfs.5" |
			sed 's/^.It Li//' | tr -d ' ' | tr , '\n' | sort) \
		<(sed -nE 's/^\t\{"([a-z0-9]+)", get_.*/\1/p' "$TOP/fsctl/xattr.c" | sort)
	[ "$(xattr barcode slots/1/A1.dvd+r.iso)" = A1 ]
	[ "$(xattr capacity slots/1/A1.dvd+r.iso)" = 4700372992 ]
	[ "$(xattr nwa slots/1/A1.dvd+r.iso)" = 0 ]
	[ "$(xattr origin slots/1/A1.dvd+r.iso)" = blank ]
	[ "$(xattr profile slots/1/A1.dvd+r.iso)" = dvd+r ]
	[ "$(xattr state slots/1/A1.dvd+r.iso)" = blank ]
	[ "$(xattr origin slots/2/x.iso)" = inserted ]
	[ "$(xattr sessions slots/2/x.iso) $(xattr tracks slots/2/x.iso)" = "1 1" ]
	refused getfattr -n user.jukebox.nwa slots/2/x.iso "No such attribute"
	refused getfattr -n user.jukebox.none slots/2/x.iso "No such attribute"
	refused getfattr -n user.jukebox slots/2/x.iso "No such attribute"
	refused getfattr -n user.jukebox.state slots "No such attribute"
	[ "$(getfattr -d -m - slots/2/x.iso)" = "" ]
}

@test "type and capacity of a blank are set, kept, and seen by the drive" {
	touch slots/1/A1.iso
	set_x profile dvd+r slots/1/A1.iso # at once, while its close is being heard of
	set_x capacity 8MiB slots/1/A1.iso
	[ "$(xattr capacity slots/1/A1.iso)" = 8388608 ]
	jb_kill9
	jb_restart
	cd "$MNT"
	[ "$(xattr capacity slots/1/A1.iso)" = 8388608 ]
	[ "$(jq -r '.slots[0].disc | .profile + " " + (.capacity | tostring)' status.json)" = "dvd+r 8388608" ]
	refused dd if=/dev/zero of=slots/1/A1.iso bs=1M count=9 "File too large"
	: > slots/1/A1.iso
	is_disc slots/1/A1.iso blank
	mv slots/1/A1.iso drives/0/
	# READ DISC INFORMATION of a blank. READ TRACK INFORMATION: its free blocks are the capacity.
	icdb --clear-ua -r 48 -o "$BATS_TEST_TMPDIR/ti" "$(url 1)" 52 01 00 00 00 01 00 00 30 00
	[ "$((0x$(od -An -tx1 -j16 -N4 "$BATS_TEST_TMPDIR/ti" | tr -d ' ')))" = 4096 ]
	no_set capacity 64K drives/0/A1.iso "Device or resource busy" "JB_LOADED"
	head -c 65536 "$X" > "$BATS_TEST_TMPDIR/part"
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/part"
	[ "$(xattr nwa drives/0/A1.iso)" = 32 ]
	[ "$(xattr origin drives/0/A1.iso)" = burned ]
	[ "$(xattr state drives/0/A1.iso)" = appendable ]
}

@test "invalid values of attributes are refused with a reason" {
	touch slots/1/A1.iso
	full slots/1
	cp "$X" slots/2/x.iso
	no_set profile vinyl slots/1/A1.iso "Invalid argument" "JB_NO_SUCH_MEDIUM"
	no_set profile dvd-rom slots/1/A1.iso "Invalid argument" "JB_NO_SUCH_MEDIUM"
	no_set capacity 1T slots/1/A1.iso "Invalid argument" "JB_BAD_CAPACITY"
	no_set capacity lots slots/1/A1.iso "Invalid argument" "JB_BAD_CAPACITY"
	no_set profile dvd+r slots/2/x.iso "Operation not permitted" JB_NOT_BLANK
	no_set capacity 1G slots/2/x.iso "Operation not permitted" JB_NOT_BLANK
	no_set state blank slots/2/x.iso "Invalid argument" "JB_BAD_STATE"
	no_set barcode B7 slots/2/x.iso "Operation not supported" "rename that with mv"
	refused setfattr -n user.jukebox.tracks -v 3 slots/2/x.iso "Operation not supported"
	last_error "JB_FIXED_ATTRIBUTE"
	refused setfattr -n user.jukebox.state -v 0x636f6d706c65746500 slots/2/x.iso "Invalid argument"
	refused setfattr -n user.jukebox.profile -v "$(head -c 300 /dev/zero | tr '\0' x)" slots/1/A1.iso "Invalid argument"
	refused setfattr -x user.jukebox.profile slots/1/A1.iso "Operation not supported"
	[ "$(xattr profile slots/1/A1.iso)" = dvd+r ]
	[ "$(xattr capacity slots/1/A1.iso)" = 4700372992 ]
}

@test "an attribute is made or replaced only, if setxattr(2) says so" {
	have python3
	touch slots/1/F1.dvd+r.iso
	full slots/1
	python3 - << 'END'
import errno, os
disc, name = "slots/1/F1.dvd+r.iso", "user.jukebox.profile"
def errno_of(name, value, flags):
    try: os.setxattr(disc, name, value, flags)
    except OSError as e: return e.errno
    return 0
assert errno_of(name, b"dvd-r", os.XATTR_CREATE) == errno.EEXIST
assert os.getxattr(disc, name) == b"dvd+r"
assert errno_of(name, b"dvd-r", os.XATTR_REPLACE) == 0
assert os.getxattr(disc, name) == b"dvd-r"
assert errno_of("user.jukebox.sha256", b"0" * 64, os.XATTR_REPLACE) == errno.ENODATA
END
	rm slots/1/F1.dvd+r.iso
}

@test "programs that copy attributes copy discs in and out without a message" {
	have rsync
	cp "$X" "$BATS_TEST_TMPDIR/y.iso"
	cp -a "$X" slots/1/
	rsync -aX "$X" slots/2/
	tar --xattrs -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/y.tar" y.iso
	tar --xattrs --xattrs-include='*' -C slots/3 -xf "$BATS_TEST_TMPDIR/y.tar"
	mkdir "$BATS_TEST_TMPDIR/out"
	cp -a slots/1/x.iso "$BATS_TEST_TMPDIR/out/1"
	rsync -aX slots/2/x.iso "$BATS_TEST_TMPDIR/out/2"
	tar --xattrs -C slots/3 -cf "$BATS_TEST_TMPDIR/z.tar" y.iso
	local n
	for n in 1 2; do
		cmp "$X" "$BATS_TEST_TMPDIR/out/$n"
		[ "$(getfattr -d -m user "$BATS_TEST_TMPDIR/out/$n")" = "" ]
	done
	full slots/1 && full slots/2 && full slots/3
}

@test "cp -a and mv of a file with foreign attributes insert it all the same" {
	setfattr -n user.note -v hello "$X" || skip "no attributes on this file system"
	cp -a "$X" slots/1/
	full slots/1
	cp "$X" "$BATS_TEST_TMPDIR/m.iso"
	setfattr -n user.note -v hello "$BATS_TEST_TMPDIR/m.iso"
	mv "$BATS_TEST_TMPDIR/m.iso" slots/2/
	full slots/2
	cmp "$X" slots/2/m.iso
}

@test "users without the right to write set nothing" {
	touch slots/1/A1.iso
	full slots/1
	[ "$(id -u)" = 0 ] || skip "not root"
	refused setpriv --reuid 1000 --regid 1000 --clear-groups \
		setfattr -n user.jukebox.capacity -v 64K slots/1/A1.iso "Permission denied"
	[ "$(setpriv --reuid 1000 --regid 1000 --clear-groups \
		getfattr --only-values -n user.jukebox.state slots/1/A1.iso)" = blank ]
	chown 1000:1000 slots/1/A1.iso
	setpriv --reuid 1000 --regid 1000 --clear-groups \
		setfattr -n user.jukebox.capacity -v 64K slots/1/A1.iso
	[ "$(xattr capacity slots/1/A1.iso)" = 65536 ]
}

# ---- the write-protect tab ----------------------------------------------------------------------

# Prints byte 3 of the MODE SENSE(10) header, the device-specific parameter.
mode_wp() {
	icdb --clear-ua -r 8 -o "$BATS_TEST_TMPDIR/ms" "$(url 1)" 5a 00 3f 00 00 00 00 00 08 00 > /dev/null
	od -An -tx1 -j3 -N1 "$BATS_TEST_TMPDIR/ms" | tr -d ' '
}

@test "the tab stops an initiator too, and is kept" {
	touch slots/1/A1.iso
	full slots/1
	chmod a-w slots/1/A1.iso
	mv slots/1/A1.iso drives/0/
	head -c 65536 "$X" > "$BATS_TEST_TMPDIR/part"
	[ "$(mode_wp)" = 80 ]
	# WRITE, RESERVE TRACK, CLOSE TRACK and CLOSE SESSION fail with DATA PROTECT, WRITE PROTECTED.
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/part" -x "check 07/27/00" "$(url 1)" 2a 00 00 00 00 00 00 00 20 00
	icdb --clear-ua -x "check 07/27/00" "$(url 1)" 53 00 00 00 00 00 00 00 40 00
	icdb --clear-ua -x "check 07/27/00" "$(url 1)" 5b 00 01 00 00 01 00 00 00 00
	icdb --clear-ua -x "check 07/27/00" "$(url 1)" 5b 00 06 00 00 00 00 00 00 00
	refused truncate -s 1M drives/0/A1.iso "Permission denied"
	refused 'echo x > drives/0/A1.iso' "Permission denied"
	last_error "JB_PROTECTED"
	jb_restart
	cd "$MNT"
	[ "$(mode_wp)" = 80 ]
	[ "$(jq .drives[0].disc.protected status.json)" = true ]
	[ "$(xattr state drives/0/A1.iso)" = blank ]
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/part" -x "check 07/27/00" "$(url 1)" 2a 00 00 00 00 00 00 00 20 00
	chmod u+w drives/0/A1.iso
	[ "$(mode_wp)" = 00 ]
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/part"
	# During a burn the tab takes effect from the next command on.
	chmod a-w drives/0/A1.iso
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/part" -x "check 07/27/00" "$(url 1)" 2a 00 00 00 00 20 00 00 20 00
	[ "$(xattr nwa drives/0/A1.iso)" = 32 ]
}

# send_pwp BYTE-4: sends SEND DISC STRUCTURE C0h, as dvd-ram-control does; read_pwp prints what is read back
send_pwp() {
	printf '%b' "\\0\\06\\0\\0\\x$1\\0\\0\\0" > "$BATS_TEST_TMPDIR/pwp"
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/pwp" "${@:2}" "$(url 1)" bf 00 00 00 00 00 00 c0 00 08 00 00
}
read_pwp() {
	icdb --clear-ua -r 8 -o "$BATS_TEST_TMPDIR/ds" "$(url 1)" ad 00 00 00 00 00 00 c0 00 08 00 00 > /dev/null
	od -An -tx1 -j4 -N1 "$BATS_TEST_TMPDIR/ds" | tr -d ' '
}

@test "an initiator protects a disc persistently, the mount shows it, and both can end it" {
	head -c 65536 "$X" > "$BATS_TEST_TMPDIR/part"
	touch drives/0/R.dvd-ram.iso
	full drives/0
	icdb "$(url 1)" write 16 "$BATS_TEST_TMPDIR/part"
	[ "$(xattr protection drives/0/R.dvd-ram.iso) $(read_pwp)" = "off 00" ]
	send_pwp 02
	[ "$(xattr protection drives/0/R.dvd-ram.iso) $(read_pwp) $(mode_wp)" = "persistent 02 80" ]
	[ "$(jq -r '.drives[0].disc | "\(.protected) \(.protection)"' status.json)" = "true persistent" ]
	run ! current 0x20
	# WRITE and FORMAT UNIT fail with DATA PROTECT, PERSISTENT WRITE PROTECT.
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/part" -x "check 07/27/04" "$(url 1)" 2a 00 00 00 00 10 00 00 20 00
	printf '\0\2\0\10\0\0\0\0\0\0\0\0' > "$BATS_TEST_TMPDIR/format"
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/format" -x "check 07/27/04" "$(url 1)" 04 11 00 00 00 00
	mv drives/0/R.dvd-ram.iso slots/1/
	jb_restart
	cd "$MNT"
	[ "$(xattr protection slots/1/R.dvd-ram.iso)" = persistent ]
	refused 'echo x > slots/1/R.dvd-ram.iso' "Permission denied"
	cp "$X" slots/1/.new
	refused mv slots/1/.new slots/1/R.dvd-ram.iso "Permission denied"
	last_error "JB_PERSISTENT"
	rm slots/1/.new
	chmod a-w slots/1/R.dvd-ram.iso
	[ "$(xattr protection slots/1/R.dvd-ram.iso)" = "tab persistent" ]
	mv slots/1/R.dvd-ram.iso drives/0/
	# An initiator cannot move the tab.
	send_pwp 00 -x "check 07/27/00"
	chmod u+w drives/0/R.dvd-ram.iso
	refused setfattr -n user.jukebox.protection -v tab drives/0/R.dvd-ram.iso "Invalid argument"
	last_error "JB_BAD_PROTECTION"
	setfattr -n user.jukebox.protection -v off drives/0/R.dvd-ram.iso
	[ "$(xattr protection drives/0/R.dvd-ram.iso) $(read_pwp)" = "off 00" ]
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/part" "$(url 1)" 2a 00 00 00 00 20 00 00 20 00
	send_pwp 02
	send_pwp 00
	icdb "$(url 1)" write 32 "$BATS_TEST_TMPDIR/part"
	# A medium without this bit refuses the command.
	rm drives/0/R.dvd-ram.iso
	touch drives/0/P.dvd+r.iso
	full drives/0
	send_pwp 02 -x "check 05/24/00"
	refused setfattr -n user.jukebox.protection -v persistent drives/0/P.dvd+r.iso "Operation not supported"
}

# current FEATURE: checks that the feature is current on the loaded disc, by GET CONFIGURATION for it alone
current() {
	icdb --clear-ua -r 64 -o "$BATS_TEST_TMPDIR/gc" "$(url 1)" "$(printf '4602%04x000000004000' "$1")" > /dev/null
	[ $(($(od -An -tu1 -j10 -N1 "$BATS_TEST_TMPDIR/gc") & 1)) = 1 ]
}

@test "a rewritable disc whose tab is set does not offer to be written, and says so" {
	head -c 65536 "$X" > "$BATS_TEST_TMPDIR/part"
	touch drives/0/R.dvd-ram.iso
	full drives/0
	current 0x20
	icdb "$(url 1)" write 16 "$BATS_TEST_TMPDIR/part"
	chmod a-w drives/0/R.dvd-ram.iso
	run ! current 0x20
	[ "$(mode_wp)" = 80 ]
	# READ DISC STRUCTURE C0h shows the protection; WRITE and FORMAT UNIT fail.
	icdb --clear-ua -r 8 -o "$BATS_TEST_TMPDIR/ds" "$(url 1)" ad 00 00 00 00 00 00 c0 00 08 00 00
	[ "$(od -An -tu1 -j4 -N1 "$BATS_TEST_TMPDIR/ds" | tr -d ' ')" != 0 ]
	icdb --clear-ua -w "$BATS_TEST_TMPDIR/part" -x "check 07/27/00" "$(url 1)" 2a 00 00 00 00 10 00 00 20 00
	refused setfattr -n user.jukebox.profile -v dvd+r drives/0/R.dvd-ram.iso "Operation not permitted"
	chmod u+w drives/0/R.dvd-ram.iso
	current 0x20
	icdb "$(url 1)" write 16 "$BATS_TEST_TMPDIR/part"
}
