// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import TestSupport
import Testing
import V4L2

/// Cameras that give grey with more than 8 bits, of which frames keep the upper eight.
struct V4L2GreyTests {
    private static let size = Resolution(52, 6)

    /// A layout as the kernel's documentation draws it: bits of samples in the order in which they lie in a row.
    struct Layout: Sendable, CustomTestStringConvertible {
        let code: String
        let bits: Int
        let pack: @Sendable ([Int]) -> [UInt8]
        var testDescription: String { code }
    }

    /// Bytes of text of zeros and ones.
    private static func bytes(_ text: String) -> [UInt8] {
        stride(from: 0, to: text.count, by: 8).map { start in
            let digits = text.dropFirst(start).prefix(8)
            return UInt8(digits, radix: 2).map { $0 << UInt8(8 - digits.count) } ?? 0
        }
    }

    private static func binary(_ number: Int, _ count: Int) -> String {
        let digits = String(number, radix: 2)
        return String(repeating: "0", count: count - digits.count) + digits
    }

    private static func words(_ code: String, _ bits: Int) -> Layout {
        Layout(code: code, bits: bits) { $0.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } }
    }

    /// Upper bytes of some samples, then their other bits, the first sample's in the lowest.
    private static func groups(_ code: String, _ bits: Int, of count: Int) -> Layout {
        Layout(code: code, bits: bits) { samples in
            stride(from: 0, to: samples.count, by: count).flatMap { start in
                let group = samples[start..<start + count]
                let rest = group.reversed().map { binary($0 & (1 << (bits - 8) - 1), bits - 8) }.joined()
                return group.map { UInt8($0 >> (bits - 8)) } + bytes(rest).reversed()
            }
        }
    }

    static let layouts = [
        words("Y10 ", 10), words("Y12 ", 12), words("Y14 ", 14),
        groups("Y10P", 10, of: 4), groups("Y12P", 12, of: 2), groups("Y14P", 14, of: 4),
        Layout(code: "Y10B", bits: 10) { bytes($0.map { binary($0, 10) }.joined()) },
        Layout(code: "ip3y", bits: 10) { samples in
            stride(from: 0, to: samples.count, by: 25).flatMap { start in
                let block = samples[start..<min(start + 25, samples.count)].reversed()
                let text = block.map { binary($0, 10) }.joined()
                return Array(bytes(binary(0, 1) + String(repeating: "0", count: 255 - text.count) + text).reversed())
            }
        },
    ]

    @Test(arguments: layouts, [0, 12]) func frameHasTheUpperEightBits(_ layout: Layout, padding: Int) throws {
        var random = SeededRandom(seed: 7)
        let rows = (0..<Self.size.height).map { _ in
            (0..<Self.size.width).map { _ in Int.random(in: 0..<1 << layout.bits, using: &random) }
        }
        let packed = rows.map { layout.pack($0) + [UInt8](repeating: 0xAA, count: padding) }
        var description = ScriptedDriver.Description()
        description.formats = [.init(try #require(PixelFormat(code: layout.code)), [Self.size], [30])]
        let driver = ScriptedDriver(description)
        driver.setRowBytes(packed[0].count)
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        defer { camera.close() }
        #expect(camera.streams.map(\.format) == [.grey])
        try camera.start()
        driver.play([.bytes(Array(packed.joined())), .bytes(Array(packed.joined().dropLast(padding + 1)))])
        guard case .frame(let frame) = try camera.next(timeout: .zero) else {
            Issue.record("there is no frame")
            return
        }
        let found = frame.bytes(ofPlane: 0).withUnsafeBytes { Array($0) }
        #expect(found == rows.joined().map { UInt8($0 >> (layout.bits - 8)) })
        guard case .damaged(1) = try camera.next(timeout: .zero) else {
            Issue.record("a picture that is a byte too short counts as one")
            return
        }
        #expect(driver.violations.isEmpty)
    }
}
