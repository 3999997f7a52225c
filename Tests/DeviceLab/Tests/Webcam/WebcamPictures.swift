// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import Foundation
import TestSupport

/// The pictures that the webcam sends: each shows its number, over a texture.
///
/// There is a limited supply of them, which ffmpeg makes beforehand; then the numbers start again.
struct WebcamPictures: Sendable {
    /// Pictures until the numbers start again.
    static let count = 32

    /// By format and size.
    private let pictures: [WebcamMode.Format: [Resolution: [[UInt8]]]]

    /// The one supply, made when it is first needed.
    static let shared = Result { try WebcamPictures() }

    private init() throws {
        let folder = try TemporaryFolder()
        let largest = WebcamMode.sizes[0]
        // One call for everything, because starting ffmpeg takes seconds in the guest.
        var arguments = ["-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-video_size", "\(largest)", "-i", "-"]
        for size in WebcamMode.sizes {
            arguments += ["-s", "\(size)", "-pix_fmt", "yuyv422", "-f", "rawvideo", folder.path("\(size).yuyv")]
            // The standard Huffman tables, which many webcams use and leave out of their pictures.
            arguments += ["-s", "\(size)", "-pix_fmt", "yuvj422p", "-c:v", "mjpeg", "-huffman", "default", "-q:v", "4"]
            arguments += ["-start_number", "0", folder.path("\(size)-%d.jpg")]
        }
        _ = try run("ffmpeg", arguments, input: Self.luma(largest))
        var yuyv: [Resolution: [[UInt8]]] = [:]
        var mjpeg: [Resolution: [[UInt8]]] = [:]
        for size in WebcamMode.sizes {
            let bytes = try [UInt8](Data(contentsOf: folder.file("\(size).yuyv")))
            let byteCount = size.pixelCount * 2
            yuyv[size] = (0..<Self.count).map { Array(bytes[$0 * byteCount..<($0 + 1) * byteCount]) }
            mjpeg[size] = try (0..<Self.count).map {
                Self.withoutHuffmanTables(try [UInt8](Data(contentsOf: folder.file("\(size)-\($0).jpg"))))
            }
        }
        pictures = [.yuyv: yuyv, .mjpeg: mjpeg]
    }

    /// The picture with a number.
    func picture(_ number: Int, _ mode: WebcamMode) -> [UInt8] {
        guard let pictures = pictures[mode.format]?[mode.size], !pictures.isEmpty else { return [] }
        return pictures[number % pictures.count]
    }

    /// The luma of all pictures, one after the other.
    private static func luma(_ size: Resolution) -> Data {
        var random = SeededRandom(seed: 3)
        // Noise between 96 and 159, so that a picture of JPEG has many bytes.
        let texture = (0..<size.pixelCount / 8).flatMap { _ in
            withUnsafeBytes(of: (random.next() & 0x3F3F_3F3F_3F3F_3F3F) + 0x6060_6060_6060_6060) { Array($0) }
        }
        var pictures = Data()
        for number in 0..<count {
            var luma = texture
            luma.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                FrameNumberCode.draw(number: UInt32(number), into: start, stride: size.width, size: size)
            }
            pictures.append(contentsOf: luma)
        }
        return pictures
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
