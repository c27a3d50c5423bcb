#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# circles.sh: finds files of a folder that call each other, or use each other's data, in a circle, by the
# objects in $BUILD. A row of `known` names a folder, the files of a circle that is allowed, and the reason.
# Any other circle is refused, and so is a row without a circle. Header files need no check: a circle of
# #include does not compile.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=${BUILD:-build/release}

# FOLDER | FILES | REASON
known() {
	cat <<- 'END'
		target/iscsi | dataout task tmf | one queue: data and task management let its commands go on
	END
}

# objects FOLDER: prints the object files of the sources that the folder has now
objects() { printf '%s\n' "$1"/*.c | sed "s|^|$build/|; s|c$|o|"; }

# edges FOLDER: prints a line `FILE FILE SYMBOL` for each symbol that the first file takes from the second
edges() {
	objects "$1" | xargs nm -A -g | sed -E 's|^.*/([^/]*)\.o:[0-9a-f ]* ([A-Za-z]) (.*)|\1 \2 \3|' |
		awk '$2 != "U" { home[$3] = $1; next } { file[++n] = $1; symbol[n] = $3 }
			END { for (i = 1; i <= n; i++)
				if (symbol[i] in home) print file[i], home[symbol[i]], symbol[i] }' | sort -u
}

# circles: reads sorted edges; prints a line with the files of each circle, and below it, indented, the
# symbols of it
circles() {
	awk '!($1 in node) { node[$1]; name[++n] = $1 }
		{ reach[$1, $2]; tie[$1, $2] = tie[$1, $2] " " $3 }
		END {
			for (k = 1; k <= n; k++) for (i = 1; i <= n; i++) if ((name[i], name[k]) in reach)
				for (j = 1; j <= n; j++) if ((name[k], name[j]) in reach) reach[name[i], name[j]]
			for (i = 1; i <= n; i++) if ((name[i], name[i]) in reach && !(name[i] in seen)) {
				members = 0
				for (j = i; j <= n; j++)
					if ((name[i], name[j]) in reach && (name[j], name[i]) in reach) {
						member[++members] = name[j]
						seen[name[j]]
						printf("%s%s", members > 1 ? " " : "", name[j])
					}
				print ""
				for (a = 1; a <= members; a++) for (b = 1; b <= members; b++)
					if ((member[a], member[b]) in tie)
						print "\t" member[a] " -> " member[b] ":" tie[member[a], member[b]]
			}
		}'
}

bad=0
while read -r folder; do
	allowed=$(known | sed -n "s,^$folder | \([^|]*\) |.*,\1,p")
	found=$(edges "$folder" | circles)
	first=$(grep -v '^	' <<< "$found")
	if [ "$first" != "$allowed" ]; then
		echo "$folder: files in a circle${allowed:+, that may be: $allowed}:"
		echo "${found:-none}"
		bad=1
	fi
done < <(find changer target fsctl -name '*.c' -printf '%h\n' | sort -u)
exit $bad
