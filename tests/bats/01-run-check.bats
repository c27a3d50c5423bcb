#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests tests/run-check and tests/check-names on small trees of jobs that each test makes.

load lib

setup() {
	T=$BATS_TEST_TMPDIR/tree
	mkdir -p "$T"/tests/{unit/x,bats,guest/scripts,lint} "$T"/build{,-asan}/unit/x "$T/examples"
	OUT=$BATS_TEST_TMPDIR/out
}

# script FILE: makes a program of the lines on standard input
script() {
	{ echo '#!/bin/bash'; cat; } > "$T/$1"
	chmod +x "$T/$1"
}
# unit NAME [FLAVOUR]: makes a unit test of the lines on standard input
unit() {
	touch "$T/tests/unit/x/test_$1.c"
	script "build${2:+-$2}/unit/x/test_$1"
}
# bats_file NAME: makes a bats file of the lines on standard input; a test begins with % there
bats_file() { sed 's/^%/@test /' > "$T/tests/bats/$1.bats"; }
passes() { unit "$@" <<< "echo 1..1; echo 'ok 1 - does $1'"; }
# Passes nothing of this run of bats to the one that a test starts.
clean() { exec env -i PATH="${PATH//"$BATS_LIBEXEC":/}" TMPDIR="$BATS_TEST_TMPDIR" BUILD=build D="$BATS_TEST_TMPDIR" "$@" 3>&-; }
check() { (clean "$TOP/tests/run-check" --root "$T" "$@") > "$OUT" 2>&1; }
# fails ARG...: checks that a run ends with status 1
fails() {
	local rc=0
	check "$@" || rc=$?
	cat "$OUT"
	[ $rc = 1 ]
}
sum() { tail -n 1 "$OUT"; }
says() { grep -qxF -- "$1" "$OUT" || { cat "$OUT"; return 1; }; }
jobs_run() { sed -n 's/^# == //p' "$OUT"; }

@test "what passes is printed below its name, and added up in the last line" {
	passes one
	passes two
	check unit
	[ "$(sed -n '/test_one.c$/,$p' "$OUT" | head -n 3)" = $'# == unit/x/test_one.c\n1..1\nok 1 - does one' ]
	says "ok 1 - does two"
	[ "$(sum)" = "2 passed, 0 failed" ]
}

@test "a check that fails is named with its file, and the status is 1" {
	passes one
	unit bad <<< "echo 1..2; echo 'ok 1 - a'; echo 'not ok 2 - b'; exit 1"
	fails unit
	says "#   unit/x/test_bad.c: 2 - b"
	[ "$(sum)" = "2 passed, 1 failed" ]
}

@test "a job that dies without a word is a failure" {
	unit dies <<< 'echo 1..1; echo "ok 1 - a"; kill -ABRT $$'
	fails unit
	says "not ok unit/x/test_dies.c ended with status 134"
	says "#   unit/x/test_dies.c ended with status 134"
	[ "$(sum)" = "1 passed, 1 failed" ]
}

@test "a job that is killed with its parent is a failure" {
	unit dies <<< 'echo "ok 1 - a"; kill -KILL $PPID; kill -KILL $$'
	fails unit
	says "not ok unit/x/test_dies.c ended with status 137"
}

@test "a job that stops before its plan is done is a failure" {
	unit stops <<< "echo 1..3; echo 'ok 1 - a'; echo 'ok 2 - b # skip of no use'"
	fails unit
	says "not ok unit/x/test_stops.c stopped after 2 of 3 tests, status 0"
	[ "$(sum)" = "1 passed, 1 failed, 1 skipped: of no use (1)" ]
}

@test "a job that checks nothing is a failure" {
	unit empty <<< "echo 1..0"
	passes one
	fails unit
	says "not ok unit/x/test_empty.c has checked nothing"
}

@test "a job that goes on for ever is ended, and a failure" {
	script timeout <<< 'shift 3; exec /usr/bin/timeout -k 1 1 "$@"'
	unit hangs <<< 'echo "ok 1 - a"; sleep 1000'
	PATH=$T:$PATH
	fails unit
	says "not ok unit/x/test_hangs.c ended with status 124"
}

@test "skipped tests are counted by reason" {
	unit a <<< "echo 'ok 1 a'; echo 'ok 2 b # skip no kernel'; echo 'ok 3 c # skip'; echo 'not ok 4 # SKIP no kernel'; echo '# skipped: not root'; echo 'not ok 5 # SKIP'"
	unit b <<< "echo 'ok 1 d # skip no kernel'; echo 'known: not ok e: so it is'"
	check --jobs 1 unit
	[ "$(sum)" = "1 passed, 0 failed, 6 skipped: no kernel (3); no reason given (1); not root (1); listed in tests/guest/known.txt (1)" ]
}

@test "two jobs run at once, and their lines do not mix" {
	local i
	for i in a b c d; do
		unit $i <<- 'END'
			i=${0##*_}
			mkdir $D/$i
			case $i in a) other=b ;; b) other=a ;; c) other=d ;; d) other=c ;; esac
			for n in {1..300}; do
				echo "ok $n - $i"
				[ $n != 150 ] || until [ -d $D/$other ]; do sleep 0.02; done
			done
		END
	done
	check --jobs 2 unit
	[ "$(grep -o '^ok .*' "$OUT" | sed 's/.* //' | uniq -c | awk '{ print $1 }' | uniq)" = 300 ]
	[ "$(sum)" = "1200 passed, 0 failed" ]
}

@test "--jobs 1 runs one after the other" {
	local i
	for i in a b c d; do unit $i <<< 'mkdir $D/lock && echo "ok 1 - alone"; ls $D > /dev/null; rmdir $D/lock'; done
	check --jobs 1 unit
	[ "$(sum)" = "4 passed, 0 failed" ]
}

@test "the longest jobs start first, as tests/SECONDS has them" {
	local i
	for i in a b c d; do passes $i; done
	printf '%s\n' '# a comment' '5 unit' '20 unit/x/test_c.c' '7 unit/x/test_d.c' '1 unit/x/test_a.c' > "$T/tests/SECONDS"
	check --jobs 1 unit
	[ "$(jobs_run | tr '\n' ' ')" = "unit/x/test_c.c unit/x/test_d.c unit/x/test_b.c unit/x/test_a.c " ]
	passes a asan
	passes c asan
	rm "$T"/tests/unit/x/test_[bd].c
	check --jobs 1 unit@asan unit
	[ "$(jobs_run | tr '\n' ' ')" = "unit@asan/x/test_c.c unit/x/test_c.c unit@asan/x/test_a.c unit/x/test_a.c " ]
}

@test "--shuffle runs the same jobs in another order, the same for the same seed" {
	local i first
	for i in {a..j}; do passes "$i"; done
	check --jobs 1 --shuffle 1 unit
	first=$(jobs_run)
	check --jobs 1 --shuffle 1 unit
	[ "$(jobs_run)" = "$first" ]
	check --jobs 1 --shuffle 2 unit
	[ "$(jobs_run)" != "$first" ]
	[ "$(jobs_run | sort)" = "$(sort <<< "$first")" ]
	[ "$(sum)" = "10 passed, 0 failed" ]
}

@test "--only picks by the file's name, and nothing picked is a failure" {
	passes one
	passes two
	check --only test_o unit
	[ "$(jobs_run)" = unit/x/test_one.c ]
	fails --only x/ unit
	[ "$(sum)" = "0 passed, 0 failed" ]
}

@test "--quick takes all unit tests, and of the others those that say so" {
	passes one
	bats_file 1 <<< '%"a" { true; }'
	bats_file 2 <<< $'# quick: yes\n%"b" { true; }'
	check --quick unit bats
	[ "$(jobs_run | sort | tr '\n' ' ')" = "bats/2.bats unit/x/test_one.c " ]
}

@test "an unknown stage, and one without a job, are refused" {
	local rc=0
	check units || rc=$?
	[ $rc = 2 ]
	says "run-check: no stage units"
	rc=0
	check bats || rc=$?
	[ $rc = 2 ]
	says "run-check: stage bats has no jobs"
}

@test "bats: a name is without its time, which the list of the slowest has" {
	bats_file 1 <<- 'END'
		%"takes 3 sums" { true; }
		%"is let off" { skip "not today"; }
		%"fails" { false; }
	END
	fails bats
	says "ok 1 takes 3 sums"
	says "ok 2 is let off # skip not today"
	says "not ok 3 fails"
	says "#   bats/1.bats: 3 fails"
	grep -qE '^#  +[0-9]+\.[0-9] s  bats/1.bats: takes 3 sums$' "$OUT"
	[ "$(sum)" = "1 passed, 1 failed, 1 skipped: not today (1)" ]
}

@test "the seconds of each stage and the ten slowest jobs are printed before the sum" {
	local i
	for i in {a..l}; do passes "$i"; done
	script examples/e.sh <<< true
	check unit examples
	grep -qE '^# unit took [0-9]+ s, its 12 jobs [0-9]+ s$' "$OUT"
	grep -qE '^# examples took [0-9]+ s, its 1 jobs [0-9]+ s$' "$OUT"
	[ "$(tail -n 12 "$OUT" | head -n 1)" = "# the slowest:" ]
	[ "$(tail -n 11 "$OUT" | grep -cE '^#  +[0-9]+\.[0-9] s  [a-z]+/')" = 10 ]
}

@test "examples and style checks are judged by their status" {
	script examples/good.sh <<< 'echo == well; echo ok'
	script examples/bad.sh <<< 'echo why; exit 3'
	script examples/not.sh <<< '# check: no, it would burn'
	script tests/lint/run <<< $'lint_a() {\n:; }\nlint_b() {\n:; }\n[ "$1" = a ]'
	fails examples lint
	says "ok examples/good.sh"
	says "not ok examples/bad.sh: status 3"
	says "#   == well"
	says "#   ok"
	says "#   why"
	says "ok lint/a"
	says "not ok lint/b: status 1"
	[ "$(sum)" = "2 passed, 2 failed" ]
}

@test "STAGE@FLAVOUR takes what was built in that flavour" {
	unit one <<< 'echo "ok 1 - $BUILD"'
	unit one asan <<< 'echo "ok 1 - $JUKEBOXD"'
	check unit unit@asan
	[ "$(sed -n '/^# == unit@asan/{n;p}' "$OUT")" = "ok 1 - $T/build-asan/jukeboxd" ]
	[ "$(sum)" = "2 passed, 0 failed" ]
	grep -qE '^# unit@asan took' "$OUT"
}

# Makes a program that prints a result; with a second argument a thread of its own prints it.
compiled() {
	touch "$T/tests/unit/x/test_$1.c"
	gcc -x c -pthread -o "$T/build-tsan/unit/x/test_$1" - <<- END
		#include <pthread.h>
		#include <stdio.h>
		void *say(void *arg) { puts("ok 1 - $1"); return arg; }
		int main(void) { pthread_t t; ${2:+if (pthread_create(&t, NULL, say, NULL) == 0) pthread_join(t, NULL);} return 0; }
	END
}
@test "unit@tsan leaves out programs that start no thread, but not programs that were not built" {
	mkdir -p "$T/build-tsan/unit/x"
	compiled alone
	compiled threads yes
	check unit@tsan
	[ "$(jobs_run | tr '\n' ' ')" = "unit@tsan/x/test_threads.c " ]
	rm "$T/build-tsan/unit/x/test_alone"
	fails unit@tsan
	[ "$(sum)" = "1 passed, 1 failed" ]
}

# Makes a guest suite whose programs print the words that they are called with.
guests() {
	script tests/guest/build-guest <<< 'until [ -e $D/native ]; do sleep 0.02; done; touch $D/image'
	script tests/guest/run-all <<- 'END'
		case $1.$2 in
		--list.native) printf 'tests/guest/scripts/%s\n' '20-a.sh all' '27-matrix.sh cd-r' '27-matrix.sh bd-r' ;;
		--list.guest) printf 'tests/guest/scripts/%s\n' '30-b.sh' '27-kernel.sh cd-r dvd-r' ;;
		--list.both) echo tests/guest/scripts/21-c.sh ;;
		--where.native) touch $D/native; echo "ok $*"; sleep 0.1; touch "$D/cell.${*: -1}" ;;
		--where.guest) [ -e $D/image ] && echo "ok $*" ;;
		esac
	END
	script tests/guest/make-matrix <<< "[ -e \$D/cell.cd-r ] && [ -e \$D/cell.bd-r ] && echo 'ok matrix: '\$1; $1"
}
BY="--target tests/guest/target-jukeboxd --known tests/guest/known.txt tests/guest/scripts"

@test "guests wait for their image, and the page for the whole matrix" {
	guests
	check native guest
	cat "$OUT"
	says "ok --where native $BY/27-matrix.sh bd-r"
	says "ok --where guest $BY/27-kernel.sh cd-r dvd-r"
	says "ok matrix: --page"
	says "# == native/27-matrix.sh cd-r"
	says "# == guest/30-b.sh"
	[ "$(sum)" = "7 passed, 0 failed" ]
}

@test "a page that differs is a failure; a run of some files has no page" {
	guests "echo 'not ok matrix: a cell'; exit 1"
	fails native guest
	says "#   matrix-page: matrix: a cell"
	check --only bd-r native guest
	[ "$(jobs_run)" = "native/27-matrix.sh bd-r" ]
}

@test "guest-all runs all scripts in guests" {
	guests
	touch "$BATS_TEST_TMPDIR"/{native,cell.cd-r,cell.bd-r}
	check guest-all
	says "ok --where guest $BY/20-a.sh all"
	says "ok --where guest $BY/30-b.sh"
	says "ok --where guest $BY/21-c.sh"
	[ "$(sum)" = "8 passed, 0 failed" ]
}

@test "a script for both places waits for the image too, and its places are compared" {
	guests
	touch "$BATS_TEST_TMPDIR/native"
	script tests/guest/compare-places <<< '[ -e $D/image ] && echo "ok same: $*"'
	check both
	says "ok same: tests/guest/scripts/21-c.sh"
	[ "$(sum)" = "2 passed, 0 failed" ]
}

@test "a signal ends the jobs and all that they have started, and leaves no file" {
	local s pid rc child session
	# timeout puts its command into another process group.
	unit waits <<< 'timeout 500 sleep 400 & sleep 401 & echo $! > $D/child.new; mv $D/child.new $D/child; wait'
	passes one
	for s in TERM INT HUP; do
		rm -f "$BATS_TEST_TMPDIR/child"
		(clean env --default-signal "$TOP/tests/run-check" --root "$T" unit) > "$OUT" 2>&1 &
		pid=$!
		wait_for 20 test -e "$BATS_TEST_TMPDIR/child"
		child=$(cat "$BATS_TEST_TMPDIR/child")
		session=$(ps -o sid= -p "$child" | tr -d ' ')
		rc=0
		kill -"$s" $pid
		wait $pid || rc=$?
		[ $rc = $((128 + $(kill -l "$s"))) ]
		says "# ended: unit/x/test_waits.c"
		[ -z "$(pgrep -r R,S,D,T -s "$session")" ]
		[ -z "$(ls -d "$BATS_TEST_TMPDIR"/check.* 2> /dev/null)" ]
	done
}

@test "what a job has left running is ended with it" {
	unit leaves <<< 'sleep 402 > /dev/null & echo $! > $D/child; echo "ok 1 - a"'
	check unit
	# A process that nobody has waited for is a zombie.
	run ps -o stat= -p "$(cat "$BATS_TEST_TMPDIR/child")"
	[[ $output == Z* || -z $output ]]
	[ "$(sum)" = "1 passed, 0 failed" ]
}

@test "check-names: lost names are printed, allowed with a reason; moved and new names are counted" {
	local d=$BATS_TEST_TMPDIR
	printf '%s\n' '# == unit/x/test_a.c' 'ok 1 - one' 'ok 2 - two' '# unit took 3 s' 'ok 7 three # skip why' \
		'# == 20-burn (blank iso)' 'ok four' 'ok four' > "$d/before"
	printf '%s\n' '# == bats/3.bats' 'ok 1 three' '# == unit/x/test_a.c' 'ok 4 - one' '# == native/20-burn.sh' \
		'ok four' '# == guest/21-x.sh' 'ok four' 'ok five' > "$d/after"
	printf 'test_a: tw.\tit was wrong\n' > "$d/reasons"
	run "$TOP/tests/check-names" "$d/before" "$d/after"
	[ "$status" = 1 ]
	[ "$output" = "went: test_a: two
1 moved: 20-burn -> 21-x
1 came: 21-x
5 before, 5 after, 1 went without a reason" ]
	run "$TOP/tests/check-names" "$d/before" "$d/after" "$d/reasons"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "1 went: test_a: tw.: it was wrong" ]
	run "$TOP/tests/check-names" "$d/before" "$d/before" "$d/reasons"
	[ "$status" = 1 ]
}
