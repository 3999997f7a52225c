// SPDX-License-Identifier: MIT

import Foundation

/// Runs contenders as whole processes.
struct Runner {
    /// The program that runs one command and tells its cost.
    let measure: String
    /// Where reports go, and in its folder "made" what the programs make: memory.
    let folder: String

    /// Runs a contender once.
    ///
    /// - Parameters:
    ///   - contender: What to run.
    ///   - countingFrames: Whether to count the coded frames of its output.
    /// - Returns: What it came to.
    /// - Throws: What went wrong, with what the program said.
    func run(_ contender: Contender, countingFrames: Bool = false) throws -> Figures {
        if let measured = contender.measured { return try measured() }
        let report = "\(folder)/report"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: measure)
        process.arguments = (contender.wantsFirstByte ? ["-1"] : []) + [report] + contender.command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let log = "\(folder)/log"
        try Data().write(to: URL(fileURLWithPath: log))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try process.run()
        process.waitUntilExit()
        var figures = Self.figures(try String(contentsOfFile: report, encoding: .utf8))
        guard process.terminationStatus == 0, figures.removeValue(forKey: "status") == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw BenchError("\(contender.name) failed: \(contender.command.joined(separator: " "))\n\(text)")
        }
        figures["rss"]? *= Double(contender.processes)
        if let output = contender.output {
            let attributes = try FileManager.default.attributesOfItem(atPath: output)
            figures["bytes"] = (attributes[.size] as? NSNumber)?.doubleValue
            if countingFrames { figures["frames"] = try frameCount(of: output) }
        }
        if let file = contender.statistics {
            let statistics = try JSONDecoder().decode(
                Statistics.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
            figures["lost"] = Double(statistics.lost)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/made") {
            try FileManager.default.removeItem(atPath: "\(folder)/made/\(name)")
        }
        return figures
    }

    /// The coded frames in a file, as ffprobe counts them.
    private func frameCount(of file: String) throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets"]
            + ["-of", "csv=p=0", file]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard let count = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchError("ffprobe could not count the frames of \(file)")
        }
        return count
    }

    /// Uses so much memory, and frees it.
    func warm(_ byteCount: Int) throws {
        guard byteCount > 0 else { return }
        let path = "\(folder)/made/warm"
        let block = Data(count: 1 << 20)
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw BenchError("cannot write \(path)")
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        for _ in 0..<byteCount >> 20 { try file.write(contentsOf: block) }
        try file.close()
        try FileManager.default.removeItem(atPath: path)
    }

    /// The lines NAME=VALUE of a report, and the calls of malloc by their callers' file.
    private static func figures(_ report: String) -> Figures {
        var figures: Figures = [:]
        for line in report.split(separator: "\n") {
            if line.hasPrefix("malloc "), let space = line.lastIndex(of: " ") {
                figures[String(line[..<space]), default: 0] += Double(line[line.index(after: space)...]) ?? 0
            } else if let sign = line.firstIndex(of: "=") {
                figures[String(line[..<sign])] = Double(line[line.index(after: sign)...])
            }
        }
        return figures
    }
}

/// Of the statistics of a recording, the frames that are not in it.
private struct Statistics: Decodable {
    let source: Source
    let encoders: [String: Encoder]

    struct Source: Decodable {
        let framesLost: Int
        let framesNotCopied: Int
        let framesDamaged: Int
    }

    struct Encoder: Decodable {
        let framesDropped: Int
        let packetsDropped: Int
    }

    var lost: Int {
        source.framesLost + source.framesNotCopied + source.framesDamaged
            + encoders.values.map { $0.framesDropped + $0.packetsDropped }.reduce(0, +)
    }
}

/// What went wrong, for the user.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
