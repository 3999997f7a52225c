// SPDX-License-Identifier: MIT

internal import CameraContainers
package import CameraCore

/// Makes packets of RTP of each picture.
///
/// All who watch get the same packets: the same source, numbers and times, each in a session of RTP of its own. Whoever is too
/// slow sees in the numbers which are missing.
package struct RTPPackager: LivePackager {
    /// The payload type of H.264 and H.265; MJPEG has 26 by RFC 3551.
    static let unitsType: UInt8 = 96
    static let pictureType: UInt8 = 26

    private let source = UInt32.random(in: .min ... .max)
    private var sequence = UInt16.random(in: .min ... .max)
    private let clock = RTPClock()
    /// What takes H.264 and H.265 apart; nil for MJPEG.
    private var units: RTPUnits?
    /// Why the stream cannot be sent; nil when it can.
    private var failure: CameraError?

    package init() {}

    package mutating func begin(_ stream: StreamDescription) -> [UInt8] {
        units = nil
        failure = nil
        do throws(CameraError) {
            try SessionDescription.check(stream)
        } catch {
            failure = error
        }
        if stream.format != .mjpeg {
            let isH265 = stream.format == .h265
            units = RTPUnits(
                stream.parameterSets.withUnsafeBytes { ParameterSets(in: $0, isH265: isH265) }, isH265: isH265)
        }
        return []
    }

    package mutating func chunk(of packet: Packet) -> LiveChunk {
        packet.bytes.span.withUnsafeBytes { chunk(of: $0, packet.info) }
    }

    private mutating func chunk(of bytes: UnsafeRawBufferPointer, _ info: PacketInfo) -> LiveChunk {
        if let failure { return LiveChunk(bytes: [], info: info, failure: failure) }
        var packets = RTPPackets(
            payloadType: units == nil ? Self.pictureType : Self.unitsType, sequence: sequence,
            time: clock.time(of: info.sensorTime), source: source, byteCount: bytes.count)
        if let units {
            units.add(bytes, isKey: info.isKeyFrame, to: &packets)
        } else {
            do throws(CameraError) {
                try RTPPicture(bytes).add(to: &packets)
            } catch {
                return LiveChunk(bytes: [], info: info, failure: error)
            }
        }
        sequence = packets.sequence
        return LiveChunk(bytes: packets.bytes, packets: packets.ranges, info: info)
    }
}
