// SPDX-License-Identifier: MIT

package import CameraCore
package import Foundation

/// A picture in the portable formats of Netpbm, binary grey or colour.
package struct PortableMap: Sendable {
    /// Its size.
    package let size: Resolution
    /// 1 or 3.
    package let channels: Int
    private let bytesPerSample: Int
    private let bytes: [UInt8]

    /// Reads a file.
    ///
    /// - Throws: When it is none.
    package init(_ data: Data) throws {
        var rest = data[...]
        var words: [String] = []
        while words.count < 4 {
            let word = rest.prefix { !" \n\t".utf8.contains($0) }
            rest = rest.dropFirst(word.count + 1)
            if word.first == UInt8(ascii: "#") {
                rest = rest.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
            } else {
                words.append(String(decoding: word, as: UTF8.self))
            }
        }
        let numbers = words.dropFirst().compactMap { Int($0) }
        guard numbers.count == 3 else { throw NotPortable() }
        channels = words[0] == "P6" ? 3 : 1
        size = Resolution(numbers[0], numbers[1])
        bytesPerSample = numbers[2] > 255 ? 2 : 1
        bytes = Array(rest)
        guard bytes.count == size.pixelCount * channels * bytesPerSample else { throw NotPortable() }
    }

    /// A number of a pixel.
    package subscript(row: Int, column: Int, channel: Int) -> Int {
        let index = ((row * size.width + column) * channels + channel) * bytesPerSample
        return bytesPerSample == 1 ? Int(bytes[index]) : Int(bytes[index]) << 8 | Int(bytes[index + 1])
    }

    /// The file is something else, or cut off.
    private struct NotPortable: Error {}
}
