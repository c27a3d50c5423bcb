# SPDX-License-Identifier: GPL-2.0-or-later
# native-root.sh JOB DATA SHARED... -- WITH-SHIM...: runs the job's script in a mount namespace of its own.
# Its root is that of this machine, with other /job, /data, /mnt and /tmp; the SHARED folders keep their
# paths. run-native starts it.
# shellcheck shell=bash
set -euo pipefail
job=$1 data=$2 root=$1/root
shift 2
mkdir "$root"
mount -t tmpfs tmpfs "$root"
own=(/job /data /mnt /tmp) links=() folders=()
for f in /*; do
	if [ -L "$f" ]; then links+=("$f")
	elif [ -d "$f" ] && [[ " ${own[*]} " != *" $f "* ]]; then folders+=("$f"); fi
done
mkdir "${own[@]/#/$root}" "${folders[@]/#/$root}"
cp -P "${links[@]}" "$root/"
for f in "${folders[@]}"; do mount --rbind "$f" "$root$f"; done
share() { mkdir -p "$root$2" && mount --rbind "$1" "$root$2"; }
share "$job" /job
[ -z "$data" ] || share "$data" /data
while [ "$1" != -- ]; do share "$1" "$1"; shift; done
shift
# shellcheck disable=SC2016 # the inner shell's
exec chroot "$root" bash -c '
	. /job/env
	cd /root
	: > /job/started
	exec "$@" timeout -k 5 "$TIMEOUT" bash "${command[@]}"
' native-root "$@"
