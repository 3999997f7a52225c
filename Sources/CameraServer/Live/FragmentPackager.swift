// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore

/// Makes a message of a WebSocket of each picture, with a fragment of MP4 for a browser's Media Source.
///
/// A browser gives up a picture, and all up to the next key frame, that comes later than twice the duration of the one before
/// it. Therefore each is told to last for twice the nominal interval, and a longer gap, such as that of a camera that was away,
/// is shortened to that: the time of the fragments is one for a player that stays at the newest picture, not the sensor's.
struct FragmentPackager: LivePackager {
    private var writer: MP4Writer?
    /// How long each picture is told to last.
    private var duration = Duration.zero
    /// The time of the last picture, on its own clock and on that of the fragments.
    private var last: (decodeTime: Duration, shown: Duration)?

    mutating func begin(_ stream: StreamDescription) throws(CameraError) -> [UInt8] {
        let isH265 = stream.format == .h265
        let sets = stream.parameterSets.withUnsafeBytes { ParameterSets(in: $0, isH265: isH265) }
        guard let codec = sets.codecName else {
            throw CameraError(
                .codec, "showing the camera live", reason: "the stream has no parameter sets that could be read")
        }
        var writer = MP4Writer([(stream, sets)], MP4Options(), created: .now, isSegmented: true)
        let header = writer.header()
        self.writer = writer
        duration = stream.frameRate.interval * 2
        last = nil
        let words = LiveMessage.Stream(
            codec: codec, width: stream.size.width, height: stream.size.height, interval: stream.frameRate.interval)
        return WebSocketFrame.text(JSON.text(words)) + WebSocketFrame.binary(header)
    }

    mutating func chunk(of packet: Packet) -> LiveChunk {
        let info = packet.info
        let gap = last.map { info.decodeTimestamp - $0.decodeTime } ?? .zero
        let shown = (last?.shown ?? .zero) + max(min(gap, duration), .zero)
        last = (info.decodeTimestamp, shown)
        let fragment = packet.bytes.span.withUnsafeBytes { bytes in
            writer?.add(
                MP4Writer.Picture(
                    bytes: bytes, time: shown + (info.timestamp - info.decodeTimestamp), decodeTime: shown,
                    isKey: info.isKeyFrame, headerByteCount: info.headerByteCount))
            return writer?.fragment(until: shown + duration) ?? []
        }
        return LiveChunk(bytes: WebSocketFrame.binary(fragment), info: info)
    }
}
