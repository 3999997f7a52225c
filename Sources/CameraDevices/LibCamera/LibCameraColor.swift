// SPDX-License-Identifier: MIT

internal import CLibCamera
package import CameraCore

extension ColorSpace {
    /// The colours of a stream, by the numbers of libcamera's `ColorSpace`.
    ///
    /// - Parameters:
    ///   - stream: What libcamera tells of the stream.
    ///   - format: Its format.
    init(_ stream: clc_stream, of format: PixelFormat) {
        self.init(
            libcamera: (stream.primaries, stream.transfer, stream.encoding, stream.range), format: format,
            height: Int(stream.size.height))
    }

    /// The colours by the numbers of libcamera's `ColorSpace`; where it does not tell, what video of that height has.
    package init(
        libcamera parts: (primaries: Int32, transfer: Int32, encoding: Int32, range: Int32), format: PixelFormat,
        height: Int
    ) {
        if format.isRGB {
            self = .sRGB
            return
        }
        // JPEG pictures say nothing of their colours: the file format fixes them.
        let assumed: ColorSpace = format.isCompressed ? .jpeg : height >= 720 ? .bt709 : .bt601
        guard parts.primaries >= 0 else {
            self = assumed
            return
        }
        let primaries: [Int32: Primaries] = [0: .unspecified, 1: .smpte170m, 2: .bt709, 3: .bt2020]
        // Linear light has the code point 8 in H.273.
        let transfers: [Int32: Transfer] = [0: Transfer(rawValue: 8), 1: .sRGB, 2: .bt709]
        let matrices: [Int32: Matrix] = [0: .unspecified, 1: .bt601, 2: .bt709, 3: .bt2020]
        self.init(
            primaries: primaries[parts.primaries] ?? .unspecified, transfer: transfers[parts.transfer] ?? .unspecified,
            matrix: matrices[parts.encoding] ?? .unspecified, range: parts.range == 0 ? .full : .limited)
    }
}
