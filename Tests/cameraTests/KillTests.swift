// SPDX-License-Identifier: MIT

#if X264 && Containers
import CameraKit
import Foundation
import TestSupport
import Testing

/// What SIGKILL at a random moment takes of each kind of file.
///
/// `KILL_ROUNDS` kills more often. MP4ToolTests has MP4.
@Suite struct KillTests {
    private static let camera = [
        "--camera", "test:numbered", "--size", "64x48", "--fps", "\(Machine.quickFrameRate)",
    ]
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A picture is written before its time is, so that those whose time is known are to be there.
    @Test(arguments: [("h264", 0), ("ts", 0), ("flv", 0), ("mkv", 1)])
    func onlyTheLastPictureOrClusterIsLost(suffix: String, lostSeconds: Int) throws {
        let rounds = ProcessInfo.processInfo.environment["KILL_ROUNDS"].flatMap(Int.init) ?? 3
        for round in 0..<rounds {
            let (video, times) = ("k\(round).\(suffix)", "k\(round).pts")
            let tool = try RunningTool(["record", video, "--save-pts", times] + Self.camera, in: folder)
            #expect(eventually { folder.hasBytes(video) })
            // Matroska's first cluster is to be complete, or there is nothing to play.
            usleep(UInt32(lostSeconds) * 1_200_000 + UInt32.random(in: 0...400_000))
            tool.send(SIGKILL)
            _ = tool.end()
            let told = try WrittenPictures(folder.file(times)).numbers
            let decoded = try NumberedVideo(decoding: folder.path(video), size: Resolution(64, 48))
            let found = decoded.numbers.map { $0.map(Int.init) ?? -1 }
            #expect(decoded.complaints == "", "\(video)")
            #expect(found.count >= told.count - (Machine.quickFrameRate + 1) * lostSeconds)
            #expect(zip(found, told).allSatisfy { $0 - (found.first ?? 0) == $1 })
        }
    }
}
#endif
