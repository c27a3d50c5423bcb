# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for the bats files of the changer.
# shellcheck shell=bash

# smc: runs the icdb script on standard input, in a session with the changer, after clearing unit attentions.
# A command without "expect" must end with GOOD.
smc() {
	awk '
		BEGIN { print "clear-ua" }
		!/^expect / && open { print "expect good"; open = 0 }
		/^(none|in|out) / { open = 1 }
		/^expect (good|busy|conflict|aborted|check)/ { open = 0 }
		{ print }
		END { if (open) print "expect good" }
	' | icdb "$(url 0)" -
}

# hex TEXT: prints its bytes in hexadecimal
hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }

# These print element addresses, as four digits, of a jukebox with the default settings.
slot() { printf %04x $((1023 + $1)); }
drive() { printf %04x $((1 + $1)); }
mail() { printf %04x $((767 + $1)); }
export PICKER=02f0

# move FROM TO [TRANSPORT], exchange SOURCE FIRST SECOND: print the command, for smc
move() { echo "none a5 00 ${3:-0000} $1 $2 0000 0000"; }
exchange() { echo "none a6 00 0000 $1 $2 $3 0000"; }

# tag ACTION ADDRESS LABEL: prints SEND VOLUME TAG, for smc
tag() {
	echo "out $(hex "$(printf '%-32s' "$3")") 0000 0000 0000 ffff -- b6 00 $2 00 $1 00 00 0028 00 00"
}
