// SPDX-License-Identifier: MIT

#if X264 && Containers
import CameraKit
import Foundation
import TestSupport
import Testing

/// A stream whose receiver reads nothing for a while.
@Suite struct StalledReceiverTests {
    /// The queue fills up and pictures are left out, for this output alone.
    ///
    /// Once the receiver reads, it gets what was before them whole, and the newest pictures from a key frame on.
    @Test func itGetsTheNewestPicturesOnceItReads() throws {
        let folder = try TemporaryFolder()
        let receiver = try TCPListener()
        var manner = CodedCamera.Manner()
        manner.makesKeyFramesOnRequest = true
        // None comes but those that are asked for.
        manner.keyFrameInterval = .max
        let camera = try Camera(.source(try CodedCamera(manner)))
        defer { camera.close() }
        let main = MemoryOutput()
        let recording = try camera.startRecording(to: .output(main), format: .h264)
        let url = "tcp://127.0.0.1:\(receiver.port)?send_buffer_size=8192"
        // How often it began with a key frame, and how many pictures had been left out by then.
        let starts = Monitor((count: 0, dropped: 0))
        let queued = QueuedOutput(name: url, byteLimit: 20_000) { try StreamOutput(url: url) }
        queued.onChange { [weak queued] state in
            guard case .running = state, let dropped = queued?.packetsDropped else { return }
            starts.update { $0 = ($0.count + 1, dropped) }
        }
        try recording.add(.output(queued))
        // With room it would have begun anew long before.
        #expect(
            eventually {
                let latest = starts.withLock { $0 }
                return latest.count > 0 && queued.packetsDropped > latest.dropped + 500
            })
        let before = starts.withLock { $0.count }

        let received = Monitor<Data?>(nil)
        let reader = try WorkerThread("test-read") {
            let data = receiver.readConnection()
            received.update { $0 = data }
        }
        #expect(eventually { starts.withLock { $0.count } > before })
        try recording.stop()
        reader.join()

        let counts = recording.statistics
        #expect(counts.framesDropped == 0)
        try Data(main.data).write(to: folder.file("main.h264"))
        try #require(received.withLock { $0 }).write(to: folder.file("got.ts"))
        let size = CodedCamera.size
        let whole = try NumberedVideo(decoding: folder.path("main.h264"), size: size, input: ["-f", "h264"])
        let stream = try NumberedVideo(decoding: folder.path("got.ts"), size: size)
        #expect(stream.complaints == "")
        let (all, got) = (whole.numbers.compactMap(\.self), stream.numbers.compactMap(\.self))
        #expect(all == (0..<UInt32(counts.packetsWritten)).map(\.self))
        // Each picture that was added was received or counted, and those that decode do so by themselves.
        let first = try #require(got.first)
        #expect(got.count + queued.packetsDropped == all.count - Int(first))
        let gaps = zip(got, got.dropFirst()).filter { $1 != $0 + 1 }
        #expect(!gaps.isEmpty && gaps.allSatisfy { $0 < $1 })
    }

    /// libavformat leaves out what an RTSP server does not take, without a word: the stream has failed nevertheless.
    @Test func aServerOfRTSPThatReadsNothingIsGivenUp() throws {
        let server = try TCPListener()
        let publisher = Monitor<FileHandle?>(nil)
        let accepting = try WorkerThread("test-accept") {
            let connection = server.acceptPublisher()
            publisher.update { $0 = connection }
        }
        var manner = CodedCamera.Manner()
        manner.makesKeyFramesOnRequest = true
        let camera = try Camera(.source(try CodedCamera(manner)))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(MemoryOutput()), format: .h264)
        let failure = Monitor<CameraError?>(nil)
        let url = "rtsp://127.0.0.1:\(server.port)/a"
        let queued = QueuedOutput(name: url, byteLimit: 100_000) {
            try StreamOutput(url: url, patience: .milliseconds(200))
        }
        queued.onChange { state in
            if case .failed(let error) = state { failure.update { $0 = $0 ?? error } }
        }
        try recording.add(.output(queued))
        #expect(eventually { failure.withLock { $0 != nil } })
        #expect(failure.withLock { $0?.code } == .timedOut)
        accepting.join()
        #expect(publisher.withLock { $0 != nil })
        #expect(throws: CameraError.self) { try recording.stop() }
        #expect(recording.statistics.framesDropped == 0)
    }
}
#endif
