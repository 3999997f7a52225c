// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Testing

/// The tests of picamera's `CircularIO`, in the version that forgets whole chunks, and what they leave out.
@Suite struct CircularBufferTests {
    private let buffer: CircularBuffer

    init() throws {
        buffer = try CircularBuffer(size: 10)
    }

    private func expectInvalid(_ body: () throws -> Void) {
        let error = #expect(throws: CameraError.self) { try body() }
        #expect(error?.code == .invalidValue)
    }

    // MARK: picamera's rows

    @Test func startsEmpty() {
        #expect(buffer.isReadable && buffer.isWritable && buffer.isSeekable)
        #expect(buffer.size == 10)
        #expect(buffer.position == 0)
        for size in [0, -1] { expectInvalid { _ = try CircularBuffer(size: size) } }
    }

    @Test func seeksAndTells() throws {
        try buffer.write("defghijklm".utf8)
        #expect(buffer.position == 10)
        #expect(try buffer.seek(to: 0) == 0)
        #expect(try buffer.seek(to: 4, from: .current) == 4)
        #expect(buffer.position == 4)
        #expect(try buffer.seek(to: 0, from: .end) == 10)
        expectInvalid { try buffer.seek(to: -20, from: .end) }
        #expect(buffer.position == 10)
    }

    @Test func reads() throws {
        try buffer.write("abcdef".utf8)
        try buffer.write("ghijklm".utf8)
        try buffer.seek(to: 0)
        #expect(text(try buffer.read(1)) == "g")
        #expect(text(try buffer.read(4)) == "hijk")
        #expect(text(try buffer.read()) == "lm")
        #expect(buffer.position == 7)
        #expect(try buffer.read().isEmpty)
        try buffer.seek(to: 0)
        #expect(text(try buffer.read()) == "ghijklm")
        #expect(text(buffer.contents) == "ghijklm")
    }

    @Test func readsChunks() throws {
        try buffer.write("abcdef".utf8)
        try buffer.write("ghijklm".utf8)
        try buffer.seek(to: 0)
        #expect(text(try buffer.readChunk()) == "ghijklm")
        try buffer.seek(to: 0)
        #expect(text(try buffer.readChunk(5)) == "ghijk")
        #expect(text(try buffer.readChunk(3)) == "lm")
        #expect(try buffer.readChunk().isEmpty)
    }

    @Test func writes() throws {
        func check(_ contents: String, position: Int) {
            #expect(text(buffer.contents) == contents)
            #expect(buffer.position == position)
        }
        #expect(try buffer.write([]) == 0)
        try buffer.seek(to: 2)
        #expect(try buffer.write("abc".utf8) == 3)
        check("\0\0abc", position: 5)
        try buffer.write("def".utf8)
        check("\0\0abcdef", position: 8)
        #expect(try buffer.write("ghijklm".utf8) == 7)
        check("defghijklm", position: 10)
        try buffer.seek(to: 1)
        try buffer.write("aaa".utf8)
        check("daaahijklm", position: 4)
        try buffer.seek(to: -2, from: .end)
        #expect(try buffer.write("bbb".utf8) == 3)
        check("ahijkbbb", position: 8)
    }

    @Test func truncates() throws {
        try buffer.write("abcdef".utf8)
        try buffer.write("ghijklm".utf8)
        try buffer.seek(to: 8)
        try buffer.truncate()
        #expect(try buffer.seek(to: 0, from: .end) == 8)
        #expect(text(buffer.contents) == "ghijklm\0")
        try buffer.seek(to: 10)
        try buffer.truncate()
        try buffer.seek(to: 8)
        #expect(text(try buffer.read()) == "\0\0")
        try buffer.truncate(to: 4)
        try buffer.seek(to: 0)
        #expect(text(try buffer.read()) == "ghij")
        expectInvalid { try buffer.truncate(to: -1) }
        #expect(text(buffer.contents) == "ghij")
    }

    @Test func readsAcrossChunks() throws {
        for part in ["ab", "cde", "f", "ghi"] { try buffer.write(part.utf8) }
        try buffer.seek(to: 1)
        #expect(text(try buffer.read(6)) == "bcdefg")
        #expect(text(try buffer.readChunk()) == "hi")
        try buffer.seek(to: 2)
        #expect(text(try buffer.readChunk()) == "cde")
    }

    // MARK: What they leave out

    @Test func readingBeyondTheEndGivesNothing() throws {
        try buffer.write("abc".utf8)
        try buffer.seek(to: 7)
        #expect(try buffer.read().isEmpty)
        #expect(try buffer.readChunk().isEmpty)
        #expect(buffer.position == 7)
    }

    @Test func aChunkThatDoesNotFitLeavesNothing() throws {
        try buffer.write("abc".utf8)
        try buffer.write("0123456789x".utf8)
        #expect(buffer.contents.isEmpty)
        #expect(buffer.position == 0)
        try buffer.write("d".utf8)
        #expect(text(buffer.contents) == "d")
    }

    @Test func hugeNumbersNeedNoMemory() throws {
        try buffer.write("abc".utf8)
        try buffer.truncate(to: .max - 3)
        #expect(buffer.contents.isEmpty)
        for _ in 0..<3 {
            try buffer.seek(to: .max)
            try buffer.write("de".utf8)
            #expect(text(buffer.contents) == "de")
            expectInvalid { try buffer.seek(to: .max, from: .current) }
        }
        #expect(try buffer.read(.min).isEmpty)
        expectInvalid { try buffer.seek(to: .min, from: .end) }
    }

    @Test func aPositionMovesWithItsByteAndStopsAtTheOldest() throws {
        try buffer.write("abcd".utf8)
        try buffer.write("efgh".utf8)
        try buffer.seek(to: 5)
        try buffer.put(Array("ijkl".utf8), Pictures.info(0))
        #expect(text(buffer.contents) == "efghijkl")
        #expect(buffer.position == 1)
        #expect(text(try buffer.read(1)) == "f")
        try buffer.seek(to: 0)
        try buffer.put(Array("mnop".utf8), Pictures.info(0))
        #expect(buffer.position == 0)
    }

    @Test func agreesWithASlowAndSimpleModel() throws {
        var random = SplitMix(seed: 7)
        for size in [1, 2, 7, 30] {
            let buffer = try CircularBuffer(size: size)
            var model = Model(size: size)
            for step in 0..<2000 {
                let number = Int.random(in: 0...(size + 3), using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    try buffer.seek(to: number)
                    model.position = number
                case 1:
                    #expect(try buffer.read(number) == model.read(number))
                case 2:
                    try buffer.truncate(to: number)
                    model.truncate(to: number)
                default:
                    let bytes = (0..<number).map { UInt8(truncatingIfNeeded: step &+ $0) }
                    try buffer.write(bytes)
                    model.write(bytes)
                }
                #expect(buffer.contents == model.chunks.flatMap(\.self))
                #expect(buffer.position == model.position)
                #expect(buffer.count <= size)
            }
        }
    }

    @Test func refusesUseAfterClose() throws {
        try buffer.write("abc".utf8)
        buffer.close()
        #expect(!buffer.isReadable && !buffer.isWritable && !buffer.isSeekable)
        let error = #expect(throws: CameraError.self) { try buffer.read() }
        #expect(error?.code == .closed)
        #expect(throws: CameraError.self) { try buffer.seek(to: 0) }
    }
}

/// A circular buffer as plain as can be: arrays that are taken apart and put together.
private struct Model {
    let size: Int
    var chunks: [[UInt8]] = []
    var position = 0

    init(size: Int) { self.size = size }

    private var count: Int { chunks.reduce(0) { $0 + $1.count } }

    mutating func read(_ limit: Int) -> [UInt8] {
        let part = Array(chunks.flatMap(\.self).dropFirst(position).prefix(limit))
        position += part.count
        return part
    }

    mutating func write(_ bytes: [UInt8]) {
        if position > count { extend(to: position) }
        for (index, byte) in bytes.enumerated() {
            guard position < count else {
                let rest = Array(bytes[index...])
                chunks.append(rest)
                position += rest.count
                forget()
                return
            }
            var place = position
            for chunk in chunks.indices {
                if place < chunks[chunk].count {
                    chunks[chunk][place] = byte
                    break
                }
                place -= chunks[chunk].count
            }
            position += 1
        }
    }

    mutating func truncate(to newCount: Int) {
        if newCount > count { extend(to: newCount) }
        while count > newCount {
            chunks[chunks.count - 1].removeLast()
            if chunks[chunks.count - 1].isEmpty { chunks.removeLast() }
        }
    }

    private mutating func extend(to newCount: Int) {
        chunks.append([UInt8](repeating: 0, count: newCount - count))
        forget()
    }

    private mutating func forget() {
        while count > size { position = max(position - chunks.removeFirst().count, 0) }
    }
}

private struct SplitMix: RandomNumberGenerator {
    var seed: UInt64

    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var mixed = seed
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
