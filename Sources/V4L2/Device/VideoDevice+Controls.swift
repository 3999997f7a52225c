// SPDX-License-Identifier: MIT

internal import CV4L2

extension VideoDevice {
    /// The controls that the device has, without the headings of their groups.
    package func controls() throws(DeviceError) -> [ControlDescription] {
        let next = UInt32(V4L2_CTRL_FLAG_NEXT_CTRL) | UInt32(V4L2_CTRL_FLAG_NEXT_COMPOUND)
        var controls: [ControlDescription] = []
        var last: UInt32 = 0
        while true {
            var query = v4l2_query_ext_ctrl()
            query.id = last | next
            // A driver that does not go on to a higher number would have us walk in a circle.
            guard try performIfMore(.queryControl, &query), query.id > last else { return controls }
            last = query.id
            let control = ControlDescription(query)
            if control.kind != .heading, !control.flags.contains(.disabled) { controls.append(control) }
        }
    }

    /// A control as it is now; nil when the device does not have it.
    package func control(_ identifier: UInt32) throws(DeviceError) -> ControlDescription? {
        var query = v4l2_query_ext_ctrl()
        query.id = identifier
        guard try performIfMore(.queryControl, &query) else { return nil }
        let control = ControlDescription(query)
        return control.flags.contains(.disabled) ? nil : control
    }

    /// The choices of a menu control; drivers leave out numbers between the smallest and the largest.
    package func choices(of control: ControlDescription) throws(DeviceError) -> [MenuChoice] {
        guard control.minimum <= control.maximum else { return [] }
        var choices: [MenuChoice] = []
        // No driver has menus of more; a senseless range must not keep us here.
        for number in control.minimum...min(control.maximum, control.minimum + 1023) {
            var query = v4l2_querymenu()
            query.id = control.identifier
            query.index = UInt32(clamping: number)
            guard try performIfMore(.queryMenu, &query) else { continue }
            let name = control.kind == .integerMenu ? "\(query.value)" : String(cArray: query.name)
            choices.append(MenuChoice(number: number, name: name))
        }
        return choices
    }

    /// The value of a control that takes a number.
    package func value(of control: ControlDescription) throws(DeviceError) -> Int64 {
        var entry = v4l2_ext_control()
        entry.id = control.identifier
        try exchange(&entry, by: .getControls)
        return switch control.kind {
        case .integer64: entry.value64
        case .bitmask: Int64(UInt32(bitPattern: entry.value))
        default: Int64(entry.value)
        }
    }

    /// Sets a control that takes a number; a button takes any.
    package func setValue(_ value: Int64, of control: ControlDescription) throws(DeviceError) {
        var entry = v4l2_ext_control()
        entry.id = control.identifier
        switch control.kind {
        case .integer64: entry.value64 = value
        default: entry.value = Int32(truncatingIfNeeded: value)
        }
        try exchange(&entry, by: .setControls)
    }

    /// The value of a control that takes text: the present one, or the one that the driver starts with.
    package func text(
        of control: ControlDescription, _ values: ControlValues = .current
    ) throws(DeviceError) -> String {
        var bytes = [UInt8](repeating: 0, count: control.textByteCount)
        try exchange(&bytes, of: control, by: .getControls, values)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Sets a control that takes text.
    package func setText(_ text: String, of control: ControlDescription) throws(DeviceError) {
        var bytes = Array(text.utf8.prefix(control.textByteCount - 1))
        bytes += [UInt8](repeating: 0, count: control.textByteCount - bytes.count)
        try exchange(&bytes, of: control, by: .setControls, .current)
    }

    /// Presses the button that makes the next picture of a coded stream a key frame (`FORCE_KEY_FRAME`).
    ///
    /// - Returns: Whether the device has it.
    package func forceKeyFrame() throws(DeviceError) -> Bool {
        var entry = v4l2_ext_control()
        entry.id = CV4L2_CID_FORCE_KEY_FRAME
        do throws(DeviceError) {
            try exchange(&entry, by: .setControls)
            return true
        } catch {
            guard error.errno == .invalidArgument || error.errno == .inappropriateIOCTLForDevice else { throw error }
            return false
        }
    }

    /// The present numbers of an array control, or those that the driver starts with, row by row.
    ///
    /// There are none where ``ControlDescription/element`` does not tell how they lie in memory.
    package func elements(
        of control: ControlDescription, _ values: ControlValues = .current
    ) throws(DeviceError) -> [Int64] {
        guard let element = control.element else { return [] }
        var bytes = [UInt8](repeating: 0, count: control.payloadByteCount)
        try exchange(&bytes, of: control, by: .getControls, values)
        return element.numbers(in: bytes)
    }

    /// Sets the numbers of an array control: all of them, or of a dynamic array as many as it is to have.
    package func setElements(_ numbers: [Int64], of control: ControlDescription) throws(DeviceError) {
        guard let element = control.element else { return }
        var bytes = element.bytes(of: numbers)
        try exchange(&bytes, of: control, by: .setControls, .current)
    }

    private func exchange(
        _ bytes: inout [UInt8], of control: ControlDescription, by request: Request<v4l2_ext_controls>,
        _ values: ControlValues
    ) throws(DeviceError) {
        try bytes.withUnsafeMutableBufferPointer { buffer throws(DeviceError) in
            var entry = v4l2_ext_control()
            entry.id = control.identifier
            entry.size = UInt32(buffer.count)
            entry.p_u8 = buffer.baseAddress
            try exchange(&entry, by: request, values)
        }
    }

    private func exchange(
        _ entry: inout v4l2_ext_control, by request: Request<v4l2_ext_controls>, _ values: ControlValues = .current
    ) throws(DeviceError) {
        try withUnsafeMutablePointer(to: &entry) { pointer throws(DeviceError) in
            var controls = v4l2_ext_controls()
            controls.which = values.rawValue
            controls.count = 1
            controls.controls = pointer
            try perform(request, &controls)
        }
    }
}

/// Which values of controls are meant (`V4L2_CTRL_WHICH_…`).
package enum ControlValues: UInt32, Sendable {
    /// Those that the device has.
    case current = 0
    /// Those that the driver starts with.
    case initial = 0x0f00_0000
}
