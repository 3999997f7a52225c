// SPDX-License-Identifier: MIT

import Foundation
import Glibc

/// Feeds a program frames at their rate through a pipe, and takes the time to the last byte of each one's packet.
///
/// A packet is what comes out between one frame and the next. A program that holds frames back shows itself by frames
/// without bytes at the start, each of which costs it the time of a frame.
struct Latency {
    let frames: [Data]
    let rate: Double

    /// The first frames of a file.
    init(file: String, frameBytes: Int, count: Int, rate: Double) throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
        frames = try (0..<count).map { _ in try handle.read(upToCount: frameBytes) ?? Data() }
        self.rate = rate
    }

    /// The median and the 99th percentile of the times of all frames but the first ten, and the longest of those ten.
    func measure(_ command: [String]) throws -> Figures {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // So that starting up is not in the first frame's time.
        usleep(700_000)
        let writing = input.fileHandleForWriting.fileDescriptor
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        let arrivals = Arrivals(output.fileHandleForReading)
        var given: [Double] = []
        let start = Self.now
        for (index, frame) in frames.enumerated() {
            try Self.send(frame, to: writing, of: command[0])
            given.append(Self.now)
            let left = start + Double(index + 1) / rate - Self.now
            if left > 0 { usleep(UInt32(left * 1e6)) }
        }
        let end = Self.now
        try input.fileHandleForWriting.close()
        let arrived = arrivals.all()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError("failed: \(command.joined(separator: " "))") }
        let times = zip(given, given.dropFirst() + [end]).map { frame, next in
            arrived.last { $0 > frame && $0 <= next }.map { $0 - frame }
        }
        let held = times.prefix { $0 == nil }.count
        let all = times.dropFirst(held).map { ($0 ?? 1 / rate) + Double(held) / rate }
        guard all.count > 20 else { throw BenchError("\(command[0]) writes nothing while frames come") }
        let steady = all.dropFirst(10).sorted()
        return [
            "median": steady[steady.count / 2], "p99": steady[min(steady.count * 99 / 100, steady.count - 1)],
            "early": all.prefix(10).max() ?? 0,
        ]
    }

    /// Writes a frame into a pipe; one that takes nothing for ten seconds is an error.
    private static func send(_ frame: Data, to descriptor: Int32, of program: String) throws {
        try frame.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&entry, 1, 10_000) > 0 else { throw BenchError("\(program) does not take frames") }
                let part = write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                guard part > 0 else { throw BenchError("\(program) does not take frames") }
                sent += part
            }
        }
    }

    /// When bytes come out of a pipe, by a thread of its own: a program that waits for its reader takes no frame.
    private final class Arrivals: @unchecked Sendable {
        // Unchecked: the thread alone writes the times until the semaphore says that it has ended.
        private var times: [Double] = []
        private let isDone = DispatchSemaphore(value: 0)

        init(_ pipe: FileHandle) {
            Thread.detachNewThread { [self] in
                var bytes = [UInt8](repeating: 0, count: 1 << 16)
                while read(pipe.fileDescriptor, &bytes, bytes.count) > 0 { times.append(Latency.now) }
                isDone.signal()
            }
        }

        /// All times, once the pipe has ended.
        func all() -> [Double] {
            isDone.wait()
            return times
        }
    }

    fileprivate static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
