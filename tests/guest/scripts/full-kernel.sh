#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns a whole disc, and one sector more, through Linux's block layer. Its name has no number: it runs only
# when it is named, as by `make full-size`. full-kernel.sh [MEDIUM...]
# kernel: what is written goes through its block layer and its cache
# jobs: ./make-matrix --full --media guest
# media: - - - - - - - -
# timeout: 14400
# table: full
. "$LIB/whole.sh"
kernel_whole() { run_whole "$@"; }
whole() { :; }
. "$LIB/discs.sh"
finish
