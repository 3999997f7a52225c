// SPDX-License-Identifier: MIT

import Foundation

/// Rows, and the machine that they were measured on.
struct Report: Codable {
    let rows: [RowResult]
    let machine: Machine

    /// Adds a row to those of a folder, in the place of an earlier one of its name; those of another machine go.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - folder: Where the others are.
    ///   - isGuest: Whether it was measured in a virtual machine on that of the others, which stay.
    /// - Throws: What reading the others failed with.
    init(adding row: RowResult, to folder: String, isGuest: Bool) throws {
        let file = URL(fileURLWithPath: Self.file(in: folder))
        var (rows, machine): ([RowResult], Machine) = ([], .current)
        if FileManager.default.fileExists(atPath: file.path) {
            let earlier = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
            if isGuest { machine = earlier.machine }
            if earlier.machine == machine { rows = earlier.rows }
        }
        self.machine = machine
        if let place = rows.firstIndex(where: { $0.name == row.name }) {
            rows[place] = row
        } else {
            rows.append(row)
        }
        self.rows = rows
    }

    private static func file(in folder: String) -> String { "\(folder)/performance.json" }

    /// Where the figures come from.
    struct Machine: Codable, Equatable {
        let processor: String
        let cores: Int
        let versions: [String]

        static var current: Machine {
            let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
            let name = text.split(separator: "\n").first { $0.hasPrefix("model name") }
            let processor = name?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
            let versions = [["ffmpeg", "-version"], ["gst-launch-1.0", "--version"], ["x264", "--version"]].compactMap {
                firstLine(of: $0)
            }
            return Machine(
                processor: processor ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
                versions: versions)
        }

        private static func firstLine(of command: [String]) -> String? {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = command
            process.standardOutput = output
            guard (try? process.run()) != nil else { return nil }
            let bytes = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
        }
    }

    /// Writes the page, the figures and the plot into a folder.
    func write(to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(fileURLWithPath: Self.file(in: folder)))
        try Plot(rows: rows).svg.write(toFile: "\(folder)/performance.svg", atomically: true, encoding: .utf8)
        try page.write(toFile: "\(folder)/Performance.md", atomically: true, encoding: .utf8)
    }

    private var page: String {
        let versions = machine.versions.map { "- \($0)" }.joined(separator: "\n")
        return """
            # Performance

            The same work by this project's tool, by ffmpeg, GStreamer and x264, and by the bare C libraries.

            ## Overview

            `make bench` and `make bench-devices` make this page. Its figures are of \(machine.cores) cores (\(machine.processor)) with

            \(versions)

            All rows work on footage of a movie. The programs run in turn, in an order that chance makes anew for each
            round, once without counting and then several times: so often that ours works for 25 seconds, or 50 times.
            Where a row says that its runs are shorter there is more noise in it. A goal's value is the median over the
            rounds, each of which compares what ran side by side, with the lowest and the highest.
            Times and memory are those of whole processes, from exec to exit; where a limit is named, that is the C library
            called in a bare loop over frames that are in memory already. Rows from memory compare the loops alone.
            The memory of several processes is that of the largest times their number; pages of libraries that they
            share count for each. Rows in the virtual machine are under software emulation, 10 to 20 times slower than the
            machine itself. What the profiles of H.264 cost in bits and processor time is in <doc:Profiles>.

            ![Each goal as a part of its bound; left of the line is better](performance.svg)

            ## Rows

            \(rows.map(\.markdown).joined(separator: "\n\n"))

            """
    }
}
