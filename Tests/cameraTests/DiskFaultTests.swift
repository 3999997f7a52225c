// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Disks that fail while pictures are taken.
@Suite struct DiskFaultTests {
    private let folder: TemporaryFolder
    private let scratch: TemporaryFolder
    private static let old = Data("old".utf8)

    init() throws {
        folder = try TemporaryFolder()
        scratch = try TemporaryFolder()
        for name in ["a.yuv420", "s.json"] { try Self.old.write(to: folder.file(name)) }
    }

    /// Runs the tool by a shell after other commands.
    private func run(_ commands: String, _ words: [String]) throws -> ProgramResult {
        let words = ([Tool.path] + words + Tool.fastCamera).map { "'\($0)'" }.joined(separator: " ")
        return try TestSupport.run("sh", ["-c", "\(commands) exec \(words)"], in: folder.url)
    }

    /// No file may be larger than two blocks of 512 bytes; a picture takes 4608.
    @Test(
        .enabled(
            if: !Machine.isEmulated && !Machine.isSanitized,
            "the emulator's own files count towards the limit of a file's size, and sanitizers take its signal for a crash"
        ))
    func aStillThatFailsLeavesThePictureBefore() throws {
        let result = try run(
            "ulimit -f 2;", ["still", "a.yuv420", "--format", "yuv420", "--latest", "latest"])
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("a.yuv420"))
        #expect(try Data(contentsOf: folder.file("a.yuv420")) == Self.old)
        #expect(folder.names == ["a.yuv420", "s.json"])
    }

    /// A new one leaves nothing.
    @Test(
        .enabled(
            if: !Machine.isEmulated && !Machine.isSanitized,
            "the emulator's own files count towards the limit of a file's size, and sanitizers take its signal for a crash"
        ),
        arguments: [
            ["still", "b-{counter}.yuv420"], ["record", "b.yuv420"],
            ["record", "b-{counter}.yuv420", "--split", "2frames"],
        ])
    func nothingIsLeftOfAFileThatHasNoPicture(_ words: [String]) throws {
        let limits = words[0] == "record" ? ["--frames", "4"] : []
        let result = try run("ulimit -f 2;", words + limits + ["--format", "yuv420"])
        #expect(result.status == 1, "\(result.errors)")
        #expect(folder.names == ["a.yuv420", "s.json"])
    }

    @Test(
        .enabled(
            if: !Machine.isEmulated && !Machine.isSanitized,
            "the emulator's own files count towards the limit of a file's size, and sanitizers take its signal for a crash"
        ))
    func statisticsThatFailLeaveThoseBefore() throws {
        // The limit is of regular files, which standard error is in a test.
        let words = ["record", "-", "--frames", "2", "--format", "yuv420", "--stats", "s.json"] + Tool.fastCamera
        let command = ([Tool.path] + words).joined(separator: " ")
        let result = try TestSupport.run(
            "sh", ["-c", "(ulimit -f 0; \(command) 2>&1 > /dev/null) | cat"], in: folder.url)
        #expect(result.text.contains("s.json"), "\(result.text)")
        #expect(try Data(contentsOf: folder.file("s.json")) == Self.old)
        #expect(folder.names == ["a.yuv420", "s.json"])
    }

    /// A picture is on the disk before it has its name, and the name before the link tells it.
    @Test func aStillIsSyncedBeforeItCounts() throws {
        let calls = try syncShim("fprintf(stderr, \"sync\\n\"); return real(fd);")
        let result = try run(
            "export LD_PRELOAD=\(calls);", ["still", "new.yuv420", "--quiet", "--format", "yuv420", "--sync", "split"])
        #expect(result.status == 0 && result.errors == "sync\n", "\(result.errors)")
        let plain = try run("export LD_PRELOAD=\(calls);", ["still", "new-2.yuv420", "--quiet", "--format", "yuv420"])
        #expect(plain.status == 0 && plain.errors.isEmpty, "\(plain.errors)")
        // What it replaces must not be lost with it.
        let replacing = try run(
            "export LD_PRELOAD=\(calls);", ["still", "new.yuv420", "--quiet", "--format", "yuv420"])
        #expect(replacing.status == 0 && replacing.errors == "sync\n", "\(replacing.errors)")
    }

    /// Whichever file's sync fails, also the last but one, the program tells and fails.
    @Test(arguments: [1, 2, 3]) func anErrorOfSyncingAnyFileIsTold(_ failing: Int) throws {
        let shim = try syncShim(
            "static int n; if (__sync_add_and_fetch(&n, 1) == \(failing)) { errno = EIO; return -1; } return real(fd);")
        let result = try run(
            "export LD_PRELOAD=\(shim);",
            [
                "record", "h-{counter}.yuv420", "--frames", "6", "--split", "2frames", "--sync", "split", "--format",
                "yuv420",
            ])
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("syncing the output to the disk"), "\(result.errors)")
        #expect(folder.names.filter { $0.hasPrefix("h-") } == ["h-1.yuv420", "h-2.yuv420", "h-3.yuv420"])
    }

    /// The file of a ring is synced by the same way, and what lies beside it too.
    @Test(arguments: [[], ["--metadata", "r.jsonl"]]) func anErrorOfSyncingARingsFileIsTold(_ words: [String]) throws {
        let shim = try syncShim("errno = EIO; return -1;")
        let result = try run(
            "export LD_PRELOAD=\(shim);",
            ["record", "r.yuv420", "--frames", "6", "--circular", "3frames", "--sync", "split", "--format", "yuv420"]
                + words)
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("syncing the output to the disk"), "\(result.errors)")
    }

    /// A library that takes the place of fdatasync(2); `real` is the system's.
    private func syncShim(_ body: String) throws -> String {
        let source = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <stdio.h>
            int fdatasync(int fd) {
                int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
                (void)real;
                \(body)
            }
            """
        let library = scratch.path("shim.so")
        let compiled = try TestSupport.run(
            "gcc", ["-shared", "-fPIC", "-o", library, "-x", "c", "-", "-ldl"], input: Data(source.utf8))
        try #require(compiled.status == 0, "\(compiled.errors)")
        return library
    }
}
