# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# fill_slots STORE SLOTS: puts a disc into every slot except the first. The discs are copies of DISC00001.iso,
# which the daemon made in slot 1. The daemon must not run.
fill_slots() {
	local slots=$1/slots list=$1.new
	seq -f "%.0f" 2 "$2" | awk -v dir="$slots" \
		'{ printf "%s/%d/DISC%05d.iso\n", dir, $1, $1 }' > "$list"
	xargs mkdir < "$list"
	sed 's|$|/image.1|' "$list" | xargs touch
	awk -v dir="$slots" -v slots="$2" '
		{ line[NR] = $0 }
		END {
			for (n = 2; n <= slots; n++) {
				f = sprintf("%s/%d/DISC%05d.iso/disc.json", dir, n, n)
				for (i = 1; i <= NR; i++) {
					l = line[i]
					if (l ~ /"id":/)
						sub(/"[0-9a-f]+",/, sprintf("\"%016x\",", n), l)
					print l > f
				}
				close(f)
			}
		}' "$slots/1/DISC00001.iso/disc.json"
	rm "$list"
}
