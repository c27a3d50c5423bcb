#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests with-shim: programs that use /dev/srN and /dev/sgN find the units of an iSCSI target there, as in a
# Linux that has logged in.  tests/tools/shim/README.md has the limits of this.

load 10-mount

setup_file() {
	iso "$BATS_FILE_TMPDIR/x.iso" 2 SHIM
	mkdir "$BATS_FILE_TMPDIR/tree"
	cp "$BATS_FILE_TMPDIR/x.iso" "$BATS_FILE_TMPDIR/tree/x"
}
setup() {
	unset MNT STORE
	T=$BATS_TEST_TMPDIR ISO=$BATS_FILE_TMPDIR/x.iso TREE=$BATS_FILE_TMPDIR/tree
	export T ISO TREE
	jb_start --slots 4 --drives 2
	cd "$MNT" || return
}
teardown() {
	cd /
	jb_cleanup
}

# shim SCRIPT: runs a bash script that has the devices
shim() { "$TOP/tests/tools/with-shim" --hurry 20 --log "$T/cdbs" "$PORTAL" "$IQN" bash -euo pipefail -c "$1"; }
# Put a disc into drive N: a blank of this type, or an image.
blank_in() {
	touch "drives/$1/A.$2.iso"
	full "drives/$1"
}
image_in() {
	cp "$ISO" "drives/$1/A.dvd-rom.iso"
	full "drives/$1"
}
# fails_with TEXT CMD...: checks that a command fails and prints TEXT; for bash -c
fails_with() { # TEXT CMD...
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "was done: $*"
		return 1
	fi
	grep -qiE -- "$text" <<< "$out" || {
		echo "$out"
		return 1
	}
}
export -f fails_with

@test "each unit has an sg node, each drive an sr node too, in the order of their numbers" {
	run -0 shim 'for d in /dev/sg0 /dev/sg1 /dev/sg2 /dev/sr0 /dev/sr1; do
		sg_inq $d | grep -o "PDT=[0-9]"
		stat -c "%F %Hr:%Lr" $d
	done'
	echo "$output"
	[ "$(tr '\n' ' ' <<< "$output")" = "PDT=8 character special file 21:0 PDT=5 character special file 21:1 \
PDT=5 character special file 21:2 PDT=5 block special file 11:0 PDT=5 block special file 11:1 " ]
	shim 'fails_with "No such file" sg_inq /dev/sg3'
}

@test "a door that one process has locked is refused to another, until it is unlocked" {
	image_in 0
	shim 'sg_prevent /dev/sg1
		[ "$(cat "$MNT/ctl/drives/0/locked")" = 1 ]
		fails_with "removal prevented" sg_start -v --eject /dev/sr0
		sg_prevent --allow /dev/sr0
		sg_start --eject /dev/sr0'
	[ "$(cat ctl/drives/0/tray)" = open ]
}

@test "a reservation outlives its process, and holds against another machine" {
	export -f shim
	shim 'sg_persist --out --register --param-sark=abc /dev/sg1 > /dev/null
		sg_persist --out --reserve --param-rk=abc --prout-type=3 /dev/sg1 > /dev/null
		sg_persist -r /dev/sg1 | grep "Exclusive Access"
		fails_with "Reservation conflict" "$TOP/tests/tools/with-shim" --name iqn.2026-01.org.example:other "$PORTAL" "$IQN" \
			sg_start --stop /dev/sg1'
}

@test "a unit attention is told once, to the first process that asks the unit" {
	shim 'mkdir "$MNT/slots/5"
		fails_with "unit attention" sg_raw -v /dev/sg0 00 00 00 00 00 00
		sg_raw /dev/sg0 00 00 00 00 00 00'
}

@test "a change of media: opening a drive finds it, and CDROM_MEDIA_CHANGED tells of it once" {
	image_in 0
	shim 'changed() { python3 -c "
import fcntl, os
print(fcntl.ioctl(os.open(\"/dev/sr0\", os.O_RDONLY | os.O_NONBLOCK), 0x5325, 0x7fffffff))"; }
		changed > /dev/null
		[ "$(changed)" = 0 ]
		rm "$MNT/drives/0/A.dvd-rom.iso"
		cp "$ISO" "$MNT/drives/0/B.dvd-rom.iso"
		until sg_turs /dev/sg1; do sleep 0.1; done
		[ "$(changed)" = 1 ]
		[ "$(changed)" = 0 ]'
}

@test "status, sense and residual are those of the target" {
	image_in 0
	# The third of four sectors cannot be read: two sectors come, with the error and the residual.
	echo 'read 2-2' > ctl/drives/0/fault
	printf 'in 8192 28 00 00 00 00 00 00 00 04 00\nin 64 5a 00 2a 00 00 00 00 00 40 00\nin 96 12 00 00 00 60 00\n' |
		icdb --clear-ua "$(url 1)" - > "$T/icdb"
	shim 'sg_raw -r 8192 -o $T/part /dev/sg1 28 00 00 00 00 00 00 00 04 00 || true
		sg_raw -r 64 -o /dev/null /dev/sg1 5a 00 2a 00 00 00 00 00 40 00
		sg_raw -r 96 -o /dev/null /dev/sg1 12 00 00 00 60 00' > "$T/out" 2>&1
	# icdb, a session without the broker, has got the same as the broker.
	grep -E '28 00 00 00 00 00 00 00 04 00, in 8192, status 02, sense 3/11/00, residual [1-9]' "$T/cdbs"
	cat "$T/icdb" "$T/cdbs"
	[ "$(grep -c '^residual under' "$T/icdb")" -ge 2 ]
	diff <(sed -nE 's/^residual under //p' "$T/icdb") \
		<(grep -v ' 00 00 00 00 00 00, no data' "$T/cdbs" | sed -nE 's/.*residual ([1-9][0-9]*),.*/\1/p')
	grep -q 'Medium Error' "$T/out"
}

@test "no CDB is altered: reserved fields, the control byte, and codes that no standard has" {
	shim 'sg_raw /dev/sg1 00 ff ee dd cc c0 || true
		sg_raw -r 36 /dev/sg1 12 00 00 00 24 80 || true
		sg_raw /dev/sr0 c5 01 02 03 04 05 06 07 08 09 || true' > /dev/null 2>&1
	grep -q ' 1 00 ff ee dd cc c0, ' "$T/cdbs"
	grep -q ' 1 12 00 00 00 24 80, ' "$T/cdbs"
	grep -q ' 1 c5 01 02 03 04 05 06 07 08 09, no data 0, status 02, sense 5/20/00' "$T/cdbs"
}

@test "what the kernel refuses is refused: no disc, a disc that it cannot write, the end of the disc" {
	shim 'fails_with "No medium found" dd if=/dev/sr0 of=/dev/null count=1
		fails_with "No medium found" head -c 1 /dev/sr0'
	image_in 0
	touch drives/1/B.dvd-ram.iso
	full drives/1
	shim 'fails_with "Read-only file system" dd if=/dev/zero of=/dev/sr0 count=1
		cmp /dev/sr0 $ISO
		[ $(dd if=/dev/sr0 bs=2048 skip=$(($(blockdev --getsize64 /dev/sr0) / 2048)) 2> /dev/null | wc -c) = 0 ]
		end=$(($(blockdev --getsize64 /dev/sr1) / 2048))
		fails_with "No space left" dd if=/dev/zero of=/dev/sr1 bs=2048 seek=$end count=1
		dd if=$ISO of=/dev/sr1 bs=2048 seek=$((end - 1)) count=1 2> /dev/null
		cmp <(dd if=/dev/sr1 bs=2048 skip=$((end - 1)) 2> /dev/null) <(head -c 2048 $ISO)'
}

@test "a tray that is open is closed by an open without O_NONBLOCK" {
	image_in 0
	echo open > ctl/drives/0/tray
	shim 'head -c 1 /dev/sr0 > /dev/null'
	[ "$(cat ctl/drives/0/tray)" = closed ]
}

@test "options of the driver last for all processes; without autoclose an open tray is ENOMEDIUM" {
	image_in 0
	echo open > ctl/drives/0/tray
	# CDROM_SET_OPTIONS and CDROM_CLEAR_OPTIONS; CDO_AUTO_CLOSE and CDO_AUTO_EJECT
	options() { echo "import fcntl, os; print(fcntl.ioctl(os.open('/dev/sr0', os.O_RDONLY | os.O_NONBLOCK), $1, $2))"; }
	shim "[ \"\$(python3 -c \"$(options 0x5320 0)\")\" = 13 ]
		[ \"\$(python3 -c \"$(options 0x5321 1)\")\" = 12 ]
		fails_with 'No medium found' head -c 1 /dev/sr0
		[ \"\$(cat ctl/drives/0/tray)\" = open ]
		[ \"\$(python3 -c \"$(options 0x5320 1)\")\" = 13 ]
		head -c 1 /dev/sr0 > /dev/null
		fails_with 'ENOSYS|Errno 38' python3 -c \"$(options 0x5320 2)\""
	[ "$(cat ctl/drives/0/tray)" = closed ]
}

@test "reading and writing at any offset and of any length" {
	blank_in 0 dvd-ram
	shim 'cat $ISO > $T/want
		dd if=$ISO of=/dev/sr0 bs=64k conv=notrunc 2> /dev/null
		printf middle | dd of=/dev/sr0 bs=1 seek=3000 conv=notrunc 2> /dev/null
		printf middle | dd of=$T/want bs=1 seek=3000 conv=notrunc 2> /dev/null
		cmp -n $(stat -c %s $ISO) /dev/sr0 $T/want
		[ "$(dd if=/dev/sr0 bs=1 skip=3000 count=6 2> /dev/null)" = middle ]'
}

@test "descriptors are devices after dup, fork and exec, and by /dev/fd" {
	image_in 0
	shim 'exec 7< /dev/sr0 8<&7
		head -c 2048 <&8 | cmp - <(head -c 2048 $ISO)
		(head -c 2048 <&7 | cmp - <(tail -c +2049 $ISO | head -c 2048))
		[ "$(stat -Lc %F /dev/fd/7)" = "block special file" ]
		blockdev --getsize64 /dev/fd/7 | grep -qx "$(stat -c %s $ISO)"
		isoinfo -d -i /dev/sr0 | grep "Volume id: SHIM"
		cp /dev/sr0 $T/copy
		cmp $T/copy $ISO'
}

@test "growisofs -M, whose genisoimage reads the device that it inherits" {
	blank_in 0 dvd+r
	shim 'growisofs -Z /dev/sr0 -R -quiet -graft-points one=$TREE
		growisofs -M /dev/sr0 -R -quiet -graft-points two=$TREE
		xorriso -indev /dev/sr0 -osirrox on -extract / $T/back' > "$T/out" 2>&1 || { cat "$T/out"; return 1; }
	cmp "$T/back/one/x" "$ISO"
	cmp "$T/back/two/x" "$ISO"
}

@test "two drives burn at the same time" {
	blank_in 0 dvd+r
	blank_in 1 cd-r
	shim 'growisofs -dvd-compat -Z /dev/sr0=$ISO > $T/0 2>&1 & 
		wodim gracetime=2 -sao dev=/dev/sr1 $ISO > $T/1 2>&1
		wait $!
		cmp -n $(stat -c %s $ISO) /dev/sr0 $ISO
		cmp -n $(stat -c %s $ISO) /dev/sr1 $ISO'
}

@test "a burning program that is killed: the session stays, and the disc is what was recorded" {
	blank_in 0 dvd-r
	# Endless data, so that the program can be killed in the middle.
	shim 'wodim gracetime=2 -tao tsize=1000000s dev=/dev/sr0 - < /dev/zero > $T/out 2>&1 & pid=$!
		until grep -q " 1 2a " $T/cdbs; do sleep 0.5; done
		kill -KILL $pid
		wait $pid || true
		sg_prevent --allow /dev/sg1
		dvd+rw-mediainfo /dev/sr0 > $T/info
		sg_start --eject /dev/sg1'
	cat "$T/info"
	grep -q 'Mounted Media:.*DVD-R' "$T/info"
	[ "$(xattr state drives/0/A.dvd-r.iso)" = appendable ]
	[ "$(stat -c %s drives/0/A.dvd-r.iso)" -gt 0 ]
	[ "$(cat ctl/drives/0/locked)" = 0 ]
}

@test "a command that takes longer than its time is aborted, and the session goes on" {
	image_in 0
	echo 'slow 60s count 1' > ctl/drives/0/fault
	shim 'fails_with "timeout|time out|DID_TIME_OUT" sg_raw -t 1 -v -r 2048 /dev/sg1 28 00 00 00 00 00 00 00 01 00
		echo clear > "$MNT/ctl/drives/0/fault"
		sg_inq /dev/sg1 > /dev/null'
	grep -q 'no status' "$T/cdbs"
}

@test "without its broker a program gets an error, not a hang" {
	image_in 0
	run -0 shim 'kill $(pgrep -P $PPID -x sgbroker)
		while [ -e /proc/$(pgrep -P $PPID -x sgbroker || echo none) ]; do sleep 0.1; done
		fails_with "No such device or address" dd if=/dev/sr0 of=/dev/null count=1
		fails_with "" sg_inq /dev/sg0'
}

@test "a target that is not there is told, and the command does not run" {
	run -1 "$TOP/tests/tools/with-shim" 127.0.0.1:1 "$IQN" touch "$T/ran"
	[[ $output == *127.0.0.1:1* ]]
	[ ! -e "$T/ran" ]
	run -1 "$TOP/tests/tools/with-shim" "$PORTAL" iqn.2026-01.org.example:none touch "$T/ran"
	[ ! -e "$T/ran" ]
}

@test "with-shim has its command's status, and passes a signal on to it" {
	run -7 shim 'exit 7'
	"$TOP/tests/tools/with-shim" "$PORTAL" "$IQN" bash -c "trap 'echo ended > $T/ended; exit 9' TERM
		touch $T/here; while :; do read -rt 1 <> <(:) || true; done" 3>&- &
	wait_for 20 test -e "$T/here"
	kill -TERM $!
	rc=0
	wait $! || rc=$?
	[ $rc = 9 ]
	[ "$(cat "$T/ended")" = ended ]
}

@test "hurry: a sleep of days is over at once, and one that is interrupted says what is left" {
	export LD_PRELOAD=$BUILD/tools/hurry.so HURRY=10000000
	sleep 1000000
	perl -e 'select undef, undef, undef, 1000000'
	# A sleep of 100 000 s, 1000 times as fast; after an alarm at one second nearly all of it is left.
	HURRY=1000 perl -e '$SIG{ALRM} = sub {}; alarm 1; select undef, undef, undef, 100000; exit($!{EINTR} ? 0 : 1)'
	unset HURRY
	sleep 0
}
