# SPDX-License-Identifier: GPL-2.0-or-later
# The only makefile.  Objects go to build/<flavour>/; `make help` says what there is.

FLAVOUR ?= release
BUILD ?= build/$(FLAVOUR)
PREFIX ?= /usr/local
VERSION := 0.1.0

# ---- Debian packages, by name (make deps) ------------------------------------------------------

DEB_BUILD := gcc libc6-dev pkg-config libfuse3-dev libjansson-dev libisal-dev libssl-dev uuid-dev \
	zlib1g-dev liblzma-dev libzstd-dev libseccomp-dev fuse3
DEB_TEST := bats procps libcmocka-dev libiscsi-dev libiscsi-bin mtx xorriso genisoimage qemu-utils \
	qemu-block-extra qemu-system-x86 seabios ipxe-qemu inotify-tools attr jq cpio unzip e2fsprogs xz-utils \
	rsync rclone unison borgbackup restic busybox curl wget vim nano mc tmux python3 libglib2.0-bin \
	openssh-client openssh-sftp-server growisofs dvd+rw-tools wodim cdrskin cdrdao cdparanoia cd-paranoia \
	icedax libcdio-utils udftools sg3-utils eject xxd
# Clang's sanitizers, and what gives their reports the names of functions.
DEB_SAN := clang libclang-rt-dev llvm
DEB_LINT := clang clang-format cppcheck shellcheck mandoc universal-ctags
DEB_BENCH := libiscsi-dev tgt inotify-tools
DEB_POWERCUT := e2fsprogs xfsprogs btrfs-progs util-linux
DEB_PACKAGE := git dpkg-dev debhelper lintian
# For another Debian in a folder, which builds and boots there.
DEB_TREE := git debootstrap systemd-container util-linux

# ---- tools and flags -------------------------------------------------------------------------

CC := gcc
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wcast-align=strict -Wformat=2 -Wimplicit-fallthrough -Wpointer-arith -Wwrite-strings \
	-Wundef -Wnull-dereference -Wdouble-promotion -Wno-unused-parameter
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -fno-strict-aliasing
LDHARDEN := -pie -Wl,-z,relro,-z,now
# Clang's UBSan sees more than gcc's: an offset from a null pointer, for one.
ifneq ($(filter clang asan,$(FLAVOUR)),)
CC := clang
WARN := $(filter-out -Wcast-align=strict,$(WARN)) -Wcast-align -Wthread-safety
endif
ifeq ($(FLAVOUR),asan)
# fuzzer-no-link: counts the branches that are taken, for tests/fuzz.
SAN := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HARDEN := -fPIE -fno-strict-aliasing
endif
ifeq ($(FLAVOUR),tsan)
SAN := -fsanitize=thread
HARDEN := -fPIE -fno-strict-aliasing
endif
# V=1 shows whole commands.
V ?= 0
ifeq ($(V),0)
Q := @
say = @echo "  $(1)	$(2)"
endif

# CI sets WERROR=-Werror; a user's newer compiler must not stop a build.
WERROR ?=

PKGS := fuse3 jansson libcrypto libisal uuid zlib liblzma libzstd libseccomp
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
TEST_LIBS := -lcmocka
TOOL_LIBS := -liscsi

ALL_CPPFLAGS := -I. -D_GNU_SOURCE -DFUSE_USE_VERSION=314 -DJUKEBOXD_VERSION='"$(VERSION)"' \
	$(PKG_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS := -std=gnu11 -pthread $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) $(SAN)
ALL_LDFLAGS := -pthread $(LDFLAGS) $(LDHARDEN) -Wl,--as-needed $(SAN)

# ---- sources: one library per layer, linked only against the layers below it ------------------

# The model: changer/ itself is its face, and each room is a folder there, the lowest first.
ROOMS := recording foreign store inventory settings disc drive insert verify robot lifecycle
LAYERS := base face $(ROOMS) scsi smc iscsi mmc helpers tree fsctl
SRC_face := $(wildcard changer/*.c)
$(foreach l,base $(ROOMS) scsi smc,$(eval SRC_$(l) := $(wildcard changer/$(l)/*.c)))
SRC_iscsi := $(wildcard target/iscsi/*.c)
SRC_mmc := $(wildcard target/mmc/*.c)
SRC_helpers := $(wildcard fsctl/helpers/*.c)
SRC_tree := $(wildcard fsctl/tree/*.c)
SRC_fsctl := $(wildcard fsctl/*.c)
SRC_main := $(wildcard target/*.c)

# What a layer's unit tests and its proof are linked with: the layer and those it may use, users first.
# tests/lint/layers.sh reads here what a folder may include.
USES_base := base
USES_face := face $(USES_base)
USES_recording := recording $(USES_face)
USES_foreign := foreign $(USES_recording)
USES_store := store $(USES_face)
USES_inventory := inventory store $(USES_recording)
USES_settings := settings $(USES_inventory)
USES_disc := disc $(USES_inventory)
USES_drive := drive disc $(USES_settings)
USES_insert := insert $(USES_drive)
USES_verify := verify $(USES_drive)
USES_robot := robot $(USES_insert)
USES_lifecycle := lifecycle verify $(USES_robot)
USES_model := $(USES_lifecycle)
USES_scsi := scsi $(USES_base)
USES_smc := smc scsi $(USES_model)
USES_iscsi := iscsi $(USES_scsi)
USES_mmc := mmc scsi $(USES_model)
USES_helpers := helpers foreign $(USES_model)
USES_tree := tree $(USES_model)
USES_fsctl := fsctl tree $(USES_helpers)

lib = $(BUILD)/lib$(1).a
objs = $(patsubst %.c,$(BUILD)/%.o,$(1))

DAEMON := $(BUILD)/jukeboxd
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(wildcard tests/tools/*.c))
# Libraries that tests put before a program's own (LD_PRELOAD): one a folder.
PRELOADS := $(BUILD)/tools/sgshim.so $(BUILD)/tools/hurry.so $(BUILD)/tools/powercut.so \
	$(BUILD)/tools/inject.so
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))
# All of a layer, linked with what it may use: nothing that it needs is elsewhere.
PROOFS := $(LAYERS:%=$(BUILD)/proof/%)

.PHONY: all tools unit deps deps-run deps-lint deps-san deps-bench deps-powercut deps-package deps-tree run demo check quick check-unit check-bats \
	check-examples check-native check-guest guest-golden matrix matrix-page full-size full-size-page asan tsan \
	clang lint fmt bench fuzz fuzzers powercut inject soak deb check-package check-trixie \
	install uninstall clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(DAEMON) ## build the daemon (the default)
tools: $(TOOLS) $(PRELOADS) $(BENCHES) $(BUILD)/powercut/judge $(BUILD)/powercut/blockfile ## build what tests and benchmarks use
unit: $(UNITS) $(PROOFS) ## build the unit tests, and check that layers use only the layers below them

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define layer_rule
$(call lib,$(1)): $(call objs,$(SRC_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR,$$@)
	$$(Q)$(AR) rcs $$@ $$^

$(BUILD)/proof/$(1): $(BUILD)/tests/unit/proof.o $(foreach l,$(USES_$(1)),$(call lib,$(l)))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$(CC) $(ALL_LDFLAGS) -o $$@ $$< -Wl,--whole-archive $(call lib,$(1)) -Wl,--no-whole-archive \
		$$(filter-out $(call lib,$(1)),$$(filter %.a,$$^)) $(PKG_LIBS)
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

define unit_rule
$(BUILD)/unit/$(1)/test_%: $(BUILD)/tests/unit/$(1)/test_%.o $(foreach l,$(USES_$(1)),$(call lib,$(l)))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$(CC) $(ALL_LDFLAGS) -o $$@ $$^ $(PKG_LIBS) $(TEST_LIBS)
endef
$(foreach l,$(LAYERS) model,$(eval $(call unit_rule,$(l))))

$(DAEMON): $(call objs,$(SRC_main)) $(foreach l,smc mmc iscsi fsctl tree helpers foreign scsi $(USES_model),$(call lib,$(l)))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# A tool of several files has the others in a directory of its name.
$(BUILD)/tools/icdb: $(call objs,$(wildcard tests/tools/icdb/*.c))

$(BUILD)/tools/%: $(BUILD)/tests/tools/%.o $(call lib,base)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TOOL_LIBS)

# Programs that were built without a sanitizer take these in, so they are built without one.
define preload_rule
$(BUILD)/tools/$(1).so: $(patsubst %.c,$(BUILD)/preload/%.o,$(wildcard $(2)/*.c))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) -shared -pthread $$(LDFLAGS) -Wl,-z,relro,-z,now -o $$@ $$^ -ldl
endef
$(eval $(call preload_rule,sgshim,tests/tools/shim))
$(eval $(call preload_rule,hurry,tests/tools/hurry))
$(eval $(call preload_rule,powercut,tests/powercut/record))
$(eval $(call preload_rule,inject,tests/inject/fail))

$(BUILD)/powercut/blockfile: $(BUILD)/tests/powercut/blockfile.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/powercut/judge: $(BUILD)/tests/powercut/judge.o $(foreach l,$(USES_model),$(call lib,$(l)))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/preload/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CPPFLAGS) -std=gnu11 -pthread $(CFLAGS) $(WARN) $(WERROR) -fPIC \
		-fvisibility=default -MMD -MP -c -o $@ $<

$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(call objs,$(wildcard tests/bench/lib/*.c)) $(call lib,base)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TOOL_LIBS)

# The fuzz targets (tests/fuzz); only in the flavour asan.
FUZZERS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzzers: $(FUZZERS)
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(foreach l,mmc smc iscsi foreign scsi $(USES_model),$(call lib,$(l)))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS) $(TEST_LIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- packages ----------------------------------------------------------------------------------

deps: ## install the packages that building and testing need (Debian, as root)
	@tests/deps $(DEB_BUILD) $(DEB_TEST)
deps-run:
	@tests/deps $(DEB_BUILD)
deps-lint:
	@tests/deps $(DEB_BUILD) $(DEB_LINT)
deps-san:
	@tests/deps $(DEB_BUILD) $(DEB_SAN)
deps-powercut: deps
	@tests/deps $(DEB_POWERCUT)
deps-package:
	@tests/deps $(DEB_BUILD) $(DEB_PACKAGE)
deps-tree:
	@tests/deps $(DEB_TREE)
deps-bench:
	@tests/deps $(DEB_BUILD) $(DEB_BENCH)

# ---- running -----------------------------------------------------------------------------------

# What was installed a moment ago is seen by a make that starts after it.  In one with -j given,
# the jobs are shared with that.
STAGE = $(MAKE) --no-print-directory $(if $(filter --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

PORTAL ?= 127.0.0.1:3260

run: deps-run ## install missing packages, build, serve a demo jukebox in build/demo
	@$(STAGE) all
	@JUKEBOXD=$(DAEMON) examples/demo-jukebox.sh build/demo $(PORTAL)

demo: deps ## build, and run examples/first-steps.sh, which shows all steps
	@$(STAGE) all tools
	@JUKEBOXD=$(DAEMON) ICDB=$(BUILD)/tools/icdb examples/first-steps.sh

# ---- testing -----------------------------------------------------------------------------------

# T=name takes only the files whose name has that in it: T=20-burn, T=test_wbuf.  SHUFFLE=seed shuffles
# them, JOBS=n runs so many at once.  STAGES says what `make check` is made of (tests/run-check).
CHECK = BUILD='$(BUILD)' JUKEBOXD='$(DAEMON)' tests/run-check $(if $(T),--only '$(T)') \
	$(if $(SHUFFLE),--shuffle '$(SHUFFLE)') $(if $(JOBS),--jobs '$(JOBS)')
BESIDE = $(if $(filter %/release,$(BUILD)),$(BUILD:%/release=%)/$(1),$(BUILD)-$(1))
STAGES ?= unit fuzz@asan bats examples powercut inject soak native both guest

check: deps $(if $(findstring @,$(STAGES)),deps-san) ## install missing packages, run all tests; T=name selects files
	@$(STAGE) all tools unit $(filter unit@% fuzz@%,$(STAGES))
	@$(CHECK) $(STAGES)

quick: ## in a minute and a half: unit tests, the main stories, a burn by each program; T=name
	@$(STAGE) all tools unit
	@$(CHECK) --quick unit bats native

check-unit: ## only the unit tests
	@$(STAGE) unit
	@$(CHECK) unit

check-bats: ## the tests of the real daemon through its real mount and libiscsi
	@$(STAGE) all tools
	@$(CHECK) bats

check-examples: ## the examples that need no guest
	@$(STAGE) all tools
	@$(CHECK) examples

check-native: ## the burning programs, on devices that a preloaded library provides (tests/tools/shim)
	@$(STAGE) all tools
	@$(CHECK) native

check-guest: ## all native and guest scripts, in a real Linux under QEMU
	@$(STAGE) all tools
	@$(CHECK) guest-all

# The unit tests of another flavour, or all of it, beside those of this one.
unit@%:
	+@$(STAGE) FLAVOUR=$* BUILD=$(call BESIDE,$*) unit
fuzz@%:
	+@$(STAGE) FLAVOUR=$* BUILD=$(call BESIDE,$*) fuzzers
# Not both at once in one folder.
fuzz@asan: | $(filter unit@asan,$(MAKECMDGOALS))
build@%:
	+@$(STAGE) FLAVOUR=$* BUILD=$(call BESIDE,$*) all tools unit

matrix: deps ## every program on every medium, or MEDIA=LIST; compared with tests/guest/MATRIX.md
	@$(STAGE) all tools
	@BUILD='$(BUILD)' JUKEBOXD='$(DAEMON)' tests/guest/make-matrix --run $(MEDIA)

full-size: deps ## a whole disc of each family, or MEDIA=LIST; compared with tests/guest/FULL.md
	@$(STAGE) all tools
	@BUILD='$(BUILD)' JUKEBOXD='$(DAEMON)' tests/guest/make-matrix --full --run $(MEDIA)

matrix-page: ## write tests/guest/MATRIX.md from the last run
	@tests/guest/make-matrix --renew

full-size-page: ## write tests/guest/FULL.md from the last run
	@tests/guest/make-matrix --full --renew

guest-golden: deps ## write tests/golden/guest again, with what programs print about each medium; MEDIA=regex
	@$(STAGE) all tools
	@BUILD='$(BUILD)' JUKEBOXD='$(DAEMON)' JUKE_GOLDEN=new JUKE_MEDIA='$(MEDIA)' tests/guest/run-all \
		--target tests/guest/target-jukeboxd tests/guest/scripts/29-info.sh

# RUNS: what tests/powercut/powercut takes.  These need about half an hour on one core.
RUNS ?= all $(foreach n,1 2 3 4 5 6 7 8,mix:$(n):60) $(foreach n,1 2 3 4 5 6 7 8,kills:$(n):80) \
	$(foreach n,1 2 3 4,stops:$(n):60) $(foreach n,5 6,walk:stops:$(n):60 walk:kills:$(n):80) each
STATES ?= 1300
# The same on real file systems, on disks whose power is cut: needs root and loop devices.
DISKS ?= ext4 xfs btrfs
DISK_RUNS ?= all mix:1:60 mix:2:60 kills:1:80 kills:2:80 stops:1:60 walk:stops:2:60 each
DISK_STATES ?= 150
POWERCUT = BUILD='$(BUILD)' JUKEBOXD='$(DAEMON)' tests/powercut/powercut
powercut: deps-powercut ## power cuts: what may be left of the store after each call, judged; RUNS=LIST, STATES=N
	@$(STAGE) all tools
	@$(POWERCUT) --states $(STATES) $(RUNS)
	@$(POWERCUT) --prove all each:over-blank
	@set -e; for disk in $(DISKS); do $(POWERCUT) --disk $$disk --states $(DISK_STATES) $(DISK_RUNS); done

inject: SECS ?= 0
inject: deps ## errors of the store and the system: each call of each operation fails in turn; SECS=N draws by lot
	@$(STAGE) all tools
	@BUILD='$(BUILD)' JUKEBOXD='$(DAEMON)' tests/inject/inject --secs $(SECS) $(if $(SEED),--seed $(SEED)) $(ROWS)

soak: SECS ?= 3600
soak: deps ## all kinds of users at once for an hour, with kill -9 now and then; SECS=N, SEED=N
	@$(STAGE) all tools
	@BUILD='$(BUILD)' JUKEBOXD='$(DAEMON)' tests/soak/soak --secs $(SECS) $(if $(SEED),--seed $(SEED))

fuzz: SECS ?= 60
fuzz: deps deps-san ## libFuzzer on each target of tests/fuzz for SECS seconds; T=name selects targets
	@$(MAKE) --no-print-directory fuzz@asan
	@BUILD='$(call BESIDE,asan)' tests/fuzz/run --secs '$(SECS)' $(T)

asan tsan: deps-san ## unit and bats tests with AddressSanitizer and UBSan, or ThreadSanitizer
	@$(MAKE) --no-print-directory build@$@
	@$(CHECK) unit@$@ bats@$@

clang: build@clang ## build everything with clang, including its lock analysis

bench: deps-bench ## measure reads, burns, large changers and crowds of hosts, and the same with tgtd
	@$(STAGE) all tools
	@JUKEBOXD=$(DAEMON) BENCH=$(BUILD)/bench tests/bench/run.sh
	@JUKEBOXD=$(DAEMON) BENCH=$(BUILD)/bench tests/bench/scale-smc.sh
	@JUKEBOXD=$(DAEMON) tests/bench/scale.sh
	@JUKEBOXD=$(DAEMON) BENCH=$(BUILD)/bench tests/bench/crowd.sh

# ---- Debian packages ---------------------------------------------------------------------------

deb: deps-package ## build the Debian packages into build/deb; lintian must find nothing
	@tests/package/deb build/deb
	@ls build/deb/*.deb

# Each suite's tree is made once, outside of this folder (tests/package/run).
SUITES ?= bookworm
check-package: deps-tree ## build, install, upgrade and purge the package in a Debian 12 in a folder, as root; SUITES=LIST
	@tests/package/run $(SUITES)

check-trixie: SUITES := trixie
check-trixie: check-package ## the same in a Debian 13

# ---- style -------------------------------------------------------------------------------------

C_FILES = $(sort $(shell git ls-files -co --exclude-standard '*.[ch]' 2>/dev/null || \
	find changer target fsctl mnt-layout tests -name '*.[ch]'))

lint: export LINT_CPPFLAGS = $(ALL_CPPFLAGS)
lint: deps-lint ## formatting, scripts, static analysis, layers, headers, names of files, man pages, sizes
	@BUILD='$(BUILD)' tests/lint/run $(T)

fmt: ## format all C files
	clang-format -i $(C_FILES)

# ---- installing --------------------------------------------------------------------------------

MAN5 := $(wildcard */*.5)
MAN8 := $(wildcard */*.8)
DOCDIR := $(PREFIX)/share/doc/jukeboxd

install: all ## into $(DESTDIR)$(PREFIX)
	install -D $(DAEMON) $(DESTDIR)$(PREFIX)/sbin/jukeboxd
	install -d $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 $(MAN5) $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 $(MAN8) $(DESTDIR)$(PREFIX)/share/man/man8
	install -d $(DESTDIR)$(DOCDIR)/examples
	install -m 644 README $(DESTDIR)$(DOCDIR)
	cp -R examples/. $(DESTDIR)$(DOCDIR)/examples

uninstall: ## remove what install has put there
	rm -f $(DESTDIR)$(PREFIX)/sbin/jukeboxd
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/man/man5/,$(notdir $(MAN5)))
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/man/man8/,$(notdir $(MAN8)))
	rm -rf $(DESTDIR)$(DOCDIR)

# The demo's discs are not taken from under a running demo.
clean: ## remove build/
	@! grep -q ' $(CURDIR)/build/' /proc/self/mountinfo || \
		{ echo "a jukebox is mounted under build/: stop it first" >&2; exit 1; }
	rm -rf --one-file-system build

help: ## this list
	@sed -nE 's/^([a-z][a-z -]*):[^#]*## (.*)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS="$$(printf '\t')" read -r t d; do printf '  %-16s %s\n' "$$t" "$$d"; done
	@echo "  FLAVOUR=release|clang|asan|tsan, BUILD=DIR, WERROR=-Werror, T=NAME, SHUFFLE=SEED, JOBS=N, V=1, PORTAL=ADDR:PORT (run), DESTDIR, PREFIX"
