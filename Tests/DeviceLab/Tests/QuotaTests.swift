// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// A user who may have one megabyte and no more, of an ext4 file system of the machine's own disk.
    @Suite(.enabled(if: QuotaDisk.isThere, "there is no disk (LAB_DISK), or no setquota of Debian's package quota"))
    struct QuotaTests {
        private static let size = Resolution(64, 48)
        private let disk: QuotaDisk

        init() throws { disk = try QuotaDisk(kilobytes: 1024) }

        /// The tool as a user for whom quotas count: without the capability that lets root have more.
        private func camera(_ arguments: [String]) throws -> ProgramResult {
            let tool = Bundle.main.bundleURL.appendingPathComponent("camera").path
            return try run(
                "setpriv", ["--bounding-set=-sys_resource", tool] + arguments, in: URL(fileURLWithPath: disk.path))
        }

        private func record(_ name: String, _ words: [String]) throws -> ProgramResult {
            let camera = ["--camera", "test:numbered", "--size", "\(Self.size)", "--pace", "none", "--bitrate", "4M"]
            return try self.camera(["record", name, "--quiet", "--frames", "1500"] + camera + words)
        }

        private func numbers(in names: [String]) throws -> [Int] {
            let videos = try NumberedVideo.decode(names.map { ("\(disk.path)/\($0)", Self.size) })
            #expect(videos[0].complaints.isEmpty, "\(videos[0].complaints)")
            return videos.flatMap(\.numbers).map { $0.map(Int.init) ?? -1 }
        }

        @Test(arguments: ["mp4", "ts", "mkv", "h264"]) func whatAQuotaHasRoomForPlays(suffix: String) throws {
            let name = "a.\(suffix)"
            let result = try record(name, [])
            #expect(result.status == 1, "\(result.errors)")
            #expect(result.errors.contains(name) && result.errors.contains("the disk or quota is full"))
            let found = try NumberedVideo.numbers(ofCut: "\(disk.path)/\(name)", size: Self.size)
            #expect(found.count > 300 && found == Array(0..<found.count))
            let told = try #require(result.errors.firstMatch(of: /Recorded: (\d+) frames/))
            let count = try #require(Int(told.1))
            // Of one picture there is a part; Matroska keeps a second of pictures back.
            if suffix != "mkv" { #expect(found.count - count == 0 || found.count - count == 1) }
            guard suffix == "mp4" else { return }
            // The end of the file has no room either.
            let refused = try camera(["repair", name])
            #expect(refused.status == 1 && refused.errors.contains("the disk or quota is full"), "\(refused.errors)")
            #expect(try NumberedVideo.numbers(ofCut: "\(disk.path)/\(name)", size: Self.size) == found)
            try disk.allow(0)
            #expect(try camera(["repair", name]).errors == "camera: repaired a.mp4, \(count) frames\n")
            #expect(try numbers(in: [name]) == Array(0..<count))
        }

        /// What is kept within bounds goes on: the oldest files make room.
        @Test func oldFilesMakeRoomWithinAQuota() throws {
            let result = try record("{counter:03d}.mp4", ["--split", "30frames", "--keep-free", "0"])
            #expect(result.status == 0, "\(result.errors)")
            let names = try FileManager.default.contentsOfDirectory(atPath: disk.path).filter { $0.hasSuffix(".mp4") }
            let found = try numbers(in: names.sorted())
            #expect(found.count > 200 && found == Array(1500 - found.count..<1500))
        }
    }
}

/// The file system of the machine's own disk, mounted as long as this lives.
private final class QuotaDisk {
    private static let device = "/dev/vda"
    private let folder: TemporaryFolder
    var path: String { folder.url.path }

    static let isThere =
        FileManager.default.fileExists(atPath: device)
        && (try? run("sh", ["-c", "command -v setquota && command -v mkfs.ext4 && command -v setpriv"]).status) == 0

    init(kilobytes: Int) throws {
        folder = try TemporaryFolder()
        try Self.shell("mkfs.ext4 -q -F -O quota -E quotatype=usrquota \(Self.device)")
        try Self.shell("mount -o usrquota \(Self.device) \(path)")
        try allow(kilobytes)
    }

    deinit { try? Self.shell("umount \(path)") }

    /// Changes how much root may have; 0 for as much as there is.
    func allow(_ kilobytes: Int) throws { try Self.shell("setquota -u root 0 \(kilobytes) 0 0 \(path)") }

    private static func shell(_ command: String) throws {
        let result = try run("sh", ["-c", command])
        try #require(result.status == 0, "\(command): \(result.errors)")
    }
}
