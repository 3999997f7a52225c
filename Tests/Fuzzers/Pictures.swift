// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore

@testable import CameraDevices
@testable import CameraImaging

private let pool = BytePool()
private let converter = FrameConverter(pool: pool)
/// Larger pictures are not decoded: the fuzzer would do nothing else.
private let mostPixels = 1 << 16

/// A camera's JPEG picture: its header, and its pixels.
@Sendable func readJPEG(_ bytes: UnsafeRawBufferPointer) {
    guard let header = try? JPEGHeader(parsing: RawSpan(_unsafeBytes: bytes)), header.size.pixelCount <= mostPixels
    else { return }
    let frame = Frame.compressed(bytes, .mjpeg)
    let copy = Frame(
        format: .mjpeg, size: header.size, color: .jpeg, info: frame.info, planes: [frame.plane(0)], owner: frame)
    let result = try? converter.convert(copy, to: .yuv420, size: header.size, color: .jpeg)
    precondition(result == nil || result?.size == header.size)
}

/// Where a JPEG picture ends in a buffer that its camera filled.
@Sendable func measureJPEG(_ bytes: UnsafeRawBufferPointer) {
    guard let count = bytes.jpegByteCount else { return }
    precondition(count <= bytes.count && bytes[count - 1] == 0xD9)
}

/// A picture for an overlay.
@Sendable func readPNG(_ bytes: UnsafeRawBufferPointer) {
    // Width and height behind the signature and the first chunk's length and name (ISO 15948, 11.2.2).
    if bytes.count >= 24 {
        let width = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        let height = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
        guard UInt64(width) * UInt64(height) <= mostPixels else { return }
    }
    guard let picture = try? PNGReader.read(Array(bytes)) else { return }
    precondition(picture.rgba.count == 4 * picture.size.pixelCount)
}

/// Pixels in any layout, of a size and with rows as the input says, to any other layout.
@Sendable func convertPixels(_ bytes: UnsafeRawBufferPointer) {
    var input = InputReader(bytes)
    let formats = PixelFormat.known
    let source = formats[Int(input.byte()) % formats.count]
    let target = formats[Int(input.byte()) % formats.count]
    let size = Resolution(Int(input.byte()), Int(input.byte()))
    let wanted = Resolution(Int(input.byte()), Int(input.byte()))
    let turns = input.byte()
    let count = max(source.planeCount, 1)
    var planes: [Frame.Plane] = []
    var owners: [CopiedBytes] = []
    for index in 0..<count {
        let padding = Int(input.byte() & 63)
        let layout = source.layout(ofPlane: index)
        let stride = (layout?.rowBytes(width: size.width) ?? 0) + padding
        let needed = stride * (layout?.rows(height: size.height) ?? 0)
        // The input decides about what is there; what it does not give is missing.
        let isWhole = input.byte() & 1 == 0
        let content = input.bytes(input.isOver ? 0 : Int(input.word()))
        let block = [UInt8](unsafeUninitializedCapacity: isWhole ? max(needed, content.count) : content.count) {
            $1 = $0.count
            $0.initialize(repeating: 0)
            for (place, value) in zip($0.indices, content) { $0[place] = value }
        }
        let copy = block.withUnsafeBytes(CopiedBytes.init)
        owners.append(copy)
        planes.append(Frame.Plane(baseAddress: copy.start, byteCount: block.count, stride: stride))
    }
    let owner = Owners(all: owners)
    let frame = Frame(
        format: source, size: size, color: .unspecified,
        info: FrameInfo(timestamp: Timestamp(nanoseconds: 0), wallTime: .now, sequence: 0), planes: planes,
        owner: owner)
    let transforms: [Transform] = [
        .identity, Transform(rotation: .clockwise90), Transform(rotation: .half, hflip: true), Transform(vflip: true),
    ]
    let result = try? converter.convert(
        frame, to: target, size: wanted, color: .unspecified, transform: transforms[Int(turns) % transforms.count])
    precondition(result == nil || result?.size == wanted)
}

private final class Owners: Sendable {
    let all: [CopiedBytes]

    init(all: [CopiedBytes]) {
        self.all = all
    }
}
