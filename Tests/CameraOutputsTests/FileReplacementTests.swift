// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

/// Files that get their name when they are complete, and the rights to files.
@Suite struct FileReplacementTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("picture.jpg")
        try Data("old".utf8).write(to: folder.file("picture.jpg"))
    }

    private var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []).sorted()
    }

    @Test func whatWasThereStaysUntilTheNewFileIsComplete() throws {
        let output = try FileOutput(path: path, atomically: true)
        try output.begin(Pictures.stream())
        try output.put("new")
        try output.end()
        #expect(text(try contents(path)) == "old")
        try output.close()
        #expect(text(try contents(path)) == "new")
        #expect(names == ["picture.jpg"])
    }

    @Test(arguments: [true, false]) func nothingIsLeftOfAFileThatIsGivenUp(_ hasBegun: Bool) throws {
        let output = try FileOutput(path: path, atomically: true)
        if hasBegun { try output.begin(Pictures.stream()) }
        try output.close()
        let other = try FileOutput(path: folder.path("other.jpg"), atomically: true)
        try other.put("new")
        other.discard()
        #expect(text(try contents(path)) == "old")
        #expect(names == ["picture.jpg"])
    }

    @Test func linksStayAndRightsAreKept() throws {
        let link = folder.path("link.jpg")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "picture.jpg")
        #expect(chmod(path, 0o640) == 0)
        let output = try FileOutput(path: link, sync: .onSplit, atomically: true)
        try output.put("new")
        try output.close()
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "picture.jpg")
        #expect(text(try contents(path)) == "new")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
    }

    /// A device is written in its place.
    @Test func devicesAreWrittenInTheirPlace() throws {
        let output = try FileOutput(path: "/dev/full", atomically: true)
        let error = #expect(throws: CameraError.self) { try output.put("new") }
        #expect(error?.systemError?.rawValue == ENOSPC)
        try output.close()
    }

    @Test func whatIsInUseIsNotReplaced() throws {
        let recording = try FileOutput(path: path)
        let busy = #expect(throws: CameraError.self) { try FileOutput(path: path, atomically: true) }
        #expect(busy?.code == .busy)
        try recording.close()
        let claim = try FileClaim(reading: path, "reading")
        for atomically in [true, false] {
            let read = #expect(throws: CameraError.self) { try FileOutput(path: path, atomically: atomically) }
            #expect(read?.code == .busy)
        }
        claim?.release()
        try FileOutput(path: path, atomically: true).close()
        #expect(names == ["picture.jpg"])
    }

    /// Whoever comes first, and as long as any reader is left.
    @Test func readersAndWritersExcludeEachOther() throws {
        let output = try FileOutput(path: path)
        #expect(throws: CameraError.self) { try FileClaim(reading: path, "reading") }
        try output.close()
        let first = try FileClaim(reading: path, "reading")
        let second = try FileClaim(reading: path, "reading")
        first?.release()
        first?.release()
        #expect(throws: CameraError.self) { try FileOutput(path: path) }
        second?.release()
        try FileOutput(path: path).close()
    }

    /// The lock of any program counts, and the error names it.
    @Test func anotherProgramsLockIsRespected() throws {
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        holder.arguments = ["--no-fork", path, "cat"]
        let input = Pipe()
        holder.standardInput = input
        holder.standardOutput = FileHandle.nullDevice
        try holder.run()
        defer {
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()
        }
        var failure: CameraError?
        let isRefused = eventually {
            do {
                try FileOutput(path: path).close()
                return false
            } catch {
                failure = error as? CameraError
                return true
            }
        }
        #expect(isRefused)
        #expect(failure?.description.contains("process \(holder.processIdentifier) (") == true, "\(failure as Any)")
        #expect(text(try contents(path)) == "old")
    }
}
