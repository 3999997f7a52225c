// SPDX-License-Identifier: MIT

internal import CameraCore

/// Waits for a camera behind a Linux video device to be back in its port.
final class V4L2Lookout: CameraLookout {
    private let watch: DeviceWatch

    init(for identity: V4L2CameraIdentity) throws(CameraError) {
        watch = try DeviceWatch(for: identity)
    }

    func open(like lost: any VideoSource) throws -> (any VideoSource)? {
        guard let path = try watch.wait() else { return nil }
        let stream = lost.streams[0]
        let wish = SourceConfiguration(
            resolution: stream.size, frameRate: stream.frameRate, pixelFormat: stream.format)
        return try V4L2Camera(path, configuration: wish)
    }

    func interrupt() { watch.interrupt() }
}
