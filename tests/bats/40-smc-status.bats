#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the changer as initiators see it, on a real mount: identity, mode pages, READ ELEMENT STATUS.

load lib
load smc

setup() { unset MNT STORE; }
teardown() { jb_cleanup; }

@test "the changer identifies itself, and as its settings say" {
	jb_start
	smc <<- END
		in 36 12 00 00 00 24 00
		expect data 08 80 06 12 5b ?? ?? 02 $(hex 'JUKEBOXDCHANGER         1   ')
		in 255 12 01 00 00 ff 00
		expect data 08 00 00 03 00 80 83
	END
	echo ACME > "$MNT/ctl/changer/vendor"
	echo SHELF > "$MNT/ctl/changer/product"
	echo SN-42 > "$MNT/ctl/changer/serial"
	smc <<- END
		in 36 12 00 00 00 24 00
		expect data @8 $(hex 'ACME    SHELF           1   ')
		in 255 12 01 80 00 ff 00
		expect data 08 80 00 05 $(hex SN-42)
		in 255 12 01 83 00 ff 00
		expect data @4 02 01 00 1d $(hex 'ACME    SHELF           SN-42') 01 03 00 08
	END
}

@test "REPORT LUNS names the changer and every drive" {
	jb_start --drives 3
	smc <<- END
		in 255 a0 00 00 00 00 00 00 00 00 ff 00 00
		expect length 40
		expect data 00000020 00000000 0000000000000000 0001000000000000 0002000000000000 0003000000000000
	END
}

@test "commands to a missing LUN are answered as missing" {
	jb_start --drives 1
	smc <<- END
		lun 7
		in 36 12 00 00 00 24 00
		expect data 7f
		none 00 00 00 00 00 00
		expect check 05/25/00
	END
}

@test "every session begins with one unit attention" {
	jb_start
	icdb "$(url 0)" - <<- END
		in 36 12 00 00 00 24 00
		none 00 00 00 00 00 00
		expect check 06/29/00
		none 00 00 00 00 00 00
		session 1
		in 18 03 00 00 00 12 00
		expect data @2 06
		none 00 00 00 00 00 00
	END
}

@test "a logical unit reset is told to every session and lets go of what it locked" {
	jb_start
	touch "$MNT/drives/0/blank.iso"
	icdb "$(url 1)" - <<- END
		clear-ua
		session 1
		clear-ua
		none 1e 00 00 00 01 00
		expect good
		session 0
		none 1b 00 00 00 02 00
		expect check 05/53/02
		reset-lun
		none 00 00 00 00 00 00
		expect check 06/29/00
		none 1b 00 00 00 02 00
		expect good
		session 1
		none 00 00 00 00 00 00
		expect check 06/29/00
	END
}

@test "mode page 1Dh has the layout, in both MODE SENSE" {
	jb_start --slots 20 --drives 2 --mailslots 3
	smc <<- END
		in 136 1a 08 1d 00 88 00
		expect length 24
		expect data 17 00 00 00 1d 12 02f0 0001 0400 0014 0300 0003 0001 0002 0000
		in 255 5a 00 1d 00 00 00 00 00 ff 00
		expect length 28
		expect data 001a 00 00 00 00 0000 1d 12 02f0 0001 0400 0014 0300 0003 0001 0002 0000
		in 255 1a 00 dd 00 ff 00
		expect check 05/39/00
	END
}

@test "an image copied into a slot is reported with its label, and with the new one after mv" {
	jb_start --slots 3
	iso "$MNT/slots/2/holiday.iso" 1
	smc <<- END
		in 172 b8 12 04 00 00 03 00 00 00 ac 00 00
		expect length 172
		expect data 0400 0003 00 0000a4 02 80 0034 00 00009c
		expect data @18 08
		expect data @68 0401 09
		expect data @80 $(hex 'holiday                         ') 00000000 00000000
		expect data @120 0402 08
		expect data @132 0000000000000000
	END
	mv "$MNT/slots/2/holiday.iso" "$MNT/slots/2/beach.iso"
	smc <<- END
		in 172 b8 12 04 01 00 01 00 00 00 ac 00 00
		expect length 68
		expect data @28 $(hex 'beach                           ')
	END
	rm "$MNT/slots/2/beach.iso"
	smc <<- END
		in 172 b8 12 04 01 00 01 00 00 00 ac 00 00
		expect data @16 0401 08
		expect data @28 00000000
	END
}

@test "SEND VOLUME TAG renames the disc's file, and finds discs by template" {
	jb_start --slots 4 --drives 1
	iso "$MNT/slots/1/alpha.iso" 1
	touch "$MNT/slots/2/album.dvd+r.iso" "$MNT/slots/3/beta.iso"
	smc <<- END
		$(tag 05 0000 'al*')
		in 255 b5 10 0000 ffff 00 0000ff 00 00
		expect length 120
		expect data 0400 0002 05 000070 02 80 0034 00 000068 0400
		expect data @28 $(hex 'alpha ')
		expect data @68 0401
		$(tag 0a "$(slot 2)" 'new label')
		in 255 b5 10 0000 ffff 00 0000ff 00 00
		expect data 0401 0001 0a 00003c
		expect data @28 $(hex 'new label ')
		out 00 -- b6 00 $(slot 3) 00 0c 00 00 0000 00 00
		in 255 b8 12 $(slot 3) 0001 00 0000ff 00 00
		expect data @16 0402 09
		expect data @28 0000000000000000
		$(tag 08 "$(slot 1)" x)
		expect check 05/24/00
		$(tag 08 "$(slot 3)" first)
		$(tag 0a "$(slot 1)" a/b)
		expect check 05/26/00
		$(tag 0a "$(slot 4)" x)
		expect check 05/3b/0e
	END
	[ "$(ls "$MNT/slots/1" "$MNT/slots/2" "$MNT/slots/3" | tr '\n' ' ')" = \
		"$MNT/slots/1: alpha.iso  $MNT/slots/2: new label.dvd+r.iso  $MNT/slots/3: first.iso " ]
	[ "$(jq -r 'select(.event == "relabel") | .["old-name"] + " " + .name' "$MNT/events" | head -1)" = \
		"album.dvd+r.iso new label.dvd+r.iso" ]
	jb_restart
	[ -e "$MNT/slots/3/first.iso" ]
}

@test "a disc that is still being written is not reported and does not move" {
	jb_start
	exec 7> "$MNT/slots/1/slow.iso"
	printf 'half' >&7
	smc <<- END
		in 255 b8 12 04 00 00 01 00 00 00 ff 00 00
		expect data @16 0400 08
		none a5 00 00 00 04 00 00 01 00 00 00 00
		expect check 05/3b/0e
	END
	exec 7>&-
}

@test "mv into a drive shows there, with the slot that it came from, also after a restart" {
	jb_start --slots 3 --drives 2
	iso "$MNT/slots/3/film.iso" 1
	mv "$MNT/slots/3/film.iso" "$MNT/drives/1/"
	for _ in before after; do
		smc <<- END
			in 255 b8 14 00 01 00 02 00 00 00 ff 00 00
			expect length 120
			expect data @16 0001 08 000000 11
			expect data @68 0002 09 000000 12 00 00 80 0402 $(hex 'film ')
			in 255 b8 12 04 02 00 01 00 00 00 ff 00 00
			expect data @16 0402 08
		END
		jb_restart
	done
}

@test "DVCID reports each drive with its own identifier" {
	jb_start --drives 2
	echo ONE > "$MNT/ctl/drives/0/serial"
	echo NO-2 > "$MNT/ctl/drives/1/serial"
	echo BURNER > "$MNT/ctl/drives/1/product"
	smc <<- END
		in 255 b8 04 00 01 00 02 01 00 00 ff 00 00
		expect length 104
		expect data @8 04 00 002c
		expect data @28 02 01 00 1b $(hex JUKEBOXD)
		expect data @56 $(hex ONE) 00
		expect data @72 02 01 00 1c $(hex 'JUKEBOXDBURNER          NO-2')
		lun 2
		in 255 12 01 83 00 ff 00
		expect data @4 02 01 00 1c $(hex 'JUKEBOXDBURNER          NO-2')
	END
}

@test "READ ELEMENT STATUS of all types at once, and with less room" {
	jb_start --slots 4 --drives 2 --mailslots 2
	smc <<- END
		in 1000 b8 00 00 00 ff ff 00 00 03 e8 00 00
		expect length 184
		expect data 0001 0009 00 0000b0 04 00 0010 00 000020
		expect residual under 816
		in 8 b8 00 00 00 ff ff 00 00 00 08 00 00
		expect length 8
		expect data 0001 0009 00 0000b0
		in 48 b8 00 00 00 ff ff 00 00 00 30 00 00
		expect length 48
		in 47 b8 00 00 00 ff ff 00 00 00 2f 00 00
		expect length 32
		expect residual under 15
		in 255 b8 02 04 02 00 09 00 00 00 ff 00 00
		expect data 0402 0002
		in 255 b8 05 00 00 00 09 00 00 00 ff 00 00
		expect check 05/24/00
	END
}

@test "addresses are where ctl/changer puts them" {
	jb_start --slots 2
	echo 2000 > "$MNT/ctl/changer/first-slot"
	iso "$MNT/slots/2/x.iso" 1
	smc <<- END
		in 255 1a 08 1d 00 ff 00
		expect data @10 07d0 0002
		in 255 b8 12 07 d1 00 01 00 00 00 ff 00 00
		expect data @16 07d1 09
		none a5 00 00 00 04 01 00 01 00 00 00 00
		expect check 05/21/01
		none a5 00 00 00 07 d1 00 01 00 00 00 00
	END
	[ -e "$MNT/drives/0/x.iso" ]
}

@test "the commands that the changer says it supports are those of its document" {
	local row opcode action length
	jb_start
	while read -r row _; do
		case $row in '#'*) continue ;; esac
		opcode=${row%/*} action=00
		[ "$row" = "$opcode" ] || action=${row#*/}
		run icdb --clear-ua -r 32 "$(url 0)" a3 0c 03 "$opcode" 00 "$action" 00 00 00 20 00 00
		echo "$row: $output"
		[ "$status" = 0 ]
		[[ $output == *"00 03 00 "* ]]
	done < "$TOP/changer/smc/COMMANDS"
	length=$(($(grep -vc '^#' "$TOP/changer/smc/COMMANDS") * 8))
	smc <<- END
		in 4 a3 0c 00 00 00 00 00 00 00 04 00 00
		expect data $(printf %08x "$length")
	END
}
