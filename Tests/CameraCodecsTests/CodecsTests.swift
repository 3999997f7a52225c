// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import TestSupport
import Testing

@Suite struct CodecsTests {
    @Test func makesEachCodecThatItLists() throws {
        for description in Codecs.available {
            #expect(try !Codecs.make(for: description.format).inputFormats.isEmpty)
            #expect(!description.name.isEmpty)
            #expect(!description.license.isEmpty)
        }
        #expect(Codecs.available.contains { $0.format == .mjpeg && $0.name == "libjpeg-turbo" })
    }

    @Test(arguments: [
        (MediaFormat.nv12, "without a codec"), (MediaFormat(rawValue: "theora"), "mjpeg"),
    ])
    func saysWhatItHasInstead(format: MediaFormat, word: String) {
        let error = #expect(throws: CameraError.self) { try Codecs.make(for: format) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains(word) == true)
        #expect(error?.description.contains(format.rawValue) == true)
    }

    #if X264
    @Test func tellsTheVersionThatIsLinked() throws {
        let description = try #require(Codecs.available.first { $0.format == .h264 })
        let version = try #require(description.version)
        // The program and the library are of one package.
        #expect(try run("x264", ["--version"]).text.contains(version))
        #expect(description.license == "GPL-2.0-or-later")
    }
    #else
    @Test func saysHowToGetH264() {
        let error = #expect(throws: CameraError.self) { try Codecs.make(for: .h264) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("libx264-dev") == true)
        #expect(error?.description.contains("trait X264") == true)
    }
    #endif

    #if !X265
    @Test func saysHowToGetH265() {
        let error = #expect(throws: CameraError.self) { try Codecs.make(for: .h265) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("libx265-dev") == true)
        #expect(error?.description.contains("trait X265") == true)
    }
    #endif
}
