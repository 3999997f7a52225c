// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore
internal import Glibc
package import SystemPackage
package import V4L2

/// A V4L2 driver that follows a script, for what no real one does on demand.
///
/// It keeps the rules of the kernel's and notes in ``violations`` where a program breaks them: a buffer queued twice, a
/// mapping removed twice. What its steps deliver is there at once; with no step left, nothing happens until another comes.
package final class ScriptedDriver: Sendable {
    /// What happens next.
    package enum Step: Sendable {
        /// A frame is filled with a byte; it is lost when the driver has no buffer.
        case frame(_ fill: UInt8)
        /// Frames are lost: the count goes on.
        case gap(_ count: UInt32)
        /// A frame arrives with the driver's mark of damage.
        case damaged
        /// A buffer comes back marked as damaged and empty, with the count of some earlier frame.
        case unused
        /// A frame arrives with these bytes alone.
        case bytes([UInt8])
        /// An event arrives.
        case event(UInt32)
        /// The signal at the input changes, and an event tells so: what `v4l2_input` says of it, and its timings' size.
        case signal(_ status: UInt32, size: Resolution? = nil)
        /// The device is unplugged.
        case unplug
        /// The driver's queue fails as videobuf2's does: poll tells, and DQBUF gives EIO.
        case queueFailure
    }

    /// What the device is.
    package struct Description: Sendable {
        package var path = "/dev/video0"
        package var driver = "scripted"
        package var capabilities: UInt32 = 0x0420_0001  // streaming, extended formats, capture
        /// Formats with their sizes and rates; rates may be empty for a driver that does not tell.
        package var formats: [Format] = [Format(.yuyv, [Resolution(32, 16)], [30])]
        /// Bytes that rows are padded to.
        package var rowAlignment = 1
        /// The most buffers that the driver makes.
        package var bufferLimit = 32
        /// The fewest buffers that the driver makes.
        package var bufferMinimum = 1
        /// Whether it can free buffers that are mapped, as kernels from 5.0 on can.
        package var freesMappedBuffers = true
        /// The count of the first frame.
        package var firstSequence: UInt32 = 0
        /// Flags of each buffer; by default a time on the monotonic clock.
        package var bufferFlags: UInt32 = 0x2000
        /// V4L2's numbers of colour space, transfer, encoding and quantization.
        package var color: (UInt32, UInt32, UInt32, UInt32) = (8, 0, 0, 0)
        package var controls: [Control] = []
        package var inputs: [Input] = []
        /// Where crop rectangles must lie; nil when there are none.
        package var cropBounds: PixelRegion?
        /// How lines belong to moments, and the height of pixels against their width.
        package var field: UInt32 = V4L2_FIELD_NONE.rawValue
        package var pixelAspect = (height: UInt32(1), width: UInt32(1))
        /// Whether buffers can be shared as dma-bufs.
        package var exportsBuffers = true
        /// Where it is connected.
        package var bus = "script:0"

        package init() {}
    }

    /// One of the device's formats.
    package struct Format: Sendable {
        package let pixelFormat: PixelFormat
        package let sizes: [Resolution]
        package let rates: [FrameRate]

        package init(_ pixelFormat: PixelFormat, _ sizes: [Resolution], _ rates: [FrameRate]) {
            self.pixelFormat = pixelFormat
            self.sizes = sizes
            self.rates = rates
        }
    }

    struct State {
        var description: Description
        var steps: [Step] = []
        var failures: [String: [Errno]] = [:]
        var log: [String] = []
        var violations: [String] = []
        var devices: Set<Int32> = []
        var counters: [Int32: Int] = [:]
        /// Descriptors by which folders are watched; they count as the ones above.
        var watches: Set<Int32> = []
        /// Descriptors of the device that were open when it was unplugged.
        var lost: Set<Int32> = []
        /// Shared buffers that the program has open.
        var exports: Set<Int32> = []
        var input = 0
        var inputStatus: UInt32 = 0
        /// Timings: those that are set, and those of the signal.
        var timings: Resolution
        var signalTimings: Resolution
        var standard: UInt64 = 0x1000
        var signalStandard: UInt64 = 0x1000
        var crop: PixelRegion?
        /// Bytes of a row of a layout that the script does not know.
        var rowBytes = 0
        var nextDescriptor: Int32 = 1000
        var isPresent = true
        var hasFailed = false
        var isStreaming = false
        var pixelFormat: PixelFormat
        var size: Resolution
        var rate: FrameRate
        var memory: [UnsafeMutableRawPointer] = []
        var allMemory: [UnsafeMutableRawPointer] = []
        var mapped: Set<UnsafeMutableRawPointer> = []
        var queued: [Int] = []
        var sequence: UInt32
        var events: [UInt32] = []
        /// The controls whose changes each open file is told of, and the changes that it did not take yet.
        var subscriptions: [Int32: Set<UInt32>] = [:]
        var controlEvents: [Int32: [v4l2_event]] = [:]
        var files: [String: String] = [:]
    }

    let state: Monitor<State>
    /// Bytes of each buffer: enough for any format of the scripts.
    static let bufferSize = 1 << 16

    /// Makes a device that has no steps yet.
    package init(_ description: Description = Description()) {
        let format = description.formats.first
        let size = format?.sizes.first ?? Resolution(32, 16)
        state = Monitor(
            State(
                description: description, timings: size, signalTimings: size, crop: description.cropBounds,
                pixelFormat: format?.pixelFormat ?? .yuyv, size: size, rate: format?.rates.first ?? 30,
                sequence: description.firstSequence))
    }

    deinit {
        state.withLock { for block in $0.allMemory { block.deallocate() } }
    }

    /// Appends steps; who waits for them wakes.
    package func play(_ steps: [Step]) { state.update { $0.steps += steps } }

    /// Plugs the device in again, perhaps under another path, and tells those who watch /dev.
    package func plug(at path: String? = nil) {
        state.update { state in
            if let path { state.description.path = path }
            state.isPresent = true
            state.hasFailed = false
            for watch in state.watches { state.counters[watch]? += 1 }
        }
    }

    /// Tells those who watch /dev that something changed there.
    package func touchFolder() {
        state.update { state in
            for watch in state.watches { state.counters[watch]? += 1 }
        }
    }

    /// Shared buffers that are open.
    package var exportCount: Int { state.withLock { $0.exports.count } }

    /// Makes the next calls of a name fail.
    package func fail(_ call: String, with errno: Errno, times: Int = 1) {
        state.withLock { $0.failures[call, default: []] += Array(repeating: errno, count: times) }
    }

    /// Makes a file of /proc or a link: links begin with "-> ".
    package func setFile(_ path: String, _ contents: String) { state.withLock { $0.files[path] = contents } }

    /// Every call that was made, with its buffer where it has one.
    package var log: [String] { state.withLock { $0.log } }
    /// What the program did against the rules.
    package var violations: [String] { state.withLock { $0.violations } }
    /// Buffers that the driver has.
    package var queuedCount: Int { state.withLock { $0.queued.count } }
    /// Mappings that the program has.
    package var mappedCount: Int { state.withLock { $0.mapped.count } }
    /// Descriptors of the device that are open.
    package var openCount: Int { state.withLock { $0.devices.count } }
    /// Steps that were not played yet.
    package var remaining: Int { state.withLock { $0.steps.count } }
    /// The system calls that reach this driver.
    package var calls: SystemCalls {
        var calls = SystemCalls.linux
        calls.open = { path in
            self.state.withLock { state in
                state.log.append("open")
                if let errno = state.failure(of: "open") { return .failure(errno) }
                guard path == state.description.path, state.isPresent else { return .failure(.noSuchFileOrDirectory) }
                state.nextDescriptor += 1
                state.devices.insert(state.nextDescriptor)
                return .success(state.nextDescriptor)
            }
        }
        calls.close = { descriptor in
            self.state.withLock { state in
                if state.counters.removeValue(forKey: descriptor) != nil {
                    state.watches.remove(descriptor)
                    return
                }
                if state.exports.remove(descriptor) != nil { return }
                state.log.append("close")
                state.subscriptions[descriptor] = nil
                state.controlEvents[descriptor] = nil
                if state.devices.remove(descriptor) == nil { state.violations.append("closed \(descriptor) twice") }
                state.lost.remove(descriptor)
                if state.devices.isEmpty { state.forgetBuffers() }
            }
        }
        calls.ioctl = { descriptor, request, argument in
            self.state.withLock { $0.ioctl(descriptor, request, argument) }
        }
        calls.map = { _, offset, byteCount in self.state.withLock { $0.map(offset, byteCount) } }
        calls.unmap = { mapping in
            self.state.withLock { state in
                if state.mapped.remove(mapping.address) == nil { state.violations.append("unmapped twice") }
                // Whoever still reads it sees what a real unmapping would have made a crash.
                memset(mapping.address, 0xDD, mapping.byteCount)
            }
        }
        calls.poll = { entries, milliseconds in self.poll(entries, milliseconds) }
        calls.makeCounter = {
            self.state.withLock { state in
                state.nextDescriptor += 1
                state.counters[state.nextDescriptor] = 0
                return .success(state.nextDescriptor)
            }
        }
        calls.raiseCounter = { descriptor in self.state.update { $0.counters[descriptor]? += 1 } }
        calls.clearCounter = { descriptor in self.state.withLock { $0.counters[descriptor]? = 0 } }
        calls.watchFolder = { _ in
            self.state.withLock { state in
                state.nextDescriptor += 1
                state.counters[state.nextDescriptor] = 0
                state.watches.insert(state.nextDescriptor)
                return .success(state.nextDescriptor)
            }
        }
        calls.clearWatch = { descriptor in self.state.withLock { $0.counters[descriptor]? = 0 } }
        calls.names = { folder in
            self.state.withLock { state in
                if folder == "/dev" {
                    return ["null"] + (state.isPresent ? [String(state.description.path.dropFirst(5))] : [])
                }
                let inside = state.files.keys.filter { $0.hasPrefix(folder + "/") }
                return Set(
                    inside.compactMap { $0.dropFirst(folder.count + 1).split(separator: "/").first.map(String.init) }
                )
                .sorted()
            }
        }
        calls.text = { path in self.state.withLock { $0.files[path] } }
        calls.linkTarget = { path in
            self.state.withLock { state in
                state.files[path].flatMap { $0.hasPrefix("-> ") ? String($0.dropFirst(3)) : nil }
            }
        }
        calls.canonicalPath = { $0 }
        return calls
    }

    private func poll(_ entries: UnsafeMutableBufferPointer<pollfd>, _ milliseconds: Int32) -> Errno? {
        let deadline = milliseconds < 0 ? nil : Timestamp.now + .milliseconds(Int64(milliseconds))
        let wanted = Array(entries)
        let found = state.wait(until: deadline) { state -> (Errno?, [Int16])? in
            state.log.append("poll")
            if let errno = state.failure(of: "poll") { return (errno, wanted.map { _ in 0 }) }
            let events = wanted.map { entry in
                state.counters[entry.fd].map { $0 > 0 ? Int16(POLLIN) : 0 } ?? state.deviceEvents(entry)
            }
            return events.contains { $0 != 0 } ? (nil, events) : nil
        }
        for index in entries.indices { entries[index].revents = found?.1[index] ?? 0 }
        return found?.0
    }
}
