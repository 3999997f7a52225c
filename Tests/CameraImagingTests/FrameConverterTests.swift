// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Synchronization
import Testing

/// What a converter promises besides pictures.
@Suite struct FrameConverterTests {
    @Test func nothingToDoGivesTheFrameItself() throws {
        let pool = BytePool(limit: 0)
        let converter = FrameConverter(pool: pool)
        let frame = try Frame.laidDown(Picture.soft(32, 16).recolored(.bt601).shared(2, 2), .nv12, padding: 32)
        #expect(try converter.convert(frame, to: .nv12, size: frame.size, color: .bt601) === frame)
        // The same numbers under other names.
        #expect(try converter.convert(frame, to: .nv12, size: frame.size, color: .unspecified) === frame)
        let upright = Transform(rotation: .half, hflip: true, vflip: true)
        #expect(try converter.convert(frame, to: .nv12, size: frame.size, color: .bt601, transform: upright) === frame)
    }

    @Test func exhaustedPoolGivesNil() throws {
        let pool = BytePool(limit: 1)
        let converter = FrameConverter(pool: pool)
        let frame = try Frame.laidDown(Picture.soft(32, 16), .rgb24)
        let half = Resolution(16, 8)
        var kept = try converter.convert(frame, to: .nv12, size: half, color: .bt709)
        #expect(kept != nil)
        #expect(try converter.convert(frame, to: .nv12, size: half, color: .bt709) == nil)
        kept = nil
        #expect(pool.outstanding == 0)
        kept = try converter.convert(frame, to: .nv12, size: half, color: .bt709)
        #expect(kept != nil)
    }

    @Test func errorsGiveTheMemoryBack() throws {
        let pool = BytePool(limit: 1)
        let converter = FrameConverter(pool: pool)
        let frame = try Frame.jpeg(.init([0xFF, 0xD8, 0xFF]), Resolution(8, 8))
        for _ in 0..<3 {
            let error = #expect(throws: CameraError.self) {
                try converter.convert(frame, to: .yuv420, size: frame.size, color: .jpeg)
            }
            #expect(error?.code == .corruptData)
        }
        #expect(pool.outstanding == 0)
    }

    @Test func whatCannotBeMadeIsRefused() throws {
        let converter = FrameConverter(pool: BytePool())
        let frame = try Frame.laidDown(Picture.soft(8, 8), .rgb24)
        func code(_ frame: Frame, _ format: PixelFormat, _ size: Resolution) -> CameraError.Code? {
            #expect(throws: CameraError.self) {
                try converter.convert(frame, to: format, size: size, color: .bt601)
            }?.code
        }
        #expect(code(frame, .mjpeg, frame.size) == .unsupported)
        #expect(code(frame, .bggr8, frame.size) == .unsupported)
        #expect(code(frame, PixelFormat(fourCC: "BG14"), frame.size) == .unsupported)
        for size in [Resolution(0, 8), Resolution(8, -1), Resolution(16385, 8)] {
            #expect(code(frame, .rgb24, size) == .invalidValue)
        }
        let raw = Frame(
            format: PixelFormat(fourCC: "BG14"), size: frame.size, color: .unspecified, info: Frame.testInfo,
            planes: [frame.plane(0)], owner: frame)
        #expect(code(raw, .rgb24, frame.size) == .unsupported)
    }

    @Test func severalThreadsConvertAtOnce() throws {
        let pool = BytePool()
        let converter = FrameConverter(pool: pool)
        let picture = Picture.soft(160, 120).recolored(.bt601).shared(2, 1)
        let frame = try Frame.laidDown(picture, .yuyv)
        let small = Resolution(100, 76)
        let formats = [PixelFormat.nv12, .rgb24, .yuv420, .bgra]
        let expected = try formats.map { format in
            try #require(try converter.convert(frame, to: format, size: small, color: .bt709)).packedData
        }
        let mistakes = Mutex(0)
        try withExtendedLifetime(mistakes) {
            let threads = try (0..<4).map { index in
                try WorkerThread("convert\(index)") {
                    for _ in 0..<50 {
                        let result = try? converter.convert(frame, to: formats[index], size: small, color: .bt709)
                        if result?.packedData != expected[index] { mistakes.withLock { $0 += 1 } }
                    }
                }
            }
            for thread in threads { thread.join() }
        }
        #expect(mistakes.withLock { $0 } == 0)
        #expect(pool.outstanding == 0)
    }
}
