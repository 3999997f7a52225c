// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization
internal import V4L2

/// Watches the controls of a V4L2 device by its driver's events.
///
/// It opens the device for itself, so that it works beside a camera that runs as well as one that does not.
final class V4L2ControlWatch: ControlWatch {
    private let device: VideoDevice
    private let calls: SystemCalls
    private let wakeUp: WakeUp
    private let isClosed = Atomic(false)

    /// Begins to watch.
    ///
    /// - Throws: The driver's error; `.unsupported` when it has no controls, or no events of them.
    init(_ path: String, calls: SystemCalls) throws {
        self.calls = calls
        wakeUp = try WakeUp(calls: calls)
        device = try VideoDevice(path, calls: calls)
        var isTold = false
        // A driver may refuse events of some, such as buttons of its own.
        for control in try device.controls() where try device.subscribe(to: control) { isTold = true }
        guard isTold else {
            throw CameraError(
                .unsupported, "watching the controls", subject: path,
                reason: "the driver has none, or does not tell of changes")
        }
    }

    func next(timeout: Duration?) throws(CameraError) -> ControlChange? {
        let deadline = Timestamp.deadline(after: timeout)
        do {
            while !isClosed.load(ordering: .acquiring) {
                if let event = try device.nextEvent() {
                    if let change = try change(event) { return change }
                    continue
                }
                let readiness = try device.wait(wakeUp, until: deadline, for: .event)
                if readiness.contains(.failure) {
                    throw CameraError(
                        .deviceLost, "watching the controls", subject: device.path,
                        reason: "the driver reports that the device was unplugged")
                }
                if readiness.isEmpty { return nil }
            }
            return nil
        } catch {
            // Closing takes the device away from the wait; that is no failure.
            if isClosed.load(ordering: .acquiring) { return nil }
            if let error = error as? DeviceError { throw CameraError(error, calls: calls) }
            throw CameraError(wrapping: error, as: .device, "watching the controls", subject: device.path)
        }
    }

    func close() {
        isClosed.store(true, ordering: .releasing)
        wakeUp.raise()
        device.close()
    }

    /// The change that an event reports; nil when its control is gone, or for other events.
    private func change(_ event: DeviceEvent) throws -> ControlChange? {
        guard let told = event.control, let control = try device.control(told.identifier) else { return nil }
        let pairs: [(ControlEvent.Changes, ControlChange.Changes)] = [
            (.value, .value), (.flags, .traits), (.range, .kind), (.dimensions, .kind),
        ]
        let changes = pairs.reduce(into: ControlChange.Changes()) { changes, pair in
            if told.changes.contains(pair.0) { changes.insert(pair.1) }
        }
        return ControlChange(control: try device.cameraControl(control), changes: changes)
    }
}
