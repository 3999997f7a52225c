// SPDX-License-Identifier: MIT

// What is put into the files is H.264 of our own.
#if X264
import CameraCatalog
import CameraKit
import Foundation
import TestSupport
import Testing

/// Files of numbered pictures, and a catalogue beside them.
struct Footage {
    static let size = Resolution(160, 120)
    /// The time of the first picture: 2026-03-01 12:00:00 UTC.
    static let noon = WallTime(nanosecondsSince1970: 1_772_366_400_000_000_000)

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    var database: String { folder.path("catalog.sqlite") }
    var template: String { folder.path("hall-{counter:03d}.mp4") }

    func source(_ camera: String = "hall") throws -> CatalogSource {
        try CatalogSource(camera: camera, template: template)
    }

    /// The path of a file, from 1.
    func path(_ number: Int) -> String { folder.path("hall-00\(number).mp4") }

    /// Records files of so many pictures each, 30 a second, and gives what the recording tells of them.
    func record(
        files: Int, frames: Int = 30, format: MediaFormat = .h264, size: Resolution = size, bFrames: Bool = false,
        keyFrameInterval: Int = 10
    ) async throws -> [FinishedFile] {
        let source = try TestCamera(
            resolution: size, frameRate: 30, pacing: .none, numbered: true, frameLimit: files * frames)
        let camera = try Camera(.source(source))
        let events = camera.events
        let options = EncoderOptions {
            $0.keyFrameInterval = keyFrameInterval
            $0.preset = bFrames ? "fast" : "ultrafast"
            if !bFrames { $0.tune = "zerolatency" }
        }
        try camera.startRecording(
            to: .path(template), format: format, splitting: .every(.frames(frames)), options: options)
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        camera.close()
        var finished: [FinishedFile] = []
        for await event in events {
            if case .fileFinished(_, let file) = event { finished.append(file) }
        }
        #expect(finished.count == files)
        return finished
    }

    /// The files of a recording as if it had begun at noon; a test camera is faster than that.
    func atNoon(_ files: [FinishedFile], gaps: [Int: Duration] = [:]) -> [FinishedFile] {
        var time = Self.noon
        return files.enumerated().map { index, file in
            if let gap = gaps[index] { time = time + gap }
            defer { time = time + file.duration }
            return FinishedFile(
                name: file.name, key: file.key, frames: file.frames, bytes: file.bytes, start: time,
                end: time + file.duration, duration: file.duration)
        }
    }
}

extension WallTime {
    static func + (time: WallTime, duration: Duration) -> WallTime {
        WallTime(nanosecondsSince1970: time.nanosecondsSince1970 + duration.nanoseconds)
    }
}

/// What ffprobe says of a file's pictures, in the order of decoding.
struct ProbedPackets {
    struct Packet: Hashable {
        let pts, dts, size, position: Int
        let isKey: Bool
    }

    let packets: [Packet]

    init(_ path: String) throws {
        let entries = "packet=pts,dts,size,pos,flags"
        let result = try run(
            "ffprobe",
            [
                "-v", "error", "-ignore_editlist", "1", "-select_streams", "v:0", "-show_entries", entries, "-of",
                "json", path,
            ])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        struct Answer: Decodable {
            struct Entry: Decodable {
                let pts, dts: Int
                let size, pos, flags: String
            }
            let packets: [Entry]
        }
        packets = try JSONDecoder().decode(Answer.self, from: result.output).packets.map { entry in
            Packet(
                pts: entry.pts, dts: entry.dts, size: Int(entry.size) ?? -1, position: Int(entry.pos) ?? -1,
                isKey: entry.flags.hasPrefix("K"))
        }
    }
}
#endif
