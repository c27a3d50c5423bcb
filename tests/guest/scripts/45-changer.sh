#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Uses the changer with all verbs of mtx, with Linux's ch, and with sg3-utils. It has mail slots and two
# drives.
# kernel: Linux's ch and its ioctls
# media: blank iso - - - - - -
# layout: --drives 2 --mailslots 2
# timeout: 420
. "$LIB/lib.sh"

[ -n "${MNT:-}" ] || { note "needs a target with this layout"; finish; }
nolock
setup
cp /data/chctl /tmp/chctl
m() { run mtx -f "$CH" "$@"; }
ch() { run /tmp/chctl "$CHDEV" "$@"; }
# holds NAME TYPE UNIT TAG: checks the volume tag that Linux's ch reports for an element; "-" is an empty one
holds() {
	local tag
	ch elem "$2" "$3"
	tag=$(sed -nE 's/.* tag *([^ ]+).*/\1/p' <<< "$out")
	is "$1" "${tag:--}" "$4"
}

# ---- mtx --------------------------------------------------------------------
says "mtx inquiry" 'Attached Changer API: No' m inquiry
says "mtx noattach inquiry" 'Product Type: Medium Changer' m noattach inquiry
check "mtx inventory" m inventory
says "mtx status" '2 Drives, 10 Slots \( 2 Import/Export \)' m status
has "status: mail slots come after the slots" 'Storage Element 9 IMPORT/EXPORT:Empty'
says "mtx noattach status" 'Storage Element 2:Full :VolumeTag=DISK_002' m noattach status
says "mtx altres status" 'Storage Element 2:Full :VolumeTag=DISK_002' m altres status
says "mtx nobarcode status" 'Storage Element 2:Full *$' m nobarcode status
check "mtx load 2 1" m load 2 1
holds "load: drive 1 has the disc" dt 1 DISK_002
m status
has "load: status says from where" 'Data Transfer Element 1:Full \(Storage Element 2 Loaded\)'
check "mtx altres unload 3 1" m altres unload 3 1
holds "unload: slot 3 has it" st 2 DISK_002
check "mtx first 1" m first 1
holds "first: drive 1 has slot 1's" dt 1 DISK_001
check "mtx next 1" m next 1
holds "next: drive 1 has slot 3's" dt 1 DISK_002
check "mtx previous 1" m previous 1
holds "previous: drive 1 has slot 1's" dt 1 DISK_001
refuse "mtx last 1: the last slot, here an empty one" 'is Empty' m last 1
m transfer 3 8
check "mtx last 1, with a disc there" m last 1
holds "last: drive 1 has slot 8's" dt 1 DISK_002
check "mtx unload 3 1" m unload 3 1
check "mtx transfer 3 10 (to a mail slot)" m transfer 3 10
holds "transfer: mail slot 2 has it" ie 1 DISK_002
check "mtx load 10 0 (from a mail slot)" m load 10 0
check "mtx unload 2 0" m unload 2 0
check "mtx exchange 1 2 (back into the first)" m exchange 1 2
holds "exchange: slot 2 has DISK_001" st 1 DISK_001
check "mtx exchange 1 2 9 (into a third)" m exchange 1 2 9
holds "exchange: slot 2 has DISK_002" st 1 DISK_002
holds "exchange: mail slot 1 has DISK_001" ie 0 DISK_001
check "mtx eepos 1 transfer 9 1" m eepos 1 transfer 9 1
check "mtx position 9" m position 9
refuse "mtx invert load 1: no disc is turned over (24/00)" 'Sense Code = 24' m invert load 1
refuse "mtx invert exchange (24/00)" 'Sense Code = 24' m invert exchange 1 2
m invert2 exchange 1 2
note "mtx invert2 exchange, which mtx 1.3.12 sends without the bit: rc=$rc $(gist)"
[ "$rc" != 0 ] || check "mtx exchange 1 2, once more" m exchange 1 2
refuse "mtx exchange with an empty slot (3B/0E, which mtx words so)" 'is Empty' m exchange 1 5
m eject
note "mtx eject, a command for drives: $(gist)"
m erase
note "mtx erase, a command for tapes: $(gist)"

# ---- Linux's ch ---------------------------------------------------------------
says "ch CHIOGPARAMS" '^mt 1 st 8 ie 2 dt 2$' ch params
says "ch CHIOGVPARAMS" '^vendor 0 0 0 0$' ch vparams
says "ch CHIOGSTATUS, slots" '^09 09 08 08 08 08 08 08$' ch status st
says "ch CHIOGSTATUS, mail slots" '^38 38$' ch status ie
says "ch CHIOGSTATUS, drives" '^08 08$' ch status dt
says "ch CHIOGSTATUS, picker" '^00$' ch status mt
check "ch CHIOINITELEM" ch init
check "ch CHIOMOVE" ch move st 0 dt 1
says "ch CHIOGELEM" '^status 09 source st 0 tag DISK_001' ch elem dt 1
check "ch CHIOEXCHANGE" ch exchange st 1 dt 1 st 1
holds "CHIOEXCHANGE: drive 1" dt 1 DISK_002
holds "CHIOEXCHANGE: slot 2" st 1 DISK_001
check "ch CHIOPOSITION" ch position dt 0
refuse "ch CHIOMOVE, source empty: EBADE" '^EBADE$' ch move st 7 dt 0
refuse "ch CHIOMOVE, destination full: EXFULL" '^EXFULL$' ch move st 1 dt 1
refuse "ch CHIOMOVE, no such slot: EBADSLT" '^EBADSLT$' ch move st 8 dt 0
refuse "ch CHIOMOVE, inverted: EIO" '^EIO$' ch move st 1 dt 0 invert
check "ch CHIOMOVE, back" ch move dt 1 st 0
check "ch CHIOSVOLTAG" ch settag st 0 NEW_TAG
holds "CHIOSVOLTAG: the tag" st 0 NEW_TAG
host show
has "CHIOSVOLTAG: the mount shows it" NEW_TAG
check "ch CHIOSVOLTAG, cleared" ch cleartag st 0
holds "CHIOSVOLTAG: no tag" st 0 -

# ---- sg3-utils ----------------------------------------------------------------
says "sg_inq" 'PDT=8' sg_inq "$CH"
says "sg_vpd 0x83" 'T10 vendor identification' sg_vpd -p 0x83 "$CH"
says "sg_luns" 'Report luns.*|Lun list length = 24' sg_luns "$CH"
check sg_turs sg_turs "$CH"
check sg_requests sg_requests "$CH"
says "sg_opcodes" 'Send volume tag|SEND VOLUME TAG' sg_opcodes "$CH"
says "sg_opcodes: task management" 'Logical unit reset' sg_opcodes -t "$CH"
says "sg_modes -a" 'Element address assignment' sg_modes -a "$CH"
says "sg_modes 0x1f,0x41" '5f 41 00 10' sg_modes -H -p 0x1f,0x41 "$CH"
says "sg_logs, the list" '0x2e' sg_logs -x "$CH"
says "sg_logs, TapeAlert" '2e 00 01 40' sg_logs -H -p 0x2e "$CH"
check "sg_senddiag, the self-test" sg_senddiag -t "$CH"
refuse "sg_rmsn: no serial numbers of media" '[Nn]ot supported|[Ii]llegal|[Ii]nvalid' sg_rmsn "$CH"
check "sg_prevent" sg_prevent "$CH"
check "sg_prevent --allow" sg_prevent --allow "$CH"
says "sg_persist: capabilities" 'PTPL_C\): 1' sg_persist -c "$CH"
check "sg_persist: register" sg_persist --out --register --param-sark=abc --param-aptpl "$CH"
check "sg_persist: reserve" sg_persist --out --reserve --param-rk=abc --prout-type=3 "$CH"
says "sg_persist: who holds it" 'Exclusive Access' sg_persist -r "$CH"
check "mtx still may" m inventory
check "sg_persist: clear" sg_persist --out --clear --param-rk=abc "$CH"
finish
