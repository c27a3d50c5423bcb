# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Makes discs that boot and report it.

# Prints a boot sector for El Torito without emulation: it writes a line to the first serial port and halts.
#	xor ax,ax; mov ds,ax; cld; mov si,7C16h
# next:	lodsb; test al,al; jz halt; mov dx,3F8h; out dx,al; jmp next
# halt:	hlt; jmp halt
boot_sector() { # LINE
	printf '\x31\xc0\x8e\xd8\xfc\xbe\x16\x7c'
	printf '\xac\x84\xc0\x74\x06\xba\xf8\x03\xee\xeb\xf5'
	printf '\xf4\xeb\xfd'
	printf '%s\r\n\0' "$1"
}

bootable_iso() { # FILE LINE
	local tree
	tree=$(mktemp -d "$BATS_TEST_TMPDIR/tree.XXXXXX")
	boot_sector "$2" > "$tree/boot.bin"
	truncate -s 2048 "$tree/boot.bin"
	seq 1 200000 > "$tree/numbers.txt"
	xorriso -as mkisofs -quiet -r -V BOOTABLE -b boot.bin -no-emul-boot -boot-load-size 4 \
		-o "$1" "$tree" 2> /dev/null
}
