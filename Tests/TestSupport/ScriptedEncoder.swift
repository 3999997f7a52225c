// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore
internal import Glibc
package import SystemPackage
package import V4L2

/// A stateful encoder behind the V4L2 floor, for what no virtual one of the kernel does.
///
/// It is the state machine of the document "Memory-to-Memory Stateful Video Encoder Interface", and notes in
/// ``violations`` where a program breaks the document's rules. It encodes as soon as both queues have a buffer; what it
/// makes are ``ScriptedPicture``s.
package final class ScriptedEncoder: Sendable {
    /// What goes wrong with a frame.
    package enum Fault: Sendable {
        /// The packet comes with the mark of an error.
        case damagedPacket
        /// The frame comes back with the mark of an error, and no packet comes.
        case damagedFrame
        /// The frame comes back as any other, and no packet comes.
        case swallowed
        /// The driver fails for good: EIO until all buffers are freed.
        case fatal
        /// Nothing comes back any more.
        case silence
    }

    /// How the pieces of a picture come one after the other.
    package enum Trickle: Sendable, CaseIterable {
        /// The frame comes back after the last.
        case beforeTheFrame
        /// The frame comes back before the first.
        case afterTheFrame
    }

    /// What the encoder is.
    package struct Description: Sendable {
        package var path = "/dev/video11"
        package var coded: [PixelFormat] = [PixelFormat(fourCC: "H264")]
        package var raw: [PixelFormat] = [.yuv420, .nv12]
        package var isMultiplanar = false
        package var smallest = Resolution(16, 16)
        package var largest = Resolution(4096, 4096)
        /// What width and height of raw frames are rounded up to.
        package var alignment = Resolution(2, 2)
        /// What the visible rectangle is rounded up to.
        package var cropAlignment = 2
        package var minimumRawBuffers: Int64?
        /// The least and the most buffers that either queue gets, whatever was asked for.
        package var rawBuffers = 1...32
        package var codedBuffers = 1...32
        /// Bytes of coded buffers unless the program asks for more.
        package var codedByteCount = 4096
        /// Whether setting the raw format works the bytes of coded buffers out anew.
        package var sizesCodedByRaw = false
        /// Whether setting the coded format changes the raw one.
        package var forgetsRawFormat = true
        /// The rates that it takes frames at, and codes at where these can differ.
        package var fastestRate: FrameRate = 120
        package var hasOwnInterval = false
        package var controls: [ScriptedDriver.Control] = []
        /// Controls that cannot be set while the coded queue streams.
        package var grabbed: Set<UInt32> = []
        package var hasCommands = true
        /// Whether it goes on after a drain only by a restart of its coded queue, as vicodec of Linux 6.1 does.
        package var staysAtEnd = false
        /// Whether the control that asks for a key frame does anything.
        package var heedsForcedKeyFrames = true
        package var importsMemory = true
        /// Pictures between others that need a later one: those are coded first.
        package var bidirectional = 0
        /// Buffers that a picture comes in.
        package var pieces = 1
        /// Buffers that the picture of a frame without a number comes in, as of grey; nil for as many.
        package var piecesWithoutNumber: Int?
        /// How pieces follow one another; nil for all at once.
        package var trickle: Trickle?
        /// The sequence parameter set; nil for words that tell the controls.
        package var sequenceSet: [UInt8]?
        /// Whether the parameter sets have a buffer of their own.
        package var separatesHeaders = false
        /// Raw buffers that it keeps after their frames are coded, until later ones are.
        package var heldFrames = 0
        package var marksTypes = true
        package var copiesTimes = true
        /// Bytes of a key picture of a frame that has a number.
        package var keyByteCount = 300
        /// What goes wrong, by the frames' numbers.
        package var faults: [Int: Fault] = [:]

        package init() {}
    }

    let state: Monitor<State>

    /// Makes a device.
    package init(_ description: Description = Description()) {
        state = Monitor(State(description: description))
    }

    deinit {
        state.withLock { for block in $0.allMemory { block.deallocate() } }
    }

    /// What the encoder is now.
    package var description: Description { state.withLock { $0.description } }
    /// Every call that was made: "VIDIOC_QBUF OUTPUT".
    package var log: [String] { state.withLock { $0.log } }
    /// What the program did against the rules.
    package var violations: [String] { state.withLock { $0.violations } }
    /// Mappings that the program has.
    package var mappedCount: Int { state.withLock { $0.mapped.count } }
    /// Open files of the device.
    package var openCount: Int { state.withLock { $0.devices.count } }
    /// Buffers that were copied into by the program, and those whose memory was another device's.
    package var queuedKinds: (copied: Int, imported: Int) { state.withLock { $0.queuedKinds } }
    /// The rates that were set last: of raw frames and of the coded stream.
    package var rates: (raw: FrameRate?, coded: FrameRate?) { state.withLock { ($0.rawRate, $0.codedRate) } }
    /// The visible rectangle.
    package var crop: Resolution { state.withLock { $0.crop } }
    /// Bytes of a coded buffer.
    package var codedByteCount: Int { state.withLock { $0.codedByteCount } }
    /// Changes what the encoder does from now on.
    package func change(_ body: @Sendable (inout Description) -> Void) { state.update { body(&$0.description) } }
    /// Makes the next calls of a name fail.
    package func fail(_ call: String, with errno: Errno, times: Int = 1) {
        state.withLock { $0.failures[call, default: []] += Array(repeating: errno, count: times) }
    }
    /// The value of a control.
    package func value(of control: UInt32) -> Int64? {
        state.withLock { $0.description.controls.first { $0.identifier == control }?.value }
    }
    /// Lets the device find shared memory by its descriptor.
    package func share(_ descriptor: Int32, _ address: UnsafeRawPointer) {
        let block = SharedBlock(address: address)
        state.withLock { $0.shared[descriptor] = block }
    }

    struct SharedBlock: @unchecked Sendable {
        // Unchecked: whoever shares it keeps it alive and does not write to it.
        let address: UnsafeRawPointer
    }

    /// The system calls that reach this driver.
    package var calls: SystemCalls {
        var calls = SystemCalls.linux
        calls.open = { path in
            self.state.withLock { state in
                state.log.append("open")
                if let errno = state.failure(of: "open") { return .failure(errno) }
                guard path == state.description.path else { return .failure(.noSuchFileOrDirectory) }
                state.nextDescriptor += 1
                state.devices.insert(state.nextDescriptor)
                return .success(state.nextDescriptor)
            }
        }
        calls.close = { descriptor in
            self.state.withLock { state in
                if state.counters.removeValue(forKey: descriptor) != nil { return }
                if state.devices.remove(descriptor) == nil { state.violations.append("closed \(descriptor) twice") }
                if state.devices.isEmpty { state.reset() }
            }
        }
        calls.ioctl = { descriptor, request, argument in
            // Whatever is done may let the encoder go on, for which others may wait.
            self.state.update { $0.ioctl(descriptor, request, argument) }
        }
        calls.map = { _, offset, byteCount in self.state.withLock { $0.map(offset, byteCount) } }
        calls.unmap = { mapping in
            self.state.withLock { state in
                if state.mapped.remove(mapping.address) == nil { state.violations.append("unmapped twice") }
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
        calls.names = { folder in
            self.state.withLock { folder == "/dev" ? ["null", String($0.description.path.dropFirst(5))] : [] }
        }
        calls.text = { _ in nil }
        calls.linkTarget = { _ in nil }
        calls.canonicalPath = { $0 }
        return calls
    }

    private func poll(_ entries: UnsafeMutableBufferPointer<pollfd>, _ milliseconds: Int32) -> Errno? {
        let deadline = milliseconds < 0 ? nil : Timestamp.now + .milliseconds(Int64(milliseconds))
        let wanted = Array(entries)
        let found = state.wait(until: deadline) { state -> [Int16]? in
            let events = wanted.map { entry -> Int16 in
                if let count = state.counters[entry.fd] { return count > 0 ? Int16(POLLIN) : 0 }
                return entry.fd < 0 ? 0 : state.events & (entry.events | Int16(POLLERR))
            }
            return events.contains { $0 != 0 } ? events : nil
        }
        for index in entries.indices { entries[index].revents = found?[index] ?? 0 }
        return nil
    }
}
