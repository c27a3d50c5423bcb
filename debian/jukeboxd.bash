# SPDX-License-Identifier: GPL-2.0-or-later
# Completes in bash: the options of jukeboxd, and the media of blank discs after `touch .../slots/3/NAME.`.
# shellcheck shell=bash

_jukeboxd() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	case $prev in
	-l | --log-level) mapfile -t COMPREPLY < <(compgen -W "err warn info debug" -- "$cur") ;;
	--uid) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
	--gid) mapfile -t COMPREPLY < <(compgen -g -- "$cur") ;;
	-p | --portal | -n | --name | -o | --mode | --slots | --mailslots | --drives) COMPREPLY=() ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2> /dev/null |
				grep -oE '^ +(-., +)?--[a-z-]+' | grep -oE -- '--[a-z-]+')" -- "$cur")
		else
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		fi
		;;
	esac
}

# The words of jukeboxfs(5) for the type of a blank disc.
_jukebox_media="cd-r cd-rw cd-rw-packet dvd-r dvd-r-dl dvd-rw dvd-rw-ro dvd-ram dvd+r dvd+r-dl dvd+rw bd-r bd-r-dl
	bd-r-xl bd-re bd-re-dl bd-re-xl"

# Completes the name of a disc that is not there yet; leaves all other files to the completion that touch had before.
_jukebox_touch() {
	local cur=${COMP_WORDS[COMP_CWORD]} word other

	if [[ $cur =~ ^(.*/)?(slots|mailslots|drives)/[0-9]+/[^/]*\.[^./]*$ ]]; then
		COMPREPLY=()
		for word in $_jukebox_media; do
			word=${cur%.*}.$word
			[[ $word == "$cur"* ]] && COMPREPLY+=("$word.iso")
		done
		return
	fi
	for other in _longopt _comp_complete_longopt; do
		if declare -F "$other" > /dev/null; then
			"$other" "$@"
			return
		fi
	done
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

complete -F _jukeboxd jukeboxd
complete -F _jukebox_touch touch
