// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// Waits for a camera of libcamera to be there again under its name.
final class LibCameraLookout: CameraLookout {
    private let id: String
    private let folder: FolderWatch
    private let wakeUp: WakeUp

    /// libcamera hears of a camera a little after its nodes appear, by udev.
    private static let pause = Duration.seconds(2)

    init(_ id: String) throws(CameraError) {
        self.id = id
        do throws(DeviceError) {
            folder = try FolderWatch("/dev")
            wakeUp = try WakeUp()
        } catch {
            throw CameraError(error, calls: .current)
        }
    }

    func open(like lost: any VideoSource) throws -> (any VideoSource)? {
        let configuration = (lost as? LibCamera)?.configuration ?? LibCameraConfiguration()
        while true {
            if let camera = try find(configuration) { return camera }
            if try isInterrupted(until: .now + Self.pause) { return nil }
        }
    }

    /// Opens the camera; nil when it is not there.
    private func find(_ configuration: LibCameraConfiguration) throws(CameraError) -> LibCamera? {
        let result = Result { () throws(CameraError) in try LibCamera(id, configuration: configuration) }
        if case .failure(let error) = result, error.code == .notFound { return nil }
        return try result.get()
    }

    /// Waits for something new in /dev, or the next attempt.
    private func isInterrupted(until deadline: Timestamp) throws(CameraError) -> Bool {
        do throws(DeviceError) {
            guard case .wakeUp = try folder.wait(wakeUp, until: deadline) else { return false }
        } catch {
            throw CameraError(error, calls: .current)
        }
        wakeUp.clear()
        return true
    }

    func interrupt() { wakeUp.raise() }
}
