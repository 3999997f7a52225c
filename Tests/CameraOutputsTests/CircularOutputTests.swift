// SPDX-License-Identifier: MIT

import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

extension CircularOutput {
    /// All bytes that it holds.
    var value: String {
        get throws {
            guard !frames.isEmpty else { return "" }
            let copy = MemoryOutput()
            try self.copy(to: .output(copy), firstFrame: nil)
            return text(copy.data)
        }
    }
}

/// The tests of picamera's `PiCameraCircularIO`, with headers inside the packets, and what they leave out.
@Suite struct CircularOutputTests {
    private let folder: TemporaryFolder
    private let ring: CircularOutput

    init() throws {
        folder = try TemporaryFolder()
        ring = try CircularOutput(.bytes(10))
    }

    private func copy(
        last: Duration? = nil, frames: Int? = nil, bytes: Int? = nil, firstFrame: FrameType? = .key
    ) throws -> String {
        let sink = MemoryOutput()
        try ring.copy(to: .output(sink), last: last, frames: frames, bytes: bytes, firstFrame: firstFrame)
        return text(sink.data)
    }

    private func expectNothingToCopy(last: Duration? = nil, frames: Int? = nil, bytes: Int? = nil) {
        let path = folder.path("empty.h264")
        let error = #expect(throws: CameraError.self) {
            try ring.copy(to: .path(path), last: last, frames: frames, bytes: bytes)
        }
        #expect(error?.code == .nothingToCopy)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    // MARK: picamera's rows

    @Test func needsPositiveLimits() {
        for limit in [CircularOutput.Extent.bytes(0), .frames(0), .time(.zero), .frames(-1), .time(.seconds(-1))] {
            let error = #expect(throws: CameraError.self) { try CircularOutput(limit) }
            #expect(error?.code == .invalidValue)
        }
        #expect(throws: CameraError.self) { try CircularOutput(.frames(1), byteLimit: 0) }
        #expect(throws: CameraError.self) { try CircularOutput(.frames(1), queueLimit: 0) }
    }

    @Test func listsItsFrames() throws {
        try ring.take("Kffkff")
        #expect(try ring.value == "hkkffkkff")
        let frames = ring.frames
        #expect(frames.map(\.info.index) == [0, 1, 2, 3, 4, 5])
        #expect(frames.map(\.byteCount) == [3, 1, 1, 2, 1, 1])
        #expect(frames.map(\.position) == [0, 3, 4, 5, 7, 8])
        #expect(frames.map(\.info.type) == [.key, .predicted, .predicted, .key, .predicted, .predicted])
        #expect(frames.reversed().map(\.info.index) == [5, 4, 3, 2, 1, 0])
        #expect(ring.byteCount == 9)
    }

    @Test func forgetsWholeFramesFromTheOldestOn() throws {
        try ring.take("KffkffKff")
        #expect(try ring.value == "fkkffhkkff")
        #expect(ring.frames.map(\.info.index) == [2, 3, 4, 5, 6, 7, 8])
        #expect(ring.frames.map(\.position) == [0, 1, 3, 4, 5, 8, 9])
    }

    @Test func clears() throws {
        try ring.take("Kffkff")
        ring.clear()
        #expect(ring.frames.isEmpty)
        #expect(ring.byteCount == 0)
        expectNothingToCopy()
        try ring.take("Kf", from: 6)
        #expect(try ring.value == "hkkf")
    }

    @Test func refusesTwoLimitsForACopy() throws {
        try ring.take("Kffkff")
        let error = #expect(throws: CameraError.self) { try copy(last: .seconds(1), bytes: 10) }
        #expect(error?.code == .invalidValue)
    }

    @Test func copiesFromTheOldestKeyFrame() throws {
        let next = try ring.take("Kffkff")
        #expect(try copy() == "hkkffkkff")
        try ring.take("Kffkff", from: next)
        #expect(try ring.value == "fhkkffkkff")
        #expect(try copy() == "hkkffkkff")
    }

    @Test func copiesTheLastBytes() throws {
        try ring.take("Kffkff")
        expectNothingToCopy(bytes: 3)
        #expect(try copy(bytes: 5) == "kkff")
        #expect(try copy(bytes: 10) == "hkkffkkff")
    }

    @Test func copiesTheLastSeconds() throws {
        try ring.take("Kffkff")
        #expect(try copy(last: .seconds(1)) == "kkff")
        #expect(try copy(last: .seconds(2)) == "kkff")
        #expect(try copy(last: .milliseconds(2001)) == "hkkffkkff")
        #expect(try copy(last: .seconds(10)) == "hkkffkkff")
        for seconds in [0, -1] { expectNothingToCopy(last: .seconds(seconds)) }
    }

    @Test func copiesTheLastFrames() throws {
        try ring.take("Kffkff")
        #expect(try copy(frames: 2) == "kkff")
        #expect(try copy(frames: 3) == "kkff")
        #expect(try copy(frames: 4) == "hkkffkkff")
        #expect(try copy(frames: 10) == "hkkffkkff")
        for count in [0, -1, .min] { expectNothingToCopy(frames: count) }
    }

    // MARK: What they leave out

    @Test func copiesFromAnyFrameIfAsked() throws {
        try ring.take("Kffkff")
        #expect(try copy(frames: 2, firstFrame: nil) == "ff")
        #expect(try copy(frames: 4, firstFrame: .predicted) == "fkkff")
    }

    @Test func tellsWhatItCopied() throws {
        try ring.take("Kffkff")
        let (first, last) = try ring.copy(to: .path(folder.path("x")), frames: 3)
        #expect(first == Pictures.info(3, .key))
        #expect(last == Pictures.info(5, .predicted))
    }

    /// What it keeps has at least that time, and begins with a key frame: the newest with which that is so.
    @Test func keepsAtLeastItsTimeFromAKeyFrameOn() throws {
        let ring = try CircularOutput(.time(.seconds(3)))
        var next = try ring.take("Kffkffkf")
        #expect(ring.frames.map(\.info.index) == [3, 4, 5, 6, 7])
        next = try ring.take("f", from: next)
        #expect(ring.frames.first?.info.index == 3)
        try ring.take("f", from: next)
        #expect(ring.frames.first?.info.index == 6)
    }

    /// Copies begin with a key frame: without one a second, one of ten seconds could have none.
    @Test func asksForAKeyFrameASecond() throws {
        let ring = try CircularOutput(.time(.seconds(20)))
        let asked = Monitor([Int64]())
        var stream = Pictures.stream()
        let latest = Monitor(Int64(0))
        stream.keyFrameRequest = { asked.update { $0.append(latest.withLock { $0 }) } }
        try ring.begin(stream)
        // Ten pictures a second; key frames are 0, 5 and 30.
        for index in Int64(0)..<45 {
            latest.withLock { $0 = index }
            let type = [0, 5, 30].contains(index) ? FrameType.key : .predicted
            try ring.put("f", Pictures.info(index, type, at: .milliseconds(100 * index)))
        }
        #expect(asked.withLock { $0 } == [15, 40])
    }

    @Test func keepsAtLeastItsNumberOfFramesFromAKeyFrameOn() throws {
        let ring = try CircularOutput(.frames(4))
        try ring.take("Kffkffkff")
        #expect(ring.frames.map(\.info.index) == [3, 4, 5, 6, 7, 8])
        // Each picture of a raw recording is a key frame.
        let raw = try CircularOutput(.frames(4))
        try raw.take("kkkkkk")
        #expect(raw.frames.map(\.info.index) == [2, 3, 4, 5])
    }

    /// Against the simplest way to tell it, over streams of a seed.
    @Test(arguments: 0..<20 as Range<UInt64>) func keepsNoMoreThanItHasTo(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let seconds = Int.random(in: 1...8, using: &random)
        let ring = try CircularOutput(seed % 2 == 0 ? .time(.seconds(seconds)) : .frames(seconds + 1))
        var keys: [Int64] = []
        for index in Int64(0)..<100 {
            let isKey = index == 0 || Int.random(in: 0..<5, using: &random) == 0
            if isKey { keys.append(index) }
            try ring.put("f", Pictures.info(index, isKey ? .key : .predicted))
            let first = keys.last { index - $0 >= seconds } ?? 0
            #expect(ring.frames.map(\.info.index) == Array(first...index))
        }
    }

    @Test func keepsToItsBytesWhateverElseIsAllowed() throws {
        for limit in [CircularOutput.Extent.time(.seconds(1000)), .frames(1000)] {
            let ring = try CircularOutput(limit, byteLimit: 4)
            try ring.take("Kffkff")
            #expect(try ring.value == "kkff")
        }
        #expect(try CircularOutput(.frames(1)).byteLimit == CircularOutput.defaultByteLimit)
    }

    @Test func aPictureThatIsTooLargeLeavesNothing() throws {
        try ring.take("Kff")
        try ring.put([UInt8](repeating: 0, count: 11), Pictures.info(3))
        #expect(ring.frames.isEmpty)
        #expect(ring.byteCount == 0)
    }

    @Test func sharesPacketsAndCopiesBorrowedBytes() throws {
        var bytes = Array("borrowed".utf8)
        try ring.put(bytes, Pictures.info(0))
        bytes[0] = 0
        #expect(try ring.value == "borrowed")

        let packet = Pictures.packet(Array("shared".utf8), Pictures.info(1))
        try ring.write(packet)
        let seen = Monitor<UnsafeRawPointer?>(nil)
        let spy = AddressSpy { address in seen.withLock { $0 = address } }
        try ring.copy(to: .output(spy), frames: 1)
        #expect(seen.withLock { $0 } == packet.bytes.baseAddress)
    }

    private final class AddressSpy: Output {
        private let see: @Sendable (UnsafeRawPointer?) -> Void
        init(_ see: @escaping @Sendable (UnsafeRawPointer?) -> Void) { self.see = see }
        func write(_ bytes: RawSpan, _ info: PacketInfo) throws { bytes.withUnsafeBytes { see($0.baseAddress) } }
    }

    @Test func forgetsThePicturesOfAnEarlierRecording() throws {
        try ring.take("Kff")
        try ring.begin(Pictures.stream())
        #expect(ring.frames.isEmpty)
    }

    @Test func putsParameterSetsInFrontWhereThePicturesHaveNone() throws {
        try ring.begin(Pictures.stream(parameterSets: Array("SP".utf8)))
        try ring.take("kf")
        let infos = Monitor<[PacketInfo]>([])
        let output: any Output = ClosureOutput { _, info in infos.withLock { $0.append(info) } }
        try ring.copy(to: .output(output))
        #expect(infos.withLock { $0 }.map(\.headerByteCount) == [2, 0])
        #expect(try copy() == "SPkkf")
        try ring.take("Kf", from: 2)
        #expect(try copy(frames: 2) == "hkkf")
    }

    @Test func reportsAFailingTargetAndGoesOn() throws {
        try ring.take("Kff")
        let failing = try FileOutput(path: "/dev/full")
        let error = #expect(throws: CameraError.self) { try ring.copy(to: .output(failing)) }
        #expect(error?.systemError?.rawValue == ENOSPC)
        let foreign = #expect(throws: CameraError.self) {
            try ring.copy(to: .writing { _, _ in throw ForeignError(number: 1) })
        }
        #expect(foreign?.code == .output)
        #expect(foreign?.underlying as? ForeignError == ForeignError(number: 1))
        let missing = #expect(throws: CameraError.self) { try ring.copy(to: .path(folder.path("no/x"))) }
        #expect(missing?.systemError?.rawValue == ENOENT)
        #expect(try copy() == "hkkff")
    }

    @Test func takesPicturesWhileACopyIsStuck() throws {
        try ring.take("Kff")
        let gate = GatedOutput()
        let isDone = Monitor(false)
        Thread.detachNewThread { [ring] in
            #expect(throws: Never.self) { try ring.copy(to: .output(gate)) }
            isDone.update { $0 = true }
        }
        gate.waitUntilEntered()
        // Everything that is being copied is forgotten meanwhile, and copied all the same.
        try ring.take("KffkffKff", from: 3)
        #expect(try ring.value == "fkkffhkkff")
        gate.open()
        isDone.wait { $0 ? () : nil }
        #expect(text(gate.data) == "hkkff")
        #expect(gate.hasEnded)
    }

    @Test(arguments: [0, 3], [true, false])
    func whatIsCopiedDecodes(bFrames: Int, inlineHeaders: Bool) throws {
        let stream = try H264Stream(frames: 100, bFrames: bFrames, keyFrameInterval: 20, in: folder)
        let ring = try CircularOutput(.frames(70))
        try ring.begin(Pictures.stream(parameterSets: stream.parameterSets))
        for packet in stream.packets {
            if inlineHeaders {
                try ring.write(packet)
            } else {
                var info = packet.info
                let bytes = packet.bytes.span.withUnsafeBytes { Array($0.dropFirst(info.headerByteCount)) }
                info.headerByteCount = 0
                try ring.put(bytes, info)
            }
        }
        let path = folder.path("copy.h264")
        // Key frames at 0, 20, 40, 60, 80: seventy pictures and more begin with 20, a second of 25 with 60.
        let all = try ring.copy(to: .path(path))
        #expect(all.first.index == 20)
        #expect(try H264Stream.decode(path) == 80)
        let last = try ring.copy(to: .path(path), last: .seconds(1))
        #expect(last.first.index == 60)
        #expect(try H264Stream.decode(path) == 40)
    }
}
