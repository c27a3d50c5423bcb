#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns a whole disc of each family, and one sector more, except those of full-kernel.sh. Its name has no
# number: it runs only when it is named, as by `make full-size`. full-size.sh [MEDIUM...]
# jobs: ./make-matrix --full --media native
# media: - - - - - - - -
# timeout: 3600
# table: full
. "$LIB/whole.sh"
whole() { run_whole "$@"; }
kernel_whole() { :; }
. "$LIB/discs.sh"
finish
