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
        let reading = output.fileHandleForReading.fileDescriptor
        let writing = input.fileHandleForWriting.fileDescriptor
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        var times: [Double?] = []
        let start = Self.now
        for (index, frame) in frames.enumerated() {
            let due = start + Double(index + 1) / rate
            try frame.withUnsafeBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    let part = write(writing, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                    guard part > 0 else { throw BenchError("\(command[0]) does not take frames") }
                    sent += part
                }
            }
            let given = Self.now
            times.append(Self.lastByte(from: reading, until: due).map { $0 - given })
        }
        try input.fileHandleForWriting.close()
        while Self.lastByte(from: reading, until: Self.now + 1) != nil {}
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError("failed: \(command.joined(separator: " "))") }
        let held = times.prefix { $0 == nil }.count
        let all = times.dropFirst(held).map { ($0 ?? 1 / rate) + Double(held) / rate }
        guard all.count > 20 else { throw BenchError("\(command[0]) writes nothing while frames come") }
        let steady = all.dropFirst(10).sorted()
        return [
            "median": steady[steady.count / 2], "p99": steady[min(steady.count * 99 / 100, steady.count - 1)],
            "early": all.prefix(10).max() ?? 0,
        ]
    }

    /// When the last byte came before a moment; nil when none did.
    private static func lastByte(from descriptor: Int32, until due: Double) -> Double? {
        var last: Double?
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let left = due - now
            guard left > 0 else { return last }
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, Int32((left * 1000).rounded(.up))) > 0 else { continue }
            let got = read(descriptor, &bytes, bytes.count)
            guard got > 0 else { return last }
            last = now
        }
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
