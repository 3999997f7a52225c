// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct SplittingTests {
    /// A thousand splits at random distances of 0 to 10 frames, half from a second thread, on two ports, with pictures
    /// taken meanwhile.
    @Test func everyRawFrameIsInExactlyOneFile() throws {
        let storm = try SplitStorm(.source(NumberedSource()), format: .yuv420, stills: .yuv420)
        let still = storm.stills.flatMap { NumberedSource.numbers(in: $0.data, frameByteCount: 384) }
        try storm.check(stills: still) { outputs, _ in
            outputs.map { NumberedSource.numbers(in: $0.data, frameByteCount: 384) }
        }
    }

    #if X264
    /// The same with frames and B-pictures inside the codec, so that several cuts are on their way at once.
    @Test func everyEncodedFrameIsInExactlyOneFile() throws {
        let size = Resolution(96, 64)
        let source = try TestCamera(resolution: size, frameRate: 30, pacing: .none, numbered: true)
        let storm = try SplitStorm(
            .source(source), format: .h264, stills: .yuv420,
            options: EncoderOptions { options in
                options.preset = "medium"
                options.tune = "film"
                options.threads = 3
                options.quality = 20
            })
        let folder = try TemporaryFolder()
        let stills = try storm.stills.map { output -> UInt64 in
            let number = output.data.withUnsafeBytes { bytes in
                bytes.baseAddress.flatMap { FrameNumberCode.read(luma: $0, stride: size.width, size: size) }
            }
            return UInt64(try #require(number))
        }
        try storm.check(stills: stills) { outputs, port in
            // Decoded together, which also shows that the files join; each begins with headers and an IDR picture.
            let path = folder.path("\(port).h264")
            try Data(outputs.flatMap(\.data)).write(to: URL(fileURLWithPath: path))
            let video = try NumberedVideo(decoding: path, size: size)
            #expect(video.complaints == "")
            var numbers = try video.numbers.map { UInt64(try #require($0)) }[...]
            return outputs.map { output in
                let count = pictureCount(output.data)
                #expect(output.data.starts(with: [0, 0, 0, 1, 0x67]))
                defer { numbers = numbers.dropFirst(count) }
                return Array(numbers.prefix(count))
            }
        }
    }

    /// Pictures of an H.264 byte stream: slices that begin one (first_mb_in_slice is 0, its code a set bit).
    private func pictureCount(_ bytes: [UInt8]) -> Int {
        var count = 0
        for index in 0..<max(0, bytes.count - 4)
        where bytes[index] == 0 && bytes[index + 1] == 0 && bytes[index + 2] == 1 {
            let type = bytes[index + 3] & 31
            if type == 1 || type == 5, bytes[index + 4] & 0x80 != 0 { count += 1 }
        }
        return count
    }

    #endif

    /// One thread waits, another splits, at once, ten thousand times: neither takes the other's event for its own.
    @Test func waitingAndSplittingDoNotDisturbEachOther() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        try camera.startRecording(to: .output(ClosureOutput { _, _ in }), format: .yuv420)
        let rounds = 10_000
        let early = Atomic(0)
        let wrong = Mutex<[String]>([])
        let waiting = try WorkerThread("waiting") {
            for _ in 0..<rounds {
                let time = Duration.microseconds(200)
                let start = Timestamp.now
                do {
                    let state = try camera.waitRecording(time)
                    if state != .running { wrong.withLock { $0.append("wait returned \(state)") } }
                } catch {
                    wrong.withLock { $0.append("wait threw \(error)") }
                }
                if Timestamp.now - start < time { early.add(1, ordering: .relaxed) }
            }
        }
        for _ in 0..<rounds {
            let first = Mutex<PacketInfo?>(nil)
            let output = ClosureOutput { _, info in first.withLock { $0 = $0 ?? info } }
            let frame = try camera.splitRecording(to: .output(output))
            let info = first.withLock { $0 }
            if info?.index != frame.index { wrong.withLock { $0.append("split returned \(frame.index)") } }
        }
        waiting.join()
        #expect(wrong.withLock { $0 } == [])
        #expect(early.load(ordering: .relaxed) == 0)
        #expect(try camera.waitRecording(.zero) == .running)
        try camera.stopRecording()
        #expect(camera.statistics.encoders[1]?.splits == rounds)
    }
}

/// What a thousand splits left behind.
private struct SplitStorm {
    private static let ports = [1, 2]
    private static let splitsOfThread = 250
    private var outputs: [Int: [MemoryOutput]] = [:]
    private var splits: [Int: [VideoFrame]] = [:]
    private let statistics: Statistics
    private let failures: [CameraError]
    let stills: [MemoryOutput]

    init(
        _ selection: CameraSelection, format: MediaFormat, stills stillFormat: MediaFormat,
        options: EncoderOptions = EncoderOptions()
    ) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let camera = try Camera(selection)
        defer { camera.close() }
        let first = Self.ports.map { _ in MemoryOutput() }
        try camera.startRecordings(
            zip(Self.ports, first).map {
                RecordingRequest(to: .output($1), format: format, splitterPort: $0, options: options)
            })
        let done = Mutex<[Int: [(frame: VideoFrame, output: MemoryOutput)]]>([:])
        let failures = Mutex<[CameraError]>([])
        let threads = try (0..<4).map { number in
            try WorkerThread("split\(number)") {
                let port = Self.ports[number % 2]
                var random = SeededRandom(seed: seed &+ UInt64(number))
                for _ in 0..<Self.splitsOfThread {
                    let target = camera.router.statistics.framesCaptured + Int.random(in: 0...10, using: &random)
                    while camera.router.statistics.framesCaptured < target { sched_yield() }
                    let output = MemoryOutput()
                    do throws(CameraError) {
                        let frame = try camera.splitRecording(to: .output(output), splitterPort: port)
                        done.withLock { $0[port, default: []].append((frame, output)) }
                    } catch {
                        failures.withLock { $0.append(error) }
                    }
                }
            }
        }
        let taken = Mutex<[MemoryOutput]>([])
        let isDone = Atomic(false)
        let capturing = try WorkerThread("capture") {
            while !isDone.load(ordering: .acquiring) {
                let output = MemoryOutput()
                do throws(CameraError) {
                    try camera.capture(to: .output(output), format: stillFormat)
                    taken.withLock { $0.append(output) }
                } catch {
                    failures.withLock { $0.append(error) }
                }
            }
        }
        for thread in threads { thread.join() }
        isDone.store(true, ordering: .releasing)
        capturing.join()
        for port in Self.ports { try camera.stopRecording(splitterPort: port) }
        statistics = camera.statistics
        stills = taken.withLock { $0 }
        self.failures = failures.withLock { $0 }
        for (port, output) in zip(Self.ports, first) {
            let sorted = done.withLock { $0[port] ?? [] }.sorted { $0.frame.index < $1.frame.index }
            splits[port] = sorted.map(\.frame)
            outputs[port] = [output] + sorted.map(\.output)
        }
    }

    /// Accounts for every number.
    ///
    /// - Parameters:
    ///   - stills: The numbers on the pictures that were taken.
    ///   - decode: The numbers in each of a port's outputs.
    /// - Throws: What `decode` throws.
    func check(stills: [UInt64], _ decode: ([MemoryOutput], Int) throws -> [[UInt64]]) throws {
        #expect(failures.isEmpty)
        var recorded: [Set<UInt64>] = []
        for port in Self.ports {
            let splits = splits[port] ?? []
            #expect(splits.count == 2 * Self.splitsOfThread)
            let files = try decode(outputs[port] ?? [], port)
            #expect(files.count == splits.count + 1)
            let start = try #require(files[0].first)
            for (split, content) in zip(splits, files.dropFirst()) {
                #expect(content.first.map { Int64($0) } == split.index + Int64(start))
                #expect(split.splitSize == split.frameSize)
                #expect(split.type == .key)
            }
            let all = files.flatMap { $0 }
            #expect(all == Array(start..<start + UInt64(all.count)))
            recorded.append(Set(all))
            #expect(statistics.encoders[port]?.framesReceived == all.count)
            #expect(statistics.encoders[port]?.packetsWritten == all.count)
            #expect(statistics.encoders[port]?.splits == splits.count)
        }
        // Both ports began with the same frame.
        #expect(recorded[0].min() == recorded[1].min())
        #expect(!stills.isEmpty)
        #expect(stills.allSatisfy { recorded[0].contains($0) && recorded[1].contains($0) })
        #expect(zip(stills, stills.dropFirst()).allSatisfy { $0 < $1 })
    }
}
