// SPDX-License-Identifier: MIT

#if X264
import CameraCatalog
import CameraKit
import Foundation
import TestSupport
import Testing

/// Spans of several files as one file, judged by ffprobe and ffmpeg.
@Suite struct ExportTests {
    private let footage: Footage

    init() throws {
        footage = try Footage()
    }

    private func catalog(_ files: [FinishedFile]) throws -> Catalog {
        let catalog = try Catalog(path: footage.database)
        for file in files { try catalog.note(file, of: "hall") }
        return catalog
    }

    private func seconds(_ time: Duration) -> WallTime { Footage.noon + time }

    private static func formats() -> [MediaFormat] {
        [MediaFormat.h264, .h265].filter { format in Codecs.available.contains { $0.format == format } }
    }

    @Test(arguments: formats(), [false, true])
    func aSpanOfSeveralFilesHasEveryPictureOnce(format: MediaFormat, bFrames: Bool) async throws {
        let files = try await footage.record(files: 4, format: format, bFrames: bFrames)
        let catalog = try catalog(footage.atNoon(files))
        let path = footage.folder.path("span.mp4")
        // From within the first second to within the fourth.
        let export = try catalog.export(
            of: "hall", from: seconds(.milliseconds(500)), to: seconds(.milliseconds(3500)), to: path)
        let packets = try ProbedPackets(path).packets
        #expect(packets.count == export.pictures)
        #expect(packets.first?.isKey == true)
        #expect(zip(packets, packets.dropFirst()).allSatisfy { $0.dts < $1.dts })
        #expect(Set(packets.map(\.pts)).count == packets.count)
        // A picture is shown each thirtieth of a second, across files too.
        let times = packets.map(\.pts).sorted()
        #expect(zip(times, times.dropFirst()).allSatisfy { (2998...3002).contains($1 - $0) }, "\(times)")
        let video = try NumberedVideo(decoding: path, size: Footage.size)
        #expect(video.complaints == "")
        let numbers = video.numbers.compactMap { $0 }
        #expect(numbers == Array((numbers.first ?? 0)..<(numbers.first ?? 0) + UInt32(export.pictures)))
        // The key frame before the beginning is 10 pictures away at most.
        #expect((5...15).contains(numbers.first ?? 0) && (numbers.last ?? 0) >= 104)
        #expect(export.files == files.map(\.name))
        let start = Double(export.start.nanosecondsSince1970 - Footage.noon.nanosecondsSince1970) / 1e9
        #expect(abs(start - Double(numbers.first ?? 0) / 30) < 0.001)
        // As the recording's own files are.
        #expect(try MP4.repair(path) == .whole)
    }

    @Test func gapsAreClosedOrKept() async throws {
        let files = footage.atNoon(try await footage.record(files: 3), gaps: [1: .seconds(60)])
        let catalog = try catalog(files)
        let (closed, kept) = (footage.folder.path("closed.mp4"), footage.folder.path("kept.mp4"))
        let end = seconds(.seconds(100))
        try catalog.export(of: "hall", from: Footage.noon, to: end, to: closed)
        let export = try catalog.export(of: "hall", from: Footage.noon, to: end, to: kept, gaps: .kept)
        let times = try [closed, kept].map { try ProbedPackets($0).packets.map(\.pts) }
        #expect(times.map(\.count) == [90, 90])
        let lasts = times.map { $0.last ?? 0 }
        // The last of 90 pictures, in units of 1/90000 s; with the gap of a minute kept, that much later.
        let joined = 89 * 3000
        let apart = joined + 5_400_000
        #expect((joined - 2...joined + 2).contains(lasts[0]))
        #expect((apart - 2...apart + 2).contains(lasts[1]))
        #expect(export.duration > .seconds(62.9) && export.duration < .seconds(63.1))
        for path in [closed, kept] {
            #expect(try NumberedVideo(decoding: path, size: Footage.size).numbers.count == 90)
        }
    }

    @Test func whatCannotBeOneFileIsRefused() async throws {
        let files = footage.atNoon(try await footage.record(files: 1))
        let other = try Footage()
        let small = try await other.record(files: 1, size: Resolution(96, 64))[0]
        let later = FinishedFile(
            name: small.name, key: .frame, frames: small.frames, bytes: small.bytes, start: seconds(.seconds(1)),
            end: seconds(.seconds(2)), duration: .seconds(1))
        let catalog = try catalog(files + [later])
        let path = footage.folder.path("span.mp4")
        func refusal(_ from: WallTime, _ to: WallTime, _ camera: String = "hall") -> CameraError.Code? {
            #expect(throws: CameraError.self) { try catalog.export(of: camera, from: from, to: to, to: path) }?.code
        }
        #expect(refusal(Footage.noon, seconds(.seconds(2))) == .unsupported)
        #expect(refusal(Footage.noon, Footage.noon) == .invalidValue)
        #expect(refusal(Footage.noon, seconds(.seconds(1)), "yard") == .nothingToCopy)
        #expect(refusal(seconds(.seconds(100)), seconds(.seconds(200))) == .nothingToCopy)
        try FileManager.default.moveItem(atPath: files[0].name, toPath: files[0].name + ".away")
        #expect(refusal(Footage.noon, seconds(.milliseconds(900))) == .output)
        try FileManager.default.moveItem(atPath: files[0].name + ".away", toPath: files[0].name)
        // Nothing is left of these.
        #expect(footage.folder.names.filter { $0.hasSuffix(".mp4") || $0.hasSuffix(".new") } == ["hall-001.mp4"])
        try catalog.export(of: "hall", from: Footage.noon, to: seconds(.milliseconds(900)), to: path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(refusal(Footage.noon, seconds(.milliseconds(500))) == .output)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == size)
    }

    @Test func anExportThatIsGivenUpLeavesNothing() async throws {
        let catalog = try catalog(footage.atNoon(try await footage.record(files: 3)))
        let path = footage.folder.path("span.mp4")
        var asked = 0
        let error = #expect(throws: CameraError.self) {
            try catalog.export(of: "hall", from: Footage.noon, to: seconds(.seconds(3)), to: path) {
                asked += 1
                return asked == 2
            }
        }
        #expect(error?.code == .cancelled && asked == 2)
        #expect(!footage.folder.names.contains { $0 == "span.mp4" || $0.hasSuffix(".new") })
    }
}
#endif
