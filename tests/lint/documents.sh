#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# documents.sh FILE...: fails if a comment, a README or a man page in these files names a source or a document
# that is not one of the files. FILE... must be all files of the repository, by their paths in it.
#
# A name may be any end of a path: event.c, mmc/event.c and target/mmc/event.c are the same file. A path that
# begins with a folder of the repository may also be a folder, or a program that is made from a .c file. In C
# and in scripts only comments are read, in other files all lines.
set -uo pipefail

# Prints names that are not files of the repository, each with the reason.
exceptions() {
	cat <<- 'END'
		drivers/cdrom/cdrom.c drivers/scsi/sr.c drivers/scsi/sg.c cdrom.c sr.c sr_vendor.c scsi_ioctl.c	of Linux
		scsi/scsi.h cmocka.h	headers of the system
		mnt/README MNT/README J/README	the README that the mounted file system shows
		target/portals target/logout	settings below ctl/ in the mounted file system
		changer/ROOM tests/golden/guest/MEDIUM.txt	words in capitals that stand for any name
		slots/1/README J/slots/1/README	a name in an example of a refusal
		build/MATRIX.md build/FULL.md	what `make matrix` and `make full-size` write
	END
}

{
	exceptions | cut -f 1 | tr ' ' '\n'
	printf '%s\n' "$@"
	echo --
	printf '%s\n' "$@" | grep -vE "\.(hex|txt)\$|^debian/|^tests/fuzz/corpus/|^LICENSE\$"
} | awk '
	function report(name) {
		print file ":" line ": names " name ", which is not in the repository"
		bad = 1
	}
	function check(text,    name, before) {
		if (match(text, /(^|[^A-Za-z_])(DESIGN|DECISIONS)([^A-Za-z_]|$)/))
			report("DESIGN or DECISIONS")
		if (match(text, /(^|[^A-Za-z_])([Tt]he issue|[Ii]ssue [0-9]+)([^A-Za-z_]|$)/))
			report("an issue")
		while (match(text, /[A-Za-z0-9_][A-Za-z0-9_.\/-]*/)) {
			name = substr(text, RSTART, RLENGTH)
			before = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
			text = substr(text, RSTART + RLENGTH)
			sub(/\.$/, "", name)
			# Ignores <system.h>, $VARIABLE/README, *.h, ../x.c, and a pattern that continues
			# after the name.
			if (before ~ /[<$*}\/.~-]/ || text ~ /^[*{<$]/)
				continue
			sub(/\/$/, "", name)
			if (name in known || (name ".c") in known)
				continue
			if (name ~ /^(changer|target|fsctl|mnt-layout|tests|examples)\//) {
				if (!(name in folder))
					report(name)
			} else if (name ~ /\.(md|h|c|def|bats|bash|sh)$|\/(README|COMMANDS)$/) {
				report(name)
			}
		}
	}
	!reading && $0 == "--" { reading = 1; next }
	!reading {
		for (name = $0; sub(/\/[^\/]*$/, "", name);)
			folder[name]
		n = split($0, part, "/")
		name = part[n]
		known[name]
		for (i = n - 1; i > 0; i--) {
			name = part[i] "/" name
			known[name]
		}
		next
	}
	{
		file = $0
		line = within = 0
		is_c = file ~ /\.(c|h|def)$/
		is_text = file ~ /README|COMMANDS|\.md$|\.[1-8]$/
		while ((getline text < file) > 0) {
			line++
			if (is_text) {
				check(text)
			} else if (!is_c) {
				if (match(text, /(^|[ \t])#/))
					check(substr(text, RSTART))
			} else {
				if (!within && match(text, /\/[*\/]/)) {
					text = substr(text, RSTART)
					within = text !~ /^\/\//
					check(text)
				} else if (within) {
					check(text)
				}
				if (text ~ /\*\/[^*]*$/)
					within = 0
			}
		}
		close(file)
	}
	END { exit bad }'
