// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

@Suite struct FileOutputTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("clip.h264")
    }

    private func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status
    }

    // MARK: Opening, truncating, discarding

    @Test func emptiesAnExistingFileOnlyWhenItBegins() throws {
        try Data("old".utf8).write(to: folder.file("clip.h264"))
        let output = try FileOutput(path: path)
        #expect(text(try contents(path)) == "old")
        try output.begin(Pictures.stream())
        #expect(try contents(path).isEmpty)
        try output.put("new")
        try output.close()
        #expect(text(try contents(path)) == "new")
    }

    @Test func emptiesAnExistingFileAtTheFirstWriteWithoutBegin() throws {
        try Data("old and long".utf8).write(to: folder.file("clip.h264"))
        let output = try FileOutput(path: path)
        try output.put("new")
        try output.begin(Pictures.stream())
        #expect(text(try contents(path)) == "new")
        try output.close()
    }

    @Test func keepsNothingBackFromTheKernel() throws {
        let output = try FileOutput(path: path)
        try output.begin(Pictures.stream())
        try output.put("x")
        #expect(text(try contents(path)) == "x")
        #expect(output.bytesWritten == 1)
        try output.close()
    }

    @Test func discardDeletesWhatItCreated() throws {
        let output = try FileOutput(path: path)
        #expect(FileManager.default.fileExists(atPath: path))
        output.discard()
        output.discard()
        #expect(!FileManager.default.fileExists(atPath: path))
        let error = #expect(throws: CameraError.self) { try output.begin(Pictures.stream()) }
        #expect(error?.code == .closed)
    }

    @Test func discardKeepsAFileThatWasThere() throws {
        try Data("old".utf8).write(to: folder.file("clip.h264"))
        try FileOutput(path: path).discard()
        #expect(text(try contents(path)) == "old")
    }

    @Test func discardKeepsWhatHasBegun() throws {
        let output = try FileOutput(path: path)
        try output.put("taken")
        output.discard()
        #expect(text(try contents(path)) == "taken")
    }

    @Test func discardKeepsAFileThatTookTheNameSince() throws {
        let output = try FileOutput(path: path)
        try FileManager.default.removeItem(atPath: path)
        try Data("other".utf8).write(to: folder.file("clip.h264"))
        output.discard()
        #expect(text(try contents(path)) == "other")
    }

    @Test func discardKeepsALinkThatLedToNothing() throws {
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: path)
        try FileOutput(path: folder.path("link")).discard()
        #expect(try status(folder.path("link")).st_mode & S_IFMT == S_IFLNK)
    }

    @Test func aNewFileHasTheRightsThatTheUserLetsNewFilesHave() throws {
        let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("Umask:") })
        let umask = try #require(UInt32(line.dropFirst(6).trimmingCharacters(in: .whitespaces), radix: 8))
        let output = try FileOutput(path: path)
        #expect(try status(path).st_mode & 0o7777 == 0o666 & ~umask)
        output.discard()
    }

    @Test(arguments: [true, false])
    func isClosedInProgramsThatAreStarted(isNew: Bool) throws {
        if !isNew { try Data().write(to: folder.file("clip.h264")) }
        let output = try FileOutput(path: path)
        let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let own = numbers.filter { number in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) == path
        }
        let number = try #require(own.first)
        #expect(own.count == 1)
        let lines = try String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("flags:") })
        let flags = try #require(Int32(line.dropFirst(6).trimmingCharacters(in: .whitespaces), radix: 8))
        #expect(flags & O_CLOEXEC != 0)
        output.discard()
    }

    // MARK: The same file twice

    enum Name: CaseIterable {
        case same, dotted, symbolicLink, hardLink
    }

    @Test(arguments: Name.allCases)
    func refusesAFileThatIsBeingWritten(through name: Name) throws {
        let output = try FileOutput(path: path)
        try output.put("first")
        let other: String
        switch name {
        case .same: other = path
        case .dotted: other = folder.url.path + "/./clip.h264"
        case .symbolicLink:
            other = folder.path("symbolic")
            try FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: path)
        case .hardLink:
            other = folder.path("hard")
            try FileManager.default.linkItem(atPath: path, toPath: other)
        }
        let error = #expect(throws: CameraError.self) { try FileOutput(path: other) }
        #expect(error?.code == .busy)
        #expect(error?.description.contains("is being written") == true)
        #expect(error?.subject == other)
        #expect(text(try contents(path)) == "first")

        try output.close()
        let again = try FileOutput(path: other)
        try again.put("second")
        try again.close()
        #expect(text(try contents(path)) == "second")
    }

    @Test func devicesMayBeWrittenTwice() throws {
        let outputs = try [FileOutput(path: "/dev/null"), FileOutput(path: "/dev/null")]
        for output in outputs {
            try output.begin(Pictures.stream())
            try output.put("gone")
            try output.close()
        }
    }

    @Test func anOutputThatWasForgottenLetsGoOfItsFile() throws {
        _ = try FileOutput(path: path)
        try FileOutput(path: path).close()
    }

    // MARK: Errors

    @Test func namesTheCauseAndTheRemedy() throws {
        try Data().write(to: folder.file("file"))
        let cases: [(path: String, systemError: Int32, hint: String)] = [
            (folder.url.path, EISDIR, "folder"),
            (folder.path("missing/clip.h264"), ENOENT, "create it"),
            (folder.path("file/clip.h264"), ENOTDIR, "not a folder"),
            ("/proc/self/exe", ETXTBSY, "choose another name"),
            (folder.path(String(repeating: "x", count: 300)), ENAMETOOLONG, "too long"),
        ]
        // To the kernel the program that runs is the emulator: the emulated one can be written to.
        for (path, systemError, hint) in cases where !(Machine.isEmulated && systemError == ETXTBSY) {
            let error = #expect(throws: CameraError.self) { try FileOutput(path: path) }
            #expect(error?.code == .output)
            #expect(error?.systemError?.rawValue == systemError)
            #expect(error?.description.contains("'\(path)'") == true)
            #expect(error?.description.contains(hint) == true)
        }
    }

    @Test(arguments: ["", "a\0b"])
    func refusesPathsThatAreNone(path: String) {
        let error = #expect(throws: CameraError.self) { try FileOutput(path: path) }
        #expect(error?.code == .invalidValue)
    }

    @Test func aFolderWithoutPermissionIsAnError() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.url.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.url.path) }
        // The superuser may write anywhere: this thread becomes nobody for a moment.
        let symbol = try #require(dlsym(nil, "setfsuid"))
        let setfsuid = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> Int32).self)
        let isRoot = geteuid() == 0
        if isRoot { _ = setfsuid(65534) }
        let error = #expect(throws: CameraError.self) { try FileOutput(path: path) }
        if isRoot { _ = setfsuid(0) }
        #expect(error?.code == .output)
        #expect(error?.systemError?.rawValue == EACCES)
        #expect(error?.description.contains("rights") == true)
    }

    @Test func aFullDiskIsAnError() throws {
        let output = try FileOutput(path: "/dev/full")
        try output.begin(Pictures.stream())
        let error = #expect(throws: CameraError.self) { try output.put("x") }
        #expect(error?.code == .output)
        #expect(error?.subject == "/dev/full")
        #expect(error?.systemError?.rawValue == ENOSPC)
        #expect(error?.description.contains("free some space") == true)
        #expect(output.bytesWritten == 0)
        try output.close()
    }

    @Test func aLimitOfTheFileSizeIsAnErrorAndDoesNotEndTheProgram() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_DFL)
            let folder = try TemporaryFolder()
            let output = try FileOutput(path: folder.path("clip.h264"))
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
            var previous = rlimit()
            try #require(getrlimit(resource, &previous) == 0)
            var limit = rlimit(rlim_cur: 1000, rlim_max: previous.rlim_max)
            try #require(setrlimit(resource, &limit) == 0)
            let results = [1500, 1].map { count in
                Result { try output.put([UInt8](repeating: 1, count: count)) }
            }
            // The testing library writes to files, too.
            try #require(setrlimit(resource, &previous) == 0)
            for result in results {
                let error = #expect(throws: CameraError.self) { try result.get() }
                #expect(error?.systemError?.rawValue == EFBIG)
            }
            #expect(output.bytesWritten == 1000)
            // This thread may have the signal blocked, as those of Dispatch have; none is left waiting then either.
            var pending = sigset_t()
            sigpending(&pending)
            #expect(sigismember(&pending, SIGXFSZ) == 0)
        }
    }

    // MARK: FIFOs

    @Test func aFIFOWithoutAReaderIsAnErrorInTheEnd() throws {
        try #require(mkfifo(path, 0o600) == 0)
        let error = #expect(throws: CameraError.self) {
            try FileOutput(path: path, readerTimeout: .milliseconds(20))
        }
        #expect(error?.code == .timedOut)
        #expect(error?.description.contains("start what reads") == true)
        // What it left behind does not stand in the way of the next.
        let reader = Reader(opening: path)
        let output = try FileOutput(path: path)
        try output.put("here")
        try output.close()
        #expect(text(reader.toEnd()) == "here")
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func aFIFOWhoseReaderWentAwayIsAnError() throws {
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        try #require(reader >= 0)
        let output = try FileOutput(path: path)
        try output.put("read by nobody")
        close(reader)
        let error = #expect(throws: CameraError.self) { try output.put("x") }
        #expect(error?.systemError?.rawValue == EPIPE)
        try output.close()
    }

    @Test func closingDoesNotWaitForAStalledWrite() throws {
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        try #require(reader >= 0)
        let output = try FileOutput(path: path)
        let isDone = Monitor(false)
        Thread.detachNewThread {
            // More than the pipe takes: it stays in the write until the reader is gone.
            #expect(throws: CameraError.self) { try output.put([UInt8](repeating: 0, count: 1 << 20)) }
            isDone.update { $0 = true }
        }
        var poller = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        #expect(poll(&poller, 1, -1) == 1)
        output.discard()
        try output.close()
        #expect(throws: CameraError.self) { try output.put("x") }
        #expect(!isDone.withLock { $0 })
        close(reader)
        isDone.wait { $0 ? () : nil }
    }
}
