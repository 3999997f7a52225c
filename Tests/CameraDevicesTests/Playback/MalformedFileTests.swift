// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import Glibc
import TestSupport
import Testing

struct MalformedFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The error that playing a file of these bytes ends with, and the frames before it.
    private func play(
        _ bytes: Data, rawFormat: RawVideoFormat? = nil, loop: Bool = false
    ) throws -> (error: CameraError, frames: [Frame]) {
        let file = folder.file("a.y4m")
        try bytes.write(to: file)
        do {
            let take = try Take(
                PlaybackCamera(path: file.path, rawFormat: rawFormat, pacing: .none, loop: loop), limit: 1000)
            let error = try #require(take.error, "it played to its end")
            #expect(error.description.contains(file.path))
            return (error, take.frames)
        } catch let error as CameraError {
            #expect(error.description.contains(file.path))
            return (error, [])
        }
    }

    @Test(
        "A damaged header is one clear error",
        arguments: [
            ("YUV4MPEG2", "does not end"), ("YUV4MPEG2 W640 H480", "does not end"), ("YUV4MPEG2\n", "0x0"),
            ("YUV4MPEG2 garbage\n", "0x0"), ("YUV4MPEG2 W0 H480 F25:1\n", "0x480"),
            ("YUV4MPEG2 W-4 H480 F25:1\n", "-4x480"), ("YUV4MPEG2 W16385 H480 F25:1\n", "16385x480"),
            ("YUV4MPEG2 W99999999999999999999 H480\n", "0x480"), ("YUV4MPEG2 W64 H48 F25\n", "'25'"),
            ("YUV4MPEG2 W64 H48 F25:0\n", "'25:0'"), ("YUV4MPEG2 W64 H48 F-1:1\n", "'-1:1'"),
            ("YUV4MPEG2 W64 H48 F1:9223372036854775807\n", "9223372036854775807"),
            ("YUV4MPEG2 W64 H48 F9000:1\n", "9000:1"), ("YUV4MPEG2 W64 H48 F25:1 \u{0}\u{0}", "does not end"),
        ])
    func headers(header: String, cause: String) throws {
        let error = try play(Data(header.utf8)).error
        #expect(error.code == .corruptData)
        #expect(error.description.contains(cause), "\(error)")
    }

    @Test("A header without an end is not searched for it through the whole file")
    func endlessHeader() throws {
        let error = try play(Data("YUV4MPEG2 \(String(repeating: "x", count: 10000))\n".utf8)).error
        #expect(error.code == .corruptData && error.description.contains("does not end"))
    }

    @Test(
        "A layout that the package does not have is refused by its name",
        arguments: ["C444", "C420p10", "C411", "Cmono16", "It", "Ib", "Im"])
    func unsupported(field: String) throws {
        let error = try play(Data("YUV4MPEG2 W64 H48 F25:1 \(field)\n".utf8)).error
        #expect(error.code == .unsupported)
        #expect(error.description.contains(field.hasPrefix("C") ? String(field.dropFirst()) : "interlaced"))
    }

    @Test("A file that is cut off delivers its whole frames, then says how many there were", arguments: [0, 3, 6, 100])
    func truncated(rest: Int) throws {
        let camera = try TestCamera(resolution: Resolution(64, 48), frameRate: 30, format: .yuv420, pacing: .none)
        let whole = try Take(camera, limit: 3)
        let data = y4m(whole.frames, frameRate: 30)
        let frame = 6 + 64 * 48 * 3 / 2
        // rest 0: the data of the third frame lacks its last byte.
        let cut = rest == 0 ? data.count - 1 : data.count - frame + rest
        for loop in [false, true] {
            let (error, frames) = try play(data.prefix(cut), loop: loop)
            #expect(error.code == .corruptData)
            #expect(error.description.contains("the 2 whole frames before it were delivered"), "\(error)")
            #expect(frames.map { packedBytes($0) } == whole.frames.prefix(2).map { packedBytes($0) })
        }
    }

    @Test("A file that is cut off while it plays is an error, not a crash")
    func truncatedMeanwhile() throws {
        let camera = try TestCamera(resolution: .vga, frameRate: 30, format: .yuv420, pacing: .none)
        let file = folder.file("a.y4m")
        try y4m(try Take(camera, limit: 10).frames, frameRate: 30).write(to: file)
        let playback = try PlaybackCamera(path: file.path, pacing: .none)
        try playback.start()
        guard case .frame = try playback.next(timeout: nil) else {
            Issue.record("no first frame")
            return
        }
        #expect(truncate(file.path, 640 * 480 * 3) == 0)
        let error = #expect(throws: CameraError.self) {
            while case .frame = try playback.next(timeout: nil) {}
        }
        #expect(error?.code == .corruptData)
    }

    @Test("Garbage between frames is found at its place")
    func garbageBetweenFrames() throws {
        let data = Data("YUV4MPEG2 W2 H2 Cmono\n".utf8) + Data("FRAME\nabcdFRAMQ\nefghijklmnop".utf8)
        let (error, frames) = try play(data)
        #expect(error.code == .corruptData)
        #expect(error.description.contains("byte 32, after 1 whole frames"), "\(error)")
        #expect(frames.map { packedBytes($0) } == [Data("abcd".utf8)])
        #expect(try play(Data("YUV4MPEG2 W2 H2 Cmono\nFRAMEabcdefgh".utf8)).frames.isEmpty)
        let endless = Data("YUV4MPEG2 W2 H2 Cmono\nFRAME ".utf8) + Data(repeating: 120, count: 5000)
        #expect(try play(endless).error.code == .corruptData)
    }

    @Test("A file without a frame is an error, in a loop as well", arguments: [false, true])
    func noFrame(loop: Bool) throws {
        let (error, frames) = try play(Data("YUV4MPEG2 W64 H48 F25:1\n".utf8), loop: loop)
        #expect(error.code == .corruptData && frames.isEmpty)
        #expect(error.description.contains("no frame"))
    }

    @Test("A huge size in a small file asks for no memory")
    func hugeSize() throws {
        let (error, _) = try play(Data("YUV4MPEG2 W16384 H16384 F25:1\nFRAME\nabcdef".utf8))
        #expect(error.code == .corruptData)
        #expect(error.description.contains("cut off within frame 0"))
    }

    @Test("A raw file of odd length delivers its whole frames, then says so")
    func rawTruncated() throws {
        let format = RawVideoFormat(format: .nv12, size: Resolution(4, 4), frameRate: 25)
        let (error, frames) = try play(Data(0..<100), rawFormat: format)
        #expect(error.code == .corruptData)
        #expect(error.description.contains("the 4 whole frames before it were delivered"))
        #expect(frames.reduce(into: Data()) { $0 += packedBytes($1) } == Data(0..<96))
    }

    @Test("A raw format that cannot be is refused")
    func rawFormats() throws {
        let bytes = Data(count: 1000)
        func code(_ format: PixelFormat, _ size: Resolution, _ rate: FrameRate) throws -> CameraError.Code {
            try play(bytes, rawFormat: RawVideoFormat(format: format, size: size, frameRate: rate)).error.code
        }
        #expect(try code(.mjpeg, Resolution(4, 4), 25) == .unsupported)
        #expect(try code(PixelFormat(fourCC: "ABCD"), Resolution(4, 4), 25) == .unsupported)
        #expect(try code(.nv12, Resolution(0, 4), 25) == .invalidValue)
        #expect(try code(.nv12, Resolution(4, 4), 0) == .invalidValue)
        #expect(try code(.nv12, Resolution(16384, 16384), 25) == .corruptData)
        let y4m = Data("YUV4MPEG2 W2 H2 Cmono\nFRAME\nabcd".utf8)
        let format = RawVideoFormat(format: .grey, size: Resolution(2, 2), frameRate: 25)
        #expect(try play(y4m, rawFormat: format).error.code == .invalidValue)
    }

    @Test("What cannot be opened says why")
    func cannotOpen() throws {
        func error(_ path: String) throws -> CameraError {
            let error = #expect(throws: CameraError.self) { try PlaybackCamera(path: path) }
            return try #require(error)
        }
        #expect(try error(folder.path("missing.y4m")).code == .notFound)
        #expect(try error("").code == .notFound)
        let directory = try error(folder.url.path)
        #expect(directory.code == .unsupported && directory.description.contains("folder"))
        try Data().write(to: folder.file("empty.y4m"))
        let empty = try error(folder.path("empty.y4m"))
        #expect(empty.code == .corruptData && empty.description.contains("empty"))
        try Data("x".utf8).write(to: folder.file("file"))
        #expect(try error(folder.path("file") + "/a.y4m").code == .notFound)
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        #expect(try error(folder.path("pipe")).code == .unsupported)
        #expect(try error("/dev/zero").code == .unsupported)
    }

    @Test("A file that may not be read says so")
    func noPermission() throws {
        let file = folder.file("a.y4m")
        try Data("YUV4MPEG2 W2 H2 Cmono\nFRAME\nabcd".utf8).write(to: file)
        #expect(chmod(file.path, 0) == 0)
        // Root may read everything; for opening files this thread is somebody else meanwhile (setfsuid(2)).
        let address = try #require(dlsym(nil, "setfsuid"))
        let setUser = unsafeBitCast(address, to: (@convention(c) (uid_t) -> Int32).self)
        let user = setUser(65534)
        defer { _ = setUser(uid_t(user)) }
        let error = #expect(throws: CameraError.self) { try PlaybackCamera(path: file.path) }
        #expect(error?.code == .permissionDenied)
    }
}
