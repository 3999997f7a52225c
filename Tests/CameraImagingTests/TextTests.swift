// SPDX-License-Identifier: MIT

#if Text
import CameraCore
import CameraImaging
import Foundation
import TestSupport
import Testing

/// Text on pictures.
@Suite struct TextTests {
    private static let size = Resolution(640, 360)
    private static let grey = Color(red: 90, green: 90, blue: 90)

    private func blank(_ format: PixelFormat = .nv12, _ color: ColorSpace = .bt709) throws -> Frame {
        let small = try Frame.plain(Self.grey, Resolution(2, 2), format, format.isRGB ? .sRGB : color)
        return try #require(
            try FrameConverter(pool: BytePool()).convert(small, to: format, size: Self.size, color: small.color))
    }

    @Test func standsWhereItIsAskedTo() throws {
        let frame = try blank()
        let places: [(Annotation.Position, ClosedRange<Int>, ClosedRange<Int>)] = [
            (.topLeft, 0...60, 0...60), (.top, 250...330, 0...60), (.topRight, 480...639, 0...60),
            (.left, 0...60, 130...200), (.center, 250...330, 130...200), (.right, 480...639, 130...200),
            (.bottomLeft, 0...60, 300...359), (.bottom, 250...330, 300...359), (.bottomRight, 480...639, 300...359),
            (.at(x: 100, y: 80), 100...110, 80...100),
        ]
        for (place, columns, rows) in places {
            let made = try frame.styled { $0.annotation = Annotation("Gate 3") { $0.position = place } }
            let ink = try #require(changedRegion(frame, made))
            #expect(columns.contains(ink.x) && rows.contains(ink.y), "\(place): \(ink)")
            // Letters of 32 pixels: six of them, no descender.
            #expect((70...130).contains(ink.size.width) && (16...32).contains(ink.size.height), "\(place): \(ink)")
        }
    }

    @Test(arguments: [PixelFormat.yuv420, .nv12, .nv21, .yuv422, .yuyv, .uyvy, .grey, .rgb24, .bgr24, .rgba, .bgra])
    func hasItsColours(_ format: PixelFormat) throws {
        let (letters, box) = (Color(red: 250, green: 210, blue: 30), Color(red: 20, green: 60, blue: 160))
        for space in [ColorSpace.bt601, .bt709, .jpeg] {
            let frame = try blank(format, space)
            let made = try frame.styled {
                // U+2588 fills its cell; its middle is all letter, the box's corner is all box.
                $0.annotation = Annotation("\u{2588}\u{2588}\u{2588}") {
                    $0.size = 80
                    $0.foreground = letters
                    $0.background = box
                    $0.position = .at(x: 101, y: 51)
                }
            }
            let ink = try #require(changedRegion(frame, made))
            let (x, y) = (ink.x + ink.size.width / 2, ink.y + ink.size.height / 2)
            for (color, place) in [(letters, (x, y)), (box, (ink.x + 3, ink.y + 3))] {
                var expected = SIMD3(Double(color.red), Double(color.green), Double(color.blue))
                if format == .grey {
                    expected = Colors.toRGB(
                        SIMD3(Colors.fromRGB(expected, space)[0], 128, 128), space)
                }
                let found = made.rgb(place.0, place.1)
                let worst = (0..<3).map { abs(found[$0] - expected[$0]) }.max() ?? .infinity
                #expect(worst <= 3, "\(space.matrix.rawValue) \(color): \(found)")
            }
            // Where no ink is, nothing changed.
            #expect(made.rgb(ink.x - 3, ink.y) == frame.rgb(ink.x - 3, ink.y))
        }
    }

    @Test func alphaLetsThePictureShine() throws {
        let frame = try blank(.rgb24)
        let made = try frame.styled {
            $0.annotation = Annotation("\u{2588}") {
                $0.size = 100
                $0.foreground.alpha = 128
                $0.position = .center
            }
        }
        let found = made.rgb(320, 180)
        // Half of white and half of 90.
        #expect(abs(found[0] - 172.8) <= 1, "\(found)")
    }

    @Test func outlinesAreAroundLetters() throws {
        let frame = try blank(.rgb24)
        func draw(_ outline: Color?) throws -> Frame {
            try frame.styled {
                $0.annotation = Annotation("I") {
                    $0.size = 120
                    $0.outline = outline
                    $0.position = .center
                }
            }
        }
        let (plain, outlined) = (try draw(nil), try draw(.red))
        let (letter, grown) = (try #require(changedRegion(frame, plain)), try #require(changedRegion(frame, outlined)))
        let width = letter.x - grown.x
        #expect((4...9).contains(width))
        #expect(abs(grown.size.height - letter.size.height - 2 * width) <= 2)
        // White inside, red beside it.
        let middle = letter.y + letter.size.height / 2
        #expect(outlined.rgb(letter.x + letter.size.width / 2, middle) == SIMD3(255, 255, 255))
        #expect(outlined.rgb(letter.x - width / 2, middle) == SIMD3(255, 0, 0))
    }

    @Test func showsTheFramesNumberAndTime() throws {
        let moment = WallTime(nanosecondsSince1970: 1_000_000_000 * 1_700_000_000 + 123_456_000)
        let info = FrameInfo(timestamp: Timestamp(nanoseconds: 0), wallTime: moment, sequence: 4711)
        let frame = try Frame.plain(Self.grey, Self.size, .nv12, .bt709, info: info)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        let parts = calendar.dateComponents(
            [.hour, .minute, .second], from: Date(timeIntervalSince1970: 1_700_000_000))
        let clock = String(format: "%02d:%02d:%02d.123456", parts.hour ?? -1, parts.minute ?? -1, parts.second ?? -1)
        let filled = try frame.styled { $0.annotation = Annotation("{frame:06d} {timestamp:%H:%M:%S.%f} {{}}") }
        let literal = try frame.styled { $0.annotation = Annotation("004711 \(clock) {{}}") }
        #expect(filled.packedData == literal.packedData)
        let other = try frame.styled { $0.annotation = Annotation("004712 \(clock) {{}}") }
        #expect(filled.packedData != other.packedData)
    }

    @Test func oneStyleFollowsTheFrames() throws {
        var style = PictureStyle()
        style.annotation = Annotation("{frame}")
        let prepared = try PreparedStyle(style)
        let converter = FrameConverter(pool: BytePool())
        var pictures: Set<Data> = []
        for number in [1, 2, 3, 2, 1] as [UInt64] {
            let info = FrameInfo(
                timestamp: Timestamp(nanoseconds: 0), wallTime: WallTime(nanosecondsSince1970: 0), sequence: number)
            let frame = try Frame.plain(Self.grey, Resolution(64, 48), .nv12, .bt709, info: info)
            let made = try #require(
                try converter.convert(frame, to: .nv12, size: frame.size, color: .bt709, style: prepared))
            pictures.insert(made.packedData)
        }
        #expect(pictures.count == 3)
    }

    @Test(arguments: [
        "Grüße, Ærøskøbing — ÄÖÜß", "Съешь же ещё этих мягких булок", "Ελληνικά θέματα",
        "e\u{301} a\u{308} o\u{302}\u{323}",
        "👩‍👩‍👧 🏳️‍🌈", "\u{200B}\u{FEFF}\u{0}\u{7}\u{85}\u{2028}", "مرحبا", "日本語", "", "\n\n", " \t ", "a\r\nb",
        "\u{10FFFF}\u{FFFF}", String(repeating: "\u{301}", count: 300),
    ]) func drawsAnyUnicode(_ text: String) throws {
        let frame = try blank()
        let made = try frame.styled {
            $0.annotation = Annotation(text) {
                $0.outline = .black
                $0.position = .center
            }
        }
        let visible = text.unicodeScalars.contains {
            $0.properties.isAlphabetic || $0.properties.isEmoji || $0.value > 0xFFFE
        }
        if visible { #expect(changedRegion(frame, made) != nil) }
    }

    @Test func missingLettersAreBoxes() throws {
        let frame = try blank()
        let emoji = try frame.styled { $0.annotation = Annotation("\u{1F9A9}") }
        let unassigned = try frame.styled { $0.annotation = Annotation("\u{378}") }
        #expect(emoji.packedData == unassigned.packedData)
        #expect(changedRegion(frame, emoji) != nil)
    }

    @Test func isCutAtTheEdges() throws {
        let frame = try blank()
        for (x, y) in [(-50, -10), (600, 340), (-2000, 0), (0, 5000), (Int.min, Int.max), (639, 359), (-3, 100)] {
            let made = try frame.styled {
                $0.annotation = Annotation("Cut off\nat the edge") {
                    $0.position = .at(x: x, y: y)
                    $0.background = .blue
                    $0.outline = .black
                }
            }
            let isOutside = x < -1000 || y > 400
            #expect((changedRegion(frame, made) == nil) == isOutside, "\(x), \(y)")
        }
        // Longer than the picture, and as many lines as it takes.
        let long = String(repeating: "long ", count: 800)
        for text in [long, long.replacingOccurrences(of: " ", with: "\n")] {
            let made = try frame.styled {
                $0.annotation = Annotation(text) { $0.size = 160 }
            }
            #expect(changedRegion(frame, made) != nil)
        }
    }

    @Test func linesAreBelowEachOther() throws {
        let frame = try blank()
        func ink(_ text: String, _ place: Annotation.Position = .at(x: 10, y: 10)) throws -> PixelRegion {
            let made = try frame.styled { $0.annotation = Annotation(text) { $0.position = place } }
            return try #require(changedRegion(frame, made))
        }
        let (one, two, three) = (try ink("HHHH"), try ink("HHHH\nHHHH"), try ink("HHHH\nHHHH\nHHHH"))
        #expect(one.x == two.x && one.size.width == two.size.width)
        #expect(three.size.height - two.size.height == two.size.height - one.size.height)
        #expect((30...40).contains(two.size.height - one.size.height))
        // To the right, lines end together.
        let right = try ink("H\nHHHH", .topRight)
        #expect(right.size.width == one.size.width)
    }

    @Test(arguments: [6, 7, 12, 33, 160]) func hasItsSize(_ size: Int) throws {
        let frame = try blank(.grey)
        let made = try frame.styled {
            $0.annotation = Annotation("Åg") {
                $0.size = size
                $0.position = .center
            }
        }
        let ink = try #require(changedRegion(frame, made))
        // From the ring down to the hook there is nearly the whole size.
        #expect(abs(Double(ink.size.height) - 0.92 * Double(size)) <= max(2, 0.12 * Double(size)), "\(ink)")
    }

    @Test(arguments: [Resolution(33, 17), Resolution(1, 1), Resolution(2, 3), Resolution(641, 359)])
    func drawsOnOddSizes(_ size: Resolution) throws {
        for format in layouts {
            let frame = try Frame.plain(Self.grey, size, format, format.isRGB ? .sRGB : .bt601)
            let made = try frame.styled {
                $0.annotation = Annotation("Odd") {
                    $0.background = .red
                    $0.position = .center
                    $0.size = 20
                }
            }
            #expect(changedRegion(frame, made) != nil, "\(format) of \(size)")
            // The last pixel lies under the box, which is red.
            if size.width <= 33 {
                let corner = made.rgb(size.width - 1, size.height - 1)
                if format != .grey, size.width < 6 { #expect(corner[0] > corner[1]) }
            }
        }
    }

    @Test func refusesWhatCannotBe() throws {
        func refusal(_ annotation: Annotation) -> CameraError? {
            var style = PictureStyle()
            style.annotation = annotation
            do {
                _ = try PreparedStyle(style)
                return nil
            } catch {
                return error
            }
        }
        let long = refusal(Annotation(String(repeating: "x", count: 100_000)))
        #expect(long?.code == .invalidValue && long?.description.contains("4096") == true)
        for size in [5, 161, -1, 0, Int.max] {
            let error = refusal(Annotation("x") { $0.size = size })
            #expect(error?.code == .invalidValue && error?.description.contains("6 and 160") == true)
        }
        #expect(refusal(Annotation("{counter}"))?.description.contains("neither {frame} nor {timestamp}") == true)
        #expect(refusal(Annotation("{frame"))?.code == .invalidValue)
        let missing = refusal(Annotation("x") { $0.font = "/nowhere/font.ttf" })
        #expect(missing?.code == .notFound && missing?.description.contains("/nowhere/font.ttf") == true)
        for path in ["/etc/passwd", "/tmp", "/dev/zero", #filePath] {
            let error = refusal(Annotation("x") { $0.font = path })
            #expect(error?.code == .invalidValue && error?.description.contains(path) == true, "\(path)")
        }
        #expect(refusal(Annotation(String(repeating: "ä", count: 4096))) == nil)
    }

    @Test func otherFontsLookDifferent() throws {
        let frame = try blank()
        let sans = try frame.styled { $0.annotation = Annotation("Fonts") }
        let mono = try frame.styled {
            $0.annotation = Annotation("Fonts") { $0.font = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf" }
        }
        #expect(sans.packedData != mono.packedData)
    }

    @Test func manyThreadsDrawAlike() throws {
        let frame = try Frame.made(by: "testsrc2", Resolution(320, 240), .nv12)
        var style = PictureStyle()
        style.annotation = Annotation("{frame} and {timestamp}") { $0.outline = .black }
        let prepared = try PreparedStyle(style)
        let converter = FrameConverter(pool: BytePool())
        let expected = try frame.styled { $0.annotation = style.annotation }.packedData
        let results = Results()
        let workers = (0..<4).map { number in
            Thread {
                for _ in 0..<5 {
                    let made = try? converter.convert(
                        frame, to: .nv12, size: frame.size, color: frame.color, style: prepared)
                    results.add(made?.packedData ?? Data())
                }
            }
        }
        for worker in workers { worker.start() }
        #expect(eventually { results.all.count == 20 })
        #expect(Set(results.all) == [expected])
    }

    /// ImageMagick draws the same letters with the same font; rasterisers differ at the edges only.
    @Test func looksLikeImageMagicks() throws {
        let size = Resolution(640, 120)
        let frame = try Frame.plain(.black, size, .grey, .jpeg)
        let text = "Quick brown fox 0123"
        let made = try frame.styled {
            $0.annotation = Annotation(text) {
                $0.size = 64
                $0.position = .center
            }
        }
        // From ascender to descender DejaVu Sans has 1.164 times its nominal size.
        let end = try run(
            "convert",
            [
                "-size", "640x120", "xc:black", "-depth", "8", "-fill", "white", "-font",
                "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "-pointsize", "\(64 / 1.164)", "-gravity", "center",
                "-annotate", "0", text, "gray:-",
            ])
        try #require(end.status == 0, "\(end.errors)")
        let theirs = try Frame.packed(end.output, .grey, size, .jpeg)
        let (ours, reference) = (made.samples(0), theirs.samples(0))
        #expect(abs(ours.mean / reference.mean - 1) < 0.06, "\(ours.mean) and \(reference.mean)")
        let (box, theirBox) = (
            try #require(changedRegion(frame, made, threshold: 127)),
            try #require(changedRegion(frame, theirs, threshold: 127))
        )
        #expect(abs(box.size.width - theirBox.size.width) <= 8, "\(box) and \(theirBox)")
        #expect(abs(box.size.height - theirBox.size.height) <= 2, "\(box) and \(theirBox)")
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        #expect(try Annotation(utf8: "Grüße".utf8) == Annotation("Grüße"))
        for bytes in [[0xff], [0x41, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80]] as [[UInt8]] {
            let error = #expect(throws: CameraError.self) { try Annotation(utf8: bytes) }
            #expect(error?.code == .invalidValue)
            #expect(error?.description.contains("UTF-8") == true)
        }
    }

    @Test func leavesPicturesToLookAt() throws {
        let frame = try Frame.made(by: "testsrc2", Resolution(1280, 720), .nv12)
        try frame.styled { style in
            style.annotation = Annotation("Grüße — Съешь ещё 🦩 日 {frame:06d}\nsecond line, é e\u{301} Ærø") {
                $0.outline = .black
            }
            style.drawing = { canvas in
                try canvas.draw("boxed {not a place}", x: 40, y: 150, like: Annotation("") { $0.background = .black })
                try canvas.draw(
                    "half", x: 40, y: 220,
                    like: Annotation("") {
                        $0.background = Color(red: 255, green: 255, blue: 255, alpha: 96)
                        $0.foreground = .blue
                        $0.size = 60
                    })
                try canvas.draw("tiny text of six pixels", x: 400, y: 230, like: Annotation("") { $0.size = 6 })
                try canvas.draw("twelve", x: 400, y: 250, like: Annotation("") { $0.size = 12 })
                try canvas.draw(
                    "Huge ÄÖ", x: 400, y: 300,
                    like: Annotation("") {
                        $0.size = 160
                        $0.outline = .red
                    })
                try canvas.draw("cut at the left edge", x: -60, y: 500)
                try canvas.draw("cut at the lower edge", x: 300, y: 702)
                try canvas.draw("\u{378}\u{1F600} مرحبا", x: 40, y: 560, like: Annotation("") { $0.outline = .black })
            }
        }.leave(as: "text")
    }
}

/// What several threads made.
private final class Results: @unchecked Sendable {
    // Unchecked: reached under the lock alone.
    private let lock = NSLock()
    private var list: [Data] = []

    func add(_ data: Data) { lock.withLock { list.append(data) } }
    var all: [Data] { lock.withLock { list } }
}
#endif
