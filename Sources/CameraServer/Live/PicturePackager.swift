// SPDX-License-Identifier: MIT

internal import CameraCore

/// Hands the encoder's bytes on as they are.
struct PicturePackager: LivePackager {
    func begin(_ stream: StreamDescription) -> [UInt8] { [] }

    func chunk(of packet: Packet) -> LiveChunk {
        LiveChunk(bytes: packet.bytes.span.withUnsafeBytes { Array($0) }, info: packet.info)
    }
}
