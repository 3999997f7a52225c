# SPDX-License-Identifier: MIT
# What there is to make: setup, build, install, demo, test, test-traits, test-devices, bench, test-bench, lint, docs, clean.

# What the package is built with, and the programs that tests judge its work with.
LIBRARIES = libturbojpeg0-dev libjpeg-dev libyuv-dev libx264-dev libx265-dev libavformat-dev libavcodec-dev libavutil-dev \
	libcamera-dev libpng-dev libgif-dev libexif-dev libfreetype-dev fonts-dejavu-core pkg-config
TOOLS = ffmpeg x264 x265 imagemagick libimage-exiftool-perl libjpeg-turbo-progs libraw-bin v4l-utils procps \
	python3 binutils gcc

# DeviceLabTests run inside the virtual machine of `make test-devices`.
TEST = swift test -c release --skip DeviceLabTests
LINTED = Package.swift Sources Tests Samples Benchmarks/Package.swift Benchmarks/Sources

# What the benchmarks are compared with, and fetch their footage by.
PEERS = ffmpeg x264 gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
	gstreamer1.0-plugins-ugly python3-pip valgrind

.PHONY: build setup setup-libraries install demo test test-packages test-traits test-devices bench test-bench lint docs clean

build: setup-libraries
	swift build -c release

# Everything that building and testing need.
setup:
	@Scripts/setup $(LIBRARIES) $(TOOLS)

setup-libraries:
	@Scripts/setup $(LIBRARIES)

# The tool and the C library libSPCodec.so, with the Swift runtime inside, under PREFIX (and DESTDIR in front of it).
PREFIX = /usr/local
install: setup-libraries
	Scripts/install $(PREFIX)

# Ten seconds from the first camera, or from the test camera, into clips/.
demo: setup-libraries
	swift build -c release --product camera
	swift build -c release --product CameraLibCamera
	@Scripts/demo "$$(swift build -c release --show-bin-path)/camera"

# The packages that use this one from outside come first, so that the closing lines are those of the suite itself.
test: setup test-packages
	Scripts/install .build/prefix
	$(TEST)

test-packages: setup
	swift build --package-path Samples
	swift test --package-path Tests/Consumer

# The same without what the traits bring, in a build folder of its own.
test-traits: setup
	$(TEST) --disable-default-traits --scratch-path .build/no-traits

# On real kernel drivers, in a virtual machine.
test-devices: setup
	Tests/DeviceLab/run

# Side by side with other programs and with the bare libraries; Docs/Performance.md and what it shows are made by this.
# An hour on two cores; `make bench ROWS="--row raw --row start"` does those alone, and leaves the others in Docs.
bench: setup
	@Scripts/setup $(PEERS)
	Scripts/install .build/prefix
	Benchmarks/run --results Docs $(ROWS)

# The same as a test: short runs, which must all make as much as the others.
test-bench: setup
	@Scripts/setup $(PEERS)
	Scripts/install .build/prefix
	FRAMES=150 Benchmarks/run --check --length 0.1

lint:
	swift format lint --strict --recursive --parallel $(LINTED)

# The documentation as web pages, in .build/docs.
docs: setup-libraries
	Scripts/docs

clean:
	rm -rf .build Samples/.build Tests/Consumer/.build Benchmarks/.build clips
