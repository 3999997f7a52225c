// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization

/// A codec of the user's: the luma plane as runs of equal bytes, with a mark in front of what was asked for as a key
/// frame.
final class RunLengthCodec: Codec {
    /// What every packet begins with: 1 for a key frame that was asked for, else 0.
    static let parameterSets: [UInt8] = Array("RLE1".utf8)

    let inputFormats: [PixelFormat] = [.yuv420]
    private let pool = BytePool()
    private let state = Mutex(State())

    private struct State {
        var deliver: (@Sendable (Result<EncodedFrame, CameraError>) -> Void)?
    }

    func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        try configuration.options.check(known: [], for: configuration.format)
        state.withLock { $0.deliver = deliver }
        return Self.parameterSets
    }

    func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        let packet = [asKeyFrame || index == 0 ? 1 : 0] + Self.runs(of: frame)
        guard let block = pool.take(packet.count) else {
            throw CameraError(.system, "encoding", reason: "no memory")
        }
        packet.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: block.baseAddress, count: packet.count).copyMemory(from: bytes)
        }
        let picture = EncodedFrame(
            bytes: PacketBytes(block, count: packet.count), type: packet[0] == 1 ? .key : .predicted, index: index)
        state.withLock { $0.deliver }?(.success(picture))
    }

    func drain() {}

    func close() {
        state.withLock { $0.deliver = nil }
    }

    private static func runs(of frame: Frame) -> [UInt8] {
        var runs: [UInt8] = []
        let plane = frame.plane(0)
        let bytes = frame.bytes(ofPlane: 0)
        for row in 0..<frame.size.height {
            for column in 0..<frame.size.width {
                let value = bytes.unsafeLoad(fromByteOffset: row * plane.stride + column, as: UInt8.self)
                if runs.last == value, runs[runs.count - 2] < 255 {
                    runs[runs.count - 2] += 1
                } else {
                    runs += [1, value]
                }
            }
        }
        return runs
    }

    /// The luma plane that a packet holds.
    static func decode(_ packet: [UInt8]) -> [UInt8] {
        stride(from: 1, to: packet.count - 1, by: 2).flatMap { position in
            Array(repeating: packet[position + 1], count: Int(packet[position]))
        }
    }
}
