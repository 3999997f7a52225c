// SPDX-License-Identifier: MIT

public import CameraCore
package import V4L2

/// Waits for a camera that was unplugged to come back.
///
/// ```swift
/// let watch = try DeviceWatch(for: source.identity)       // while the camera is there
/// …                                                       // .deviceLost: close the camera
/// let path = try watch.wait(timeout: .seconds(600))       // perhaps another node than before
/// ```
///
/// udev is not needed: the kernel reports when a node appears in /dev or its permissions change (inotify), and each time
/// the identities of the cameras there are compared. Where /dev does not show new devices, as in most containers, no
/// camera comes back. Safe to use from any thread.
public final class DeviceWatch: Sendable {
    /// The camera that is waited for.
    public let identity: V4L2CameraIdentity
    private let calls: SystemCalls
    private let folder: FolderWatch
    private let wakeUp: WakeUp

    /// Begins to watch; from now on no return is missed.
    ///
    /// - Throws: `.system` or `.device` when the system has no more watches to give.
    public convenience init(for identity: V4L2CameraIdentity) throws(CameraError) {
        try self.init(for: identity, calls: .current)
    }

    /// Watches by the given system calls.
    package init(for identity: V4L2CameraIdentity, calls: SystemCalls) throws(CameraError) {
        self.identity = identity
        self.calls = calls
        do throws(DeviceError) {
            folder = try FolderWatch("/dev", calls: calls)
            wakeUp = try WakeUp(calls: calls)
        } catch {
            throw CameraError(error, calls: calls)
        }
    }

    /// Waits until the camera is there and may be opened; returns at once when it is.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: The path of its node now; nil after ``interrupt()``.
    /// - Throws: `.timedOut`, naming the reason when the camera is there but may not be opened.
    public func wait(timeout: Duration? = nil) throws(CameraError) -> String? {
        let deadline = Timestamp.deadline(after: timeout)
        while true {
            var refusal: DeviceError?
            if let path = find(&refusal) { return path }
            do throws(DeviceError) {
                switch try folder.wait(wakeUp, until: deadline) {
                case .changed: continue
                case .wakeUp:
                    wakeUp.clear()
                    return nil
                case .timedOut: break
                }
            } catch {
                throw CameraError(error, calls: calls)
            }
            throw CameraError(
                .timedOut, "waiting for the camera", subject: identity.card,
                reason: refusal.map { "'\($0.device)' is there but cannot be opened: \($0.errno)" }
                    ?? "it did not come back to \(identity.bus)")
        }
    }

    /// Makes the wait under way, or else the next one, end at once; may be called from any thread.
    public func interrupt() { wakeUp.raise() }

    /// The path of the camera's node; nil when it is not there.
    private func find(_ refusal: inout DeviceError?) -> String? {
        for node in calls.names("/dev") where node.hasPrefix("video") && Int(node.dropFirst(5)) != nil {
            do throws(DeviceError) {
                let device = try VideoDevice("/dev/\(node)", calls: calls)
                if device.isCamera, V4L2CameraIdentity(device) == identity { return device.path }
            } catch {
                // Other errors are of nodes that are just going away; one that may not be opened yet may be the camera.
                if error.errno == .permissionDenied { refusal = error }
            }
        }
        return nil
    }
}
