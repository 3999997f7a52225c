// SPDX-License-Identifier: MIT

#if X264 && Containers && Pictures && Text
import Foundation
import TestSupport
import Testing

/// Whether the tool takes the command lines and the files that the documentation shows.
///
/// Each line that runs `camera` is given to a shell, with the test camera in the place of hardware and in a folder of its own,
/// where absolute paths lead as well. Programs that other lines pipe to are replaced by one that reads all. What needs more than
/// that says so in its comment, "needs a relay": then the tool has to take its options, and may fail for want of the rest.
@Suite(.serialized, .enabled(if: !Machine.isEmulated && !Machine.isSanitized, "they would take long"))
struct CommandLineTests {
    /// The pages that have such lines.
    private static let pages = DocumentedPage.all.filter { !commands(of: $0).isEmpty }

    /// What a configuration says in its first line, so that nobody takes it for one of another program.
    private static let configurationHead = "# camera.yaml"

    /// A command with the line that it begins in.
    private struct Command {
        let line: Int
        var text: String

        /// Whether it may fail for want of what a comment names.
        var needsMore: Bool { text.contains(/#.*\bneeds?\b/) }

        /// Whether the camera or the machine decides how it ends: the test camera's controls cannot be watched, and the doctor
        /// finds what there is.
        var dependsOnMachine: Bool { text.contains(/camera controls --watch|camera doctor/) }
    }

    private static func commands(of page: DocumentedPage) -> [Command] {
        var commands: [Command] = []
        for block in page.blocks where block.language == "sh" {
            var isContinued = false
            for (index, line) in block.lines.enumerated() {
                if isContinued {
                    commands[commands.count - 1].text += "\n\(line)"
                } else {
                    commands.append(Command(line: block.line + index, text: line))
                }
                isContinued = line.hasSuffix("\\")
            }
        }
        return commands.filter { $0.text.contains(/^(camera|mkdir|echo)\b/) }
    }

    @Test func linesAreThere() {
        #expect(Self.pages.count >= 5)
        #expect(Self.pages.flatMap { Self.commands(of: $0) }.count >= 25)
    }

    @Test(arguments: pages) func toolTakesTheLines(of page: DocumentedPage) throws {
        let folder = try TemporaryFolder()
        let environment = try Self.prepare(folder, for: page)
        for command in Self.commands(of: page) {
            try? FileManager.default.removeItem(at: folder.file("status"))
            let line = Self.moved(command.text)
            let result = try run("bash", ["-c", line], in: folder.url, environment: environment)
            guard line.hasPrefix("camera") else { continue }
            let statuses = (try? String(contentsOf: folder.file("status"), encoding: .utf8)) ?? ""
            let status = try #require(Int32(statuses.split(separator: "\n").first ?? ""), "\(command.text)")
            let isWell = command.needsMore || command.dependsOnMachine ? status != EX_USAGE : status == 0
            #expect(isWell, "\(page.name):\(command.line): \(command.text)\nended with \(status):\n\(result.errors)")
        }
    }

    /// Lines within the text, as in tables: their options have to be right.
    @Test func toolTakesTheOptionsOfLinesInTheText() throws {
        let folder = try TemporaryFolder()
        let environment = try Self.prepare(folder, for: nil)
        let pattern = /`(camera (?:record|still|timelapse) (?!--)[^A-Z`][^`]*)`/
        var lines: Set<String> = []
        for page in DocumentedPage.all {
            for match in page.text.matches(of: pattern) where !match.1.contains("://") {
                lines.insert(String(match.1).replacing("\\|", with: "|"))
            }
        }
        #expect(lines.count > 15)
        for line in lines.sorted() {
            try? FileManager.default.removeItem(at: folder.file("status"))
            let result = try run("bash", ["-c", Self.moved(line)], in: folder.url, environment: environment)
            let statuses = try String(contentsOf: folder.file("status"), encoding: .utf8)
            #expect(!statuses.hasPrefix("\(EX_USAGE)\n"), "\(line)\n\(result.errors)")
        }
    }

    @Test(arguments: DocumentedPage.blocks(of: "yaml"))
    func configurationIsRight(_ block: DocumentedPage.Block) throws {
        #expect(block.lines[0].hasPrefix("# "), "say in the first line whose file this is, such as '# camera.yaml'")
        guard block.lines[0] == Self.configurationHead else { return }
        let folder = try TemporaryFolder()
        let environment = try Self.prepare(folder, for: nil)
        try Self.write(block, to: folder)
        let result = try run("camera", ["serve", "camera.yaml", "--check"], in: folder.url, environment: environment)
        #expect(result.status == 0, "\(block.page):\(block.line)\n\(result.text)\(result.errors)")
    }

    /// Absolute paths, as they lead in the folder of the test.
    private static func moved(_ text: String) -> String {
        text.replacing(/(^|[\s'":=])\/(srv|etc\/camera|tmp|mnt|media|var\/lib)\//) { "\($0.1)\($0.2)/" }
    }

    /// Writes a configuration as camera.yaml; one that is a part of a file gets the camera that it lacks.
    private static func write(_ block: DocumentedPage.Block, to folder: TemporaryFolder) throws {
        let isWhole = block.lines.contains("cameras:")
        let text = moved(block.text) + (isWhole ? "" : "cameras: {hall: {source: test}}\n")
        try Data(text.utf8).write(to: folder.file("camera.yaml"))
    }

    /// Makes what the lines of a page find in their folder, and the environment that they run in.
    private static func prepare(_ folder: TemporaryFolder, for page: DocumentedPage?) throws -> [String: String] {
        let manager = FileManager.default
        for name in ["bin", "etc/camera", "srv/hall", "tmp", "mnt", "media", "var/lib/camera"] {
            try manager.createDirectory(at: folder.file(name), withIntermediateDirectories: true)
        }
        for name in ["etc/camera/password", "etc/camera/mqtt-password", "password.txt"] {
            try Data("secret".utf8).write(to: folder.file(name))
        }
        let wrapper = DocumentedPage.root.appending(path: "Tests/cameraTests/Programs/camera-as-documented")
        try manager.createSymbolicLink(at: folder.file("bin/camera"), withDestinationURL: wrapper)
        for name in ["ffplay", "ffmpeg", "mkvmerge", "jq", "rclone", "logger", "less"] {
            try Data("#!/bin/sh\nexec cat >/dev/null\n".utf8).write(to: folder.file("bin/\(name)"))
            try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("bin/\(name)"))
        }
        let configurations = page?.blocks.filter { $0.language == "yaml" && $0.lines[0] == configurationHead } ?? []
        if let block = configurations.first { try write(block, to: folder) }
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "\(folder.path("bin")):\(environment["PATH"] ?? "/usr/bin:/bin")"
        environment["CAMERA_TOOL"] = Tool.path
        environment["CAMERA_STATUS"] = folder.path("status")
        return environment
    }
}
#endif
