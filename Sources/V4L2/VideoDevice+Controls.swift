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

    /// The value of a control that takes text.
    package func text(of control: ControlDescription) throws(DeviceError) -> String {
        try withText("", of: control) { entry throws(DeviceError) in
            try exchange(&entry, by: .getControls)
        }
    }

    /// Sets a control that takes text.
    package func setText(_ text: String, of control: ControlDescription) throws(DeviceError) {
        _ = try withText(text, of: control) { entry throws(DeviceError) in
            try exchange(&entry, by: .setControls)
        }
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

    /// Lends room for the longest text of a control and its final zero, and returns what is in it afterwards.
    private func withText(
        _ text: String, of control: ControlDescription, _ body: (inout v4l2_ext_control) throws(DeviceError) -> Void
    ) throws(DeviceError) -> String {
        var characters = [CChar](repeating: 0, count: Int(clamping: min(max(control.maximum, 0), 65535)) + 1)
        for (index, byte) in text.utf8.prefix(characters.count - 1).enumerated() {
            characters[index] = CChar(bitPattern: byte)
        }
        try characters.withUnsafeMutableBufferPointer { buffer throws(DeviceError) in
            var entry = v4l2_ext_control()
            entry.id = control.identifier
            entry.size = UInt32(buffer.count)
            entry.string = buffer.baseAddress
            try body(&entry)
        }
        return String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func exchange(
        _ entry: inout v4l2_ext_control, by request: Request<v4l2_ext_controls>
    ) throws(DeviceError) {
        try withUnsafeMutablePointer(to: &entry) { pointer throws(DeviceError) in
            var controls = v4l2_ext_controls()
            controls.which = UInt32(V4L2_CTRL_WHICH_CUR_VAL)
            controls.count = 1
            controls.controls = pointer
            try perform(request, &controls)
        }
    }
}
