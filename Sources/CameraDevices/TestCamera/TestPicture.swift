// SPDX-License-Identifier: MIT

internal import CameraCore

/// Draws the pictures of a test camera: each is a function of its number and of the look alone.
///
/// A detailed background and a soft light pass at different speeds, textured discs move across and hide what is behind
/// them, and film grain changes with each frame: an encoder has to search, and has residue to code.
struct TestPicture: Sendable {
    let format: PixelFormat
    let size: Resolution
    /// Whether the pictures carry a ``FrameNumberCode``.
    let isNumbered: Bool

    /// The layouts that it can draw.
    static let formats: [PixelFormat] = [.nv12, .yuv420, .yuyv, .rgb24, .rggb8]

    /// Draws a picture.
    ///
    /// - Parameters:
    ///   - number: Which one.
    ///   - look: How the camera sees the scene; only what differs from ``TestLook/plain`` costs time.
    ///   - memory: Room for a packed picture.
    func draw(_ number: UInt64, _ look: TestLook, into memory: UnsafeMutableRawPointer) {
        let scene = TestScene(number: number, size: size)
        guard look != .plain else { return draw(scene, number, memory) }
        DevelopedScene.lend(scene, size, look) { draw($0, number, memory) }
    }

    /// Draws a picture, and its number last: whatever is set, it can be read.
    private func draw(_ picture: some TestRows, _ number: UInt64, _ memory: UnsafeMutableRawPointer) {
        let memory = memory.assumingMemoryBound(to: UInt8.self)
        guard isNumbered else { return draw(picture, memory) }
        draw(NumberedRows(picture: picture, number: number, size: size), memory)
    }

    private func draw(_ picture: some TestRows, _ memory: UnsafeMutablePointer<UInt8>) {
        switch format {
        case .nv12: drawNV12(picture, memory)
        case .yuv420: drawYUV420(picture, memory)
        case .yuyv: drawYUYV(picture, memory)
        case .rgb24: drawRGB(picture, memory)
        case .rggb8: drawBayer(picture, memory)
        default: preconditionFailure("the camera checked the layout")
        }
    }

    private var chromaWidth: Int { (size.width + 1) / 2 }
    private var chromaHeight: Int { (size.height + 1) / 2 }

    private func drawYUV420(_ picture: some TestRows, _ memory: UnsafeMutablePointer<UInt8>) {
        for row in 0..<size.height { picture.drawLuma(row: row, into: memory + row * size.width) }
        let blue = memory + size.pixelCount
        let red = blue + chromaWidth * chromaHeight
        for row in 0..<chromaHeight {
            picture.drawChroma(row: row, blue: blue + row * chromaWidth, red: red + row * chromaWidth)
        }
    }

    private func drawNV12(_ picture: some TestRows, _ memory: UnsafeMutablePointer<UInt8>) {
        for row in 0..<size.height { picture.drawLuma(row: row, into: memory + row * size.width) }
        let chroma = memory + size.pixelCount
        withRows { _, blue, red in
            for row in 0..<chromaHeight {
                picture.drawChroma(row: row, blue: blue, red: red)
                let output = UnsafeMutableRawPointer(chroma + row * chromaWidth * 2)
                for x in 0..<chromaWidth {
                    let pair = UInt16(blue[x]) | UInt16(red[x]) << 8
                    output.storeBytes(of: pair.littleEndian, toByteOffset: x &* 2, as: UInt16.self)
                }
            }
        }
    }

    private func drawYUYV(_ picture: some TestRows, _ memory: UnsafeMutablePointer<UInt8>) {
        withRows { luma, blue, red in
            for row in 0..<size.height {
                picture.drawLuma(row: row, into: luma)
                picture.drawChroma(row: row / 2, blue: blue, red: red)
                let output = UnsafeMutableRawPointer(memory + row * chromaWidth * 4)
                for x in 0..<chromaWidth {
                    let pair = UInt32(luma[x &* 2]) | UInt32(luma[x &* 2 &+ 1]) << 16
                    let group = pair | UInt32(blue[x]) << 8 | UInt32(red[x]) << 24
                    output.storeBytes(of: group.littleEndian, toByteOffset: x &* 4, as: UInt32.self)
                }
            }
        }
    }

    /// Of each pixel of ``drawRGB(_:_:)`` the colour that its filter lets through: R G over G B.
    private func drawBayer(_ picture: some TestRows, _ memory: UnsafeMutablePointer<UInt8>) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size.width * 3) { pixels in
            guard let pixels = pixels.baseAddress else { return }
            drawRGBRows(picture) { _ in
                pixels
            } then: { row in
                let samples = memory + row * size.width
                for x in 0..<size.width { samples[x] = pixels[3 &* x &+ (x & 1) &+ (row & 1)] }
            }
        }
    }

    /// The inverse of BT.601 with limited range (ITU-R BT.601-7, section 2.5) in fixed point with 16 bits.
    private func drawRGB(_ picture: some TestRows, _ memory: UnsafeMutablePointer<UInt8>) {
        drawRGBRows(picture, to: { memory + $0 * size.width * 3 }, then: { _ in })
    }

    /// Draws each row to where `place` says, and tells when it is there.
    private func drawRGBRows(
        _ picture: some TestRows, to place: (_ row: Int) -> UnsafeMutablePointer<UInt8>, then: (_ row: Int) -> Void
    ) {
        withRows { luma, blue, red in
            for row in 0..<size.height {
                picture.drawLuma(row: row, into: luma)
                picture.drawChroma(row: row / 2, blue: blue, red: red)
                let output = place(row)
                for x in 0..<size.width {
                    let y = 76309 &* (Int32(luma[x]) &- 16) &+ 32768
                    let u = Int32(blue[x >> 1]) &- 128
                    let v = Int32(red[x >> 1]) &- 128
                    output[3 &* x] = Self.byte(y &+ 104597 &* v)
                    output[3 &* x &+ 1] = Self.byte(y &- 25675 &* u &- 53279 &* v)
                    output[3 &* x &+ 2] = Self.byte(y &+ 132201 &* u)
                }
                then(row)
            }
        }
    }

    private static func byte(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(value >> 16, 0), 255)) }

    /// Lends memory for a row of luma, with one sample more for an odd width, and for rows of both chromas.
    private func withRows(
        _ body: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * chromaWidth) { rows in
            guard let luma = rows.baseAddress else { return }
            luma.initialize(repeating: 0, count: rows.count)
            body(luma, luma + 2 * chromaWidth, luma + 3 * chromaWidth)
        }
    }
}
