// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Cameras with several streams, whose frames of one request belong together.
struct StreamTests {
    private static let sizes = [Resolution(64, 48), Resolution(32, 24), Resolution(16, 16)]

    private func numbers(_ output: MemoryOutput, _ stream: Int) -> [UInt64] {
        let size = Self.sizes[stream]
        return NumberedSource.numbers(in: [UInt8](output.data), frameByteCount: size.pixelCount * 3 / 2)
    }

    /// Requests to record streams as they are, each on a port of its number.
    private func requests(_ outputs: [Int: MemoryOutput]) -> [RecordingRequest] {
        outputs.sorted { $0.key < $1.key }.map { stream, output in
            RecordingRequest(to: .output(output), format: .yuv420, stream: stream, splitterPort: stream)
        }
    }

    @Test(arguments: [2, 3]) func allStreamsAreRecordedAtOnceToTheFrame(count: Int) throws {
        let camera = try Camera(.source(RequestSource(sizes: Array(Self.sizes.prefix(count)), limit: 50)))
        defer { camera.close() }
        let outputs = Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, MemoryOutput()) })
        try camera.startRecordings(requests(outputs))
        for stream in 0..<count {
            #expect(try camera.waitRecording(splitterPort: stream) == .ended)
            try camera.stopRecording(splitterPort: stream)
        }
        for (stream, output) in outputs { #expect(numbers(output, stream) == Array(0..<50), "stream \(stream)") }
        let statistics = camera.statistics
        #expect(statistics.source.framesCaptured == 50 * count)
        #expect(statistics.source.framesUnused == 0)
        #expect(statistics.source.framesLost == 0)
        for stream in 0..<count {
            #expect(statistics.encoders[stream]?.framesReceived == 50)
            #expect(statistics.encoders[stream]?.packetsWritten == 50)
        }
    }

    @Test func framesOfOneRequestShareItsNumberAndTime() throws {
        let camera = try Camera(.source(RequestSource(sizes: Self.sizes, limit: 20)))
        defer { camera.close() }
        let collector = Collector()
        try camera.router.attach([collector])
        #expect(eventually { collector.isFinished.withLock { $0 } })
        let infos = collector.infos.withLock { $0 }
        #expect(infos.count == 60)
        for (index, request) in stride(from: 0, to: 60, by: 3).enumerated() {
            let frames = infos[request..<request + 3]
            #expect(frames.map(\.stream) == [0, 1, 2])
            #expect(Set(frames.map(\.request)) == [RequestSource.firstRequest + UInt64(index)])
            #expect(Set(frames.map(\.timestamp)).count == 1)
        }
    }

    /// Recordings that start while frames flow begin with the same request, wherever the device thread is.
    @Test func recordingsOfSeveralStreamsBeginWithTheSameRequest() throws {
        let camera = try Camera(.source(RequestSource(sizes: Self.sizes)))
        defer { camera.close() }
        // The first stream is being recorded already, so that frames flow.
        try camera.startRecordings([
            RecordingRequest(to: .writing { _, _ in }, format: .yuv420, splitterPort: 9)
        ])
        for _ in 0..<20 {
            let outputs = [0: MemoryOutput(), 1: MemoryOutput(), 2: MemoryOutput()]
            try camera.startRecordings(requests(outputs))
            #expect(
                eventually {
                    (0..<3).allSatisfy { camera.statistics.encoders[$0]?.packetsWritten ?? 0 >= 3 }
                })
            for stream in 0..<3 { try camera.stopRecording(splitterPort: stream) }
            let first = outputs.map { numbers($1, $0).first }
            #expect(Set(first).count == 1, "\(first)")
        }
    }

    /// Also while somebody whose recording has ended refuses frames from the middle of requests.
    @Test func consumersOfSeveralStreamsBeginWithTheSameRequest() throws {
        let camera = try Camera(.source(RequestSource(sizes: Self.sizes)))
        defer { camera.close() }
        try camera.router.attach([Collector(stream: 0), Collector(stream: 1, refuses: true)])
        #expect(eventually { camera.statistics.source.framesCaptured >= 10 })
        let collectors = (0..<3).map { Collector(stream: $0) }
        try camera.router.attach(collectors)
        #expect(eventually { collectors.allSatisfy { !$0.infos.withLock(\.isEmpty) } })
        let first = collectors.map { $0.infos.withLock { $0.first?.request } }
        #expect(Set(first).count == 1, "\(first)")
    }

    @Test func framesOfAStreamThatNobodyTakesAreCounted() throws {
        let camera = try Camera(.source(RequestSource(sizes: Self.sizes, limit: 40)))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecordings(requests([1: output]))
        #expect(try camera.waitRecording(splitterPort: 1) == .ended)
        try camera.stopRecording(splitterPort: 1)
        #expect(numbers(output, 1) == Array(0..<40))
        #expect(camera.statistics.source.framesCaptured == 120)
        #expect(camera.statistics.source.framesUnused == 80)
        #expect(camera.statistics.encoders[1]?.framesReceived == 40)
    }

    @Test func gapsAreThoseOfEachStream() throws {
        let source = RequestSource(sizes: Array(Self.sizes.prefix(2)), limit: 30, lost: [0: [4], 1: [10, 11, 20]])
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let (first, second) = (MemoryOutput(), MemoryOutput())
        try camera.startRecordings(requests([0: first, 1: second]))
        for stream in 0..<2 {
            #expect(try camera.waitRecording(splitterPort: stream) == .ended)
            try camera.stopRecording(splitterPort: stream)
        }
        #expect(numbers(first, 0) == (0..<30).filter { $0 != 4 })
        #expect(numbers(second, 1) == (0..<30).filter { ![10, 11, 20].contains($0) })
        #expect(camera.statistics.source.framesLost == 4)
        #expect(camera.statistics.source.framesCaptured == 56)
    }

    @Test func picturesAndFramesComeFromTheStreamThatIsNamed() async throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(RequestSource(sizes: Self.sizes)))
        defer { camera.close() }
        try await camera.capture(to: .path(folder.path("small.jpg")), stream: 1)
        #expect(try ProbedVideo(folder.path("small.jpg")).size == Self.sizes[1])
        for try await frame in try camera.frames(stream: 2) {
            #expect(frame.info.stream == 2)
            #expect(frame.size == Self.sizes[2])
            break
        }
    }

    @Test func aStreamThatThereIsNotIsRefused() throws {
        let camera = try Camera(.source(RequestSource(sizes: Array(Self.sizes.prefix(2)))))
        defer { camera.close() }
        let request = RecordingRequest(to: .output(MemoryOutput()), format: .mjpeg, stream: 2)
        let error = #expect(throws: CameraError.self) { try camera.startRecordings([request]) }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("it has the streams 0 to 1") ?? false, "\(String(describing: error))")
        #expect(throws: CameraError.self) { try camera.frames(stream: -1) }
    }
}

/// Notes what it gets, or refuses it.
private final class Collector: FrameConsumer {
    let stream: Int?
    let refuses: Bool
    let infos = Mutex<[FrameInfo]>([])
    let isFinished = Mutex(false)

    init(stream: Int? = nil, refuses: Bool = false) {
        self.stream = stream
        self.refuses = refuses
    }

    func hasRoom(among consumers: Int) -> Bool { true }

    func accept(_ frame: Frame) -> FrameReceipt {
        guard !refuses else { return .refused }
        // The source goes as fast as it can, and its first frames tell enough.
        infos.withLock { if $0.count < 100 { $0.append(frame.info) } }
        return .taken
    }

    func finish(_ error: CameraError?) { isFinished.withLock { $0 = true } }
}
