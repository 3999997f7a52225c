// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraImaging
internal import Synchronization

/// An output that gives each picture of a raw recording as an array to a method that subclasses override.
///
/// ```swift
/// final class Brightness: FrameAnalysis, @unchecked Sendable {   // unchecked: only the callback thread uses it
///     override func analyze(_ pixels: PixelArray<UInt8>, _ info: PacketInfo) {
///         print(info.timestamp, pixels.elements.reduce(0) { $0 + Int($1) } / pixels.elements.count)
///     }
/// }
/// try camera.startRecording(to: Brightness(), format: .rgb24, resize: Resolution(320, 240))
/// ```
///
/// Code that takes longer than the time between two frames makes the recording drop frames, which ``EncoderStatistics``
/// counts. Small pictures take less time.
open class FrameAnalysis: Output, @unchecked Sendable {
    // Unchecked: what it has of its own is locked.
    private let pictures = Mutex<RawPictures?>(nil)

    /// Makes an output.
    public init() {}

    /// Called with each picture, on the recording's callback thread, one at a time.
    ///
    /// - Parameters:
    ///   - pixels: The samples of the picture: 3 or 4 channels of R, G, B, or Y, U, V at each pixel.
    ///   - info: What is known about the picture, such as its time.
    /// - Throws: Any error, which ends the recording; `.unsupported` unless it is overridden.
    open func analyze(_ pixels: PixelArray<UInt8>, _ info: PacketInfo) throws {
        throw CameraError(
            .unsupported, "analysing a picture", subject: "\(Self.self)",
            reason: "FrameAnalysis does nothing by itself; override analyze(_:_:) in a subclass")
    }

    /// Learns the size and format of the pictures.
    ///
    /// - Throws: `.invalidFormat` when they are compressed.
    open func begin(_ stream: StreamDescription) throws {
        let read = try RawPictures(stream)
        pictures.withLock { $0 = read }
    }

    /// Calls ``analyze(_:_:)``.
    ///
    /// - Throws: What that throws; `.invalidValue` when the bytes are not one whole picture; `.notStarted` before
    ///   ``begin(_:)``.
    public final func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        guard let pictures = pictures.withLock({ $0 }) else { throw RawPictures.notBegun }
        try analyze(try pictures.withFrame(bytes, info) { try $0.pixels() }, info)
    }

    /// Does nothing; called after the last picture.
    open func end() throws {}
}
