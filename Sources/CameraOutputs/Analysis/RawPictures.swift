// SPDX-License-Identifier: MIT

internal import CameraCore

/// What the raw pictures of a stream are like, for outputs that look into them.
struct RawPictures: Sendable {
    private let format: PixelFormat
    private let size: Resolution
    private let color: ColorSpace
    private let byteCount: Int

    /// Whose memory nobody owns, as it is used only while it is lent.
    private final class Loan: Sendable {}

    /// Reads what a stream delivers.
    ///
    /// - Throws: `.invalidFormat` when it is compressed.
    init(_ stream: StreamDescription) throws(CameraError) {
        guard let format = stream.format.pixelFormat, let byteCount = format.byteCount(of: stream.size) else {
            let names = MediaFormat.raw.map(\.rawValue).joined(separator: ", ")
            throw CameraError(
                .invalidFormat, Self.operation, subject: stream.format.rawValue,
                reason: "only raw pictures have pixels to read: \(names)")
        }
        self.format = format
        self.byteCount = byteCount
        size = stream.size
        color = stream.color
    }

    /// Shows a picture's bytes as a frame, which must not be kept beyond the call.
    ///
    /// - Throws: `.invalidValue` when they are not one whole picture; what `body` throws.
    func withFrame<Value>(
        _ bytes: RawSpan, _ info: PacketInfo, _ body: (Frame) throws -> Value
    ) throws -> Value {
        guard bytes.byteCount == byteCount else {
            throw CameraError(
                .invalidValue, Self.operation, subject: "\(bytes.byteCount) bytes",
                reason: "a picture of \(format.name) and \(size) has \(byteCount); write one whole picture at a time")
        }
        return try bytes.withUnsafeBytes { memory in
            guard var address = memory.baseAddress else { preconditionFailure("a picture has at least one pixel") }
            let planes = (0..<format.planeCount).compactMap { index -> Frame.Plane? in
                guard let layout = format.layout(ofPlane: index) else { return nil }
                let stride = layout.rowBytes(width: size.width)
                let count = stride * layout.rows(height: size.height)
                defer { address += count }
                return Frame.Plane(baseAddress: address, byteCount: count, stride: stride)
            }
            return try body(
                Frame(
                    format: format, size: size, color: color,
                    info: FrameInfo(
                        timestamp: info.sensorTime, wallTime: info.wallTime,
                        sequence: UInt64(clamping: info.index)),
                    planes: planes, owner: Loan(), isLoan: true))
        }
    }

    /// The error for pictures that come before it is known what they are like.
    static var notBegun: CameraError {
        CameraError(.notStarted, operation, reason: "begin(_:) tells the size and format of the pictures")
    }

    static let operation = "reading raw pictures"
}
