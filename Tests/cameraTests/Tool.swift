// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport

/// The built program, used as a user does.
enum Tool {
    /// It lies beside the tests' own program.
    static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("camera").path

    /// Runs it to its end in a folder.
    static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> ProgramResult {
        try TestSupport.run(path, arguments, in: folder.url)
    }

    /// The test camera at its smallest, as fast as it can.
    static let fastCamera = ["--camera", "test", "--size", "64x48", "--pace", "none"]
}

/// The program while it runs, for tests that send it signals.
final class RunningTool {
    private let process = Process()
    private let errors = Pipe()
    /// What reads its standard output.
    let output = Pipe()

    /// Starts it, by another program such as nohup(1) where that is wanted.
    init(_ arguments: [String], in folder: TemporaryFolder, by starter: String? = nil) throws {
        process.executableURL = URL(fileURLWithPath: starter == nil ? Tool.path : "/usr/bin/env")
        process.arguments = (starter.map { [$0, Tool.path] } ?? []) + arguments
        process.currentDirectoryURL = folder.url
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        // Where the tests were started so that they ignore a signal, as by nohup(1), the tool would inherit that.
        for number in [SIGHUP, SIGINT] { signal(number, SIG_DFL) }
        try process.run()
    }

    var isRunning: Bool { process.isRunning }
    var processIdentifier: Int32 { process.processIdentifier }

    /// Sends a signal.
    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Whether a thread of this name runs in it.
    func hasThread(_ name: String) -> Bool {
        let tasks = "/proc/\(process.processIdentifier)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return threads.contains { (try? String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8)) == "\(name)\n" }
    }

    /// Waits for its end: the exit status, negative after a signal, and what it wrote to standard error.
    func end() -> (status: Int32, errors: String) {
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let status = process.terminationStatus
        return (process.terminationReason == .uncaughtSignal ? -status : status, text)
    }
}

extension String {
    /// The lines of standard error without those that every run has: its start, its files or pictures, and its end.
    var troubles: [Substring] {
        split(separator: "\n").filter { line in
            let isFile = line.prefixMatch(of: #/camera: \S+: (\d+ frames?|\d+x\d+), /#) != nil
            return !isFile && !["recording ", "recorded ", "took "].contains { line.hasPrefix("camera: \($0)") }
        }
    }
}

extension TemporaryFolder {
    /// Whether a file in it has any bytes.
    func hasBytes(_ name: String) -> Bool {
        ((try? FileManager.default.attributesOfItem(atPath: path(name)))?[.size] as? Int ?? 0) > 0
    }

    /// The statistics that `--stats` wrote.
    func statistics(_ name: String) throws -> Statistics {
        try JSONDecoder().decode(Statistics.self, from: Data(contentsOf: file(name)))
    }

    /// Writes a YUV4MPEG2 file of 64x48 whose frame k is grey of the luma 16 + 2k.
    func writeGreys(_ name: String, count: Int, rate: Int = 30) throws {
        var file = Data("YUV4MPEG2 W64 H48 F\(rate):1 Ip A1:1 C420jpeg\n".utf8)
        for index in 0..<count {
            file += Data("FRAME\n".utf8) + Data(repeating: UInt8(16 + 2 * index), count: 64 * 48)
            file += Data(repeating: 128, count: 64 * 48 / 2)
        }
        try file.write(to: self.file(name))
    }
}

/// The mean luma, brought to the limited range, of each picture that ffmpeg decodes, strictly; nil when it complains.
func lumas(of path: String) throws -> [Int]? {
    let result = try run(
        "ffmpeg",
        [
            "-v", "error", "-xerror", "-err_detect", "explode", "-i", path, "-vf", "scale=out_range=tv", "-fps_mode",
            "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-",
        ])
    guard result.status == 0, result.errors.isEmpty else { return nil }
    let size = 64 * 48
    let bytes = [UInt8](result.output)
    return stride(from: 0, to: bytes.count, by: size * 3 / 2).map { start in
        let plane = bytes[start..<min(start + size, bytes.count)]
        return (plane.reduce(0) { $0 + Int($1) } + size / 2) / size
    }
}
