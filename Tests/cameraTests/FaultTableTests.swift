// SPDX-License-Identifier: MIT

import Foundation
import Synchronization
import TestSupport
import Testing

/// What a disk that fails costs, for each kind of file that the tool writes: the table of Docs/Durability.md, made anew.
@Suite(.serialized) struct FaultTableTests {
    /// Something that the tool writes, and the run that writes it.
    private struct Subject {
        let name: String
        /// The file, or "-" for standard output.
        let file: String
        let arguments: [String]
        /// The write that fails.
        let number: Int
        /// The end of the path that it is written by, where it gets its name when it is complete.
        var opened: String?
        /// The video beside it, if it is not that itself.
        var video: String?
        /// The calls that are made for it here; nil for all of those that write a file.
        var calls: Set<String>?
        /// What an error has to name, if it is not the file.
        var cause: String?

        var isPicture: Bool { file.hasSuffix(".jpg") }
    }

    /// Calls that fail alike.
    private struct Fault {
        let call: String
        let kinds: [String]
        let name: String
    }

    private static let source = ["--camera", "in.y4m", "--pace", "none"]
    private static let video = ["--format", "yuv420", "--stop-timeout", "4s"] + source
    private static let subjects = [
        Subject(name: "OUTPUT", file: "v.yuv420", arguments: ["record", "v.yuv420"] + video, number: 6),
        Subject(
            name: "the last file of `--split`", file: "2.yuv420",
            arguments: ["record", "{counter}.yuv420", "--split", "6frames"] + video, number: 3),
        Subject(name: "standard output", file: "-", arguments: ["record", "-"] + video, number: 6),
        Subject(
            name: "the file of `--circular`", file: "r.yuv420",
            arguments: ["record", "r.yuv420", "--circular", "8frames"] + video, number: 4),
        Subject(
            name: "`--save-pts`", file: "t.pts", arguments: ["record", "v.yuv420", "--save-pts", "t.pts"] + video,
            number: 6, video: "v.yuv420"),
        Subject(
            name: "`--motion`", file: "m.motion", arguments: ["record", "v.yuv420", "--motion", "m.motion"] + video,
            number: 6, video: "v.yuv420"),
        Subject(
            name: "`--metadata`", file: "m.jsonl", arguments: ["record", "v.yuv420", "--metadata", "m.jsonl"] + video,
            number: 6, video: "v.yuv420"),
        Subject(
            name: "`--stats`", file: "s.json", arguments: ["record", "v.yuv420", "--stats", "s.json"] + video,
            number: 1,
            opened: ".new", video: "v.yuv420"),
        Subject(name: "a still", file: "p.jpg", arguments: ["still", "p.jpg"] + source, number: 1, opened: ".new"),
        Subject(
            name: "the last picture of `timelapse`", file: "2.jpg",
            arguments: ["timelapse", "{counter}.jpg", "--interval", "200ms", "--count", "2"] + source, number: 2,
            opened: ".new"),
        Subject(
            name: "the link of `--latest`", file: "l.jpg",
            arguments: ["timelapse", "{counter}.jpg", "--interval", "200ms", "--count", "2", "--latest", "l.jpg"]
                + source,
            number: 1, calls: ["rename"]),
        Subject(
            name: "the folder of the files, with `--sync split`", file: "v.yuv420",
            arguments: ["record", "v.yuv420"] + video, number: 1, opened: ".", calls: ["sync"], cause: "'.'"),
        Subject(
            name: "the file that is played", file: "v.yuv420", arguments: ["record", "v.yuv420"] + video, number: 6,
            opened: "in.y4m", calls: ["read"], cause: "in.y4m"),
    ]
    private static let faults = [
        Fault(
            call: "write", kinds: ["short", "EINTR", "EAGAIN"], name: "a write is short, interrupted, or told to wait"),
        Fault(call: "write", kinds: ["EIO", "ENOSPC", "EDQUOT"], name: "a write fails: EIO, ENOSPC, EDQUOT"),
        Fault(call: "write", kinds: ["EFBIG"], name: "the file may grow no larger: EFBIG"),
        Fault(call: "write", kinds: ["slow"], name: "a write takes 2 s"),
        Fault(call: "write", kinds: ["stuck"], name: "a write never returns"),
        Fault(call: "sync", kinds: ["EIO"], name: "syncing fails"),
        Fault(call: "close", kinds: ["EIO"], name: "closing fails"),
        Fault(call: "open", kinds: ["EMFILE"], name: "opening fails"),
        Fault(call: "open", kinds: ["stuck"], name: "opening never returns"),
        Fault(call: "rename", kinds: ["EIO"], name: "giving it its name fails"),
        Fault(call: "read", kinds: ["short", "EINTR"], name: "reading is short, or interrupted"),
        Fault(call: "read", kinds: ["EIO"], name: "reading fails: EIO"),
        Fault(call: "read", kinds: ["slow"], name: "reading takes 2 s"),
    ]

    private let faults: FaultLibrary

    init() throws { faults = try FaultLibrary() }

    /// What a run left.
    private struct Outcome: Equatable {
        var lost: String
        var told: String
        var status: Int32
    }

    /// What each kind of a fault left.
    private struct Row {
        let title: String
        let outcomes: [Outcome]
    }

    /// A run that fails without a fault.
    private struct Failure: Error {
        let errors: String
    }

    @Test(.timeLimit(.minutes(10))) func whatAFailingDiskCostsIsInTheTable() throws {
        let tables = Mutex<[Int: Result<[Row], any Error>]>([:])
        // Most of their time they wait.
        DispatchQueue.concurrentPerform(iterations: Self.subjects.count) { index in
            let table = Result { try self.table(of: Self.subjects[index]) }
            tables.withLock { $0[index] = table }
        }
        var rows = ["| file | what happens | lost | told | exit |", "|---|---|---|---|---|"]
        for index in Self.subjects.indices {
            for row in try #require(tables.withLock { $0[index] }).get() {
                let outcome = try #require(row.outcomes.first)
                #expect(row.outcomes.allSatisfy { $0 == outcome }, "\(row)")
                rows.append("| \(row.title) | \(outcome.lost) | \(outcome.told) | \(outcome.status) |")
            }
        }
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Docs/Durability.md")
        let lines = try String(contentsOf: document, encoding: .utf8).split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: rows[0]))
        let written = lines[start...].prefix { $0.hasPrefix("|") }
        #expect(Array(written) == rows, "Docs/Durability.md should have\n\(rows.joined(separator: "\n"))")
    }

    /// What the faults cost a file.
    private func table(of subject: Subject) throws -> [Row] {
        let right = try products(of: subject, meeting: nil)
        guard right.result.status == 0 else { throw Failure(errors: "\(subject.name): \(right.result.errors)") }
        return try Self.faults.filter { applies($0, to: subject) }.map { fault in
            let path = fault.call == "rename" ? subject.file : subject.opened ?? subject.file
            // Of pictures each has one call of a kind.
            let number = ["write", "read"].contains(fault.call) || path == ".new" ? subject.number : 1
            let outcomes = try fault.kinds.map { kind in
                let met = try products(
                    of: subject, meeting: "\(fault.call) \(path) \(number) \(kind)", syncing: fault.call == "sync")
                let told = told(met.result, subject)
                return Outcome(
                    lost: told.hasPrefix("the shot") ? "that shot" : loss(met.files, right.files, subject),
                    told: told, status: met.result.status)
            }
            return Row(title: "\(subject.name) | \(fault.name)", outcomes: outcomes)
        }
    }

    /// Whether the file is touched by the call at all, in this run.
    private func applies(_ fault: Fault, to subject: Subject) -> Bool {
        if let calls = subject.calls { return calls.contains(fault.call) }
        switch fault.call {
        case "read": return false
        case "sync": return subject.file.hasSuffix(".yuv420")
        case "close", "open": return subject.file != "-"
        case "rename": return subject.opened != nil
        default: return true
        }
    }

    /// Runs the tool in a folder of its own; the bytes of the file and of the video beside it, nil where there is none.
    private func products(
        of subject: Subject, meeting fault: String?, syncing: Bool = false
    ) throws -> (result: ProgramResult, files: [Data?]) {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 12)
        let result = try run(
            Tool.path, subject.arguments + (syncing ? ["--sync", "split"] : []), in: folder.url,
            environment: fault.map(faults.environment))
        let files = [subject.file, subject.video].compactMap(\.self).map { name in
            name == "-" ? result.output : try? Data(contentsOf: folder.file(name))
        }
        return (result, files)
    }

    private func loss(_ files: [Data?], _ right: [Data?], _ subject: Subject) -> String {
        let losses = zip(files, right).enumerated().map { index, pair in
            loss(pair.0, pair.1, isPicture: subject.isPicture, isJSON: subject.file == "s.json" && index == 0)
        }
        guard losses.count == 2, losses[1] != "nothing" else { return losses[0] }
        return "\(losses[0]); of the video \(losses[1])"
    }

    /// What is missing of a file.
    private func loss(_ bytes: Data?, _ right: Data?, isPicture: Bool, isJSON: Bool) -> String {
        guard let bytes, let right else { return "the file" }
        if isPicture { return bytes.suffix(2) == Data([0xFF, 0xD9]) ? "nothing" : "the file, which is left broken" }
        if isJSON {
            return (try? JSONSerialization.jsonObject(with: bytes)) != nil ? "nothing" : "the file, which is left empty"
        }
        let (found, wanted) = (withoutMoments(bytes), withoutMoments(right))
        if found == wanted { return "nothing" }
        return wanted.starts(with: found) ? "the rest from there on" : "some of it"
    }

    /// Text without the moments of a run, which another does not repeat; other bytes as they are.
    private func withoutMoments(_ bytes: Data) -> Data {
        guard let text = String(data: bytes, encoding: .utf8), text.contains("wallTime") else { return bytes }
        return Data(text.replacing(#/"wallTime":"[^"]*"/#, with: "").utf8)
    }

    /// What standard error says besides what every run does.
    private func told(_ result: ProgramResult, _ subject: Subject) -> String {
        let lines = result.errors.troubles
        if lines.contains(where: { $0.contains(" missed: ") && $0.contains(subject.file) }) {
            return "the shot as missed, the cause and the file"
        }
        let name = subject.cause ?? (subject.file == "-" ? "standard output" : subject.file)
        let isSlow = lines.contains { $0.contains("the output has taken") }
        let isNamed = lines.contains { $0.contains(name) && !$0.contains("the output has taken") }
        switch (isSlow, isNamed) {
        case (false, false): return lines.isEmpty ? "nothing" : lines.joined(separator: " ")
        case (false, true): return "the cause and the file"
        case (true, false): return "that it is slow"
        case (true, true): return "that it is slow, then that it stands still, and the file"
        }
    }
}
