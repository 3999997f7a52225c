// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Recordings whose old files go while they run.
@Suite struct RetentionRecordingTests {
    private let folder: TemporaryFolder
    private let source = LiveSource()
    private let camera: Camera

    init() throws {
        folder = try TemporaryFolder()
        camera = try Camera(.source(source), stallLimit: .seconds(3600))
    }

    /// Sends frames and waits until they are written.
    private func send(_ numbers: Range<Int>) {
        for number in numbers {
            source.sendFrame()
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == number + 1 })
        }
    }

    private func numbers(_ name: String) throws -> [UInt64] {
        NumberedSource.numbers(in: [UInt8](try Data(contentsOf: folder.file(name))), frameByteCount: 384)
    }

    @Test func theOldestFilesGoWithTheirSidecars() async throws {
        let events = camera.events
        let recording = try camera.startRecording(
            to: .path(folder.path("{counter}.yuv420")), splitting: .every(.frames(2)), retention: Retention(files: 3),
            metadataOutput: .path(folder.path("{counter:02d}.jsonl")))
        send(0..<20)
        #expect(eventually { folder.names.count == 6 })
        try await recording.stop()
        #expect(folder.names == ["08.jsonl", "09.jsonl", "10.jsonl", "10.yuv420", "8.yuv420", "9.yuv420"])
        #expect(try ["8", "9", "10"].flatMap { try numbers("\($0).yuv420") } == Array(14..<20))
        camera.close()
        var removed: [String] = []
        for await event in events {
            if case .fileRemoved(1, let file) = event {
                removed.append(URL(filePath: file.name).lastPathComponent)
                #expect(file.reason == .files && file.bytes > 768)
            }
        }
        #expect(removed == (1...7).map { "\($0).yuv420" })
    }

    /// The last file is not the oldest because its time says so.
    @Test func aClockThatIsSetBackLosesNothingNew() throws {
        let recording = try camera.startRecording(
            to: .path(folder.path("{timestamp:%F %H-%M-%S}.yuv420")), splitting: .every(.frames(2)),
            retention: Retention(files: 3))
        for round in 0..<5 {
            send(round * 2..<round * 2 + 2)
            // As if it had been finished that much earlier; files go meanwhile.
            for name in folder.names {
                let present = try? FileManager.default.attributesOfItem(atPath: folder.path(name))[.modificationDate]
                guard let date = present as? Date, date.timeIntervalSinceNow > -1000 else { continue }
                try? FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 - 1000 * Double(round))],
                    ofItemAtPath: folder.path(name))
            }
        }
        #expect(eventually { folder.names.count == 3 })
        try recording.stop()
        let kept = try folder.names.flatMap { try numbers($0) }
        #expect(Set(kept) == Set(4..<10))
    }

    /// Folders that places name come and go.
    @Test func foldersAreMadeAndRemoved() throws {
        let recording = try camera.startRecording(
            to: .path(folder.path("{counter}/x/f.yuv420")), splitting: .every(.frames(2)),
            retention: Retention(files: 2))
        send(0..<10)
        #expect(eventually { folder.names == ["4", "5"] })
        try recording.stop()
        #expect(try numbers("5/x/f.yuv420") == [8, 9])
    }

    /// The bound holds at the end too, when the last file has become too much.
    @Test func theLastLookIsTakenAtTheEnd() throws {
        let recording = try camera.startRecording(
            to: .path(folder.path("{counter}.yuv420")), splitting: .every(.frames(10)),
            retention: Retention(size: .bytes(384 * 15)))
        send(0..<20)
        try recording.stop()
        #expect(folder.names == ["2.yuv420"])
    }

    @Test func whatCannotBeToldFromOtherFilesIsRefused() throws {
        let rule = SplitRule.every(.frames(2))
        func refusal(_ change: (inout RecordingRequest) -> Void) -> CameraError? {
            var request = RecordingRequest(to: .path(folder.path("{counter}.yuv420")), splitting: rule)
            request.retention = Retention(files: 2)
            change(&request)
            return #expect(throws: CameraError.self) { try camera.startRecordings([request]) }
        }
        let refusals = [
            refusal { $0.splitting = nil }, refusal { $0.output = .path(folder.path("a.yuv420")) },
            refusal {
                $0.output = .output(MemoryOutput())
                $0.format = .yuv420
            },
            refusal { $0.retention = Retention(files: 0) },
            refusal { $0.metadataOutput = .path(folder.path("{timestamp}.jsonl")) },
            refusal {
                $0.output = .path(folder.path("{timestamp:%H-%M-%S}.yuv420"))
                $0.timesOutput = .path(folder.path("{timestamp:%H-%M}.pts"))
            },
        ]
        for refusal in refusals { #expect(refusal?.code == .invalidValue && refusal?.reason?.isEmpty == false) }
        #expect(folder.names.isEmpty)
        // A file for the whole recording goes with none.
        let recording = try camera.startRecording(
            to: .path(folder.path("{counter}.yuv420")), splitting: rule, retention: Retention(files: 1),
            metadataOutput: .path(folder.path("all.jsonl")))
        send(0..<6)
        try recording.stop()
        #expect(folder.names == ["3.yuv420", "all.jsonl"])
    }
}
