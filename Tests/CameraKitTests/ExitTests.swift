// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Testing

/// The end of a script that fails.
@Suite struct ExitTests {
    @Test func aScriptThatFailsTellsOneLineAndExitsWithOne() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            do {
                let camera = try Camera(.file("no such file.y4m"))
                defer { camera.close() }
                try camera.capture(to: "now.jpg")
            } catch {
                Camera.exit(withError: error)
            }
        }
        let told = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let lines = told.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines.last == "", "\(told)")
        #expect(told.contains(": opening the video 'no such file.y4m': there is no such file to play back"), "\(told)")
    }

    @Test func anErrorOfAnotherKindIsOneLineToo() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            struct Failure: Error, CustomStringConvertible { var description: String { "first\nsecond" } }
            Camera.exit(withError: Failure())
        }
        let told = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(told.hasSuffix(": first\\nsecond\n"), "\(told)")
    }
}
