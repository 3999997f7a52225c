// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Synchronization

/// Waits for a camera that went away to come back, for as long as it takes, unless a signal ends that.
final class CameraReturn: Sendable {
    private let state = Mutex(State())

    private struct State {
        var watch: DeviceWatch?
        var isInterrupted = false
    }

    /// Begins to look out for a camera that is there now.
    ///
    /// - Throws: `.unsupported` for a source that cannot come back.
    func begin(_ source: any VideoSource) throws(CameraError) {
        guard let camera = source as? V4L2Camera else {
            throw CameraError(
                .unsupported, "--on-disconnect wait", subject: source.name,
                reason: "only cameras behind /dev/videoN can be waited for")
        }
        let watch = try DeviceWatch(for: camera.identity)
        state.withLock { $0.watch = watch }
    }

    /// Waits until the camera is there and may be opened.
    ///
    /// - Returns: Its node's path; nil after ``interrupt()``, or when there is nothing to wait for.
    func wait() throws(CameraError) -> String? {
        let watch = state.withLock { $0.isInterrupted ? nil : $0.watch }
        return try watch?.wait()
    }

    /// Ends the wait under way and all later ones; called from any thread.
    func interrupt() {
        let watch = state.withLock { state in
            state.isInterrupted = true
            return state.watch
        }
        watch?.interrupt()
    }
}
