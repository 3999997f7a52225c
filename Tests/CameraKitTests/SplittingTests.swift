// SPDX-License-Identifier: MIT

import CameraKit
import Glibc
import Synchronization
import Testing
import TestSupport

@Suite struct SplittingTests {
    static let frameByteCount = 16 * 16 * 3 / 2

    /// A thousand splits at random distances, half from a second thread, on two ports, with pictures taken meanwhile.
    @Test func everyFrameIsInExactlyOneFile() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let source = NumberedSource()
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let ports = [1, 2]
        let files = Mutex<[Int: [MemoryOutput]]>([:])
        func newOutput(_ port: Int) -> MemoryOutput {
            let output = MemoryOutput()
            return output
        }
        var requests: [RecordingRequest] = []
        for port in ports {
            let output = newOutput(port)
            files.withLock { $0[port, default: []].append(output) }
            requests.append(RecordingRequest(to: .output(output), format: .yuv420, splitterPort: port))
        }
        try camera.startRecordings(requests)
        let order = Mutex<[Int: [(VideoFrame, MemoryOutput)]]>([:])
        let failures = Mutex<[CameraError]>([])
        func split(_ thread: UInt64, port: Int, count: Int) -> WorkerThread {
            guard
                let worker = try? WorkerThread(
                    "split\(thread)",
                    {
                        var random = SeededRandom(seed: seed &+ thread)
                        for _ in 0..<count {
                            let distance = UInt64.random(in: 0...10, using: &random)
                            let target = source.delivered + distance
                            while source.delivered < target { sched_yield() }
                            let output = MemoryOutput()
                            do throws(CameraError) {
                                let frame = try camera.splitRecording(to: output, splitterPort: port)
                                order.withLock { $0[port, default: []].append((frame, output)) }
                            } catch {
                                failures.withLock { $0.append(error) }
                            }
                        }
                    })
            else { preconditionFailure("no thread") }
            return worker
        }
        var threads: [WorkerThread] = []
        for (index, port) in ports.enumerated() {
            threads.append(split(UInt64(index * 2), port: port, count: 250))
            threads.append(split(UInt64(index * 2 + 1), port: port, count: 250))
        }
        let stills = Mutex<[MemoryOutput]>([])
        let isDone = Atomic(false)
        let capturing = try WorkerThread("capture") {
            while !isDone.load(ordering: .acquiring) {
                let output = MemoryOutput()
                do throws(CameraError) {
                    try camera.capture(to: output, format: .yuv420)
                    stills.withLock { $0.append(output) }
                } catch {
                    failures.withLock { $0.append(error) }
                }
            }
        }
        for thread in threads { thread.join() }
        isDone.store(true, ordering: .releasing)
        capturing.join()
        for port in ports { try camera.stopRecording(splitterPort: port) }
        #expect(failures.withLock { $0 }.isEmpty)

        var recorded: [Set<UInt64>] = []
        for port in ports {
            let splits = order.withLock { $0[port] ?? [] }.sorted { $0.0.index < $1.0.index }
            #expect(splits.count == 500)
            let outputs = files.withLock { $0[port] ?? [] } + splits.map(\.1)
            let numbers = outputs.map { NumberedSource.numbers(in: $0.data, frameByteCount: Self.frameByteCount) }
            for (split, content) in zip(splits, numbers.dropFirst()) {
                #expect(content.first.map { Int64($0) } == split.0.index + Int64(numbers[0][0]))
                #expect(split.0.splitSize == split.0.frameSize)
            }
            let all = numbers.flatMap { $0 }
            #expect(all == Array(all[0]..<(all[0] + UInt64(all.count))))
            recorded.append(Set(all))
            let statistics = camera.statistics.encoders[port]
            #expect(statistics?.framesReceived == all.count)
            #expect(statistics?.packetsWritten == all.count)
            #expect(statistics?.splits == 500)
        }
        #expect(recorded[0].min() == recorded[1].min())
        let taken = stills.withLock { $0 }.flatMap {
            NumberedSource.numbers(in: $0.data, frameByteCount: Self.frameByteCount)
        }
        #expect(!taken.isEmpty)
        for number in taken { #expect(recorded[0].contains(number) && recorded[1].contains(number)) }
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $0 < $1 })
    }

    /// One thread waits, another splits, at once, ten thousand times: neither takes the other's event for its own.
    @Test func waitingAndSplittingDoNotDisturbEachOther() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        try camera.startRecording(to: MemoryOutput(), format: .yuv420)
        let rounds = 10_000
        let early = Atomic(0)
        let wrong = Mutex<[String]>([])
        let waiting = try WorkerThread("waiting") {
            for _ in 0..<rounds {
                let time = Duration.microseconds(200)
                let start = Timestamp.now
                do throws(CameraError) {
                    let state = try camera.waitRecording(time)
                    if state != .running { wrong.withLock { $0.append("wait returned \(state)") } }
                } catch {
                    wrong.withLock { $0.append("wait threw \(error)") }
                }
                if Timestamp.now - start < time { early.add(1, ordering: .relaxed) }
            }
        }
        for _ in 0..<rounds {
            // A closure output keeps no bytes.
            let first = Mutex<PacketInfo?>(nil)
            let output = ClosureOutput { _, info in first.withLock { $0 = $0 ?? info } }
            let frame = try camera.splitRecording(to: output)
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

/// A small generator whose numbers depend on its seed alone (Steele, Lea, Flood: SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
