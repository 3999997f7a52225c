// SPDX-License-Identifier: MIT

internal import CameraCore

/// An open encoder of a library that works on the calling thread: takes a frame, gives a packet now or later.
///
/// Its codec calls it with a lock held.
protocol LibrarySession: AnyObject, Sendable {
    /// What it does, for messages: "encoding H.264".
    static var operation: String { get }
    /// The parameter sets, as a byte stream.
    var headers: [UInt8] { get }
    /// Takes each packet.
    var deliver: @Sendable (Result<EncodedFrame, CameraError>) -> Void { get }

    /// Opens an encoder.
    ///
    /// - Throws: `.invalidValue`, `.unknownOption` or `.unsupported`.
    init(
        _ configuration: CodecConfiguration, deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError)

    /// Takes a frame, which the library copies.
    ///
    /// - Returns: The packet that came out, not always this frame's; nil when the library looks further ahead first.
    /// - Throws: `.invalidValue` for a frame that does not fit, which does no harm.
    func encode(
        _ frame: Frame, index: Int64, asKeyFrame: Bool
    ) throws(CameraError) -> Result<EncodedFrame?, CameraError>

    /// Takes out the packet of a delayed frame, nil when there is none left; no frames can be encoded afterwards.
    func flush() -> Result<EncodedFrame?, CameraError>

    /// Changes the bit rate.
    ///
    /// - Throws: `.unsupported` where the library cannot; `.invalidValue`.
    func setBitRate(_ bitRate: Int) throws(CameraError)
}
