// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// What becomes of a recording whose next file, or a file beside it, fails.
@Suite struct NextFileTests {
    private let folder: TemporaryFolder
    private let source = LiveSource()
    private let camera: Camera
    private let start = Timestamp.now

    init() throws {
        folder = try TemporaryFolder()
        camera = try Camera(.source(source), stallLimit: .seconds(3600))
    }

    /// Sends frames, each 0.1 s of the sensor's clock after the one before, and waits until they are written.
    private func send(_ numbers: Range<Int>) {
        for number in numbers {
            source.sendFrame(at: start + .milliseconds(100 * number))
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == number + 1 })
        }
    }

    private func numbers(_ name: String) throws -> [UInt64] {
        NumberedSource.numbers(in: [UInt8](try Data(contentsOf: folder.file(name))), frameByteCount: 384)
    }

    /// The events of the files after the camera is closed.
    private func news(_ events: AsyncStream<CameraEvent>) async -> [String] {
        camera.close()
        var news: [String] = []
        for await event in events {
            switch event {
            case .cutLate: news.append("late")
            case .cutCaughtUp: news.append("caught up")
            case .outputFailed: news.append("failed")
            case .nameTaken: news.append("taken")
            case .recordingFailed: news.append("ended")
            default: break
            }
        }
        return news
    }

    /// The rule keeps its number, tries again after a while, and tells the beginning and the end.
    @Test func aNextFileThatCannotBeOpenedIsTriedAgainUnderItsNumber() async throws {
        for number in [1, 3] {
            try FileManager.default.createDirectory(at: folder.file("\(number)"), withIntermediateDirectories: true)
        }
        let events = camera.events
        try camera.startRecording(
            to: .path(folder.path("{counter}/f.yuv420")), splitting: .every(.frames(5)),
            metadataOutput: .path(folder.path("{counter}/f.jsonl")))
        send(0..<40)
        #expect(camera.statistics.encoders[1]?.lateCuts == 1)
        try FileManager.default.createDirectory(at: folder.file("2"), withIntermediateDirectories: true)
        // Attempts came after 0.5, 1.5 and 3.5 s; the next one is at 7.5 s.
        send(40..<82)
        let failure = #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(failure?.systemError == .noSuchFileOrDirectory)
        #expect(try numbers("1/f.yuv420") == Array(0..<75))
        #expect(try numbers("2/f.yuv420") == Array(75..<80))
        #expect(try numbers("3/f.yuv420") == [80, 81])
        for (name, count) in [("1", 75), ("2", 5), ("3", 2)] {
            let text = try String(contentsOf: folder.file("\(name)/f.jsonl"), encoding: .utf8)
            #expect(text.split(separator: "\n").count == count)
        }
        #expect(await news(events) == ["late", "caught up"])
    }

    /// Fails in the first write of each file from the second on, until told otherwise.
    private final class Stubborn: RawVideoEncoder, @unchecked Sendable {
        private let fails: Atomic<Bool>
        private let opened = Atomic(0)

        init(_ configuration: EncoderConfiguration, failing: Bool) throws {
            fails = Atomic(failing)
            try super.init(configuration)
        }

        func heal() { fails.store(false, ordering: .relaxed) }

        override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
            let opened = try super.openOutput(target, key: key)
            guard self.opened.add(1, ordering: .relaxed).oldValue > 0, fails.load(ordering: .relaxed) else {
                return opened
            }
            return OpenedOutput(FullDisk(opened), isOwned: true, name: opened.name)
        }
    }

    /// A file that is made, but takes no byte.
    private final class FullDisk: DiscardableOutput {
        private let file: OpenedOutput
        init(_ file: OpenedOutput) { self.file = file }
        func begin(_ stream: StreamDescription) throws { try file.output.begin(stream) }
        func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
            throw CameraError(.output, "writing to the output", systemError: .noSpace)
        }
        func close() throws { try file.release() }
        func discard() { file.discard() }
    }

    @Test func aNextFileThatFailsInItsFirstWriteLeavesTheRecordingInTheOldOne() async throws {
        let events = camera.events
        let made = Mutex<Stubborn?>(nil)
        try camera.startRecording(to: .path(folder.path("{counter}.yuv420")), splitting: .every(.frames(5))) {
            configuration in
            let encoder = try Stubborn(configuration, failing: true)
            made.withLock { $0 = encoder }
            return encoder
        }
        send(0..<10)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["1.yuv420"])
        made.withLock { $0 }?.heal()
        send(10..<18)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(try numbers("1.yuv420") == Array(0..<15))
        #expect(try numbers("2.yuv420") == [15, 16, 17])
        #expect(await news(events) == ["late", "caught up"])
    }

    /// So does a split by hand, whose caller gets the error.
    @Test func aSplitThatFailsInItsFirstWriteGoesOnInTheOldFile() async throws {
        let events = camera.events
        let made = Mutex<Stubborn?>(nil)
        try camera.startRecording(to: .path(folder.path("a.yuv420"))) { configuration in
            let encoder = try Stubborn(configuration, failing: true)
            made.withLock { $0 = encoder }
            return encoder
        }
        send(0..<3)
        let split = try camera.beginSplit(to: .path(folder.path("b.yuv420")))
        send(3..<5)
        let failure = #expect(throws: CameraError.self) { try split.wait() }
        #expect(failure?.systemError == .noSpace)
        made.withLock { $0 }?.heal()
        let next = try camera.beginSplit(to: .path(folder.path("c.yuv420")))
        send(5..<7)
        #expect(try next.wait().index == 5)
        try camera.stopRecording()
        #expect(try numbers("a.yuv420") == Array(0..<5))
        #expect(try numbers("c.yuv420") == [5, 6])
        #expect(!FileManager.default.fileExists(atPath: folder.path("b.yuv420")))
        #expect(await news(events) == [])
    }

    /// The pictures go on without what was written beside them, all are counted, and stopping tells the error.
    @Test(arguments: [OutputKey.metadata, .motion, .times]) func aFullDiskBesideThePicturesEndsNoRecording(
        _ key: OutputKey
    )
        async throws
    {
        let events = camera.events
        var request = RecordingRequest(to: .path(folder.path("a.yuv420")))
        switch key {
        case .metadata: request.metadataOutput = "/dev/full"
        case .motion: request.motionOutput = "/dev/full"
        default: request.timesOutput = "/dev/full"
        }
        try camera.startRecordings([request])
        send(0..<6)
        let failure = #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(failure?.systemError == .noSpace)
        #expect(try numbers("a.yuv420") == Array(0..<6))
        let statistics = camera.statistics.encoders[1]
        #expect(statistics?.packetsWritten == 6 && statistics?.packetsDropped == 0)
        #expect(await news(events) == ["failed"])
    }

    /// With the next file of the pictures comes the next one beside them.
    @Test func aFileBesideThePicturesBeginsAnewWithTheNextCut() async throws {
        for name in ["1.jsonl", "3.jsonl"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path(name), withDestinationPath: name == "1.jsonl" ? "/dev/full" : "other")
        }
        var request = RecordingRequest(to: .path(folder.path("{counter}.yuv420")), splitting: .every(.frames(3)))
        request.metadataOutput = .path(folder.path("{counter}.jsonl"))
        request.firstCounter = 1
        try camera.startRecordings([request])
        send(0..<8)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(try (1...3).flatMap { try numbers("\($0).yuv420") } == Array(0..<8))
        for (name, count) in [("2.jsonl", 3), ("other", 2)] {
            let text = try String(contentsOf: folder.file(name), encoding: .utf8)
            #expect(text.split(separator: "\n").count == count)
        }
    }

    /// Errors that pass cost a shot of a series, not the series.
    @Test func aShotThatTheDiskDoesNotTakeIsMissed() async throws {
        let events = camera.events
        try FileManager.default.createSymbolicLink(atPath: folder.path("1.yuv420"), withDestinationPath: "/dev/full")
        let series = try camera.captureContinuous(
            to: folder.path("{counter}.yuv420"), every: .milliseconds(20), firstCounter: 1)
        let isOver = Atomic(false)
        let sender = try WorkerThread("sender") { [source] in
            while !isOver.load(ordering: .relaxed) {
                source.sendFrame()
                usleep(5000)
            }
        }
        // Waiting for a shot holds a thread: one of its own, since those of tasks are as few as processors.
        let name = Mutex<String?>(nil)
        let taker = try WorkerThread("taker") { [camera] in
            name.withLock { $0 = try? series.next() }
            isOver.store(true, ordering: .relaxed)
            camera.close()
        }
        // The disk has room again once a shot was missed.
        var reasons: [CameraError] = []
        for await case .shotsMissed(_, let error?) in events {
            reasons.append(error)
            // Once: by the next event the shot may be there.
            if reasons.count == 1 { _ = try? FileManager.default.removeItem(at: folder.file("1.yuv420")) }
        }
        taker.join()
        sender.join()
        #expect(name.withLock { $0 } == folder.path("1.yuv420"))
        #expect(try numbers("1.yuv420").count == 1)
        #expect(reasons.contains { $0.systemError == .noSpace })
    }
}
