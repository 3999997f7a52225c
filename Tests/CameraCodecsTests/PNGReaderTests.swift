// SPDX-License-Identifier: MIT

#if Pictures
import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

/// Pictures that ImageMagick wrote, as the reader gives them.
@Suite struct PNGReaderTests {
    private func make(_ arguments: [String], _ path: String) throws {
        let result = try run("convert", arguments + [path])
        try #require(result.status == 0, "\(result.errors)")
    }

    /// Palettes, grey, 16 bits, transparency and interlacing all come as R, G, B, A.
    @Test(arguments: [
        [], ["-type", "Palette"], ["-colorspace", "Gray"], ["-depth", "16"], ["-depth", "8", "-interlace", "PNG"],
        ["-alpha", "set", "-channel", "A", "-evaluate", "multiply", "0.5"], ["-monochrome"],
        ["-transparent", "red"], ["-depth", "16", "-define", "png:exclude-chunk=gAMA,sRGB,cHRM"],
    ])
    func readsAllKinds(_ options: [String]) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.png")
        try make(["-size", "61x37", "gradient:red-blue"] + options, path)
        let expected = try run("convert", [path, "-depth", "8", "rgba:-"]).output
        let picture = try PNGReader.read(path)
        #expect(picture.size == Resolution(61, 37))
        try #require(picture.rgba.count == expected.count)
        // Sixteen bits are rounded to eight in two ways.
        #expect(zip(picture.rgba, expected).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        let again = try PNGReader.read([UInt8](try Data(contentsOf: folder.file("a.png"))))
        #expect(again.rgba == picture.rgba)
    }

    @Test func tellsWhyThereIsNoPicture() throws {
        let folder = try TemporaryFolder()
        try make(["-size", "61x37", "plasma:"], folder.path("a.png"))
        let whole = try Data(contentsOf: folder.file("a.png"))
        try whole.dropLast(whole.count / 2).write(to: folder.file("cut.png"))
        var bad = whole
        bad[whole.count / 2] ^= 0x40
        try bad.write(to: folder.file("bad.png"))
        try Data("A text is no picture.\n".utf8).write(to: folder.file("text.png"))
        try Data().write(to: folder.file("empty.png"))
        try make(["-size", "8193x1", "xc:red"], folder.path("wide.png"))
        let deep = ["-depth", "16", "-interlace", "PNG"]
        try make(["-size", "61x37", "gradient:red-blue"] + deep, folder.path("deep.png"))
        let fifo = folder.path("fifo.png")
        #expect(mkfifo(fifo, 0o600) == 0)
        let cases: [(name: String, code: CameraError.Code, word: String)] = [
            ("missing.png", .notFound, "missing.png"), ("cut.png", .corruptData, "damaged"),
            ("bad.png", .corruptData, "damaged"), ("text.png", .corruptData, "no PNG"),
            ("empty.png", .corruptData, "no PNG"), ("wide.png", .invalidValue, "8193x1"),
            ("deep.png", .unsupported, "interlac"), ("fifo.png", .invalidValue, "regular"),
            ("", .invalidValue, "regular"),
        ]
        for (name, code, word) in cases {
            let error = #expect(throws: CameraError.self) { try PNGReader.read(folder.path(name)) }
            #expect(error?.code == code, "\(name): \(String(describing: error))")
            #expect(error?.description.contains(word) == true, "\(String(describing: error))")
        }
        #expect(throws: CameraError.self) { try PNGReader.read([UInt8]()) }
        #expect(throws: CameraError.self) { try PNGReader.read([UInt8](whole.prefix(40))) }
    }

    /// Nothing that is not a picture brings it down.
    @Test func survivesDamage() throws {
        let folder = try TemporaryFolder()
        try make(["-size", "31x17", "plasma:"], folder.path("a.png"))
        let whole = [UInt8](try Data(contentsOf: folder.file("a.png")))
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            var bytes = whole
            for _ in 0..<4 {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = .random(in: 0...255, using: &random)
            }
            if let picture = try? PNGReader.read(bytes) { #expect(picture.rgba.count == 4 * picture.size.pixelCount) }
        }
    }
}
#endif
