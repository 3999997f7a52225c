// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Outputs that are added to a recording and removed from it: one encode, many outputs.
@Suite struct AddedOutputTests {
    /// What ffmpeg reads in each output, decoded by itself.
    private func numbers(_ outputs: [[UInt8]]) throws -> [[UInt32]] {
        let folder = try TemporaryFolder()
        let files = try outputs.enumerated().map { index, bytes in
            try Data(bytes).write(to: folder.file("\(index).h264"))
            return (path: folder.path("\(index).h264"), size: CodedCamera.size)
        }
        let videos = try NumberedVideo.decode(files, input: ["-f", "h264"])
        for video in videos { #expect(video.complaints == "") }
        return videos.map { $0.numbers.compactMap(\.self) }
    }

    @Test(arguments: [true, false], [true, false])
    func eachHasAllPicturesFromAKeyFrameOn(isQueued: Bool, setsOnce: Bool) throws {
        var manner = CodedCamera.Manner()
        manner.makesKeyFramesOnRequest = true
        manner.sendsParameterSetsOnce = setsOnce
        let camera = try Camera(.source(try CodedCamera(manner)))
        defer { camera.close() }
        let main = MemoryOutput()
        var options = EncoderOptions()
        options.inlineHeaders = setsOnce ? false : nil
        let recording = try camera.startRecording(to: .output(main), format: .h264, options: options)
        var added: [MemoryOutput] = []
        for _ in 0..<8 {
            let output = MemoryOutput()
            added.append(output)
            let queued = QueuedOutput(name: "added", whenFull: .wait) { output }
            let key = try recording.add(.output(isQueued ? queued as any Output : output))
            #expect(recording.outputs[key] != nil)
            #expect(eventually { output.data.count > 5000 })
            try recording.remove(key)
            #expect(recording.outputs[key] == nil)
            let gone = #expect(throws: CameraError.self) { try recording.remove(key) }
            #expect(gone?.code == .notFound)
        }
        try recording.stop()
        let all = try numbers([main.data] + added.map(\.data))
        #expect(all[0] == (0..<UInt32(recording.statistics.packetsWritten)).map(\.self))
        for part in all.dropFirst() {
            let first = try #require(part.first)
            #expect(part == (first..<first + UInt32(part.count)).map(\.self))
        }
    }

    @Test func oneThatFailsIsClosedAndToldAndTheRecordingGoesOn() throws {
        let camera = try Camera(.source(try CodedCamera(CodedCamera.Manner())))
        defer { camera.close() }
        let events = try EventList(camera)
        let main = MemoryOutput()
        let recording = try camera.startRecording(to: .output(main), format: .h264)
        let written = Atomic(0)
        let key = try recording.add(
            .output(
                ClosureOutput { _, _ in
                    if written.add(1, ordering: .relaxed).newValue == 3 {
                        throw CameraError(.output, "writing", reason: "as the test wants it")
                    }
                }))
        #expect(eventually { recording.outputs[key] == nil })
        let before = recording.statistics.packetsWritten
        #expect(eventually { recording.statistics.packetsWritten > before + 20 })
        #expect(recording.state == .running)
        let error = #expect(throws: CameraError.self) { try recording.stop() }
        #expect(error?.description.contains("as the test wants it") == true)
        #expect(written.load(ordering: .relaxed) == 3)
        #expect(try numbers([main.data])[0].count == recording.statistics.packetsWritten)
        camera.close()
        #expect(events.count { if case .outputFailed = $0 { true } else { false } } == 1)
        #expect(events.count { if case .recordingFailed = $0 { true } else { false } } == 0)
    }

    @Test func aQueuedOneThatStandsStillCostsTheOthersNothing() throws {
        let camera = try Camera(.source(try CodedCamera(CodedCamera.Manner())))
        defer { camera.close() }
        let main = MemoryOutput()
        let recording = try camera.startRecording(to: .output(main), format: .h264)
        let blocked = BlockingOutput()
        defer { blocked.release() }
        let queued = QueuedOutput(name: "blocked", byteLimit: 1000, stopTimeout: .milliseconds(50)) { blocked }
        try recording.add(.output(queued))
        blocked.waitUntilBlocked()
        #expect(eventually { queued.packetsDropped > 50 })
        let error = #expect(throws: CameraError.self) { try recording.stop() }
        #expect(error?.code == .timedOut)
        #expect(error?.subject == "blocked")
        let counts = recording.statistics
        #expect(counts.framesDropped == 0)
        #expect(try numbers([main.data])[0] == (0..<UInt32(counts.packetsWritten)).map(\.self))
    }

    @Test func aPathThatCannotBeOpenedYetIsTriedUntilItCan() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(try CodedCamera(CodedCamera.Manner())))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(MemoryOutput()), format: .h264)
        let path = folder.path("later/copy.h264")
        let key = try recording.add(
            .path(path), reopening: .backoff(from: .milliseconds(5), to: .milliseconds(20)))
        let queued = try #require(recording.outputs[key]?.output as? QueuedOutput)
        #expect(eventually { if case .failed = queued.currentState { true } else { false } })
        try FileManager.default.createDirectory(atPath: folder.path("later"), withIntermediateDirectories: false)
        #expect(eventually { if case .running = queued.currentState { true } else { false } })
        try recording.stop()
        let copy = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let part = try numbers([copy])[0]
        let first = try #require(part.first)
        #expect(part == (first..<first + UInt32(part.count)).map(\.self))
    }

    /// An output that is opened again by the encoder does not keep that.
    @Test func anEncoderIsFreedThoughItsOutputsWouldBeOpenedAgain() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.test, resolution: CodedCamera.size)
        defer { camera.close() }
        weak var freed: VideoEncoder?
        do {
            let encoder = try RawVideoEncoder(
                EncoderConfiguration(parent: camera.encoderParent, splitterPort: 1, format: .yuv420))
            freed = encoder
            try encoder.start(.output(MemoryOutput()))
            try encoder.add(.path(folder.path("a.yuv420")), reopening: .backoff)
            #expect(eventually { encoder.statistics.packetsWritten > 3 })
            try encoder.stop()
        }
        #expect(eventually { freed == nil })
    }

    @Test func whatCannotBeAddedIsRefused() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(try CodedCamera(CodedCamera.Manner())))
        defer { camera.close() }
        let main = MemoryOutput()
        let recording = try camera.startRecording(to: .output(main), format: .h264)
        func refusal(_ target: OutputTarget, _ reopening: Reopening = .never) -> CameraError.Code? {
            #expect(throws: CameraError.self) { try recording.add(target, reopening: reopening) }?.code
        }
        #expect(refusal(.output(main)) == .busy)
        #expect(refusal(.path(folder.path("a.mjpeg"))) == .invalidFormat)
        #expect(refusal(.path(folder.path("a-{counter}.h264"))) == .invalidValue)
        #expect(refusal(.output(MemoryOutput()), .backoff) == .invalidValue)
        #expect(refusal(.path(folder.path("missing/a.h264"))) == .output)
        try recording.add(.path(folder.path("a.h264")))
        #expect(refusal(.path(folder.path("a.h264"))) == .busy)
        let main2 = #expect(throws: CameraError.self) { try recording.remove(.frame) }
        #expect(main2?.code == .notFound)
        try recording.stop()
        #expect(refusal(.output(MemoryOutput())) == .notRecording)
        let late = #expect(throws: CameraError.self) { try recording.remove(.frame) }
        #expect(late?.code == .notRecording)
        let other = try Camera(.test, resolution: CodedCamera.size)
        defer { other.close() }
        let pictures = try other.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        let misfit = #expect(throws: CameraError.self) { try pictures.add(.path(folder.path("b.mp4"))) }
        #expect(misfit?.code == .invalidFormat)
    }

    @Test func finishedFilesTellWhatTheyReceived() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(try CodedCamera(CodedCamera.Manner())))
        let events = try EventList(camera)
        let recording = try camera.startRecording(to: .path(folder.path("a.h264")), format: .h264)
        let key = try recording.add(.path(folder.path("b.h264")))
        #expect(eventually { recording.statistics.packetsWritten > 50 })
        try recording.stop()
        camera.close()
        let files = events.files
        #expect(files.map(\.key.rawValue).sorted() == ["frame", key.rawValue].sorted())
        #expect(files.first { $0.key == key }?.name == folder.path("b.h264"))
        for file in files { #expect(file.frames > 10) }
    }
}

/// A camera's events until it is closed.
private final class EventList: Sendable {
    private let list = Monitor((events: [CameraEvent](), isOver: false))

    /// Listens on a thread of its own: those of the tasks wait for it.
    init(_ camera: Camera) throws {
        let events = camera.events
        Task(executorPreference: try ThreadExecutor()) { [list] in
            for await event in events { list.update { $0.events.append(event) } }
            list.update { $0.isOver = true }
        }
    }

    private var all: [CameraEvent] { list.wait { $0.isOver ? $0.events : nil } }

    /// The files that were finished, of a camera that is closed.
    var files: [FinishedFile] {
        all.compactMap { if case .fileFinished(_, let file) = $0 { file } else { nil } }
    }

    /// How many events of a camera that is closed are wanted ones.
    func count(where isWanted: (CameraEvent) -> Bool) -> Int { all.count(where: isWanted) }
}
#endif
