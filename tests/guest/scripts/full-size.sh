#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole disc of each family, and one sector more, but for what full-kernel.sh burns.
# It has no number: it runs when it is named only, as by `make full-size`.  full-size.sh [MEDIUM...]
# jobs: ./make-matrix --full --media native
# media: - - - - - - - -
# timeout: 3600
# table: full
. "$LIB/whole.sh"
whole() { run_whole "$@"; }
kernel_whole() { :; }
. "$LIB/discs.sh"
finish
