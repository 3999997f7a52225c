// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct MemoryOutputTests {
    @Test func takesWholePicturesUpToItsLimit() throws {
        let output = MemoryOutput(limit: 5)
        try output.put("abc")
        let error = #expect(throws: CameraError.self) { try output.put("def") }
        #expect(error?.code == .output)
        #expect(text(output.data) == "abc")
        try output.put("de")
        #expect(output.count == 5)
        #expect(text(output.removeAll()) == "abcde")
        try output.put("fghij")
        #expect(text(output.data) == "fghij")
    }
}

@Suite struct BufferOutputTests {
    @Test func takesWhatFitsAndThenThrows() throws {
        let output = try BufferOutput(capacity: 5)
        try output.put("abc")
        let error = #expect(throws: CameraError.self) { try output.put("defg") }
        #expect(error?.code == .output)
        #expect(error?.description.contains("full: 2 of 4 bytes") == true)
        #expect(text(output.data) == "abcde")
        #expect(throws: CameraError.self) { try output.put("h") }
        #expect(output.count == output.capacity)
    }

    @Test func writesNothingBeyondMemoryThatIsNotItsOwn() throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: Array("--------".utf8))
        // The Y plane alone of a frame of 2x2 pixels.
        let output = BufferOutput(buffer: UnsafeMutableRawBufferPointer(rebasing: memory[1..<5]))
        #expect(throws: CameraError.self) { try output.put("YYYYUV") }
        output.close()
        #expect(text(Array(memory)) == "-YYYY---")
    }

    @Test func canBeUsedForThePictureAfter() throws {
        let output = try BufferOutput(capacity: 3)
        try output.put("abc")
        output.rewind()
        try output.put("de")
        #expect(text(output.data) == "de")
    }

    @Test(arguments: [0, -1])
    func needsAByte(capacity: Int) {
        let error = #expect(throws: CameraError.self) { try BufferOutput(capacity: capacity) }
        #expect(error?.code == .invalidValue)
    }
}

@Suite struct PipeOutputTests {
    private func makePipe() throws -> (reader: Int32, writer: Int32) {
        var numbers: [Int32] = [0, 0]
        try #require(pipe(&numbers) == 0)
        return (numbers[0], numbers[1])
    }

    @Test func aReaderThatWentAwayIsAnErrorAndDoesNotEndTheProgram() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            var pair: [Int32] = [0, 0]
            for isSocket in [false, true] {
                try #require(
                    (isSocket ? socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) : pipe(&pair)) == 0)
                close(pair[0])
                let output = PipeOutput(descriptor: pair[1], closesDescriptor: true)
                for _ in 0..<2 {
                    let error = #expect(throws: CameraError.self) { try output.put("x") }
                    #expect(error?.code == .output)
                    #expect(error?.systemError?.rawValue == EPIPE)
                    #expect(error?.description.contains("the reader has gone") == true)
                    #expect(error?.subject == "descriptor \(pair[1])")
                }
                try output.close()
            }
            // Neither is a signal left over, nor is it blocked or ignored now.
            var signals = sigset_t()
            sigpending(&signals)
            #expect(sigismember(&signals, SIGPIPE) == 0)
            pthread_sigmask(SIG_BLOCK, nil, &signals)
            #expect(sigismember(&signals, SIGPIPE) == 0)
        }
    }

    @Test func theProgramsOwnWritesAreSignalledAsBefore() async {
        await #expect(processExitsWith: .signal(SIGPIPE)) {
            signal(SIGPIPE, SIG_DFL)
            var pair: [Int32] = [0, 0]
            try #require(pipe(&pair) == 0)
            close(pair[0])
            #expect(throws: CameraError.self) { try PipeOutput(descriptor: pair[1]).put("x") }
            write(pair[1], "x", 1)
        }
    }

    @Test func leavesTheDescriptorOpenUnlessToldToClose() throws {
        for closes in [false, true] {
            let (reader, writer) = try makePipe()
            defer { close(reader) }
            let output = PipeOutput(descriptor: writer, closesDescriptor: closes)
            try output.put("x")
            try output.close()
            var byte: UInt8 = 0
            #expect(read(reader, &byte, 1) == 1)
            if closes {
                // The writing end is gone: the stream has ended.
                #expect(read(reader, &byte, 1) == 0)
            } else {
                #expect(write(writer, "y", 1) == 1)
                close(writer)
            }
        }
    }

    @Test func waitsForANonBlockingPipe() throws {
        let (reader, writer) = try makePipe()
        try #require(fcntl(writer, F_SETFL, O_NONBLOCK) == 0)
        let received = Reader(FileHandle(fileDescriptor: reader, closeOnDealloc: true))
        let output = PipeOutput(descriptor: writer, closesDescriptor: true)
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }
        try output.put(bytes)
        #expect(output.bytesWritten == bytes.count)
        try output.close()
        #expect(received.toEnd() == bytes)
    }

    @Test func aPictureIsOneWrite() throws {
        // A datagram socket keeps the borders of writes.
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &pair) == 0)
        defer { for number in pair { close(number) } }
        let output = PipeOutput(descriptor: pair[1])
        var buffer = [UInt8](repeating: 0, count: 100_000)
        for size in [1, 5000, 60_000] {
            try output.put([UInt8](repeating: 3, count: size))
            #expect(read(pair[0], &buffer, buffer.count) == size)
        }
    }

    @Test func standardOutputHasAName() {
        #expect(PipeOutput.standardOutput().description == "standard output")
    }
}

@Suite struct ClosureOutputTests {
    @Test func standsWhereAnOutputIsExpected() throws {
        func record(to target: OutputTarget) throws {
            guard case .output(let output) = target else { return }
            try output.put("abc", Pictures.info(4))
        }
        let seen = Monitor<(count: Int, index: Int64)?>(nil)
        try record(to: .writing { bytes, info in seen.withLock { $0 = (bytes.byteCount, info.index) } })
        #expect(seen.withLock { $0 }?.count == 3)
        #expect(seen.withLock { $0 }?.index == 4)
    }

    @Test func letsErrorsThrough() {
        let output: any Output = ClosureOutput { _, _ in throw ForeignError(number: 3) }
        #expect(throws: ForeignError(number: 3)) { try output.put("x") }
    }
}

@Suite struct OutputTargetTests {
    @Test func aStringIsAPath() throws {
        let number = 3
        let target: OutputTarget = "clip-\(number).h264"
        guard case .path("clip-3.h264") = target else {
            Issue.record("not a path: \(target)")
            return
        }
        #expect(target.description == "clip-3.h264")
    }

    @Test func outputsNameThemselves() throws {
        #expect(OutputTarget.output(MemoryOutput()).description == "MemoryOutput")
        #expect(OutputTarget.output(PipeOutput(descriptor: 1)).description == "descriptor 1")
        #expect(OutputTarget.output(try FileOutput(path: "/dev/null")).description == "/dev/null")
    }

    @Test func closesWhatItOpenedAndFlushesWhatWasGiven() throws {
        let given = MemoryOutput()
        let target = try OpenedOutput(.output(given))
        #expect(!target.isOwned)
        try target.release()
        target.discard()
        try given.put("still open")

        let folder = try TemporaryFolder()
        let opened = try OpenedOutput(.path(folder.path("x")))
        #expect(opened.isOwned)
        try opened.release()
        #expect(throws: CameraError.self) { try opened.output.put("x") }

        try OpenedOutput(.path(folder.path("y"))).discard()
        #expect(!FileManager.default.fileExists(atPath: folder.path("y")))
    }
}
