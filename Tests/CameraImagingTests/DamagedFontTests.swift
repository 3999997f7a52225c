// SPDX-License-Identifier: MIT

#if Text
import CameraCore
import CameraImaging
import Foundation
import TestSupport
import Testing

/// Fonts whose files are damaged, or change while they are used.
@Suite(.timeLimit(.minutes(5))) struct DamagedFontTests {
    private static let source = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
    private let folder: TemporaryFolder
    private let font: Data
    private let blank: Frame

    init() throws {
        folder = try TemporaryFolder()
        font = try Data(contentsOf: URL(fileURLWithPath: Self.source))
        blank = try Frame.plain(Color(red: 90, green: 90, blue: 90), Resolution(160, 120), .nv12, .bt709)
    }

    /// Where a table of the font begins, and its length.
    private func table(_ name: String) throws -> (offset: Int, length: Int) {
        let entries = Int(font[4]) << 8 | Int(font[5])
        for entry in 0..<entries {
            let start = 12 + 16 * entry
            guard font[start..<start + 4] == Data(name.utf8) else { continue }
            func number(_ at: Int) -> Int { font[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
            return (number(start + 8), number(start + 12))
        }
        throw CocoaError(.fileReadCorruptFile)
    }

    /// Draws with the font of these bytes: the frame, or the refusal.
    @discardableResult
    private func draw(_ bytes: Data, named name: String) throws -> Frame? {
        try bytes.write(to: folder.file(name))
        defer { try? FileManager.default.removeItem(at: folder.file(name)) }
        do {
            return try blank.styled {
                $0.annotation = Annotation("Gate 3 \u{E4}\nAVA") {
                    $0.font = folder.path(name)
                    $0.outline = .black
                }
            }
        } catch let error as CameraError {
            #expect([.invalidValue, .system].contains(error.code), "\(error)")
            return nil
        }
    }

    /// Heights that no font has: below the baseline, above the sky, next to nothing.
    @Test(
        arguments: [
            (1901, 32767, -32768, 2048), (-32768, -483, 32767, 2048), (-32768, 32767, 0, 16384),
            (1, 32767, -32768, 2048),
            (1, -1, 0, 2048), (1, -1, 0, 16), (0, 32767, 32767, 16384), (32767, -32768, -32768, 16), (0, 0, 0, 16384),
        ] as [(Int16, Int16, Int16, UInt16)])
    func heightsMayBeAnything(_ ascender: Int16, _ descender: Int16, _ gap: Int16, _ unitsPerEm: UInt16) throws {
        var bytes = font
        func put(_ number: UInt16, at offset: Int) {
            bytes[offset] = UInt8(number >> 8)
            bytes[offset + 1] = UInt8(number & 255)
        }
        let lines = try table("hhea").offset
        for (index, number) in [ascender, descender, gap].enumerated() {
            put(UInt16(bitPattern: number), at: lines + 4 + 2 * index)
        }
        put(unitsPerEm, at: try table("head").offset + 18)
        try draw(bytes, named: "heights.ttf")
    }

    /// Any bytes, mostly those of the tables that letters' places come from.
    @Test func bytesMayBeAnything() throws {
        var random = SeededRandom(seed: 16)
        let tables = try ["hhea", "OS/2", "head", "maxp", "hmtx", "kern", "glyf", "loca", "cmap"].map(table)
        var drawn = 0
        for round in 0..<200 {
            var bytes = font
            for _ in 0..<(1 << Int.random(in: 0...6, using: &random)) {
                let (offset, length) = tables.randomElement(using: &random) ?? (0, 12)
                let span = Bool.random(using: &random) ? min(length, 400) : length
                bytes[offset + Int.random(in: 0..<span, using: &random)] =
                    [
                        0, 127, 128, 255, UInt8.random(in: 0...255, using: &random),
                    ][Int.random(in: 0...4, using: &random)]
            }
            if try draw(bytes, named: "font-\(round).ttf") != nil { drawn += 1 }
        }
        // Most can be used all the same.
        #expect((1...200).contains(drawn))
    }

    /// What is cut off, or written over, while the font is used changes nothing: its letters come from memory.
    @Test(arguments: [0, 100]) func aFileThatShrinksWhileItIsUsedIsNotMissed(_ rest: Int) throws {
        let path = folder.path("used.ttf")
        try font.write(to: URL(fileURLWithPath: path))
        var style = PictureStyle()
        style.annotation = Annotation("{frame}") { $0.font = path }
        let prepared = try PreparedStyle(style)
        func draw(_ number: UInt64, _ style: PreparedStyle) throws -> Frame {
            let info = FrameInfo(timestamp: .now, wallTime: .now, sequence: number)
            let frame = try Frame.plain(.black, blank.size, .nv12, .bt709, info: info)
            let made = try FrameConverter(pool: BytePool()).convert(
                frame, to: .nv12, size: frame.size, color: frame.color, style: style)
            return try #require(made)
        }
        _ = try draw(1, prepared)
        try #require(truncate(path, off_t(rest)) == 0)
        let made = try draw(234_567_890, prepared)
        style.annotation = Annotation("{frame}") { $0.font = Self.source }
        let right = try draw(234_567_890, PreparedStyle(style))
        #expect(changedRegion(made, right) == nil)
        #expect(try changedRegion(made, Frame.plain(.black, blank.size, .nv12, .bt709)) != nil)
    }

    @Test func aFileThatEndsEarlyIsRefused() throws {
        for count in [0, 1, 11, 12, 300, 5000] { #expect(try draw(font.prefix(count), named: "\(count).ttf") == nil) }
    }
}
#endif
