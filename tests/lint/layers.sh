#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# layers.sh: the directions in which #include may point.  A row names a set of files and what of
# the project they may include; whatever is not in a row is refused.
#
#	changer/base <- changer/scsi <- changer/smc
#	changer/base <- the model (changer/*.c), which never sees scsi/
#	changer/smc, target/mmc -> jukebox.h and what it includes, scsi/, base/
#	target/iscsi -> scsi/, base/; never jukebox.h
#	fsctl -> jukebox.h, base/, mnt-layout/tree.def; never target/
#	target/*.c sees all: it puts the parts together
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

base='changer/base/[^/]*'
model='changer/((recording|store|inventory|settings|disc|drive|insert|verify|robot|lifecycle)/)?[^/]*'
# What the model shows to others.
face='changer/(jukebox|access|cdsector|check|disc|link|medium|err|event|fault)\.h|changer/(setting|err|event)\.def'
scsi='changer/scsi/[^/]*'

allowed() { # FILE: the pattern of what it may include
	case $1 in
	changer/base/*) echo "$base" ;;
	changer/scsi/*) echo "$scsi|$base" ;;
	changer/smc/*) echo "changer/smc/[^/]*|$face|$scsi|$base" ;;
	changer/*) echo "$model|$base" ;;
	target/iscsi/*) echo "target/iscsi/[^/]*|$scsi|$base" ;;
	target/mmc/*) echo "target/mmc/[^/]*|$face|$scsi|$base" ;;
	target/*) echo "target/.*|fsctl/[^/]*|changer/.*" ;;
	fsctl/*) echo "fsctl/[^/]*|mnt-layout/[^/]*|$face|$base" ;;
	mnt-layout/*) echo "mnt-layout/[^/]*" ;;
	*) echo '.*' ;;
	esac
}

bad=0
while IFS=: read -r file line text; do
	what=$(sed -E 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"([^"]*)".*/\1/' <<< "$text")
	if ! [ -e "$what" ]; then
		echo "$file:$line: \"$what\" is not a path from the top"
		bad=1
	elif ! grep -qxE "$(allowed "$file")" <<< "$what"; then
		echo "$file:$line: must not include $what"
		bad=1
	fi
done < <(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' -r changer target fsctl mnt-layout \
	--include='*.[ch]' --include='*.def')
exit $bad
