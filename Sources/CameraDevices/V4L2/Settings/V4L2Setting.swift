// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// One of picamera's settings over the controls of a V4L2 driver.
protocol V4L2Setting {
    /// What it takes on this device.
    var values: SettingDescription.Values { get }
    /// Whether it can be set.
    var isWritable: Bool { get }
    /// What the driver starts with; nil when that is none of the values.
    var defaultValue: SettingValue? { get throws }
    /// The present value; nil when the device is at none of the values.
    func value() throws -> SettingValue?
    /// Sets one of the values.
    func set(_ value: SettingValue) throws
}

extension V4L2Setting {
    var isWritable: Bool { true }
}

/// The controls of a device, as settings use them.
struct V4L2SettingControls {
    let camera: V4L2Camera
    let device: VideoDevice

    /// A control that takes one number; nil when the device does not have it.
    func find(_ identifier: UInt32) throws -> ControlDescription? {
        guard let control = try device.control(identifier), control.element == nil,
            control.minimum <= control.maximum
        else { return nil }
        return control
    }

    /// The numbers of a control's choices; of a switch, 0 and 1.
    func choices(of control: ControlDescription) throws -> [Int64] {
        switch control.kind {
        case .menu, .integerMenu: try device.choices(of: control).map(\.number)
        default: Array(control.minimum...min(control.maximum, control.minimum + 63))
        }
    }

    /// The choices of an integer menu and the numbers that they stand for.
    func numbers(of control: ControlDescription) throws -> [(choice: Int64, number: Int64)] {
        guard control.kind == .integerMenu else { return [] }
        return try device.choices(of: control).compactMap { choice in
            Int64(choice.name).map { (choice.number, $0) }
        }
    }

    /// The present number; nil when it cannot be read.
    func read(_ control: ControlDescription) throws -> Int64? {
        control.flags.contains(.writeOnly) ? nil : try device.value(of: control)
    }

    /// Sets a number; says why when the driver refuses.
    func write(_ number: Int64, to control: ControlDescription) throws {
        try camera.set(control, to: .integer(number), on: device)
    }
}
