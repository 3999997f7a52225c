// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The tool's options that change pictures, seen in the pictures.
@Suite struct StyleOptionTests {
    /// A still of the test camera as rgb24, and how it went.
    private func still(_ options: [String], in folder: TemporaryFolder, name: String = "still.rgb24") throws -> Data {
        let result = try Tool.run(
            ["still", name, "--camera", "test", "--size", "320x240", "--pace", "none"] + options, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        return try Data(contentsOf: folder.file(name))
    }

    private func pixel(_ picture: Data, _ x: Int, _ y: Int, width: Int = 320) -> [UInt8] {
        let start = (y * width + x) * 3
        return [UInt8](picture[start..<(start + 3)])
    }

    #if Pictures
    @Test func anOverlayLiesWhereItWasPut() throws {
        let folder = try TemporaryFolder()
        let made = try run("convert", ["-size", "40x30", "xc:#ff0000", folder.path("a@b.png")])
        #expect(made.status == 0, "\(made.errors)")
        let plain = try still([], in: folder)
        let covered = try still(["--overlay", "a@b.png@100,50"], in: folder)
        for (x, y) in [(100, 50), (139, 50), (100, 79), (139, 79), (120, 65)] {
            #expect(zip(pixel(covered, x, y), [255, 0, 0]).allSatisfy { abs(Int($0) - $1) <= 3 }, "\(x),\(y)")
        }
        for (x, y) in [(98, 48), (142, 65), (120, 82), (5, 5)] {
            #expect(pixel(covered, x, y) == pixel(plain, x, y), "\(x),\(y)")
        }
    }
    #endif

    @Test func turningAndOneColour() throws {
        let folder = try TemporaryFolder()
        let plain = try still([], in: folder)
        let turned = try still(["--rotation", "90"], in: folder)
        // The upper left corner is at the upper right now.
        #expect(turned.count == plain.count)
        #expect(zip(pixel(turned, 239, 0, width: 240), pixel(plain, 0, 0)).allSatisfy { abs(Int($0) - Int($1)) <= 4 })
        let grey = try still(["--color-effects", "128,128"], in: folder)
        #expect((0..<320).allSatisfy { Set(pixel(grey, $0, 120)).count == 1 })
        let negative = try still(["--effect", "negative"], in: folder)
        #expect(negative != plain)
    }

    #if Text
    @Test func textIsInsideItsBox() throws {
        let folder = try TemporaryFolder()
        let text = ["--text", "Ag\\n{frame}", "--text-background", "black", "--text-position", "10,20"]
        let picture = try still(text + ["--text-color", "#ffffff", "--text-size", "40"], in: folder)
        #expect(pixel(picture, 11, 21).allSatisfy { $0 < 12 })
        /// Whether any pixel of a part has the letters' colour.
        func isInked(_ columns: Range<Int>, _ rows: Range<Int>) -> Bool {
            rows.contains { y in columns.contains { x in pixel(picture, x, y).allSatisfy { $0 > 240 } } }
        }
        #expect(isInked(11..<80, 21..<60))
        // The second line.
        #expect(isInked(11..<80, 62..<110))
    }
    #endif

    @Test func aSeriesOfStillsOverwritesNothing() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<3 {
            let result = try Tool.run(
                ["still", "shot-{counter:03d}.jpg", "--latest", "latest.jpg"] + Tool.fastCamera, in: folder)
            #expect(result.status == 0, "\(result.errors)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        #expect(names == ["latest.jpg", "shot-001.jpg", "shot-002.jpg", "shot-003.jpg"])
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("latest.jpg")) == "shot-003.jpg")
    }

    @Test func aTimelapseGoesOnBehindTheLastRun() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let result = try Tool.run(
                ["timelapse", "lapse-{counter:02d}.jpg", "--interval", "1s", "--count", "2"] + Tool.fastCamera,
                in: folder)
            #expect(result.status == 0, "\(result.errors)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        #expect(names == (1...4).map { "lapse-0\($0).jpg" })
    }
}
