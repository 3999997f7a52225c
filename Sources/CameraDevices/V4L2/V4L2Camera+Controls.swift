// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

extension V4L2Camera {
    /// The device's controls, named as `v4l2-ctl` spells them.
    public func controls() throws -> [CameraControl] {
        try reporting {
            let device = try openDevice()
            return try device.controls().map { control in
                CameraControl(
                    name: control.variableName, kind: try device.kind(of: control),
                    value: device.currentValue(of: control), defaultValue: control.initialValue,
                    isWritable: control.flags.isDisjoint(with: [.readOnly, .grabbed]))
            }
        }
    }

    /// Sets a control: numbers in its range, 0 or 1, the number or the name of a choice, text.
    public func setControl(_ name: String, to value: ControlValue) throws {
        try reporting {
            let device = try openDevice()
            let controls = try device.controls()
            guard let control = controls.first(where: { $0.variableName == name }) else {
                throw CameraError(
                    .unknownOption, "setting the control \(name)", subject: self.name,
                    reason: "it has " + controls.map(\.variableName).joined(separator: ", "))
            }
            guard control.flags.isDisjoint(with: [.readOnly, .grabbed]) else {
                throw CameraError(
                    .unsupported, "setting the control \(name)", subject: self.name,
                    reason: control.flags.contains(.readOnly)
                        ? "it can only be read" : "it cannot change while the camera runs")
            }
            let kind = try device.kind(of: control)
            if case .text(let lengths) = kind {
                let text = value.description
                guard lengths.contains(text.utf8.count) else {
                    throw refusal(
                        of: value, for: name, takes: "text of \(lengths.lowerBound) to \(lengths.upperBound) bytes")
                }
                try device.setText(text, of: control)
            } else {
                try device.setValue(try number(value, for: name, of: kind), of: control)
            }
        }
    }

    /// The number that stands for a value of a control.
    private func number(_ value: ControlValue, for name: String, of kind: CameraControl.Kind) throws(CameraError)
        -> Int64
    {
        let number: Int64? =
            switch value {
            case .integer(let number): number
            case .text(let text): Int64(text)
            }
        let text = value.description.lowercased()
        switch kind {
        case .integer(let range, let step):
            if let number, range.contains(number) { return number }
            throw refusal(
                of: value, for: name,
                takes: "numbers from \(range.lowerBound) to \(range.upperBound) in steps of \(step)")
        case .boolean:
            if ["1", "true", "on", "yes"].contains(text) { return 1 }
            if ["0", "false", "off", "no"].contains(text) { return 0 }
            throw refusal(of: value, for: name, takes: "0 and 1")
        case .menu(let items):
            if let item = items.first(where: { $0.number == number || $0.name.lowercased() == text }) {
                return item.number
            }
            throw refusal(
                of: value, for: name, takes: items.map { "\($0.number) (\($0.name))" }.joined(separator: ", "))
        case .button: return 1
        case .text, .other: throw refusal(of: value, for: name, takes: "values that cannot be set here")
        }
    }

    private func refusal(of value: ControlValue, for name: String, takes choices: String) -> CameraError {
        CameraError(
            .invalidValue, "setting the control \(name) to \(value)", subject: self.name, reason: "it takes \(choices)")
    }
}

extension VideoDevice {
    /// What values a control takes, in the words of all cameras.
    fileprivate func kind(of control: ControlDescription) throws(DeviceError) -> CameraControl.Kind {
        switch control.kind {
        case .boolean: return .boolean
        case .button: return .button
        case .menu, .integerMenu:
            return .menu(
                try choices(of: control).map { CameraControl.MenuItem(number: $0.number, name: $0.name) })
        case .bitmask: return .integer(0...Int64(UInt32(truncatingIfNeeded: control.maximum)), step: 1)
        case .integer, .integer64:
            guard control.minimum <= control.maximum, !control.flags.contains(.hasPayload) else { return .other }
            return .integer(control.minimum...control.maximum, step: max(control.step, 1))
        case .text:
            guard control.minimum <= control.maximum else { return .other }
            return .text(Int(control.minimum)...Int(control.maximum))
        default: return .other
        }
    }

    /// The present value; nil for what has none, or does not give it now.
    fileprivate func currentValue(of control: ControlDescription) -> ControlValue? {
        guard !control.flags.contains(.writeOnly) else { return nil }
        if control.kind == .text { return (try? text(of: control)).map(ControlValue.text) }
        return control.hasNumber ? (try? value(of: control)).map(ControlValue.integer) : nil
    }
}

extension ControlDescription {
    /// Whether the value is one number.
    fileprivate var hasNumber: Bool {
        [.integer, .integer64, .boolean, .menu, .integerMenu, .bitmask].contains(kind) && !flags.contains(.hasPayload)
    }

    /// The value that the driver starts with.
    fileprivate var initialValue: ControlValue? {
        guard hasNumber else { return nil }
        return .integer(kind == .bitmask ? Int64(UInt32(truncatingIfNeeded: defaultValue)) : defaultValue)
    }
}
