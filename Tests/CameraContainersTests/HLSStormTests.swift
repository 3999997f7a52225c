// SPDX-License-Identifier: MIT

// What is put into the segments is H.264 of our own.
#if X264
import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import Synchronization
import TestSupport
import Testing

/// Every call of a playlist from several threads, in an order that a seed gives; `HLS_STORM_SEED` repeats one.
///
/// One thread records, again and again; two more end, flush, close, discard and begin as a user's thread might; another
/// reads the playlist as a web server would. Each call has to be done, to say that the output is closed, or to say what
/// another call does with it. What is listed is there at each moment, and once all have returned a closed output has no
/// file open.
@Suite(.timeLimit(.minutes(5))) struct HLSStormTests {
    private static let seeds: [UInt64] =
        if let word = ProcessInfo.processInfo.environment["HLS_STORM_SEED"], let seed = UInt64(word) {
            [seed]
        } else {
            [1, 2, 3, 4, 5, UInt64.random(in: 6..<1_000_000_000)]
        }

    @Test(arguments: seeds) func everyCallEndsAndWhatIsListedIsThere(seed: UInt64) async throws {
        print("storm: HLS_STORM_SEED=\(seed)")
        let stream = try CodedStream.make(times: (0..<120).map { .milliseconds(40 * $0) })
        let storm = try Storm(seed, stream)
        // Not on a thread of the tasks' pool, which other tests want.
        try await onThreadOfItsOwn("storm", "the storm") { () throws(CameraError) in
            for round in 0..<40 {
                do {
                    try storm.run(round)
                } catch {
                    throw CameraError(wrapping: error, as: .system, "the storm")
                }
            }
        }
        let complaints = storm.complaints.withLock { $0 }
        #expect(complaints == [], "HLS_STORM_SEED=\(seed)")
        // A storm of refusals alone would show nothing.
        let done = storm.done.withLock { $0 }
        print("storm: done \(done.sorted { $0.key < $1.key })")
        for call in ["begin", "write", "end", "flush", "close", "discard", "look"] {
            #expect(done[call, default: 0] > 0, "HLS_STORM_SEED=\(seed): no '\(call)' was done")
        }
    }

    private final class Storm: Sendable {
        let complaints = Mutex<[String]>([])
        /// How often each call was done without an error.
        let done = Mutex<[String: Int]>([:])
        private let seed: UInt64
        private let stream: CodedStream
        private let folder: TemporaryFolder

        init(_ seed: UInt64, _ stream: CodedStream) throws {
            (self.seed, self.stream) = (seed, stream)
            folder = try TemporaryFolder()
        }

        /// One output, from its claim to its end.
        func run(_ round: Int) throws {
            var options = HLSOptions()
            options.segmentDuration = .milliseconds(400)
            options.window = .segments(3)
            // It was claimed by the one before, which is closed now.
            let output = try HLSOutput(path: folder.path("index.m3u8"), options: options)
            let isOver = Atomic(false)
            let isClosed = Atomic(false)
            let written = Atomic(0)
            try onThreads(4) { [self] thread in
                var random = SeededRandom(seed: seed &+ UInt64(round * 4 + thread))
                switch thread {
                case 0:
                    record(to: output, &random) { written.add(1, ordering: .relaxed) }
                    isOver.store(true, ordering: .relaxed)
                case 1: while !isOver.load(ordering: .relaxed) { look() }
                default:
                    while !isOver.load(ordering: .relaxed) {
                        // After some more pictures.
                        let next = written.load(ordering: .relaxed) + Int.random(in: 0..<40, using: &random)
                        while !isOver.load(ordering: .relaxed), written.load(ordering: .relaxed) < next {
                            sched_yield()
                        }
                        if disturb(output, &random) { isClosed.store(true, ordering: .relaxed) }
                    }
                }
            }
            look()
            if !isClosed.load(ordering: .relaxed) { call("close") { try output.close() } }
            // The output is still there: nothing that is left waits for its end.
            let left = try descriptors()
            if !left.isEmpty { complain("round \(round): open after close: \(left)") }
            let temporary = folder.names.filter { $0.hasSuffix(".new") }
            if !temporary.isEmpty { complain("round \(round): left beside the playlist: \(temporary)") }
            do {
                try output.begin(stream.description)
                complain("round \(round): begun though it is closed")
            } catch {
                if error.code != .closed { complain("round \(round): \(error)") }
            }
        }

        private func record(to output: HLSOutput, _ random: inout SeededRandom, _ didWrite: () -> Void) {
            for _ in 0..<5 {
                call("begin") { try output.begin(stream.description) }
                for packet in stream.packets.prefix(Int.random(in: 0...120, using: &random)) {
                    call("write") { try output.write(packet.bytes.span.bytes, packet.info) }
                    didWrite()
                }
                if Int.random(in: 0..<4, using: &random) > 0 { call("end") { try output.end() } }
            }
        }

        /// Makes one of the calls; whether it was one that closes.
        private func disturb(_ output: HLSOutput, _ random: inout SeededRandom) -> Bool {
            let kind = Int.random(in: 0..<60, using: &random)
            switch kind {
            case 0: call("close") { try output.close() }
            case 1: call("discard") { output.discard() }
            case 2..<15: call("end") { try output.end() }
            case 15..<25: call("begin") { try output.begin(stream.description) }
            default: call("flush") { try output.flush() }
            }
            return kind < 2
        }

        private func call(_ name: String, _ body: () throws -> Void) {
            do {
                try body()
                done.withLock { $0[name, default: 0] += 1 }
            } catch {
                guard let error = error as? CameraError else { return complain("\(name): \(error)") }
                // Another thread has ended it; with the system's error or after one, something was done wrong.
                let isRefusal = error.code == .output && error.description.contains("it was not begun, or has ended")
                if error.code != .closed, error.code != .busy, !isRefusal { complain("\(name): \(error)") }
            }
        }

        private func complain(_ text: String) { complaints.withLock { $0.append(text) } }

        /// What the playlist names; nil when there is none.
        private func listed() -> Set<String>? {
            guard let text = try? String(contentsOf: folder.file("index.m3u8"), encoding: .utf8) else { return nil }
            let lines = text.split(separator: "\n").map(String.init)
            let maps = lines.filter { $0.hasPrefix("#EXT-X-MAP:URI=") }.map { String($0.dropFirst(16).dropLast()) }
            return Set(lines.filter { !$0.hasPrefix("#") } + maps)
        }

        private func look() {
            guard let names = listed() else { return }
            let missing = names.subtracting(folder.names)
            done.withLock { $0["look", default: 0] += 1 }
            // One that is listed no more may go before it was looked for, as time is not played here; what comes back
            // into no list has been listed all the time if it still is.
            guard !missing.isEmpty, let still = listed()?.intersection(missing), !still.isEmpty else { return }
            complain("listed and not there: \(still.sorted())")
        }

        /// The files of the folder that are open.
        private func descriptors() throws -> [String] {
            let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            let paths = numbers.compactMap { number in
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
            }
            return paths.filter { $0.hasPrefix(folder.path("")) }
        }
    }
}
#endif
