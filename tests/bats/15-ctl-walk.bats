#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests every row of tree.def and setting.def on the real mount.  A file that can be read is read.  A file
# that can be written takes a good value, shows it, keeps it over a restart, and refuses a bad value with
# a sentence.  A file that cannot be written refuses a write.

load 10-mount

setup() { unset MNT STORE; }
teardown() { jb_cleanup; }

rows() { sed -nE 's/^TREE\("([^"]+)", *(TEXT|REPORT|EVENTS|STREAM), *([0-7]+), *([A-Z_]+), *([A-Z_]+),.*/\1 \2 \4 \5/p' "$TOP/mnt-layout/tree.def"; }
settings() { sed -nE 's/^JB_SETTING\([A-Z_]+, *"([^"]+)", *([a-z0-9]+),.*/\1 \2/p' "$TOP/changer/setting.def"; }

# values CHECK: prints good values for a check of setting.def, as "VALUE" or "VALUE=WHAT IT SHOWS THEN", and
# after them one bad value, separated by bars
values() {
	case $1 in
	medium) echo "|bd-r|DVD+R=dvd+r|dvd-rom|" ;;
	ascii4) echo "|7.10|ab d|12345|" ;;
	ascii8) echo "|ACME|A B|123456789|" ;;
	ascii16) echo "|SIXTEEN LETTERS!|x|x23456789012345678|" ;;
	ascii32) echo "|SN-0001|%s %d|$(printf 'x%.0s' {1..33})|" ;;
	address) echo "|30000|40000|65536|" ;;
	boolean) echo "|1|no=0|Yes=1|off=0|2|" ;;
	overburn) echo "|500|on|Off=0|99999|100000|" ;;
	speed) echo "|1385|22160|0|100|" ;;
	limit) echo "|1|00500=500|4096|0|" ;;
	period) echo "|1.5s=1500ms|2m=120s|0s|" ;;
	duration) echo "|1.5s=1500ms|2m=120s|0s=0|5|" ;;
	iqn) echo "|iqn.2026-01.org.example:walk|IQN.2026-02.org.example:Walk=iqn.2026-02.org.example:walk|walk|" ;;
	auth) echo "|chap|None=none|md5|" ;;
	layout) echo "|Open=open|fixed|GROW=grow|shrink|" ;;
	initiators) echo "|iqn.2026-01.org.example:*|IQN.X eui.?,*:host=iqn.x"$'\n'"eui.?"$'\n'"*:host|host|" ;;
	networks) echo "|10.1.2.3|10.1.2.3/8 2001:DB8::1/32=10.0.0.0/8"$'\n'"2001:db8::/32|10.0.0.0/33|" ;;
	user) echo "|alice|iqn.2026-01.org.example:a|.alice|" ;;
	*) ;;
	esac
}
# sentence CHECK: prints the error that a bad value gives
sentence() {
	case $1 in
	medium) echo "JB_NO_SUCH_MEDIUM" ;;
	auth) echo "JB_BAD_AUTH" ;;
	initiators) echo "JB_BAD_INITIATOR" ;;
	networks) echo "write networks as" ;;
	user) echo "JB_BAD_USER" ;;
	*) echo "JB_BAD_VALUE" ;;
	esac
}

@test "every setting takes good values, keeps them, and refuses bad ones" {
	jb_start --drives 2
	local path check list file value want n=0
	local -A says
	while read -r path check <&8; do
		list=$(values "$check")
		[ -n "$list" ] || { echo "no values for the check $check of $path"; return 1; }
		path=ctl/${path/\%u/1}
		file=$MNT/$path
		IFS='|' read -r -d '' -a list <<< "${list#|}" || true
		list=("${list[@]:0:${#list[@]}-1}")
		for value in "${list[@]:0:${#list[@]}-1}"; do
			case $path in *first-slot) value=$((value + 1000)) ;; *first-drive) value=$((value + 2000)) ;; *first-picker) value=$((value + 3000)) ;; esac
			want=${value#*=} value=${value%%=*}
			printf "%s\n" "$value" > "$file" || { echo "$path: $value"; return 1; }
			[ "$(< "$file")" = "$want" ] || { echo "$path: $value: $(< "$file")"; return 1; }
		done
		says[$path]=$want
		value=${list[-1]}
		refused "printf '%s\n' '$value' > '$file'" "Invalid argument"
		last_error "write \"$value\" to $path: $(sentence "$check")"
		refused "echo a,b | tr , '\n' > '$file'" "Invalid argument"
		refused "head -c 5000 /dev/zero | tr '\0' x > '$file'" "Invalid argument"
		[ "$(< "$file")" = "$want" ]
		n=$((n + 1))
	done 8< <(settings)
	[ $n = "$(grep -c '^JB_SETTING(' "$TOP/changer/setting.def")" ]
	jb_kill9
	jb_restart
	for path in "${!says[@]}"; do
		[ "$(< "$MNT/$path")" = "${says[$path]}" ] || { echo "$path after a restart: $(< "$MNT/$path")"; return 1; }
		grep -q "^\.It Pa $(sed -E 's:/[0-9]+/:/N/:' <<< "$path")$" "$TOP/mnt-layout/jukeboxfs.5"
	done
}

@test "every other text can be read, or written, as its row says" {
	jb_start --drives 2 --mailslots 1
	touch "$MNT/drives/1/B.iso"
	full drives/1
	mkdir "$MNT/ctl/access/users/1"
	local path kind show store file n=0
	while read -r path kind show store <&8; do
		file=$MNT/${path//%u/1}
		grep -q "^\.It Pa ${path//%u/N}$" "$TOP/mnt-layout/jukeboxfs.5" || { echo "$path is not in the man page"; return 1; }
		if [ "$kind" != STREAM ] && [ "$show" != NONE ]; then
			cat "$file" > "$BATS_TEST_TMPDIR/text" || { echo "$path cannot be read"; return 1; }
		fi
		if [ "$store" = NONE ]; then
			refused "echo 1 > '$file'" "Operation not permitted"
			last_error "write to ${path//%u/1}: JB_IS_FIXED"
		else
			refused "printf 'no such\nvalue\n' > '$file'" ":"
			last_error "to ${path//%u/1}"
		fi
		n=$((n + 1))
	done 8< <(rows)
	[ $n -gt 10 ]
}

@test "a drive that is offline is not ready, and keeps that over a restart" {
	jb_start
	touch "$MNT/drives/0/A.iso"
	full drives/0
	icdb --clear-ua "$(url 1)" 00 00 00 00 00 00
	echo No > "$MNT/ctl/drives/0/online"
	[ "$(< "$MNT/ctl/drives/0/online")" = 0 ]
	[ "$(< "$MNT/ctl/drives/0/state")" = offline ]
	icdb --clear-ua -x "check 02/04/12" "$(url 1)" 00 00 00 00 00 00
	# GET EVENT STATUS NOTIFICATION reports: no medium, tray closed.
	icdb --clear-ua -r 8 "$(url 1)" 4a 01 00 00 10 00 00 00 08 00 | grep -q "00 06 04 .. .. 00 00 00"
	mv "$MNT/drives/0/A.iso" "$MNT/slots/1/"
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	jb_restart
	icdb --clear-ua -x "check 02/04/12" "$(url 1)" 00 00 00 00 00 00
	icdb "$(url 1)" - <<- END
		clear-ua
		none 1e 00 00 00 01 00
		expect good
	END
	echo Yes > "$MNT/ctl/drives/0/online"
	[ "$(< "$MNT/ctl/drives/0/state")" = blank ]
	icdb --clear-ua "$(url 1)" 00 00 00 00 00 00
}

@test "a locked drive does not go offline; a session is told when one comes back" {
	jb_start
	touch "$MNT/drives/0/A.iso"
	full drives/0
	mkfifo "$BATS_TEST_TMPDIR/script"
	icdb "$(url 1)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	local tool=$!
	exec {SAY}> "$BATS_TEST_TMPDIR/script"
	printf '%s\n' clear-ua "none 1e 00 00 00 01 00" "echo locked" >&"$SAY"
	wait_for 60 "grep -q locked '$BATS_TEST_TMPDIR/out'"
	refused "echo 0 > '$MNT/ctl/drives/0/online'" "Device or resource busy"
	last_error "JB_MEDIUM_LOCKED"
	[ "$(< "$MNT/ctl/drives/0/online")" = 1 ]
	printf '%s\n' "none 1e 00 00 00 00 00" "echo free" >&"$SAY"
	wait_for 60 "grep -q free '$BATS_TEST_TMPDIR/out'"
	echo 0 > "$MNT/ctl/drives/0/online"
	printf '%s\n' "none 00 00 00 00 00 00" "expect check 02/04/12" "echo off" >&"$SAY"
	wait_for 60 "grep -q off '$BATS_TEST_TMPDIR/out'"
	echo 1 > "$MNT/ctl/drives/0/online"
	printf '%s\n' "none 00 00 00 00 00 00" "expect check 06/28/00" "none 00 00 00 00 00 00" "expect good" >&"$SAY"
	exec {SAY}>&-
	wait $tool || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
}

@test "progress and speed of a burn" {
	jb_start
	[ "$(< "$MNT/ctl/drives/0/progress")" = idle ]
	[ "$(< "$MNT/ctl/drives/0/current-speed")" = "0 0" ]
	touch "$MNT/drives/0/A.dvd+r.iso"
	full drives/0
	head -c 262144 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/data"
	[[ $(< "$MNT/ctl/drives/0/progress") =~ ^(burning\ 128|idle)$ ]]
	local fastest
	fastest=$(< "$MNT/ctl/drives/0/current-speed")
	[[ $fastest =~ ^[0-9]{5}\ [0-9]{5}$ ]]
	# SET CD SPEED: reads at 2 x 1385 kB/s; writes at 6000 kB/s, of which the drive offers 5540.
	icdb --clear-ua "$(url 1)" bb 00 0a d2 17 70 00 00 00 00 00 00
	[ "$(< "$MNT/ctl/drives/0/current-speed")" = "2770 5540" ]
	echo 8310 > "$MNT/ctl/drives/0/speed"
	icdb --clear-ua "$(url 1)" bb 00 ff ff ff ff 00 00 00 00 00 00
	[ "$(< "$MNT/ctl/drives/0/current-speed")" = "8310 8310" ]
	icdb --clear-ua -r 8 "$(url 1)" ac 10 00 00 00 00 00 00 00 01 03 00 > /dev/null
	echo open > "$MNT/ctl/drives/0/tray"
	[ "$(< "$MNT/ctl/drives/0/progress")" = idle ]
	echo 0 > "$MNT/ctl/drives/0/speed"
	echo close > "$MNT/ctl/drives/0/tray"
	[ "$(< "$MNT/ctl/drives/0/current-speed")" = "$fastest" ]
}
