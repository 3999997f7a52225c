// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Files that a ring is written to.
@Suite struct RingClipsTests {
    private let folder: TemporaryFolder
    private let ring: CircularOutput
    private static let picture = 16 * 16 * 3 / 2

    init() throws {
        folder = try TemporaryFolder()
        ring = try CircularOutput(.frames(10))
        let camera = try Camera(.source(NumberedSource(limit: 30)))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(ring), format: .yuv420)
        try recording.wait()
        try recording.stop()
    }

    @Test func eachWritingHasAFileOfItsOwn() throws {
        let clips = try RingClips(
            of: ring, to: folder.path("c-{counter}.yuv420"), times: folder.path("t-{counter}.txt"), sync: .onSplit)
        var told: [FinishedFile] = []
        for _ in 0..<2 { try clips.write { told.append($0) } }
        try clips.waitForDisk(timeout: .seconds(30))
        #expect(folder.names == ["c-1.yuv420", "c-2.yuv420", "t-1.txt", "t-2.txt"])
        #expect(told.map(\.name) == [folder.path("c-1.yuv420"), folder.path("c-2.yuv420")])
        let bytes = [UInt8](try Data(contentsOf: folder.file("c-2.yuv420")))
        #expect(told.allSatisfy { $0.frames == 10 && $0.bytes == bytes.count })
        #expect(NumberedSource.numbers(in: bytes, frameByteCount: Self.picture).map { Int($0) } == Array(20..<30))
    }

    /// The pictures are there, and are told, though what was to be beside them is not.
    @Test func aFileBesideThePicturesThatFailsIsAnErrorAfterThem() throws {
        let clips = try RingClips(of: ring, to: folder.path("c.yuv420"), times: "/dev/full")
        var told: [FinishedFile] = []
        let error = #expect(throws: CameraError.self) { try clips.write { told.append($0) } }
        #expect(error?.code == .output)
        #expect(told.map(\.frames) == [10])
        #expect(try Data(contentsOf: folder.file("c.yuv420")).count == 10 * Self.picture)
    }

    @Test func anEmptyRingLeavesNoFile() throws {
        let clips = try RingClips(of: try CircularOutput(.frames(10)), to: folder.path("c.yuv420"))
        let error = #expect(throws: CameraError.self) { try clips.write() }
        #expect(error?.code == .nothingToCopy)
        #expect(folder.names.isEmpty)
    }
}
