// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// The base class of outputs that look at the motion vectors of each picture; used as `motionOutput` of a recording.
///
/// ```swift
/// final class Alarm: MotionAnalysis, @unchecked Sendable {
///     override func analyze(_ field: MotionField) throws {
///         ...
///     }
/// }
/// try camera.startRecording(to: "hall.h264", motionOutput: .output(Alarm()))
/// ```
///
/// The recording waits for ``analyze(_:)``, which is called on the encoder's callback thread: where it is slower than the
/// camera, frames are dropped and counted.
open class MotionAnalysis: Output, @unchecked Sendable {
    // Unchecked because it is open: its own state is behind a lock. Subclasses protect theirs.

    private let size: Mutex<Resolution?>

    /// Makes an output.
    ///
    /// - Parameter size: The size of the pictures; nil in a recording, which tells it.
    public init(size: Resolution? = nil) {
        self.size = Mutex(size)
    }

    /// Looks at the vectors of one picture; subclasses override it.
    ///
    /// Called on the callback thread, for each picture in the order in which they are shown.
    ///
    /// - Parameter field: The vectors, with what is known of their picture.
    /// - Throws: Any error; it ends the recording and arrives as ``CameraError`` with the original in `underlying`.
    open func analyze(_ field: MotionField) throws {
        throw CameraError(
            .unsupported, "analyzing motion vectors", reason: "\(Self.self) does not override analyze(_:)")
    }

    /// Takes the size of the pictures.
    public func begin(_ stream: StreamDescription) throws {
        size.withLock { $0 = stream.size }
    }

    /// Hands the vectors of one picture to ``analyze(_:)``.
    ///
    /// - Throws: What ``analyze(_:)`` throws; `.invalidValue` when the length is not that of a picture's record or the size
    ///   is not known.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        guard let size = size.withLock({ $0 }) else {
            throw CameraError(
                .invalidValue, "analyzing motion vectors", reason: "the size of the pictures is not known; give it")
        }
        try analyze(MotionField(record: bytes, size: size, info: info))
    }
}
