// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Pictures that are taken when they are asked for.
///
/// ```swift
/// let lapse = try camera.captureContinuous(to: "lapse-{counter:04d}.jpg")
/// while let name = try lapse.next() { try camera.wait(.seconds(60)) }
/// ```
public final class CaptureSeries: Sendable {
    private let camera: Camera
    private let names: FileTemplate
    private let take: @Sendable (Camera, String) throws(CameraError) -> Void
    private let counter = Mutex(0)

    init(
        camera: Camera, names: FileTemplate, take: @escaping @Sendable (Camera, String) throws(CameraError) -> Void
    ) {
        self.camera = camera
        self.names = names
        self.take = take
    }

    /// Takes the next picture; the counter in its name starts at 1, the time is that before the exposure.
    ///
    /// - Returns: The file, complete and closed; nil when the camera's source has ended.
    /// - Throws: What taking the picture throws; the next call tries the same number again.
    public func next() throws(CameraError) -> String? {
        let number = counter.withLock { $0 } + 1
        let name = names.name(counter: number)
        do {
            try take(camera, name)
        } catch  where error.code == .sourceEnded {
            return nil
        }
        counter.withLock { $0 = number }
        return name
    }
}
