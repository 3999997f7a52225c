// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import Foundation
import TestSupport

/// The pictures that the webcam sends: each shows its number, over a texture.
///
/// There is a limited supply of them, so that those of JPEG can be made by ffmpeg beforehand; then they start again.
struct WebcamPictures: Sendable {
    /// Pictures until the numbers start again.
    static let count = 64

    /// By format and size.
    private let pictures: [WebcamMode.Format: [Resolution: [[UInt8]]]]

    /// The one supply, made when it is first needed.
    static let shared = Result { try WebcamPictures() }

    private init() throws {
        var yuyv: [Resolution: [[UInt8]]] = [:]
        var mjpeg: [Resolution: [[UInt8]]] = [:]
        for size in WebcamMode.sizes {
            let luma = Self.luma(size)
            // Only the upper third, which shows the number, differs.
            let code = size.width * (size.height / 3)
            let texture = Self.packed(luma[0].dropFirst(code))
            yuyv[size] = luma.map { Self.packed($0.prefix(code)) + texture }
            // The standard Huffman tables, which many webcams use and leave out of their pictures.
            let made = try run(
                "ffmpeg",
                ["-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-video_size", "\(size)", "-i", "-"]
                    + ["-pix_fmt", "yuvj422p", "-c:v", "mjpeg", "-huffman", "default", "-q:v", "4"]
                    + ["-f", "image2pipe", "-"],
                input: Data(luma.joined()))
            let bytes = [UInt8](made.output)
            mjpeg[size] = try jpegPictures(in: bytes).map { Self.withoutHuffmanTables(Array(bytes[$0.range])) }
        }
        pictures = [.yuyv: yuyv, .mjpeg: mjpeg]
    }

    /// The picture with a number.
    func picture(_ number: Int, _ mode: WebcamMode) -> [UInt8] {
        guard let pictures = pictures[mode.format]?[mode.size], !pictures.isEmpty else { return [] }
        return pictures[number % pictures.count]
    }

    private static func luma(_ size: Resolution) -> [[UInt8]] {
        var random = SeededRandom(seed: 3)
        let texture = (0..<size.pixelCount).map { _ in UInt8.random(in: 100...150, using: &random) }
        return (0..<count).map { number in
            var luma = texture
            luma.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                FrameNumberCode.draw(number: UInt32(number), into: start, stride: size.width, size: size)
            }
            return luma
        }
    }

    /// Grey pixels of YUYV.
    private static func packed(_ luma: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = [UInt8](repeating: 128, count: luma.count * 2)
        for (index, sample) in luma.enumerated() { bytes[2 * index] = sample }
        return bytes
    }

    /// A picture without its segments of the kind DHT (ITU-T T.81, B.2.4.2), which all stand before the scan here.
    private static func withoutHuffmanTables(_ picture: [UInt8]) -> [UInt8] {
        var stripped = Array(picture.prefix(2))
        var position = 2
        while position + 4 <= picture.count, picture[position + 1] != 0xDA {
            let end = position + 2 + (Int(picture[position + 2]) << 8 | Int(picture[position + 3]))
            if picture[position + 1] != 0xC4 { stripped += picture[position..<end] }
            position = end
        }
        return stripped + picture[position...]
    }
}
