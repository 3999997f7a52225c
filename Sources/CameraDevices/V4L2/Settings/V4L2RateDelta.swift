// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// What is added to the frame rate while the camera runs.
struct V4L2RateDelta: V4L2Setting {
    private let camera: V4L2Camera
    private let device: VideoDevice
    private let nominal: FrameRate
    let values: SettingDescription.Values

    /// Nil when the device does not choose among rates.
    init?(_ camera: V4L2Camera, _ device: VideoDevice) throws {
        guard let stream = camera.streams.first, try device.frameRate(of: device.captureType) != nil else { return nil }
        let rates: [Double] =
            switch try device.frameRates(of: stream.format, at: stream.size) {
            case .unknown: []
            case .discrete(let rates): rates.map(\.framesPerSecond)
            case .range(let slowest, let fastest): [slowest.framesPerSecond, fastest.framesPerSecond]
            }
        guard let low = rates.min(), let high = rates.max(), low < high else { return nil }
        self.camera = camera
        self.device = device
        nominal = stream.frameRate
        let middle = nominal.framesPerSecond
        values = .numbers(min(low - middle, 0)...max(high - middle, 0))
    }

    var defaultValue: SettingValue? { .number(0) }

    func value() throws -> SettingValue? {
        guard let rate = try device.frameRate(of: device.captureType) else { return nil }
        return .number(rate == nominal ? 0 : rate.framesPerSecond - nominal.framesPerSecond)
    }

    func set(_ value: SettingValue) throws {
        guard case .number(let delta) = value else { return }
        let operation = "setting \(CameraSetting.frameRateDelta) to \(value)"
        guard camera.isRunning else {
            throw CameraError(
                .unsupported, operation, subject: camera.name,
                reason: "the camera does not run yet; choose the frame rate instead")
        }
        let rate = delta == 0 ? nominal : FrameRate(nominal.framesPerSecond + delta)
        do throws(DeviceError) {
            _ = try device.setFrameRate(rate, of: device.captureType)
        } catch {
            guard error.errno == .resourceBusy else { throw error }
            throw CameraError(
                .unsupported, operation, subject: camera.name,
                reason: "this camera's rate cannot change while it runs; choose the frame rate before",
                systemError: error.errno)
        }
    }
}
