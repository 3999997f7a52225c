// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

#if Containers

struct MoviePlaybackTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Has ffmpeg make a movie of its own test picture.
    private func movie(_ name: String, _ arguments: [String]) throws -> String {
        let result = try run(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=176x144:rate=30"] + arguments + [folder.path(name)])
        #expect(result.status == 0, "\(result.errors)")
        return folder.path(name)
    }

    /// What ffmpeg decodes a movie to.
    private func decoded(_ path: String) throws -> Data {
        try run("ffmpeg", ["-v", "error", "-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-"]).output
    }

    /// The times of the pictures as ffprobe tells them, in seconds after the first one.
    private func times(_ path: String) throws -> [Double] {
        let text = try run(
            "ffprobe",
            [
                "-v", "error", "-select_streams", "v", "-show_entries", "frame=best_effort_timestamp_time", "-of",
                "csv=p=0", path,
            ]
        ).text
        let times = text.split(separator: "\n").compactMap { Double($0.prefix { $0 != "," }) }
        return times.map { $0 - times[0] }
    }

    @Test(
        "A movie arrives frame by frame as ffmpeg decodes it",
        arguments: [
            ("a.mp4", ["-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p"]),
            ("a.mkv", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]),
            ("a.h264", ["-c:v", "libx264", "-bf", "2", "-pix_fmt", "yuv420p"]),
            ("a.ts", ["-c:v", "libx264", "-pix_fmt", "yuv420p"]), ("a.avi", ["-c:v", "mpeg4", "-b:v", "400k"]),
            ("a.mov", ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p"]), ("a.mjpeg", ["-c:v", "mjpeg"]),
            // The name says one thing, the content another.
            ("a.y4m", ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-f", "mp4"]),
            (
                "b.mp4",
                [
                    "-f", "lavfi", "-i", "sine", "-shortest", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac",
                ]
            ),
        ])
    func movies(name: String, arguments: [String]) throws {
        let path = try movie(name, arguments + ["-frames:v", "40"])
        let camera = try PlaybackCamera(path: path, pacing: .none)
        #expect(camera.streams[0].size == Resolution(176, 144))
        let take = try Take(camera)
        #expect(take.ended && take.damaged == 0)
        #expect(take.frames.map(\.info.sequence) == Array(0..<40))
        #expect(areDecodedAlike(take.bytes, try decoded(path)))
        // Files without times have the demuxer's nominal rate.
        if !name.hasSuffix(".h264") {
            let expected = try times(path)
            #expect(expected.count == take.times.count)
            #expect(zip(take.times, expected).allSatisfy { abs(Double($0) / 1e9 - $1) < 2e-6 })
        }
    }

    @Test("A variable rate is kept")
    func variableRate() throws {
        let path = try movie(
            "a.mkv",
            [
                "-frames:v", "20", "-vf", "settb=1/1000,setpts='N*40+mod(N\\,3)*11'", "-fps_mode", "passthrough",
                "-enc_time_base", "1/1000", "-c:v", "libx264", "-pix_fmt", "yuv420p",
            ])
        let take = try Take(PlaybackCamera(path: path, pacing: .none))
        let milliseconds: [Int64] = (0..<20).map { $0 * 40 + $0 % 3 * 11 }
        #expect(take.times == milliseconds.map { $0 * 1_000_000 })
        #expect(areDecodedAlike(take.bytes, try decoded(path)))
    }

    /// Transport streams put together by `cat`, with the stamps of each moved by so many seconds.
    private func concatenated(_ offsets: [Double]) throws -> String {
        var whole = Data()
        for (index, offset) in offsets.enumerated() {
            let part = try movie(
                "\(index).ts",
                ["-frames:v", "20", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-output_ts_offset", "\(offset)"])
            whole += try Data(contentsOf: URL(fileURLWithPath: part))
        }
        try whole.write(to: folder.file("whole.ts"))
        return folder.path("whole.ts")
    }

    @Test(
        "Stamps that begin anew within a movie run on, one frame later",
        arguments: [[0, 0, 0], [3600, 0], [0, 3600], [7200, 3600, 10, 5000]])
    func discontinuities(offsets: [Double]) throws {
        let take = try Take(PlaybackCamera(path: concatenated(offsets), pacing: .none))
        #expect(take.ended && take.damaged == 0)
        let nominal = (0..<20 * offsets.count).map { FrameRate(30).nanoseconds(atFrame: Int64($0)) }
        #expect(take.times.count == nominal.count)
        #expect(zip(take.times, nominal).allSatisfy { abs($0 - $1) < 50_000 }, "\(take.times)")
    }

    @Test(
        "One stamp out of line, 100 or 5 seconds ahead or back, is put between its neighbours",
        arguments: ["3600/TB\\,0", "0\\,3600/TB", "180/TB\\,0", "0\\,180/TB"])
    func outlier(change: String) throws {
        // The filter's unit is not the file's: of 3600 seconds 108 are left.
        let path = try movie(
            "a.mkv",
            [
                "-frames:v", "30", "-c:v", "mjpeg", "-bsf:v",
                "setts=pts=PTS+if(eq(N\\,15)\\,\(change)):dts=DTS",
            ])
        let take = try Take(PlaybackCamera(path: path, pacing: .none))
        #expect(take.frames.count == 30)
        let nominal = (0..<30).map { FrameRate(30).nanoseconds(atFrame: $0) }
        #expect(zip(take.times, nominal).allSatisfy { abs($0 - $1) < 2_000_000 }, "\(take.times)")
    }

    @Test("Where a format has no stamps that begin anew, an hour without a picture is one")
    func longGap() throws {
        let path = try movie(
            "a.mkv",
            [
                "-frames:v", "20", "-vf", "settb=1/1000,setpts='N*40+gte(N\\,10)*3600000'", "-fps_mode", "passthrough",
                "-enc_time_base", "1/1000", "-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p",
            ])
        let take = try Take(PlaybackCamera(path: path, pacing: .none))
        #expect(take.times == (0..<20).map { $0 * 40_000_000 + ($0 >= 10 ? 3_600_000_000_000 : 0) })
    }

    @Test("A picture lies as its EXIF data say, and is turned upright as ffmpeg has it", arguments: 1...8)
    func orientation(number: Int) throws {
        let path = try movie("a.jpg", ["-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"])
        let tagged = try run("exiftool", ["-q", "-overwrite_original", "-n", "-Orientation=\(number)", path])
        #expect(tagged.status == 0, "\(tagged.errors)")
        let upright = try PlaybackCamera(path: path, pacing: .none)
        #expect(upright.streams[0].size == (number < 5 ? Resolution(176, 144) : Resolution(144, 176)))
        #expect(try Take(upright).bytes == (try decoded(path)))
        let stored = try Take(PlaybackCamera(path: path, pacing: .none, asStored: true))
        let expected = try run("ffmpeg", ["-v", "error", "-noautorotate", "-i", path, "-f", "rawvideo", "-"])
        #expect(stored.bytes == expected.output)
    }

    @Test("A looping movie runs on in numbers and times")
    func loops() throws {
        let path = try movie("a.mp4", ["-frames:v", "6", "-c:v", "libx264", "-pix_fmt", "yuv420p"])
        let camera = try PlaybackCamera(path: path, pacing: .none, loop: true)
        let take = try Take(camera, limit: 15)
        let once = try decoded(path)
        #expect(take.bytes == once + once + once.prefix(once.count / 2))
        #expect(take.frames.map(\.info.sequence) == Array(0..<15))
        let nominal = (0..<15).map { FrameRate(30).nanoseconds(atFrame: $0) }
        #expect(zip(take.times, nominal).allSatisfy { abs($0 - $1) < 3 })
        #expect(try Take(camera, limit: 6).bytes == once)
    }

    @Test("Damaged pictures are counted, and the rest is played")
    func damaged() throws {
        let path = try movie(
            "a.avi", ["-frames:v", "60", "-c:v", "libx264", "-g", "10", "-bf", "0", "-pix_fmt", "yuv420p"])
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let middle = bytes.count / 2
        for offset in middle..<middle + 3000 { bytes[offset] = UInt8(truncatingIfNeeded: offset &* 31) }
        try bytes.write(to: folder.file("b.avi"))
        let camera = try PlaybackCamera(path: folder.path("b.avi"), pacing: .none)
        let take = try Take(camera)
        #expect(take.damaged > 0)
        #expect(take.frames.count > 30 && take.frames.count < 60)
        #expect(take.frames.map(\.info.sequence) == Array(0..<UInt64(take.frames.count)))
        // The damage lies in the middle: the first pictures are those of the whole file.
        let size = take.frames[0].packedByteCount
        #expect(packedBytes(take.frames[0]) == (try decoded(path)).prefix(size))
    }

    @Test("A movie that is cut off ends with the pictures that are whole", arguments: ["a.mkv", "a.ts", "a.avi"])
    func truncated(name: String) throws {
        let path = try movie(name, ["-frames:v", "60", "-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let cut = folder.file("cut-" + name)
        try bytes.prefix(bytes.count * 2 / 3).write(to: cut)
        let take = try Take(PlaybackCamera(path: cut.path, pacing: .none))
        #expect(take.frames.count > 10 && take.frames.count < 60)
        let whole = try decoded(path)
        // All but the one that was cut.
        let size = take.frames[0].packedByteCount * (take.frames.count - 1)
        #expect(take.bytes.prefix(size) == whole.prefix(size))
    }

    @Test("What is no movie is one clear error")
    func noMovie() throws {
        func error(_ name: String, _ bytes: Data) throws -> CameraError {
            let file = folder.file(name)
            try bytes.write(to: file)
            let error = try #require(#expect(throws: CameraError.self) { try PlaybackCamera(path: file.path) })
            #expect(error.description.contains(file.path))
            return error
        }
        let prose = Data(String(repeating: "The quick brown fox jumps over the lazy dog.\n", count: 200).utf8)
        for name in ["a.txt", "a.mp4", "a.y4m", "a", "a.nfo"] {
            #expect(try error(name, prose).code == .corruptData)
            #expect(try error(name, Data(count: 10000)).code == .corruptData)
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let noise = Data((0..<5000).map { _ in generator.next() })
            #expect(try error("noise.mp4", noise).code == .corruptData)
        }
        let sound = folder.path("a.wav")
        _ = try run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine", "-t", "1", sound])
        let silent = #expect(throws: CameraError.self) { try PlaybackCamera(path: sound) }
        #expect(silent?.description.contains("no video stream") == true)
        let index = try movie("whole.mp4", ["-frames:v", "30", "-c:v", "libx264", "-pix_fmt", "yuv420p"])
        let half = try Data(contentsOf: URL(fileURLWithPath: index)).prefix(2000)
        #expect(try error("half.mp4", half).code == .corruptData)
        // A playlist that would have the program fetch things.
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
        #expect(try error("a.m3u8", Data(playlist.utf8)).code == .corruptData)
    }

    /// A recording claims the file that it plays; those that a list names it would not know, and could overwrite.
    @Test func aListOfFilesIsRefused() throws {
        _ = try movie("part.ts", ["-frames:v", "30", "-c:v", "libx264", "-pix_fmt", "yuv420p"])
        let lists = [
            "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.2,\npart.ts\n#EXT-X-ENDLIST\n",
            "list.ffconcat": "ffconcat version 1.0\nfile part.ts\n",
        ]
        for (name, text) in lists { try Data(text.utf8).write(to: folder.file(name)) }
        for name in lists.keys {
            let error = try #require(
                #expect(throws: CameraError.self) { try PlaybackCamera(path: folder.path(name)) })
            #expect(error.code == .corruptData)
            #expect(error.description.contains("it is a list of other files"), "\(error)")
        }
    }

    @Test("Damage anywhere never crashes")
    func fuzz() throws {
        let mp4 = try movie("a.mp4", ["-frames:v", "12", "-c:v", "libx264", "-pix_fmt", "yuv420p"])
        let avi = try movie("a.avi", ["-frames:v", "12", "-c:v", "mpeg4"])
        var random: UInt64 = 42
        func next(_ limit: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % limit
        }
        for path in [mp4, avi] {
            let original = try Data(contentsOf: URL(fileURLWithPath: path))
            for _ in 0..<40 {
                var bytes = original
                for _ in 0..<1 + next(30) { bytes[next(bytes.count)] = UInt8(next(256)) }
                let file = folder.file("fuzz")
                try bytes.write(to: file)
                do {
                    let take = try Take(PlaybackCamera(path: file.path, pacing: .none), limit: 100)
                    #expect(take.ended || take.error != nil || take.frames.count == 100)
                } catch let error as CameraError {
                    #expect(error.description.contains(file.path))
                }
            }
        }
    }
}

#else

struct MoviePlaybackTests {
    @Test("Without libavformat a movie is refused with the trait to build with")
    func refused() throws {
        let folder = try TemporaryFolder()
        try Data("not a YUV4MPEG2 file".utf8).write(to: folder.file("a.mp4"))
        let error = #expect(throws: CameraError.self) { try PlaybackCamera(path: folder.path("a.mp4")) }
        #expect(error?.code == .missingLibrary)
        #expect(error?.description.contains("Containers") == true)
    }
}

#endif
