// SPDX-License-Identifier: MIT

import CameraCore
import SystemPackage
import Testing

/// The word that was probably meant.
@Suite struct SuggestionTests {
    private static let verbs = ["list", "doctor", "record", "still", "timelapse", "controls", "repair", "serve"]

    @Test(arguments: [
        // Two letters exchanged, one missing, one too many, a wrong one, another case, and a beginning.
        ("recrod", "record"), ("recod", "record"), ("recordd", "record"), ("rekord", "record"), ("RECORD", "record"),
        ("time", "timelapse"), ("stil", "still"), ("tlmelapes", "timelapse"),
    ])
    func findsWhatIsNear(word: String, meant: String) {
        #expect(word.nearest(among: Self.verbs) == meant)
        #expect(word.suggestion(among: Self.verbs) == "; did you mean '\(meant)'?")
    }

    @Test(arguments: ["", "x", "re", "play", "stream", "clip.mp4"]) func findsNothingElse(word: String) {
        #expect(word.nearest(among: Self.verbs) == nil)
        #expect(word.suggestion(among: Self.verbs).isEmpty)
    }

    @Test func takesTheNearestOfSeveral() {
        #expect("h246".nearest(among: ["h265", "h264"]) == "h264")
        #expect("a".nearest(among: ["b"]) == nil)
    }
}

/// What the names of formats and files tell.
@Suite struct MediaFormatNameTests {
    @Test(arguments: [
        ("a.yuv", MediaFormat.yuv420), ("a.RGB", .rgb24), ("a.hevc", .h265), ("a.mkv", .h264), ("a.mjpg", .mjpeg),
    ])
    func anExtensionTells(name: String, format: MediaFormat) throws {
        #expect(try MediaFormat(forFile: name, among: MediaFormat.video) == format)
    }

    @Test(arguments: [
        ("a.png", "video is not written to a .png file; end it in .mp4"), ("a.xyz", "a .xyz file"),
        ("a", "no extension to tell it; end it in .mp4"),
    ])
    func anExtensionIsRefused(name: String, words: String) throws {
        let error = try #require(throws: CameraError.self) { try MediaFormat(forFile: name, among: MediaFormat.video) }
        #expect(error.code == .invalidFormat && error.description.contains(words), "\(error)")
    }

    @Test func systemErrorsStandInBracketsBehindTheirReason() {
        let error = CameraError(.output, "opening", subject: "a", reason: "it is a folder", systemError: .isDirectory)
        #expect(error.description == "opening 'a': it is a folder (Is a directory)")
        #expect(CameraError(.output, "opening", systemError: .isDirectory).description == "opening: Is a directory")
    }
}
