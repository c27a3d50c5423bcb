# SPDX-License-Identifier: GPL-2.0-or-later
# The only makefile.  Objects go to build/<flavour>/; `make help` says what there is.

FLAVOUR ?= release
BUILD ?= build/$(FLAVOUR)
PREFIX ?= /usr/local
VERSION := 0.1.0

# ---- tools and flags -------------------------------------------------------------------------

CC := gcc
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wcast-align=strict -Wformat=2 -Wimplicit-fallthrough -Wpointer-arith -Wwrite-strings \
	-Wundef -Wnull-dereference -Wdouble-promotion -Wno-unused-parameter
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -fno-strict-aliasing
LDHARDEN := -pie -Wl,-z,relro,-z,now
ifeq ($(FLAVOUR),clang)
CC := clang
WARN := $(filter-out -Wcast-align=strict,$(WARN)) -Wcast-align -Wthread-safety
endif
ifeq ($(FLAVOUR),asan)
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HARDEN := -fPIE -fno-strict-aliasing
endif
ifeq ($(FLAVOUR),tsan)
SAN := -fsanitize=thread
HARDEN := -fPIE -fno-strict-aliasing
endif
# CI sets WERROR=-Werror; a user's newer compiler must not stop a build.
WERROR ?=

PKGS := fuse3 jansson libisal uuid
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
TEST_LIBS := -lcmocka
TOOL_LIBS := -liscsi

CPPFLAGS += -I. -D_GNU_SOURCE -DFUSE_USE_VERSION=314 -DJUKEBOXD_VERSION='"$(VERSION)"' $(PKG_CFLAGS)
ALL_CFLAGS := -std=gnu11 -pthread $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) $(SAN)
ALL_LDFLAGS := -pthread $(LDFLAGS) $(LDHARDEN) $(SAN)

# ---- sources: one library per layer, linked only against the layers below it (DESIGN 1) -------

LAYERS := base model scsi smc iscsi mmc fsctl
SRC_base := $(wildcard changer/base/*.c)
SRC_model := $(wildcard changer/*.c)
SRC_scsi := $(wildcard changer/scsi/*.c)
SRC_smc := $(wildcard changer/smc/*.c)
SRC_iscsi := $(wildcard target/iscsi/*.c)
SRC_mmc := $(wildcard target/mmc/*.c)
SRC_fsctl := $(wildcard fsctl/*.c)
SRC_main := $(wildcard target/*.c)

# What a layer's unit tests are linked with: the layer and those it may use, users first.
USES_base := base
USES_model := model base
USES_scsi := scsi base
USES_smc := smc scsi model base
USES_iscsi := iscsi scsi base
USES_mmc := mmc model scsi base
USES_fsctl := fsctl model base

lib = $(BUILD)/lib$(1).a
objs = $(patsubst %.c,$(BUILD)/%.o,$(1))

DAEMON := $(BUILD)/jukeboxd
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(wildcard tests/tools/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

.PHONY: all tools unit deps run demo check check-unit check-bats check-guest asan tsan clang lint \
	fmt bench install uninstall clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(DAEMON)
tools: $(TOOLS) $(BENCHES)
unit: $(UNITS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define layer_rule
$(call lib,$(1)): $(call objs,$(SRC_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(AR) rcs $$@ $$^

$(BUILD)/unit/$(1)/test_%: $(BUILD)/tests/unit/$(1)/test_%.o $(foreach l,$(USES_$(1)),$(call lib,$(l)))
	@mkdir -p $$(@D)
	$(CC) $(ALL_LDFLAGS) -o $$@ $$^ $(PKG_LIBS) $(TEST_LIBS)
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

$(DAEMON): $(call objs,$(SRC_main)) $(foreach l,smc mmc iscsi fsctl model scsi base,$(call lib,$(l)))
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tools/%: $(BUILD)/tests/tools/%.o $(call lib,base)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TOOL_LIBS)

$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(call lib,base)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TOOL_LIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
