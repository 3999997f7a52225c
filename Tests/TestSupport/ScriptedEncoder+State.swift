// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import Glibc
internal import SystemPackage
internal import V4L2

extension ScriptedEncoder {
    /// One of the two queues.
    struct Queue {
        /// A buffer on its way through the driver.
        struct Entry {
            var index: Int
            var time: timeval
            var flags: UInt32 = 0
            var byteCount = 0
            /// Where the frame lies, of raw buffers.
            var frame: SharedBlock?
        }

        /// Of each buffer, its memories.
        var memories: [[UnsafeMutableRawPointer]] = []
        var isImporting = false
        var isStreaming = false
        /// What the driver has to work on.
        var waiting: [Entry] = []
        /// What the program can take.
        var done: [Entry] = []
        /// Raw buffers that are coded but kept.
        var held: [Entry] = []
        /// What comes only when the program has taken what came before.
        var later: [Entry] = []
        var count = 0

        var isInUse: Bool { !waiting.isEmpty || !done.isEmpty || !held.isEmpty || !later.isEmpty }

        func has(_ index: Int) -> Bool { (waiting + done + held + later).contains { $0.index == index } }

        mutating func giveAllBack() { (waiting, done, held, later, isStreaming) = ([], [], [], [], false) }
    }

    struct State {
        var description: Description
        var log: [String] = []
        var violations: [String] = []
        var failures: [String: [Errno]] = [:]
        var devices: Set<Int32> = []
        var counters: [Int32: Int] = [:]
        var nextDescriptor: Int32 = 2000
        var allMemory: [UnsafeMutableRawPointer] = []
        var mapped: Set<UnsafeMutableRawPointer> = []
        var shared: [Int32: SharedBlock] = [:]
        var queuedKinds = (copied: 0, imported: 0)

        var codedFormat: PixelFormat?
        var rawFormat = PixelFormat.yuv420
        var size = Resolution(64, 64)
        var crop = Resolution(64, 64)
        var codedByteCount: Int
        var color: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        var rawRate: FrameRate?
        var codedRate: FrameRate?

        var raw = Queue()
        var coded = Queue()
        var isDraining = false
        var isStopped = false
        var lastWasTaken = false
        var hasFailed = false
        var isSilent = false

        /// Pictures coded since the stream began anew; the first one is a key frame.
        var pictures = 0
        var sinceKey = 0
        var serial = 0
        var lastReference: Int?
        var forcesKey = false
        var headersWereGiven = false
        /// The time of the latest frame that was coded, in microseconds.
        var newestCoded: Int?

        init(description: Description) {
            self.description = description
            codedByteCount = description.codedByteCount
        }

        mutating func failure(of call: String) -> Errno? {
            guard var list = failures[call], !list.isEmpty else { return nil }
            let errno = list.removeFirst()
            failures[call] = list
            return errno
        }

        /// What closing the last file does.
        mutating func reset() {
            (raw, coded) = (Queue(), Queue())
            (isDraining, isStopped, lastWasTaken, hasFailed, isSilent) = (false, false, false, false, false)
            codedFormat = nil
            codedByteCount = description.codedByteCount
            beginStream()
        }

        /// What comes is a stream of its own.
        mutating func beginStream() {
            pictures = 0
            lastReference = nil
            headersWereGiven = false
            newestCoded = nil
        }

        /// What poll tells of the device, as the kernel's m2m framework has it.
        var events: Int16 {
            let rawIsIdle = !raw.isStreaming || !raw.isInUse
            let codedIsIdle = !coded.isStreaming || (!coded.isInUse && !lastWasTaken)
            if hasFailed || (rawIsIdle && codedIsIdle) { return Int16(POLLERR) }
            var events: Int32 = 0
            if !raw.done.isEmpty { events |= POLLOUT }
            if !coded.done.isEmpty || lastWasTaken { events |= POLLIN }
            return Int16(events)
        }

        /// The memories of a raw buffer, in bytes.
        var rawByteCounts: [Int] {
            let format = rawFormat.inOneMemory
            let planes = (0..<format.planeCount).compactMap { plane in
                format.layout(ofPlane: plane).map { $0.rowBytes(width: size.width) * $0.rows(height: size.height) }
            }
            return rawFormat == format ? [planes.reduce(0, +)] : planes
        }

        mutating func map(_ offset: Int, _ byteCount: Int) -> Result<SystemCalls.Mapping, Errno> {
            if let errno = failure(of: "mmap") { return .failure(errno) }
            let (queue, rest) = (offset >> 28, offset & 0xFFF_FFFF)
            let memories = (queue == 0 ? raw : coded).memories
            let (index, memory) = (rest >> 15, (rest >> 12) & 7)
            guard memories.indices.contains(index), memories[index].indices.contains(memory) else {
                return .failure(.invalidArgument)
            }
            mapped.insert(memories[index][memory])
            return .success(SystemCalls.Mapping(address: memories[index][memory], byteCount: byteCount))
        }
    }
}
