// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

#if X265
/// The least sizes of H.265, and hints that lead to a size that is taken.
@Suite struct SmallPictureTests {
    private func run(_ size: Resolution, _ set: (inout EncoderOptions) -> Void = { _ in }) throws -> CodecRun {
        let frames = TestFrames(format: .yuv420, size: size, color: .bt601)
        return try CodecRun(CodecConfiguration(.h265, frames, set), frames, count: 3)
    }

    @Test(
        arguments: [
            Resolution(16, 16), Resolution(64, 32), Resolution(32, 64), Resolution(18, 90), Resolution(62, 62),
        ],
        ["ultrafast", "medium", "veryslow"])
    func smallPicturesAreTaken(_ size: Resolution, preset: String) throws {
        let folder = try TemporaryFolder()
        try run(size) { $0.preset = preset }.stream.write(to: folder.file("clip.h265"))
        let probe = try TestSupport.run(
            "ffprobe",
            [
                "-v", "error", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames", "-of", "csv=p=0",
                folder.path("clip.h265"),
            ])
        #expect(probe.text == "\(size.width),\(size.height),3\n" && probe.errors.isEmpty)
    }

    @Test(arguments: [Resolution(3, 5), Resolution(1, 1), Resolution(2, 4), Resolution(15, 300), Resolution(14, 64)])
    func hintsAreTaken(_ size: Resolution) throws {
        let error = #expect(throws: CameraError.self) { try run(size) }
        #expect(error?.code == .invalidValue)
        let hint = try #require(error?.description.split(separator: " ").last.map { $0.filter { $0 != "." } })
        #expect(try run(Resolution(parsing: String(hint))).packets.count == 3)
    }

    @Test func blocksThatDoNotFitAreRefused() {
        let error = #expect(throws: CameraError.self) {
            try run(Resolution(48, 48)) { $0.parameters = ["ctu": "64"] }
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("64") == true && error?.description.contains("48x48") == true)
    }
}
#endif
