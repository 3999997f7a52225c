// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

/// The C library as `make install` leaves it, used by programs that know nothing of Swift.
@Suite(.serialized) struct InstalledLibraryTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where `make test` installs it, or what SPCODEC_PREFIX says; made here when that was not done.
    private static let prefix: String = {
        if let prefix = ProcessInfo.processInfo.environment["SPCODEC_PREFIX"] { return prefix }
        let prefix = root.appendingPathComponent(".build/prefix").path
        if !FileManager.default.fileExists(atPath: prefix + "/lib/pkgconfig/spcdev.pc") {
            _ = try? run(root.appendingPathComponent("Scripts/install").path, [prefix])
        }
        return prefix
    }()

    private static let types: [(MediaFormat, Int)] = [(.h264, 1), (.h265, 2), (.mjpeg, 3)].filter { format, _ in
        Codecs.available.contains { $0.format == format }
    }

    private func compile(
        _ name: String, into folder: TemporaryFolder, with flags: String = "$(pkg-config --cflags --libs spcodec)"
    ) throws -> String {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Programs/\(name).c").path
        let program = folder.path(name)
        let command =
            "export PKG_CONFIG_PATH=\(Self.prefix)/lib/pkgconfig; "
            + "gcc -Wall -Wextra -Werror -o \(program) \(source) \(flags)"
        let compiled = try run("sh", ["-c", command])
        try #require(compiled.status == 0, "\(compiled.errors)")
        return program
    }

    /// Runs a program with nothing in its environment but where the library is.
    private func start(_ program: String, _ arguments: [String] = []) throws -> (status: Int32, text: String) {
        let result = try run("env", ["-i", "LD_LIBRARY_PATH=\(Self.prefix)/lib", program] + arguments)
        return (result.status, result.text + result.errors)
    }

    @Test(arguments: types) func aProgramInCEncodesThreeHundredFrames(_ format: MediaFormat, type: Int) throws {
        let folder = try TemporaryFolder()
        try encodeThreeHundredFrames(format, type, by: try compile("encode", into: folder), in: folder)
    }

    /// As the boards' own are built: their headers, their library's name, two threads, their buffers.
    @Test(
        arguments: types,
        ["-I$P/include -L$P/lib -lspcdev -lpthread", "$(pkg-config --cflags --libs spcdev) -lpthread"])
    func aProgramOfTheBoardsBuildsAndRuns(_ item: (MediaFormat, Int), flags: String) throws {
        let folder = try TemporaryFolder()
        let program = try compile("board", into: folder, with: flags.replacing("$P", with: Self.prefix))
        try encodeThreeHundredFrames(item.0, item.1, by: program, in: folder)
    }

    @Test func theLibraryIsLoadedByTheBoardsName() throws {
        let folder = try TemporaryFolder()
        let end = try start(try compile("loaded", into: folder, with: "-ldl"))
        #expect(end.status == 0 && end.text == "ffd8\n", "\(end)")
    }

    /// Programs of the boards rely on both ends waiting for each other.
    @Test func bothEndsWait() throws {
        let folder = try TemporaryFolder()
        let end = try start(
            try compile("waits", into: folder, with: "$(pkg-config --cflags --libs spcodec) -lpthread"))
        #expect(end.status == 0 && end.text == "", "\(end)")
    }

    private func encodeThreeHundredFrames(
        _ format: MediaFormat, _ type: Int, by program: String, in folder: TemporaryFolder
    ) throws {
        let size = Resolution(160, 128)
        let frames = NumberedFrames(size)
        var bytes = Data()
        for number in 0..<300 { bytes.append(contentsOf: frames.bytes(number)) }
        try bytes.write(to: folder.file("in.nv12"))
        let out = folder.path("out.\(format)")
        let end = try start(program, ["\(type)", "160", "128", "1024", folder.path("in.nv12"), out])
        #expect(end.status == 0 && end.text == "300\n", "\(end)")
        let video = try NumberedVideo(
            decoding: out, size: size, input: ["-f", format == .h265 ? "hevc" : format.rawValue])
        #expect(video.complaints == "")
        #expect(video.numbers == (0..<300).map { $0 })
    }

    @Test(.enabled(if: types.count == 3, "it asks for all three formats")) func everyMistakeGivesMinusOne() throws {
        let folder = try TemporaryFolder()
        let end = try start(try compile("mistakes", into: folder))
        #expect(end.status == 0, "\(end)")
    }

    @Test(arguments: types) func aThousandObjectsLeaveNothingBehind(_ format: MediaFormat, type: Int) throws {
        let folder = try TemporaryFolder()
        let end = try start(try compile("cycles", into: folder), ["\(type)"])
        try #require(end.status == 0, "\(end)")
        let rest = end.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(rest.count == 3, "\(end)")
        #expect(rest[0] == 0 && rest[1] <= 0, "files and threads: \(rest)")
        // One leaked frame for each object would be 6 MB, one leaked encoder much more. Of that libx265 3.5 itself loses 5 kB
        // with each encoder, by valgrind in what it allocates for its SAO filter and its copy of the parameters.
        // An emulator keeps memory of its own for each thread that there was.
        let limit = (format == .h265 ? 8192 : 4096) * (Machine.isEmulated ? 16 : 1)
        #expect(rest[2] < limit, "kilobytes: \(rest)")
    }

    @Test func theLibraryNeedsNoSwiftAndExportsSixFunctions() throws {
        let library = Self.prefix + "/lib/libSPCodec.so"
        let dynamic = try run("readelf", ["-d", library]).text
        #expect(dynamic.contains("SONAME"))
        #expect(!dynamic.contains("libswift") && !dynamic.contains("libFoundation"), "\(dynamic)")
        // Where a library looks for others: at most beside itself.
        let paths = dynamic.split(separator: "\n").filter { $0.contains("RUNPATH") || $0.contains("RPATH") }
        #expect(paths.allSatisfy { $0.contains("[$ORIGIN]") }, "\(paths)")
        let symbols = try run("nm", ["-D", "--defined-only", "--extern-only", library]).text
        #expect(
            Set(symbols.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }) == [
                "sp_init_encoder_module", "sp_release_encoder_module", "sp_start_encode", "sp_stop_encode",
                "sp_encoder_set_frame", "sp_encoder_get_stream",
            ])
    }

    /// The steps of the document's example in Python.
    @Test(.enabled(if: types.count == 3, "the example makes H.265")) func theDocumentsPythonExampleRuns() throws {
        let folder = try TemporaryFolder()
        let size = Resolution(1920, 1080)
        try Data(NumberedFrames(size).bytes(7)).write(to: folder.file("output.img"))
        let end = try python("test_encode", in: folder)
        #expect(end.status == 0, "\(end.errors)")
        #expect(end.text.contains("written: 100"))
        let video = try NumberedVideo(decoding: folder.path("encode.h265"), size: size, input: ["-f", "hevc"])
        #expect(video.complaints == "")
        #expect(video.numbers == Array(repeating: 7, count: 100))
    }

    @Test(.enabled(if: types.count == 3, "it asks for all three formats"))
    func theEncoderObjectReturnsWhatItsDocumentSays() throws {
        let end = try python("encoder_object", in: try TemporaryFolder())
        #expect(end.status == 0, "\(end.errors)")
        #expect(!end.errors.contains("Traceback"))
    }

    /// Runs a program with the module that was installed, which finds its library by itself.
    private func python(_ name: String, in folder: TemporaryFolder) throws -> (
        status: Int32, text: String, errors: String
    ) {
        let programs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Programs")
        let version = try run("python3", ["-c", "import sys; print('python%d.%d' % sys.version_info[:2], end='')"]).text
        let modules = "\(Self.prefix)/lib/\(version)/dist-packages"
        let command = "cd \(folder.url.path) && PYTHONPATH=\(modules) python3 \(programs.path)/\(name).py"
        let end = try run("sh", ["-c", command])
        return (end.status, end.text, end.errors)
    }

    /// Python keeps what it compiled beside a module: not beside the sources.
    @Test func theSourcesStayAsTheyAre() throws {
        let kept = try run("find", [Self.root.appendingPathComponent("Samples/Python").path, "-name", "__pycache__"])
        #expect(kept.status == 0 && kept.text == "", "\(kept.text)")
    }
}
