// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
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
        let files = Files()
        let clips = try RingClips(
            of: ring, to: folder.path("c-{counter}.yuv420"), times: folder.path("t-{counter}.txt"), sync: .onSplit,
            onEvent: files.note)
        for _ in 0..<2 { try clips.write() }
        try clips.close(timeout: .seconds(30))
        let told = files.finished
        #expect(folder.names == ["c-1.yuv420", "c-2.yuv420", "t-1.txt", "t-2.txt"])
        #expect(told.map(\.name) == [folder.path("c-1.yuv420"), folder.path("c-2.yuv420")])
        let bytes = [UInt8](try Data(contentsOf: folder.file("c-2.yuv420")))
        #expect(told.allSatisfy { $0.frames == 10 && $0.bytes == bytes.count })
        #expect(NumberedSource.numbers(in: bytes, frameByteCount: Self.picture).map { Int($0) } == Array(20..<30))
    }

    /// The pictures are there, and are told, though what was to be beside them is not.
    @Test func aFileBesideThePicturesThatFailsIsAnErrorAfterThem() throws {
        let files = Files()
        let clips = try RingClips(
            of: ring, to: folder.path("c.yuv420"), times: "/dev/full", onEvent: files.note)
        let error = #expect(throws: CameraError.self) { try clips.write() }
        #expect(error?.code == .output)
        #expect(files.finished.map(\.frames) == [10])
        #expect(try Data(contentsOf: folder.file("c.yuv420")).count == 10 * Self.picture)
    }

    @Test func anEmptyRingLeavesNoFile() throws {
        let clips = try RingClips(of: try CircularOutput(.frames(10)), to: folder.path("c.yuv420"))
        let error = #expect(throws: CameraError.self) { try clips.write() }
        #expect(error?.code == .nothingToCopy)
        #expect(folder.names.isEmpty)
    }

    @Test func oldFilesGoWhereThereAreTooMany() throws {
        let files = Files()
        let clips = try RingClips(
            of: ring, to: folder.path("c-{counter}.yuv420"), times: folder.path("t-{counter}.txt"),
            retention: Retention(files: 2), onEvent: files.note)
        for _ in 0..<5 { try clips.write() }
        try clips.close()
        #expect(folder.names == ["c-4.yuv420", "c-5.yuv420", "t-4.txt", "t-5.txt"])
        let single = #expect(throws: CameraError.self) {
            try RingClips(of: ring, to: folder.path("c.yuv420"), retention: Retention(files: 2))
        }
        #expect(single?.code == .invalidValue)
    }
}

/// Collects what a ring's files tell.
final class Files: Sendable {
    private let events = Mutex<[CameraEvent]>([])

    var note: @Sendable (CameraEvent) -> Void { { [self] event in events.withLock { $0.append(event) } } }

    var finished: [FinishedFile] {
        events.withLock { $0.compactMap { if case .fileFinished(_, let file) = $0 { file } else { nil } } }
    }

    var failures: [CameraError] {
        events.withLock { $0.compactMap { if case .outputFailed(_, let error) = $0 { error } else { nil } } }
    }
}
