// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Several cameras in one program, and recordings of theirs that start together.
@Suite struct TogetherTests {
    private func names(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    }

    @Test func camerasRecordSideBySide() throws {
        let sources = (0..<3).map { _ in LiveSource() }
        let cameras = try sources.map { try Camera(.source($0)) }
        defer { for camera in cameras { camera.close() } }
        let outputs = cameras.map { _ in MemoryOutput() }
        try Camera.startRecordings(
            zip(cameras, outputs).map { ($0, RecordingRequest(to: .output($1), format: .yuv420)) })
        for count in 1...20 {
            for source in sources { source.sendFrame() }
            #expect(
                eventually { cameras.allSatisfy { $0.statistics.encoders[1]?.packetsWritten == count } })
        }
        for camera in cameras { try camera.stopRecording() }
        for (camera, output) in zip(cameras, outputs) {
            #expect(NumberedSource.numbers(in: output.data, frameByteCount: 384) == Array(0..<20))
            #expect(camera.statistics.encoders[1]?.framesDropped == 0)
        }
    }

    /// No recording takes a frame before all are ready, however long the others need.
    @Test func theFirstWaitsForTheLast() throws {
        let early = LiveSource()
        let late = LiveSource()
        let cameras = [try Camera(.source(early)), try Camera(.source(late))]
        defer { for camera in cameras { camera.close() } }
        let outputs = (0..<3).map { _ in MemoryOutput() }
        try Camera.startRecordings([
            (cameras[0], RecordingRequest(to: .output(outputs[0]), format: .yuv420)),
            (cameras[0], RecordingRequest(to: .output(outputs[1]), format: .yuv420, splitterPort: 2)),
            (
                cameras[1],
                RecordingRequest(
                    to: .output(outputs[2]), format: .yuv420,
                    encoder: { configuration in
                        // The others are ready by now, and these frames pass them by.
                        for _ in 0..<5 { early.sendFrame() }
                        _ = eventually { cameras[0].statistics.source.framesUnused == 5 }
                        return try RawVideoEncoder(configuration)
                    })
            ),
        ])
        #expect(cameras[0].statistics.source.framesUnused == 5)
        early.sendFrame()
        late.sendFrame()
        #expect(
            eventually {
                cameras[0].statistics.encoders[1]?.packetsWritten == 1
                    && cameras[0].statistics.encoders[2]?.packetsWritten == 1
                    && cameras[1].statistics.encoders[1]?.packetsWritten == 1
            })
        for (camera, port) in [(cameras[0], 1), (cameras[0], 2), (cameras[1], 1)] {
            try camera.stopRecording(splitterPort: port)
        }
        #expect(outputs.map { NumberedSource.numbers(in: $0.data, frameByteCount: 384) } == [[5], [5], [0]])
    }

    /// What keeps the second recording from starting.
    enum Obstacle: CaseIterable {
        case missingFolder, closedCamera, failedCamera, portInUse, wrongOption, sameFile, throwingEncoder
    }

    @Test(arguments: Obstacle.allCases) func whenOneCannotStartNoneDoes(_ obstacle: Obstacle) throws {
        let folder = try TemporaryFolder()
        let source = LiveSource()
        let first = try Camera(.source(LiveSource()))
        let second = try Camera(.source(source))
        defer {
            first.close()
            second.close()
        }
        try "precious".write(toFile: folder.path("old.yuv420"), atomically: true, encoding: .utf8)
        var request = RecordingRequest(to: .path(folder.path("second.yuv420")))
        let code: CameraError.Code
        var running = 0
        switch obstacle {
        case .missingFolder:
            request.output = .path(folder.path("missing/second.yuv420"))
            code = .output
        case .closedCamera:
            second.close()
            code = .closed
        case .failedCamera:
            source.send(.failure(CameraError(.deviceLost, "testing")))
            #expect(eventually { (try? second.wait(.zero)) == nil })
            code = .deviceLost
        case .portInUse:
            try second.startRecording(to: .output(MemoryOutput()), format: .yuv420)
            running = 1
            code = .alreadyRecording
        case .wrongOption:
            request.options.bitRate = 1_000_000
            code = .unknownOption
        case .sameFile:
            request.output = .path(folder.path("first.yuv420"))
            code = .busy
        case .throwingEncoder:
            struct Refusal: Error {}
            request.encoder = { _ in throw Refusal() }
            code = .codec
        }
        let error = #expect(throws: CameraError.self) {
            try Camera.startRecordings([
                (first, RecordingRequest(to: .path(folder.path("first.yuv420")))),
                (first, RecordingRequest(to: .path(folder.path("old.yuv420")), splitterPort: 2)),
                (second, request),
            ])
        }
        #expect(error?.code == code, "\(error?.description ?? "")")
        #expect(!first.isRecording)
        #expect(second.isRecording == (running == 1))
        #expect(try names(folder) == ["old.yuv420"])
        #expect(try String(contentsOfFile: folder.path("old.yuv420"), encoding: .utf8) == "precious")
        // The ports are free again.
        try first.startRecordings([
            RecordingRequest(to: .output(MemoryOutput()), format: .yuv420),
            RecordingRequest(to: .output(MemoryOutput()), format: .yuv420, splitterPort: 2),
        ])
    }

    @Test func oneOutputServesOneRecording() throws {
        let cameras = [try Camera(.source(LiveSource())), try Camera(.source(LiveSource()))]
        defer { for camera in cameras { camera.close() } }
        let output = MemoryOutput()
        let error = #expect(throws: CameraError.self) {
            try Camera.startRecordings(
                cameras.map { ($0, RecordingRequest(to: .output(output), format: .yuv420)) })
        }
        #expect(error?.code == .busy)
        #expect(cameras.allSatisfy { !$0.isRecording })
    }

    @Test func nothingIsStartedByAnEmptyList() throws {
        try Camera.startRecordings([])
    }
}
