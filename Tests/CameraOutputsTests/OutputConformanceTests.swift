// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation
import Synchronization
import TestSupport
import Testing

/// What every output keeps to, whatever it is.
@Suite struct OutputConformanceTests {
    /// An output with a way to look at what reached its end.
    struct Subject {
        let output: any Output
        let received: () throws -> [UInt8]
    }

    enum Kind: String, CaseIterable {
        case newFile, existingFile, syncedFile, periodicallySyncedFile, memory, buffer, foreignBuffer, pipe, fifo
        case closure, circularBuffer, circular

        func make(in folder: TemporaryFolder) throws -> Subject {
            let path = folder.path("output")
            func file(_ sync: SyncPolicy) throws -> Subject {
                Subject(output: try FileOutput(path: path, sync: sync)) { try contents(path) }
            }
            switch self {
            case .newFile: return try file(.none)
            case .existingFile:
                try Data(repeating: 7, count: 10_000).write(to: folder.file("output"))
                return try file(.none)
            case .syncedFile: return try file(.onSplit)
            case .periodicallySyncedFile: return try file(.every(.microseconds(50)))
            case .memory:
                let output = MemoryOutput()
                return Subject(output: output) { output.data }
            case .buffer:
                let output = try BufferOutput(capacity: 300_000)
                return Subject(output: output) { output.data }
            case .foreignBuffer:
                let memory = Memory(count: 300_000)
                let output = BufferOutput(buffer: memory.bytes)
                return Subject(output: output) { Array(memory.bytes[..<output.count]) }
            case .pipe:
                let pipe = Pipe()
                let reader = Reader(pipe.fileHandleForReading)
                let output = PipeOutput(
                    descriptor: dup(pipe.fileHandleForWriting.fileDescriptor), closesDescriptor: true)
                try pipe.fileHandleForWriting.close()
                return Subject(output: output) { reader.toEnd() }
            case .fifo:
                try #require(mkfifo(path, 0o600) == 0)
                let reader = Reader(opening: path)
                let output = try FileOutput(path: path)
                return Subject(output: output) { reader.toEnd() }
            case .closure:
                let received = Mutex<[UInt8]>([])
                let box = Box(received)
                let output: any Output = ClosureOutput { bytes, _ in
                    bytes.withUnsafeBytes { bytes in box.value.withLock { $0 += bytes } }
                }
                return Subject(output: output) { box.value.withLock { $0 } }
            case .circularBuffer:
                let output = try CircularBuffer(size: 300_000)
                let read = Box(Mutex<[UInt8]>([]))
                return Subject(output: Spy(output) { read.value.withLock { $0 = output.contents } }) {
                    read.value.withLock { $0 }
                }
            case .circular:
                let output = try CircularOutput(.frames(1000))
                let copy = MemoryOutput()
                return Subject(output: Spy(output) { _ = try output.copy(to: .output(copy), firstFrame: nil) }) {
                    copy.data
                }
            }
        }
    }

    /// Looks at an output before it is closed, for outputs that forget everything then.
    private final class Spy: Output {
        private let output: any Output
        private let look: @Sendable () throws -> Void
        private let hasLooked = Atomic(false)

        init(_ output: any Output, _ look: @escaping @Sendable () throws -> Void) {
            self.output = output
            self.look = look
        }

        func begin(_ stream: StreamDescription) throws { try output.begin(stream) }
        func write(_ bytes: RawSpan, _ info: PacketInfo) throws { try output.write(bytes, info) }
        func write(_ packet: Packet) throws { try output.write(packet) }
        func end() throws { try output.end() }
        func flush() throws { try output.flush() }
        func close() throws {
            if !hasLooked.exchange(true, ordering: .relaxed) { try look() }
            try output.close()
        }
    }

    private final class Box<Value: ~Copyable & Sendable>: Sendable {
        let value: Value
        init(_ value: consuming Value) { self.value = value }
    }

    private final class Memory {
        let bytes: UnsafeMutableRawBufferPointer
        init(count: Int) { bytes = .allocate(byteCount: count, alignment: 1) }
        deinit { bytes.deallocate() }
    }

    @Test(arguments: Kind.allCases)
    func passesOnEveryByteInOrder(_ kind: Kind) throws {
        let folder = try TemporaryFolder()
        let subject = try kind.make(in: folder)
        var expected: [UInt8] = []
        try subject.output.begin(Pictures.stream())
        for index in 0..<40 {
            // Sizes from nothing to more than a pipe takes at once.
            let size = index == 20 ? 150_000 : index * 97
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
            if index.isMultiple(of: 2) {
                try subject.output.put(bytes, Pictures.info(Int64(index)))
            } else {
                try subject.output.write(Pictures.packet(bytes, Pictures.info(Int64(index))))
            }
            expected += bytes
        }
        try subject.output.end()
        try subject.output.flush()
        try subject.output.close()
        if let file = subject.output as? FileOutput {
            #expect(try file.waitUntilClosed(until: nil))
            #expect(file.bytesWritten == expected.count)
        }
        #expect(try subject.received() == expected)
    }

    @Test(arguments: Kind.allCases)
    func refusesWritingAfterClose(_ kind: Kind) throws {
        let folder = try TemporaryFolder()
        let subject = try kind.make(in: folder)
        try subject.output.begin(Pictures.stream())
        try subject.output.put("before")
        try subject.output.end()
        try subject.output.close()
        try subject.output.close()
        let error = #expect(throws: CameraError.self) { try subject.output.put("after") }
        #expect(error?.code == .closed)
        if let file = subject.output as? FileOutput { try file.waitUntilClosed(until: nil) }
        #expect(text(try subject.received()) == "before")
    }

    @Test(arguments: Kind.allCases)
    func goesOnAfterEndAndFlush(_ kind: Kind) throws {
        // A recording that was split back to an output that the program handed in.
        let folder = try TemporaryFolder()
        let subject = try kind.make(in: folder)
        try subject.output.begin(Pictures.stream())
        for part in ["one", "two"] {
            try subject.output.put(part)
            try subject.output.end()
            try subject.output.flush()
        }
        try subject.output.close()
        if let file = subject.output as? FileOutput { try file.waitUntilClosed(until: nil) }
        #expect(text(try subject.received()) == "onetwo")
    }
}

/// Reads a pipe on a thread of its own, so that whoever writes is not held up.
final class Reader: Sendable {
    private let result = Monitor<[UInt8]?>(nil)

    init(_ handle: FileHandle) {
        let descriptor = dup(handle.fileDescriptor)
        start { descriptor }
    }

    init(opening path: String) {
        start { open(path, O_RDONLY) }
    }

    private func start(_ open: @escaping @Sendable () -> Int32) {
        Thread.detachNewThread { [result] in
            let handle = FileHandle(fileDescriptor: open(), closeOnDealloc: true)
            let data = (try? handle.readToEnd()) ?? Data()
            result.update { $0 = Array(data) }
        }
    }

    /// Waits for the end of the stream.
    func toEnd() -> [UInt8] { result.wait(until: .now + .seconds(60)) { $0 } ?? [] }
}
