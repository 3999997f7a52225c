# SPDX-License-Identifier: MIT
# What there is to make: setup, build, install, deb, demo, test, test-traits, test-devices, test-players, test-page, test-shells, test-deb, test-debian13, test-arm64, test-shims, test-budget, fuzz, fuzz-parsers, soak, bench, bench-devices, test-bench, lint, docs, clean.

# What the package is built with, and the programs that tests judge its work with.
LIBRARIES = libjpeg-dev libyuv-dev libx264-dev libx265-dev libavformat-dev libavcodec-dev libavutil-dev \
	libcamera-dev libv4l-dev libpng-dev libgif-dev libexif-dev libfreetype-dev libsqlite3-dev fonts-dejavu-core libmosquitto-dev \
	pkg-config
TOOLS = ffmpeg x264 x265 imagemagick libimage-exiftool-perl libjpeg-turbo-progs libraw-bin v4l-utils procps curl \
	python3 binutils gcc sqlite3 mosquitto mosquitto-clients

# Python's compiled files would stay behind beside the scripts of the tests.
export PYTHONDONTWRITEBYTECODE = 1

# DeviceLabTests run inside the virtual machine of `make test-devices`.
TESTS = -c release --build-tests
TEST = swift test -c release --skip-build --skip DeviceLabTests
WITHOUT_TRAITS = --disable-default-traits --scratch-path .build/no-traits
LINTED = Package.swift Sources Tests Samples Benchmarks/Package.swift Benchmarks/Sources

# GStreamer with the demuxers that judge files.
PLAYERS = gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad

# What the benchmarks are compared with, and fetch their footage by.
PEERS = ffmpeg x264 $(PLAYERS) gstreamer1.0-plugins-ugly libturbojpeg0-dev python3-pip valgrind

.PHONY: build setup setup-libraries print-libraries print-tools install deb demo test test-part test-samples test-traits test-devices \
	test-players test-page test-shells test-deb test-sanitizers test-debian13 test-arm64 test-shims test-budget fuzz fuzz-parsers soak bench bench-devices test-bench lint docs clean

build: setup-libraries
	swift build -c release

# Everything that building and testing need.
setup:
	@Scripts/setup $(LIBRARIES) $(TOOLS)

setup-libraries:
	@Scripts/setup $(LIBRARIES)

# For scripts that install the same elsewhere.
print-libraries:
	@echo $(LIBRARIES)

print-tools:
	@echo $(TOOLS)

# The tool and the C library libSPCodec.so, with the Swift runtime inside, under PREFIX (and DESTDIR in front of it).
PREFIX = /usr/local
install: setup-libraries
	Scripts/install $(PREFIX)

# Debian packages of the tool with its service and of the library, in .build/packages; they need no Swift where they are installed.
deb: setup-libraries
	Scripts/deb .build/packages

# Ten seconds from the first camera, or from the test camera, into clips/.
demo: setup-libraries
	swift build -c release --product camera
	swift build -c release --product CameraLibCamera
	@Scripts/demo "$$(swift build -c release --show-bin-path)/camera"

# The package that uses this one from outside comes first, so that the closing lines are those of the suite itself.
test: setup test-samples
	Scripts/install .build/prefix
	swift build $(TESTS)
	$(TEST)

# The suites that TESTS_OF names to the test runner, alone.
test-part: setup
	swift build $(TESTS)
	$(TEST) $(TESTS_OF)

# Without the cache of build plans, which does not see that files of this package have come or gone.
test-samples: setup
	swift test --package-path Samples --disable-build-manifest-caching

# The same without what the traits bring, in a build folder of its own.
test-traits: setup
	swift build $(TESTS) $(WITHOUT_TRAITS)
	$(TEST) $(WITHOUT_TRAITS)

# On real kernel drivers, in a virtual machine.
test-devices: setup
	Tests/DeviceLab/run

# Mutated inputs, for as long as asked and from a seed that is printed: `make fuzz SECONDS=600 SEED=1234`. Ten seconds of each
# kind are part of `make test`.
SECONDS = 60
fuzz: setup
	swift build $(TESTS)
	FUZZ_SECONDS=$(SECONDS) $(if $(SEED),FUZZ_SEED=$(SEED)) $(TEST) --filter FuzzTests

# All of `make test` on a fresh Debian 13, and then libcamera as it is there, in the virtual machine. Needs root.
test-debian13:
	Tests/Rooms/debian --fresh debian13 trixie make test
	Tests/DeviceLab/run-on trixie

# With Debian unstable's own Swift: for this machine, and for 64-bit Arm under emulation. Needs root, and an hour for all tests;
# `make test-arm64 ARM64_TESTS="--filter CameraCodecsTests"` runs those of arm64 alone.
test-arm64:
	@Tests/Rooms/unstable built || { echo "Making a room with Debian unstable (once)"; Tests/Rooms/unstable build; }
	Tests/Rooms/unstable Tests/Rooms/test-arm64 $(ARM64_TESTS)

# The C sources on 64-bit and 32-bit Arm, by Debian's cross compilers and QEMU. Needs root.
test-shims:
	Tests/Shims/run

# What a small board needs, under limits of memory that the kernel keeps. Needs root.
test-budget: setup
	swift build -c release --product camera
	swift build -c release --product camera-service
	Tests/Service/budget "$$(swift build -c release --show-bin-path)" --limit 200

# Files as GStreamer reads them, which is no part of `make test`: it brings two hundred packages.
test-players: setup
	@Scripts/setup $(PLAYERS)
	swift build $(TESTS)
	$(TEST) --filter GStreamerTests --filter MP4TrackTests

# The live page in headless Chromium, which is no part of what CI runs: it judges delays, and brings three hundred packages.
test-page: setup
	swift build -c release --product camera
	swift build -c release --product camera-service
	Tests/Players/live "$$(swift build -c release --show-bin-path)/camera"

# The tool in shells: bash, zsh and fish offer its options and their values, and its manual pages are without fault. It brings
# thirty packages.
test-shells: setup
	@Scripts/setup zsh fish man-db groff mandoc
	swift build -c release --product camera
	Tests/Shells/run "$$(swift build -c release --show-bin-path)/camera" bash zsh fish
	Tests/Shells/manual "$$(swift build -c release --show-bin-path)/camera"

# The packages, judged by lintian and installed on a pristine Debian without Swift. Needs root, and fetches that Debian once.
test-deb: setup
	Tests/Packages/run

# The host tests under sanitizers: threads, and addresses with undefined behaviour of C. Half an hour each on two cores.
test-sanitizers: setup
	Tests/Sanitizers/run thread
	Tests/Sanitizers/run address

# libFuzzer on all that reads bytes from outside, or on what TARGETS names: `make fuzz-parsers RUNS=1000000 TARGETS="jpeg font"`.
RUNS = 100000
fuzz-parsers: setup
	RUNS=$(RUNS) $(if $(SEED),FUZZ_SEED=$(SEED)) Tests/Fuzzers/run $(TARGETS)

# What Docs/Reliability.md has figures of: a week of pictures as fast as they are taken, 50 kills of a service, and one that is in
# use for hours: `make soak HOURS=8`. As root the last has a small disk of its own.
HOURS = 2
soak: setup
	swift build $(TESTS)
	WEEK_HOURS=168 $(TEST) --filter WeekTests
	Tests/Service/kills "$$(swift build -c release --show-bin-path)/camera"
	Tests/Service/soak "$$(swift build -c release --show-bin-path)" --hours $(HOURS)

# Side by side with other programs and with the bare libraries; Docs/Performance.md and what it shows are made by this.
# An hour on two cores; `make bench ROWS="--row raw --row start"` does those alone, and leaves the others in Docs.
bench: setup
	@Scripts/setup $(PEERS)
	Scripts/install .build/prefix
	Benchmarks/run --results Docs $(ROWS)

# Cameras of the kernel, in the virtual machine of `make test-devices`: two more rows, in a quarter of an hour.
bench-devices: setup
	@Scripts/setup $(PEERS)
	Scripts/install .build/prefix
	Benchmarks/devices

# The same as a test: short runs, which must all make as much as the others.
test-bench: setup
	@Scripts/setup $(PEERS)
	Scripts/install .build/prefix
	FRAMES=150 Benchmarks/run --check --length 0.1

lint:
	swift format lint --strict --recursive --parallel $(LINTED)

# The documentation as web pages, in .build/docs; says in the end how to look at them.
docs: setup-libraries
	Scripts/docs

clean:
	rm -rf .build Samples/.build Benchmarks/.build clips
