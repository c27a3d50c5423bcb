# SPDX-License-Identifier: GPL-2.0-or-later
# The common part of run-guest and run-native: their options, the job folder, the end of a job.
#
#	SCRIPT [ARG...] [--port N] [--iqn NAME] [--data DIR] [--env K=V]... [--timeout S] [--hurry N]
#	[--helper CMD] [--share DIR]... [--keep DIR] [--quiet]
#
# SCRIPT runs as root with bash, with ARGs, and with these folders: /job has a copy of SCRIPT's folder
# ($LIB, for lib.sh); /data is DIR, to read and write; /mnt and /tmp are empty.  Its standard output
# and error are printed as they are written.  The exit status is that of SCRIPT, or 124 at the timeout.
# $PORTAL and $IQN say where the target is.
# --hurry N: the sleeps of programs pass N times as fast (tests/tools/shim).
# --helper CMD: `host WORDS...` in a script runs CMD WORDS... on this machine and returns its output and status.
# --keep DIR: keeps log (the full output of all commands) and the other logs there.
# shellcheck shell=bash disable=SC2034
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILD:-$top/build/release}
case $build in /*) ;; *) build=$PWD/$build ;; esac
usage() { sed -n '4,5s/^#\t*/       /p' "${BASH_SOURCE[0]}" | sed "1s/ *//; 1s/^/usage: ${0##*/} /" >&2; exit 2; }

script= port=3260 iqn= data= timeout=300 mem=512 smp=1 accel=tcg,thread=multi
keep= quiet=0 helper= hurry=1
envs=() arguments=() shared=()
while [ $# -gt 0 ]; do
	case $1 in
	--port) port=$2; shift 2 ;;
	--iqn) iqn=$2; shift 2 ;;
	--data) data=$2; shift 2 ;;
	--env) envs+=("$2"); shift 2 ;;
	--timeout) timeout=$2; shift 2 ;;
	--hurry) hurry=$2; shift 2 ;;
	--mem) mem=$2; shift 2 ;;
	--smp) smp=$2; shift 2 ;;
	--accel) accel=$2; shift 2 ;;
	--helper) helper=$2; shift 2 ;;
	--share) shared+=("$2"); shift 2 ;;
	--keep) keep=$2; shift 2 ;;
	--quiet) quiet=1; shift ;;
	-*) usage ;;
	*) if [ -z "$script" ]; then script=$1; else arguments+=("$1"); fi; shift ;;
	esac
done
[ -n "$script" ] && [ -f "$script" ] || usage
[ -z "$data" ] || data=$(cd "$data" && pwd)

job=$(mktemp -d "${TMPDIR:-/tmp}/juke-job.XXXXXX")
running=()
# shellcheck disable=SC2317
cleanup() {
	local p
	for p in "${running[@]}"; do kill "$p" 2>/dev/null || true; done
	for p in "${running[@]}"; do timeout 5 tail --pid="$p" -f /dev/null || kill -9 "$p" 2>/dev/null || true; done
	if [ -n "$keep" ]; then mkdir -p "$keep"; cp -r "$job/." "$keep/"; fi
	rm -rf --one-file-system "$job"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$job/scripts"
find "$(dirname "$script")" -maxdepth 1 -type f -exec cp {} "$job/scripts/" ";"
# job_env NAME=VALUE...: sets variables in the script's environment
job_env() { local e; for e; do printf 'export %s=%q\n' "${e%%=*}" "${e#*=}"; done >> "$job/env"; }
job_env "IQN=$iqn" "TIMEOUT=$timeout" "HURRY=$hurry" HOME=/root TERM=dumb LC_ALL=C LIB=/job/scripts "${envs[@]}"
printf 'command=(%s)\n' "$(printf '%q ' "/job/scripts/$(basename "$script")" "${arguments[@]}")" >> "$job/env"

# ends STATUS: prints how long the script took, and exits
began=$EPOCHREALTIME
ends() {
	if [ $quiet = 0 ] && [ -f "$job/started" ]; then
		awk -v n="$(basename "$script")" -v a="$began" -v e="$EPOCHREALTIME" -v s="$(stat -c %.Y "$job/started")" \
			'BEGIN { printf "# %s: boot %.1f s, script %.1f s\n", n, s - a, e - s }' >&2
	fi
	[ "$1" != 124 ] || echo "# timed out after $timeout s" >&2
	exit "$1"
}
